"""What was checked on the way, and what did not hold."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

MOST = 1000
"""Findings kept; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that does not hold."""

    code: str
    """`page-checksum page-torn page-missing page-identity record forward chain allocation lob row-count`, and
    `extent package`.

    `extent`: a part of the back-up that does not say where it belongs; `package`: the cabinet or zip around it.
    """
    file_id: int
    page: int
    slot: int | None = None
    table: str = ""
    """Schema and name of the table that suffers; `catalog` for the system tables; empty: not known."""


@dataclass(slots=True)
class DamageBook:
    """Counts of checks by kind, and what failed; each failure once for each table that it touches."""

    checked: Counter[str] = field(default_factory=Counter)
    """`pages records forwards lobs`: how many were checked."""
    found: dict[Damage, None] = field(default_factory=dict)
    more: int = 0
    """Findings beyond those that are kept."""
    tables: Counter[str] = field(default_factory=Counter)
    """Findings by table, all of them."""
    _table: str = ""

    def add(self, damage: Damage) -> None:
        """Note it, once; it is the table's that is being read."""
        if self._table and not damage.table:
            damage = replace(damage, table=self._table)
        if damage in self.found:
            return
        self.tables[damage.table] += 1
        if len(self.found) < MOST:
            self.found[damage] = None
        else:
            self.more += 1

    @contextlib.contextmanager
    def reading(self, table: str) -> Iterator[None]:
        """What is found inside is this table's."""
        before, self._table = self._table, table
        try:
            yield
        finally:
            self._table = before

    @property
    def all(self) -> tuple[Damage, ...]:
        """In the order of discovery."""
        return tuple(self.found)
