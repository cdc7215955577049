"""Which rows of `gbkmut` are the ledger, and what they come to, in exact cents (facts.md section 3.3)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from core.administration import catalog

LEDGER = ("N", "C", "P", "F")
"""Values of `transtype`: normal, balance correction, opening balance correction, fiscal."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The ledger as it is here."""

    table: sa.Table
    real: sa.ColumnElement[bool]
    """The condition that leaves ledger lines."""

    def has(self, *columns: str) -> bool:
        """Are these columns, in small letters, there?"""
        return all(name in self.table.c for name in columns)

    def select(self, *columns: Any) -> sa.Select[*tuple[Any, ...]]:
        """Ledger lines only."""
        return sa.select(*columns).where(self.real)

    @property
    def debit(self) -> sa.ColumnElement[object]:
        """The sum of positive amounts, in cents. A float holds whole cents exactly up to ninety thousand billion."""
        return self._sum(self.table.c.bdr_hfl > 0)

    @property
    def credit(self) -> sa.ColumnElement[object]:
        """The sum of negative amounts, in cents."""
        return self._sum(self.table.c.bdr_hfl < 0)

    def _sum(self, which: sa.ColumnElement[bool]) -> sa.ColumnElement[object]:
        cents = sa.func.round(self.table.c.bdr_hfl * 100, 0)
        return sa.func.sum(sa.case((which, cents), else_=0))


def plain(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """A code as SQL Server compares it, for many rows: SQLite would call our collation for each comparison."""
    return sa.func.upper(sa.func.rtrim(column))


def ledger_lines(connection: sa.Connection) -> tuple[Lines | None, tuple[str, ...]]:
    """The ledger, and the columns that are missing; None: there is no ledger that we know."""
    shape = catalog.shape(catalog.shapes(connection), "gbkmut")
    if shape is None:
        return None, ("gbkmut",)
    table = shape.table
    missing = tuple(f"gbkmut.{name}" for name in ("bdr_hfl", "transtype", "bkjrcode", "reknr") if name not in table.c)
    if {"gbkmut.bdr_hfl", "gbkmut.transtype"} & set(missing):
        return None, missing
    real: sa.ColumnElement[bool] = plain(table.c.transtype).in_(LEDGER)
    if "bud_vers" in table.c:
        real &= table.c.bud_vers.is_(None) | (sa.func.rtrim(table.c.bud_vers) == "")
    return Lines(table, real), missing


def amount(cents: object) -> Decimal | None:
    """A sum of cents as an amount; None: it is no number."""
    if not isinstance(cents, (int, float, Decimal)) or not math.isfinite(cents):
        return None
    return Decimal(int(cents)) / 100
