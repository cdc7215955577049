"""Databases in the shape of an Exact Globe administration, from rows given as dicts.

Tables and columns are those of `core/administration/data/globe.toml`, which says where each is known from; columns and
tables that it does not know are taken as the rows show them.
"""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Column, Database, Table

Rows = Mapping[str, Sequence[Mapping[str, Value]]]
_COLUMN = re.compile(
    r"(?P<name>\w+) (?P<type>[a-z]+(?:\([^)]+\))?)(?P<null> null)?(?P<identity> identity)?(?: default (?P<default>.+))?"
)
_MADE = datetime.fromisoformat("2024-01-02T03:04:05")


def globe(
    rows: Rows, *, only: Iterable[str] | None = None, without: Iterable[str] = (), database: Database | None = None
) -> Database:
    """A database with these rows. Columns that a row does not name get their default, else NULL or an empty value.

    `only`: no tables but these; `without`: all but these. `database` says version, name and protection.
    """
    known = _tables()
    folded = {name.casefold(): name for name in known}
    given = {folded.get(name.casefold(), name): own for name, own in rows.items()}
    names = list(only) if only is not None else [*known, *(name for name in given if name not in known)]
    gone = {name.casefold() for name in without}
    tables = [_table(name, known.get(name, []), given.get(name, ())) for name in names if name.casefold() not in gone]
    return replace(database or Database(), tables=tables)


def _tables() -> dict[str, list[tuple[Column, str]]]:
    """Name -> columns with their default."""
    text = files("core.administration").joinpath("data/globe.toml").read_text(encoding="utf-8")
    made = {}
    for part in ("ledger", "people"):
        for name, columns in tomllib.loads(text)[part].items():
            made[name] = [_column(each) for each in " ".join(columns.split()).split(", ")]
    return made


def _column(text: str) -> tuple[Column, str]:
    found = _COLUMN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    default = "identity" if found["identity"] else found["default"] or ""
    return Column(found["name"], found["type"], nullable=bool(found["null"])), default


def _table(name: str, known: list[tuple[Column, str]], rows: Sequence[Mapping[str, Value]]) -> Table:
    columns = list(known)
    there = {column.name.casefold() for column, _ in columns}
    for row in rows:
        for key, value in row.items():
            if key.casefold() not in there:
                there.add(key.casefold())
                columns.append((Column(key, _seen(value)), ""))
    made = []
    for number, row in enumerate(rows, 1):
        folded = {key.casefold(): value for key, value in row.items()}
        made.append([
            folded[column.name.casefold()] if column.name.casefold() in folded else _default(column, default, number)
            for column, default in columns
        ])  # fmt: skip
    keys = tuple(column.name for column, default in columns if default == "identity")
    return Table(name, [column for column, _ in columns], made, clustered=keys)


def _seen(value: Value) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "bit"), (int, "int"), (float, "float"), (Decimal, "decimal(19,4)"), (bytes, "image"),
        (uuid.UUID, "uniqueidentifier"), (datetime, "datetime"), (date, "date"),
    )  # fmt: skip
    return next((name for kind, name in kinds if isinstance(value, kind)), "nvarchar(400)")


def _default(column: Column, default: str, number: int) -> Value:
    kind = column.kind
    if default == "identity":
        return number
    if kind.name == "timestamp":
        return number.to_bytes(8, "big")
    if default == "getdate":
        return _MADE
    if default == "newid":
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{column.name} {number}")
    if default and kind.text:
        return default.strip("'")
    if default:
        return float(default) if kind.name == "float" else int(float(default))
    if column.nullable:
        return None
    empty: dict[str, Value] = {"datetime": _MADE, "float": 0.0, "uniqueidentifier": uuid.UUID(int=0), "image": b""}
    return "" if kind.text else empty.get(kind.name, 0)


def company(number: str = "150", name: str = "Voorbeeld B.V.", *, entries: int = 3, imbalance: float = 0.0) -> Rows:
    """A small administration: a company, two people, accounts, journals, a year of periods, purchase entries.

    Each entry: cost, VAT and creditor, which come to nothing; the last one is off by `imbalance`.
    """
    shared: dict[str, Value] = {
        "bkjrcode": 2024,
        "dagbknr": " 70",
        "transtype": "N",
        "CompanyCode": number,
        "valcode": "EUR",
    }
    heads: list[dict[str, Value]] = []
    lines: list[dict[str, Value]] = []
    booked: list[dict[str, Value]] = []
    for entry in range(1, entries + 1):
        guid, moment = uuid.UUID(int=0xE000 + entry), datetime(2024, 1 + entry % 12, 15)  # noqa: DTZ001 - local time
        journal: dict[str, Value] = {"bkjrcode": 2024, "dagbknr": " 70", "volgnr5": f"{entry:>5}"}
        period, said = f"{moment.month:>3}", f"{24_700_000 + entry:>8}"
        heads.append({
            **journal, "periode": period, "bkstnr": said, "datum": moment, "docdate": moment, "sysguid": guid,
            "status": "E", "bedrag": -121.0, "reknr": "     1600", "valcode": "EUR",
        })  # fmt: skip
        off = imbalance if entry == entries else 0.0
        for line, (account, amount, code) in enumerate(
            (("     4000", 100.0, "B"), ("     1520", 21.0, "K"), ("     1600", -121.0 + off, "A"))
        ):
            if line < 2:
                lines.append(
                    {**journal, "periode": period, "regel": f"{line + 1:>4}", "reknr": account, "bedrag": amount}
                )
            booked.append({
                **shared, "periode": period, "bkstnr": said, "regel": f"{line:>4}", "reknr": account, "datum": moment,
                "bdr_hfl": amount, "bdr_val": amount, "EntryGuid": guid, "transsubtype": "T", "regelcode": code,
                "oms25": f"Inkoop {entry}", "valcode": "EUR", "docdate": moment,
            })  # fmt: skip
    accounts = (("     1100", "Bank", "B", "B"), ("     1520", "BTW", "B", "V"), ("     1600", "Crediteuren", "B", "C"))
    return {
        "bedryf": [{"bedrnr": number, "bedrnm": name, "valcode": "EUR", "landcode": "NL", "kvk_nummer": "12345678"}],
        "humres": [
            {"res_id": 1, "usr_id": "KLANT\\jan", "fullname": "Jan", "emp_stat": "A"},
            {"res_id": 2, "usr_id": "KLANT\\piet", "fullname": "Piet", "emp_stat": "I"},
        ],
        "grtbk": [
            {"reknr": account, "oms25_0": text, "bal_vw": side, "omzrek": sub, "CompanyCode": number}
            for account, text, side, sub in (*accounts, ("     4000", "Kosten", "W", "K"))
        ],
        "dagbk": [{"dagbknr": " 70", "type_dgbk": "I", "reknr": "     1600", "oms25_0": "Inkoop", "valcode": "EUR"}],
        "perdat": [
            {
                "bkjrcode": 2024, "per_fin": month, "bgdatum": datetime(2024, month, 1),  # noqa: DTZ001 - local time
                "eddatum": datetime(2024, month, 28), "CompanyCode": number,  # noqa: DTZ001 - local time
            }
            for month in range(1, 13)
        ],
        "BankTransactions": [{"Type": "W", "EntryGuid": head["sysguid"], "AmountDC": -121.0} for head in heads],
        "amutak": heads,
        "amutas": lines,
        "gbkmut": booked,
    }  # fmt: skip
