"""What a database holds besides rows: tables, keys, defaults, users, and what is defined in it."""

from __future__ import annotations

import re
import tomllib
import uuid
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from fakes.sqlserver.sqltypes import SqlType

FIRST_ID = 245_575_913
SHARE = 1_600_057
"""Object ids go up by this."""


@dataclass
class Column:
    """One column. `default` is T-SQL between brackets, as sys.default_constraints shows it."""

    name: str
    type: SqlType
    nullable: bool = True
    identity: bool = False
    default: str | None = None
    computed: bool = False


@dataclass
class Index:
    """An index or a key. `kind`: `PK`, `UQ` or "" for an index alone."""

    name: str
    columns: tuple[str, ...]
    kind: str = ""
    unique: bool = True
    clustered: bool = False


@dataclass
class Table:
    """One table."""

    schema: str
    name: str
    object_id: int
    columns: list[Column]
    indexes: list[Index] = field(default_factory=list)
    shipped: bool = False
    last: int = 0
    """Identity value given last."""

    @property
    def key(self) -> Index | None:
        return next((index for index in self.indexes if index.kind == "PK"), None)

    @property
    def full(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def identity(self) -> Column | None:
        return next((column for column in self.columns if column.identity), None)

    def column(self, name: str) -> Column | None:
        wanted = name.casefold()
        return next((column for column in self.columns if column.name.casefold() == wanted), None)


@dataclass
class Module:
    """A view, procedure or trigger: known, never carried out. `kind` as sys.objects: `V P TR`."""

    name: str
    kind: str
    definition: str
    parent: str = ""
    """Table of a trigger; "": it hangs on the database."""
    disabled: bool = False
    schema: str = "dbo"


@dataclass
class User:
    """A database user. `sid` is that of its login, there or elsewhere."""

    name: str
    sid: bytes
    kind: str = "S"
    roles: set[str] = field(default_factory=set)


@dataclass
class Schema:
    """Everything defined in one database."""

    tables: dict[str, Table] = field(default_factory=dict)
    """By `schema.name`, folded."""
    modules: list[Module] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    assemblies: list[tuple[str, str]] = field(default_factory=list)
    """Name and permission set."""
    properties: dict[str, str] = field(default_factory=dict)
    """Extended properties of the database."""
    version: int = 0
    """Goes up with each change: compiled statements are of one version."""
    counter: int = 0
    """Row versions given so far."""

    def find(self, schema: str, name: str) -> Table | None:
        return self.tables.get(f"{schema}.{name}".casefold())

    def add(self, table: Table) -> None:
        self.tables[table.full.casefold()] = table
        self.version += 1

    def next_id(self) -> int:
        return max((each.object_id for each in self.tables.values()), default=FIRST_ID - SHARE) + SHARE

    def by_id(self, object_id: int) -> Table | None:
        return next((table for table in self.tables.values() if table.object_id == object_id), None)


def key_name(table: str, kind: str = "PK") -> str:
    """As the server makes them up."""
    return f"{kind}__{table[:9]}__{uuid.uuid4().hex[:16].upper()}"


_COLUMN = re.compile(
    r"(?P<name>\w+) (?P<type>[a-z]+(?:\([^)]+\))?)(?P<null> null)?(?P<identity> identity)?(?: default (?P<default>.+))?"
)


@cache
def known() -> dict[str, dict[str, tuple[bool, str | None]]]:
    """Globe's tables -> columns -> identity, and default: files of the factory do not hold these."""
    text = files("core.administration").joinpath("data/globe.toml").read_text(encoding="utf-8")
    made: dict[str, dict[str, tuple[bool, str | None]]] = {}
    for part in tomllib.loads(text).values():
        for table, columns in part.items():
            own = made.setdefault(table.casefold(), {})
            for each in " ".join(columns.split()).split(", "):
                found = _COLUMN.fullmatch(each)
                if found is not None:
                    own[found["name"].casefold()] = (bool(found["identity"]), _default(found["default"]))
    return made


def _default(text: str | None) -> str | None:
    if text is None:
        return None
    if text in {"getdate", "newid"}:
        return f"({text}())"
    return f"({text})" if text.startswith("'") else f"(({text}))"
