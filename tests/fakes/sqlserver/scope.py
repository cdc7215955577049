"""What names mean within one statement: its sources and their columns, and the plan that comes out of compiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fakes.sqlserver.answers import error
from fakes.sqlserver.sqltypes import SqlType
from fakes.sqlserver.storage import quoted


@dataclass(frozen=True, slots=True)
class Code:
    """A compiled expression."""

    sql: str
    type: SqlType | None = None
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a source."""

    name: str
    type: SqlType | None
    nullable: bool = True


@dataclass
class Source:
    """Something in FROM. `names`: what its columns may be qualified with, folded, without the column."""

    alias: str
    names: tuple[str, ...]
    fields: dict[str, Field]


@dataclass
class Scope:
    """The sources of one SELECT, and those around it."""

    sources: list[Source] = field(default_factory=list)
    outer: Scope | None = None

    def find(self, qualifier: str, name: str) -> tuple[Source, Field]:
        """Raises ServerError 207, 209, 4104."""
        scope: Scope | None = self
        known = False
        while scope is not None:
            found = []
            for source in scope.sources:
                if qualifier and qualifier.casefold() not in source.names:
                    continue
                known = True
                own = source.fields.get(name.casefold())
                if own is not None:
                    found.append((source, own))
            if len(found) > 1:
                raise error(209, name)
            if found:
                return found[0]
            scope = scope.outer
        raise error(207, name) if known or not qualifier else error(4104, f"{qualifier}.{name}")

    def code(self, qualifier: str, name: str) -> Code:
        source, own = self.find(qualifier, name)
        return Code(f"{quoted(source.alias)}.{quoted(own.name)}", own.type, own.nullable)


@dataclass(frozen=True, slots=True)
class ViewUse:
    """A system view that is filled before the statement runs. `args` are SQLite expressions."""

    table: str
    view: str
    database: str
    args: tuple[str, ...] = ()


@dataclass
class Plan:
    """A statement for SQLite."""

    sql: str = ""
    fields: Sequence[Field] | None = None
    """Of the rows it gives; None: it gives none."""
    slots: list[tuple[int, SqlType | None]] = field(default_factory=list)
    """Value number n of the statement: which parameter, converted to what."""
    views: list[ViewUse] = field(default_factory=list)
    writes: str = ""
    """`INSERT UPDATE DELETE`; "": it only reads."""
    table: str = ""
    """Of those: `schema.name`."""
    reads: set[str] = field(default_factory=set)
    """User tables it looks into."""
    places: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Slot -> table and column that its value goes into: for the words of an error."""
    identity: bool = False
    """INSERT: the identity column is given explicitly."""
