"""A database to look into without a file: some tables, some rows, and a gate that keeps it opening."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event

from core.errors import Cancelled
from core.model.inside import ColumnInside, DamageInside, TableInside, Verified

WAITS = 10.0
"""Seconds that a test waits at most for the gate."""


def column(
    name: str, kind: str, length: int = 4, precision: int = 0, scale: int = 0, *, declared: str = ""
) -> ColumnInside:
    return ColumnInside(name, kind, declared or kind, length, precision, scale)


BEDRYF = (
    column("bedrnr", "char", 3, declared="char(3)"),
    column("bedrnm", "nvarchar", 100, declared="nvarchar(50)"),
    column("kvknr", "varchar", 20, declared="varchar(20)"),
)
GBKMUT = (
    column("ID", "int"),
    column("bkjrcode", "smallint", 2),
    column("reknr", "char", 9, declared="char(9)"),
    column("datum", "datetime", 8),
    column("oms25", "nvarchar", 120, declared="nvarchar(60)"),
    column("bdr_hfl", "decimal", 9, 19, 4, declared="decimal(19,4)"),
    column("bkstnr", "char", 8, declared="char(8)"),
    column("sysguid", "uniqueidentifier", 16),
    column("timestamp", "timestamp", 8),
)
HUMRES = (
    column("res_id", "int"),
    column("usr_id", "nvarchar", 60, declared="nvarchar(30)"),
    column("blocked", "bit", 1),
)
HOSTILE = "Kantoor\x1b[2J\u202e\tkast \n tweede regel"

TABLES = (
    TableInside(10, "dbo", "bedryf", BEDRYF, 1),
    TableInside(20, "dbo", "gbkmut", GBKMUT, 12_345),
    TableInside(30, "dbo", "humres", HUMRES, 12),
    TableInside(40, "dbo", "sysdiagrams", (column("name", "sysname", 256),), 0, ms_shipped=True),
)


def ledger(number: int) -> tuple[str | None, ...]:
    amount = f"{(number * 37) % 1000}.5000"
    text = HOSTILE if number == 4 else f"Boeking {number}"
    return (
        str(number), "2026", "4300", "2026-02-28T00:00:00.000", text, f"-{amount}" if number % 2 else amount,
        None if number % 3 else f"2600{number:04d}", f"0F1E2D3C-0000-0000-0000-{number:012X}", f"{number:016x}",
    )  # fmt: skip


class FakeRows:
    """So many rows of the ledger; one of every other table."""

    def __init__(self, table: TableInside, count: int, broken: Exception | None) -> None:
        self._table = table
        self._left = count
        self._at = 0
        self._broken = broken
        self.over = False

    def more(self, count: int, /) -> Sequence[tuple[str | None, ...]]:
        if self._broken is not None:
            raise self._broken
        taken = min(count, self._left)
        self._left -= taken
        self.over = taken < count
        found = []
        for number in range(self._at + 1, self._at + taken + 1):
            other = tuple(f"{each.name} {number}" for each in self._table.columns)
            found.append(ledger(number) if self._table.columns is GBKMUT else other)
        self._at += taken
        return found


class FakeInside:
    """Fits `tui.desk.Insight`."""

    def __init__(self, tables: Sequence[TableInside] = TABLES) -> None:
        self.all = tuple(tables)
        self.found: dict[int, int] = {20: 12_344}
        """Table -> rows, where they are not what the catalog counts."""
        self.damage: tuple[DamageInside, ...] = ()
        self.rows_of: dict[int, int] = {40: 0, 10: 1, 30: 12}
        self.broken: Exception | None = None
        self.gate: Event | None = None
        """A verification goes on when it is set."""
        self.closed = Event()
        self.verified = Verified({"pages": 812, "page_checksums": 810, "tables": 4, "rows": 12_357})

    def tables(self) -> Sequence[TableInside]:
        return self.all

    def counted(self, table: TableInside, /) -> TableInside:
        return replace(table, rows=self.found.get(table.id, table.catalog_rows))

    def reader(self, table: TableInside, /) -> FakeRows:
        return FakeRows(table, self.rows_of.get(table.id, table.catalog_rows), self.broken)

    def verify(self, progress: Callable[[int, int], None], cancel: Callable[[], bool], /) -> Verified:
        progress(34, 100)
        progress(0, 0)
        wait(self.gate, cancel)
        return self.verified

    def close(self) -> None:
        self.closed.set()


def wait(gate: Event | None, cancel: Callable[[], bool]) -> None:
    """Until the gate opens. Raises Cancelled."""
    for _ in range(int(WAITS / 0.01)):
        if gate is None or gate.wait(0.01):
            return
        if cancel():
            raise Cancelled("stopped")


class FakeLooking:
    """The part of the fake desk that looks inside."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = FakeInside()
        self.opening: Event | None = None
        """It opens when this is set."""

    def _call(self, name: str) -> None:
        raise NotImplementedError

    def look(self, delivery: str, /, *, cancel: Callable[[], bool]) -> FakeInside:
        self._call("look")
        wait(self.opening, cancel)
        return self.inside
