"""Whole rows, every column as it is stored, found again by their key, and as JSON without a loss."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from core.administration import catalog
from core.administration.catalog import Shape

Value = None | int | float | str | bytes | datetime | Decimal
Row = Mapping[str, Value]
"""Column, in small letters -> what is stored."""


@dataclass(frozen=True, slots=True)
class Place:
    """A table, and how a row of it is found again."""

    shape: Shape
    key: tuple[str, ...]
    """Column names in small letters: the primary key, else what identifies a row by its meaning."""

    @property
    def table(self) -> sa.Table:
        """For SQLAlchemy Core."""
        return self.shape.table

    def has(self, *columns: str) -> bool:
        """Are these columns there?"""
        return all(name in self.table.c for name in columns)

    def same(self, row: Row) -> sa.ColumnElement[bool]:
        """The condition that finds this row."""
        return sa.and_(*(self.table.c[name] == row[name] for name in self.key))

    def read(self, connection: sa.Connection) -> list[dict[str, Value]]:
        """Every row, in the order of the key."""
        query = sa.select(self.table).order_by(*(self.table.c[name] for name in self.key))
        names = [column.key for column in self.table.c]
        return [dict(zip(names, row, strict=True)) for row in connection.execute(query)]

    def change(self, connection: sa.Connection, row: Row, values: Row) -> int:
        """Write these values, those whose columns are there; how many rows were found."""
        known = {name: _said(connection, value) for name, value in values.items() if self.has(name)}
        return connection.execute(sa.update(self.table).where(self.same(row)).values(known)).rowcount

    def add(self, connection: sa.Connection, values: Row) -> None:
        """A new row; columns that are not there are left out."""
        known = {name: _said(connection, value) for name, value in values.items() if self.has(name)}
        # Nobody asks for the number that it got.
        connection.execute(sa.insert(self.table).values(known).inline())

    def remove(self, connection: sa.Connection, row: Row) -> None:
        """Take it away."""
        connection.execute(sa.delete(self.table).where(self.same(row)))

    def put_back(self, connection: sa.Connection, row: Row) -> None:
        """Make it stand there exactly like this, whether it is there or not."""
        mine = {each.name.casefold() for each in self.shape.columns if each.writable}
        values = {name: value for name, value in row.items() if name in mine}
        fixed = {each.name.casefold() for each in self.shape.columns if each.identity}
        rest = {name: value for name, value in values.items() if name not in self.key and name not in fixed}
        if not rest:
            self.remove(connection, row)
        if not rest or not self.change(connection, row, rest):
            self.add(connection, values)


def _said(connection: sa.Connection, value: Value) -> Value | sa.Null:
    """A parameter; but NULL as a word: as a parameter it has a type, and not every driver finds the right one."""
    return sa.null() if value is None and connection.dialect.name == "mssql" else value


def place(known: Mapping[str, Shape], name: str, *natural: str) -> Place | None:
    """A table by its name; `natural` identifies a row where there is no primary key. None: there is no such table."""
    found = catalog.shape(known, name)
    return Place(found, tuple(each.casefold() for each in found.key or natural)) if found else None


def dump(row: Row) -> dict[str, object]:
    """A row for JSON: what JSON has no word for is tagged."""
    return {name: _out(value) for name, value in row.items()}


def load(row: object) -> Row:
    """The row of `dump`. Raises ValueError, TypeError."""
    if not isinstance(row, dict):
        raise TypeError(type(row))
    return {str(name): _in(value) for name, value in row.items()}


def _out(value: Value) -> object:
    match value:
        case float():
            return {"float": value.hex()}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"moment": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
    return value


def _in(value: object) -> Value:
    match value:
        case None | int() | str():
            return value
        case {"float": str(text)}:
            return float.fromhex(text)
        case {"bytes": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"decimal": str(text)}:
            return Decimal(text)
    raise TypeError(type(value))
