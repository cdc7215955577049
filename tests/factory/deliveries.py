"""What six clients send: administrations in Globe's shape, each with another thing to find, packed as `.ebu`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from factory.cabinet import packed
from factory.sqlserver.backup import write_backup
from factory.sqlserver.globe import company, globe
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Database
from factory.sqlserver.write import lay, write_layout

Rows = Mapping[str, Sequence[Mapping[str, Value]]]
ENDPOINT = "http://jan:geheim@elis.klant.example/sync"
COLLEAGUE: Mapping[str, Value] = {"res_id": 3, "usr_id": "KANTOOR\\jansen", "fullname": "Jansen", "emp_stat": "A"}


def deliver(inbox: Path, scratch: Path) -> None:
    """A clean one, and one each that is unbalanced, foreign, wired, not handed over well, and booked untidily."""
    rows = _with_release(company(entries=12))
    made = {
        "Schoon": _tape(scratch, rows),
        "Scheef": _tape(scratch, _with_release(company(entries=12, imbalance=12.5))),
        "Vreemd": _tape(scratch, company("151", "Heel iemand anders B.V."), container=2),
        "Gekoppeld": _files(scratch, {**rows, "IntegrationServers": [{"InstanceName": "ELIS", "EndPoint": ENDPOINT}]}),
        "Kantoor": _tape(scratch, {**rows, "humres": [*rows["humres"], COLLEAGUE]}),
        "Slordig": _tape(scratch, _untidy(rows)),
    }
    for name, members in made.items():
        draft = scratch / "draft"
        draft.write_bytes(packed(members, "mszip"))
        draft.rename(inbox / f"20170601-421-SQL2016-{name}.ebu")


def _with_release(rows: Rows) -> Rows:
    return {**rows, "bedryf": [{**rows["bedryf"][0], "Batchlevel": 421}]}


def _untidy(rows: Rows) -> Rows:
    """Costs are booked on an account that is blocked, and once on suspense."""
    accounts = [{**each, "blokkeer": int(str(each["reknr"]).strip() == "4000")} for each in rows["grtbk"]]
    accounts.append({"reknr": "     2000", "oms25_0": "Tussenrekening", "bal_vw": "B", "omzrek": "T"})
    first, *others = rows["gbkmut"]
    return {**rows, "grtbk": accounts, "gbkmut": [{**first, "reknr": "     2000"}, *others]}


def _database(rows: Rows) -> Database:
    return globe(rows, database=Database(name=str(rows["bedryf"][0]["bedrnr"]), version=852))


def _tape(scratch: Path, rows: Rows, *, container: int = 0) -> list[tuple[str, bytes]]:
    (path,) = write_backup(scratch / "made.bak", _database(rows), container=container)
    return [("150.bak", path.read_bytes())]


def _files(scratch: Path, rows: Rows) -> list[tuple[str, bytes]]:
    write_layout(scratch / "made.mdf", lay(_database(rows)))
    return [("150.mdf", (scratch / "made.mdf").read_bytes()), ("150_log.ldf", bytes(65536))]
