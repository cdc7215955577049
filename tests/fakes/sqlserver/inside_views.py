"""The catalog of one database: sys.tables, sys.columns and their like."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from fakes.sqlserver.conversion import Kept
from fakes.sqlserver.databases import Database
from fakes.sqlserver.schema import Index, Table
from fakes.sqlserver.seam import Value
from fakes.sqlserver.sqltypes import NUMBERS

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

Rows = Iterable[tuple[Value, ...]]
Give = Callable[["FakeSession", Database, tuple[Kept, ...]], Rows]
SCHEMAS = {"dbo": 1, "guest": 2, "INFORMATION_SCHEMA": 3, "sys": 4}
OBJECT = """name sysname; object_id int; principal_id int; schema_id int; parent_object_id int; type char(2);
type_desc nvarchar(60); create_date datetime; modify_date datetime; is_ms_shipped bit"""
KINDS = {"U": "USER_TABLE", "V": "VIEW", "P": "SQL_STORED_PROCEDURE", "TR": "SQL_TRIGGER", "FN": "SQL_SCALAR_FUNCTION",
         "PK": "PRIMARY_KEY_CONSTRAINT", "UQ": "UNIQUE_CONSTRAINT", "D": "DEFAULT_CONSTRAINT"}  # fmt: skip
_MODULES, _KEYS, _DEFAULTS = 1_000_000_000, 1_300_000_000, 1_600_000_000
"""Where object ids of what is no table begin."""


def schemas_of(database: Database) -> dict[str, int]:
    more = sorted({table.schema for table in database.schema.tables.values()} - {*SCHEMAS})
    return SCHEMAS | {name: 5 + number for number, name in enumerate(more)}


def tables_of(database: Database) -> list[Table]:
    return sorted(database.schema.tables.values(), key=lambda table: table.object_id)


def _keys(database: Database) -> Iterator[tuple[int, Table, Index]]:
    number = _KEYS
    for table in tables_of(database):
        for index in table.indexes:
            number += 1
            if index.kind:
                yield number, table, index


def _defaults(database: Database) -> Iterator[tuple[int, Table, int, str]]:
    number = _DEFAULTS
    for table in tables_of(database):
        for at, column in enumerate(table.columns, 1):
            number += 1
            if column.default is not None:
                yield number, table, at, column.default


def _object(  # noqa: PLR0917 - columns
    database: Database, name: str, number: int, schema: str, parent: int, kind: str, *, shipped: bool
) -> tuple[Value, ...]:
    made = database.created
    return (name, number, None, schemas_of(database).get(schema, 1), parent, kind, KINDS[kind], made, made, shipped)


def objects(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for table in tables_of(database):
        yield _object(database, table.name, table.object_id, table.schema, 0, "U", shipped=table.shipped)
    for number, each in enumerate(database.schema.modules, _MODULES):
        if each.kind == "TR" and not each.parent:
            continue
        parent = database.schema.find(each.schema, each.parent) if each.parent else None
        yield _object(
            database, each.name, number, each.schema, parent.object_id if parent else 0, each.kind, shipped=False
        )
    for number, table, index in _keys(database):
        yield _object(database, index.name, number, table.schema, table.object_id, index.kind, shipped=False)
    for number, table, at, _text in _defaults(database):
        name = f"DF__{table.name[:9]}__{table.columns[at - 1].name[:5]}__{number:08X}"
        yield _object(database, name, number, table.schema, table.object_id, "D", shipped=False)


def _only(kind: str) -> Give:
    return lambda session, database, args: (row for row in objects(session, database, args) if row[5] == kind)


def column_rows(_session: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    defaults = {(table.object_id, at): number for number, table, at, _ in _defaults(database)}
    for table in tables_of(database):
        for at, column in enumerate(table.columns, 1):
            own = column.type
            number, _, precision, scale = NUMBERS.get(own.name, (240, 0, 0, 0))
            if own.name in {"decimal", "numeric"}:
                precision, scale = own.precision, own.scale
            elif own.name in {"datetime2", "time", "datetimeoffset"}:
                precision, scale = precision - 7 + own.scale, own.scale
            collation = database.collation if own.text and own.name != "xml" else None
            yield (table.object_id, column.name, at, number, number, own.max_length, precision, scale, collation,
                   column.nullable, 0, 0, column.identity, column.computed, 0, 0,
                   defaults.get((table.object_id, at), 0))  # fmt: skip


def types(_: FakeSession, __: Database, ___: tuple[Kept, ...]) -> Rows:
    for name, (number, length, precision, scale) in NUMBERS.items():
        yield name, number, number, 4, length, precision, scale, None, 1, 0, 0
    yield "sysname", 231, 256, 4, 256, 0, 0, None, 0, 0, 0


def default_rows(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for number, table, at, text in _defaults(database):
        name = f"DF__{table.name[:9]}__{table.columns[at - 1].name[:5]}__{number:08X}"
        head = _object(database, name, number, table.schema, table.object_id, "D", shipped=False)
        yield (*head, at, text, 1)


def _numbered(table: Table) -> list[tuple[int, Index | None]]:
    """Index ids: 0 a heap, 1 the clustered one, others from 2."""
    clustered = next((index for index in table.indexes if index.clustered), None)
    rest = [index for index in table.indexes if index is not clustered]
    return [(1, clustered) if clustered else (0, None), *enumerate(rest, 2)]


def indexes(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for table in tables_of(database):
        for number, index in _numbered(table):
            if index is None:
                yield table.object_id, None, 0, 0, "HEAP", 0, 1, 0, 0, 0, 0
            else:
                kind, name = (1, "CLUSTERED") if number == 1 else (2, "NONCLUSTERED")
                yield (table.object_id, index.name, number, kind, name, index.unique, 1, 0, index.kind == "PK",
                       index.kind == "UQ", 0)  # fmt: skip


def index_columns(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for table in tables_of(database):
        names = [column.name.casefold() for column in table.columns]
        for number, index in _numbered(table):
            for at, name in enumerate(index.columns if index else (), 1):
                yield table.object_id, number, at, names.index(name.casefold()) + 1, at, 0, 0, 0


def modules(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for number, each in enumerate(database.schema.modules, _MODULES):
        yield number, each.definition, 1, 1, None


def triggers(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for number, each in enumerate(database.schema.modules, _MODULES):
        if each.kind == "TR":
            parent = database.schema.find(each.schema, each.parent) if each.parent else None
            kind, name = (1, "OBJECT_OR_COLUMN") if parent else (0, "DATABASE")
            yield (each.name, number, kind, name, parent.object_id if parent else 0, "TR",
            "SQL_TRIGGER", database.created,
                   database.created, 0, each.disabled, 0)  # fmt: skip


def principals(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    fixed: tuple[tuple[str, int, bytes | None], ...] = (
        ("dbo", 1, database.owner_sid), ("guest", 2, b"\0"), ("INFORMATION_SCHEMA", 3, None), ("sys", 4, None),
    )  # fmt: skip
    for name, number, sid in fixed:
        yield name, number, "S", "SQL_USER", name if number < 3 else None, sid, 1, 0, None
    for number, each in enumerate(database.schema.users, 5):
        kind = {"S": "SQL_USER", "U": "WINDOWS_USER", "G": "WINDOWS_GROUP"}[each.kind]
        yield each.name, number, each.kind, kind, "dbo", each.sid, 1, 0, None
    for name, number in _roles().items():
        yield name, number, "R", "DATABASE_ROLE", None, None, 0, 1, 1


def _roles() -> dict[str, int]:
    names = ("db_owner", "db_accessadmin", "db_securityadmin", "db_ddladmin", "", "db_backupoperator", "db_datareader",
             "db_datawriter", "db_denydatareader", "db_denydatawriter")  # fmt: skip
    return {"public": 0} | {name: 16384 + at for at, name in enumerate(names) if name}


def members(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    yield 16384, 1
    for user, each in enumerate(database.schema.users, 5):
        for role in sorted(each.roles):
            yield _roles()[role], user


def assemblies(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    yield "Microsoft.SqlServer.Types", 1, "UNSAFE_ACCESS", 0
    for number, (name, how) in enumerate(database.schema.assemblies, 65536):
        yield name, number, how, 1


def properties(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for name, value in database.schema.properties.items():
        yield 0, "DATABASE", 0, 0, name, value


def listed_properties(_: FakeSession, database: Database, args: tuple[Kept, ...]) -> Rows:
    for name, value in database.schema.properties.items():
        if args[0] is None or str(args[0]).casefold() in {name.casefold(), "default"}:
            yield None, None, name, value


def information_tables(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for table in tables_of(database):
        yield database.name, table.schema, table.name, "BASE TABLE"
    for each in database.schema.modules:
        if each.kind == "V":
            yield database.name, each.schema, each.name, "VIEW"


def information_columns(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    for table in tables_of(database):
        for at, column in enumerate(table.columns, 1):
            own = column.type
            yield (database.name, table.schema, table.name, column.name, at, column.default,
                   "YES" if column.nullable else "NO", own.name, own.length or None)  # fmt: skip


VIEWS: Final[dict[str, tuple[str, Give, bool]]] = {
    "sys.objects": (OBJECT, objects, False), "sys.tables": (OBJECT, _only("U"), False),
    "sys.views": (OBJECT, _only("V"), False), "sys.procedures": (OBJECT, _only("P"), False),
    "sys.key_constraints": (OBJECT, lambda s, d, a: (row for row in objects(s, d, a) if row[5] in {"PK", "UQ"}), False),
    "sys.schemas": ("name sysname; schema_id int; principal_id int",
                    lambda _s, d, _a: ((name, number, 1) for name, number in schemas_of(d).items()), False),
    "sys.columns": ("""object_id int; name sysname; column_id int; system_type_id tinyint; user_type_id int;
        max_length smallint; precision tinyint; scale tinyint; collation_name sysname; is_nullable bit;
        is_ansi_padded bit; is_rowguidcol bit; is_identity bit; is_computed bit; is_filestream bit;
        is_sparse bit; default_object_id int""",
        column_rows, False),
    "sys.types": ("""name sysname; system_type_id tinyint; user_type_id int; schema_id int; max_length smallint;
        precision tinyint; scale tinyint; collation_name sysname; is_nullable bit; is_user_defined bit;
        is_assembly_type bit""", types, False),
    "sys.default_constraints": (OBJECT + "; parent_column_id int; definition nvarchar(max); is_system_named bit",
                                default_rows, False),
    "sys.indexes": ("""object_id int; name sysname; index_id int; type tinyint; type_desc nvarchar(60); is_unique bit;
        data_space_id int; ignore_dup_key bit; is_primary_key bit; is_unique_constraint bit; is_disabled bit""",
        indexes, False),
    "sys.index_columns": ("""object_id int; index_id int; index_column_id int; column_id int; key_ordinal tinyint;
        partition_ordinal tinyint; is_descending_key bit; is_included_column bit""", index_columns, False),
    "sys.sql_modules": ("""object_id int; definition nvarchar(max); uses_ansi_nulls bit; uses_quoted_identifier bit;
        execute_as_principal_id int""", modules, False),
    "sys.triggers": ("""name sysname; object_id int; parent_class tinyint; parent_class_desc nvarchar(60);
        parent_id int; type char(2); type_desc nvarchar(60); create_date datetime; modify_date datetime;
        is_ms_shipped bit; is_disabled bit; is_instead_of_trigger bit""", triggers, False),
    "sys.database_principals": ("""name sysname; principal_id int; type char(1); type_desc nvarchar(60);
        default_schema_name sysname; sid varbinary(85); authentication_type int; is_fixed_role bit;
        owning_principal_id int""", principals, False),
    "sys.database_role_members": ("role_principal_id int; member_principal_id int", members, False),
    "sys.assemblies": ("name sysname; assembly_id int; permission_set_desc nvarchar(60); is_user_defined bit",
                       assemblies, False),
    "sys.extended_properties": ("""class tinyint; class_desc nvarchar(60); major_id int; minor_id int; name sysname;
        value sql_variant""", properties, False),
    "sys.fn_listextendedproperty": ("""objtype nvarchar(128); objname nvarchar(128); name nvarchar(128);
        value sql_variant""", listed_properties, True),
    "information_schema.tables": ("""TABLE_CATALOG nvarchar(128); TABLE_SCHEMA nvarchar(128); TABLE_NAME nvarchar(128);
        TABLE_TYPE varchar(10)""", information_tables, False),
    "information_schema.columns": ("""TABLE_CATALOG nvarchar(128); TABLE_SCHEMA nvarchar(128); TABLE_NAME nvarchar(128);
        COLUMN_NAME nvarchar(128); ORDINAL_POSITION int; COLUMN_DEFAULT nvarchar(4000); IS_NULLABLE varchar(3);
        DATA_TYPE nvarchar(128); CHARACTER_MAXIMUM_LENGTH int""", information_columns, False),
}  # fmt: skip
STABLE: Final = frozenset(
    f"sys.{name}"
    for name in [
        "objects",
        "tables",
        "key_constraints",
        "schemas",
        "columns",
        "types",
        "default_constraints",
        "indexes",
        "index_columns",
    ]
)
