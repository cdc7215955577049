"""Globe's tables as plain rows, and a reader of them: an administration in order, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from core.errors import BadFormat
from core.formats.inside.tally import Rows

Row = dict[str, object]
Tables = dict[str, list[Row]]


def entry(number: int, *lines: tuple[str, float], journal: str = "70", kind: str = "N", **more: object) -> list[Row]:
    """An entry as Globe writes it: codes right-aligned, one guid for all its lines."""
    return [
        {
            "bkjrcode": 2026, "periode": "  3", "dagbknr": f"{journal:>10}", "bkstnr": str(number), "regel": f"{at:>4}",
            "reknr": f"{account:>9}", "datum": datetime(2026, 3, 10), "bdr_hfl": amount, "transtype": kind,  # noqa: DTZ001
            "EntryGuid": str(UUID(int=number)).upper(), "syscreated": datetime(2026, 3, 11, 9, 30), "bud_vers": None,  # noqa: DTZ001
            "kstplcode": None, "kstdrcode": None,
            **more,
        }
        for at, (account, amount) in enumerate(lines, 1)
    ]  # fmt: skip


def globe(**changes: list[Row]) -> Tables:
    """An administration in order; `changes` are tables in the place of its own."""
    tables: Tables = {
        "bedryf": [
            {
                "bedrnr": "120", "bedrnm": "Klomp Metaal B.V.", "valcode": "EUR", "landcode": "NL ",
                "kvk_nummer": "12345678", "btw_nummer": "NL001234567B01      ", "Batchlevel": 421, "VersionMajor": 8,
                "VersionMinor": 0, "Revision": 3, "Build": 1021,
            }
        ],
        "humres": [
            {"res_id": 1, "usr_id": "KLOMP\\a.klomp", "emp_stat": "A", "blocked": 0, "BackOfficeBlocked": False},
            {"res_id": 2, "usr_id": "KLOMP\\oud", "emp_stat": "I", "blocked": 0, "BackOfficeBlocked": False},
            {"res_id": 3, "usr_id": "KLOMP\\dicht", "emp_stat": "A", "blocked": 1, "BackOfficeBlocked": False},
            {"res_id": 4, "usr_id": None, "emp_stat": "A", "blocked": 0, "BackOfficeBlocked": False},
        ],
        "HRRoles": [{"RoleID": 1, "EmpID": 1}],
        "grtbk": [
            {"reknr": f"{number:>9}", "omzrek": kind, "blokkeer": blocked}
            for number, kind, blocked in (
                ("1100", "B", 0), ("1300", "D", 0), ("1600", "C", 0), ("2000", "T", 0), ("4900", "K", 1),
                ("8000", "J", 0),
            )
        ],
        "dagbk": [{"dagbknr": " 70"}, {"dagbknr": " 50"}],
        "perdat": [{"bkjrcode": year, "per_fin": period} for year in (2024, 2026) for period in range(1, 13)],
        "gbkmut": [
            *entry(1, ("1300", 121.0), ("8000", -121.0)),
            *entry(2, ("1100", 121.0), ("1300", -121.0), journal="50"),
            *entry(3, ("8000", 99.0), kind="B"),
            *entry(4, ("8000", 99.0), bud_vers="MRP     "),
        ],
        "BankTransactions": [{"EntryGuid": str(UUID(int=each)).upper()} for each in (1, 2)],
        "IntegrationServers": [],
        "BacoSettings": [{"StringValue": "EUR"}, {"StringValue": "https://portal.example"}],
        "amutak": [{"ID": 1}, {"ID": 2}],
        "amutas": [{"ID": 1}],
        "btwtrs": [
            {"btwtrans": "  1", "btwper": 21.0, "oms30_0": "Hoog"},
            {"btwtrans": "  2", "btwper": None, "oms30_0": None},
        ],
        "kstpl": [{"kstplcode": "    0101"}],
        "kstdr": [{"kstdrcode": "   EERST"}],
    }  # fmt: skip
    return {**tables, **changes}


@dataclass
class Plain:
    """What `core.triage.company.Reader` asks for, from rows in memory, three at a time."""

    tables: Tables
    damaged: frozenset[str] = frozenset()
    large: int | None = 16384
    reads: list[str] = field(default_factory=list)

    def _rows(self, table: str) -> list[Row] | None:
        found = {name.casefold(): rows for name, rows in self.tables.items()}
        return found.get(table)

    def columns(self, table: str) -> frozenset[str]:
        rows = self._rows(table)
        return frozenset(name.casefold() for name in rows[0]) if rows else frozenset({"id"} if rows == [] else ())

    def rows(self, table: str) -> int | None:
        rows = self._rows(table)
        return None if rows is None else len(rows)

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Rows]:
        rows = self._rows(table) or []
        self.reads.append(table)
        for at in range(0, len(rows), 3):
            if table in self.damaged and at:
                break
            batch = [{name.casefold(): value for name, value in row.items()} for row in rows[at : at + 3]]
            yield {name: [row[name] for row in batch] for name in columns if name in batch[0]}
        if table in self.damaged:
            raise BadFormat("inside-damaged", table=table)

    def large_bytes(self) -> int | None:
        return self.large
