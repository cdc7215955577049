"""The functions that statements may call: how each is compiled. Those about the server are answered in functions.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.scope import Code
from fakes.sqlserver.sqltypes import (
    BIGINT,
    DATETIME,
    FLOAT,
    INT,
    OLD,
    SYSNAME,
    VARIANT,
    WIDE,
    SqlType,
    higher,
)
from sqlglot import exp

TEXT = SqlType("nvarchar", 4000)
AGGREGATES = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)


@dataclass(frozen=True)
class Call:
    """A function's call: `value` compiles an argument, to a type when one is given."""

    node: exp.Expression
    value: Callable[..., Code]
    release: int
    """Major version of the server."""

    @property
    def args(self) -> list[exp.Expression]:
        """In order, whatever sqlglot calls them."""
        if isinstance(self.node, exp.Anonymous):
            return list(self.node.expressions)
        first = self.node.args.get("this")
        return [each for each in (first, self.node.args.get("expression"), *self.node.expressions) if each is not None]


Compiled = Callable[[Call], Code]


def variables(name: str) -> Code:
    """`@@VERSION` and its like. Raises ServerError 137."""
    to = VARIABLES.get(name.upper())
    if to is None:
        raise error(137, f"@@{name}")
    return Code(f"server_variable('{name.upper()}')", to, nullable=False)


def _text(call: Call, node: exp.Expression, name: str) -> Code:
    """An argument that must be text; numbers become it, the old types are refused."""
    if isinstance(node, exp.Cast) and node.to.sql("tsql").upper() in {"TEXT", "VARCHAR(MAX)"}:
        node = node.this  # sqlglot's own addition
    code = call.value(node)
    if code.type is not None and code.type.name in OLD:
        raise error(8116, code.type.name, 1, name)
    if code.type is not None and code.type.text:
        return code
    return call.value(node, SqlType("varchar", 8000))


def _texts(name: str) -> Compiled:
    def made(call: Call) -> Code:
        code = _text(call, call.node.this, name)
        own = code.type or TEXT
        return Code(f"{name}({code.sql})", SqlType("nvarchar" if own.name in WIDE else "varchar", own.length or -1))

    return made


def _trim(call: Call) -> Code:
    where = call.node.args.get("position")
    if where is None and call.release < 14:
        raise error(195, "TRIM")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(where or ""), "trim")
    code = _text(call, call.node.this, name)
    own = code.type or TEXT
    return Code(f"{name}({code.sql}, ' ')", SqlType("nvarchar" if own.name in WIDE else "varchar", own.length or -1))


def _length(call: Call) -> Code:
    return Code(f"sql_len({_text(call, call.node.this, 'len').sql})", INT)


def _size(call: Call) -> Code:
    code = call.value(call.args[0])
    own = code.type or TEXT
    return Code(f"sql_datalength({code.sql}, '{own.name}', {own.max_length})", INT)


def _abs(call: Call) -> Code:
    code = call.value(call.node.this)
    return Code(f"sql_abs({code.sql})", code.type)


def _round(call: Call) -> Code:
    code = call.value(call.node.this)
    places = call.node.args.get("decimals")
    if places is None or call.node.args.get("truncate"):
        raise unlisted("ROUND")
    if code.type is not None and code.type.text:
        code = call.value(call.node.this, FLOAT)
    return Code(f"sql_round({code.sql}, {call.value(places, INT).sql})", code.type)


def _count(call: Call) -> Code:
    to = BIGINT if call.node.args.get("big_int") else INT
    inner = call.node.this
    if isinstance(inner, exp.Star):
        return Code("count(*)", to, nullable=False)
    distinct = isinstance(inner, exp.Distinct)
    code = call.value(inner.expressions[0] if distinct else inner)
    if code.type is not None and code.type.name in OLD:
        raise error(8117, code.type.name, "count")
    folded = f"{code.sql} COLLATE sqltext" if code.type is not None and code.type.text else code.sql
    return Code(f"count({'DISTINCT ' if distinct else ''}{folded})", to, nullable=False)


def _sum(call: Call) -> Code:
    code = call.value(call.node.this)
    own = code.type or INT
    if own.kept == "float":
        return Code(f"sum({code.sql})", FLOAT)
    if own.kept == "exact":
        to = SqlType("money") if "money" in own.name else SqlType("decimal", 0, 38, own.scale)
        return Code(f"exact_sum({code.sql})", to)
    if own.name in {"int", "smallint", "tinyint", "bigint"}:
        to = BIGINT if own.name == "bigint" else INT
        return Code(f"fitting(sum({code.sql}), '{to.name}')", to)
    raise error(8117, own.name, "sum")


def _avg(call: Call) -> Code:
    code = call.value(call.node.this)
    own = code.type or INT
    if own.kept == "float":
        return Code(f"avg({code.sql})", FLOAT)
    if own.name in {"int", "smallint", "tinyint", "bigint"}:
        return Code(f"(sum({code.sql}) / count({code.sql}))", BIGINT if own.name == "bigint" else INT)
    raise unlisted("AVG")


def _extreme(name: str) -> Compiled:
    def made(call: Call) -> Code:
        code = call.value(call.node.this)
        own = code.type or INT
        if own.name in {*OLD, "bit", "xml"} or (own.name == "uniqueidentifier" and call.release < 11):
            raise error(8117, own.name, name)
        collation = {"text": " COLLATE sqltext", "exact": " COLLATE sqlexact"}.get(own.kept, "")
        return Code(f"{name}({code.sql}{collation})", code.type)

    return made


def _nullif(call: Call) -> Code:
    first = call.value(call.node.this)
    return Code(f"nullif({first.sql}, {call.value(call.node.expression, first.type).sql})", first.type)


def _substring(call: Call) -> Code:
    code = _text(call, call.node.this, "substring")
    start, length = call.node.args.get("start"), call.node.args.get("length")
    if start is None or length is None:
        raise error(102, ")")
    return Code(f"sql_substring({code.sql}, {call.value(start, INT).sql}, {call.value(length, INT).sql})", code.type)


def _edge(name: str) -> Compiled:
    def made(call: Call) -> Code:
        code = _text(call, call.node.this, name)
        return Code(f"sql_{name}({code.sql}, {call.value(call.node.expression, INT).sql})", code.type)

    return made


def _server(name: str, to: SqlType, most: int = 3) -> Compiled:
    """A function about the server or its databases: its arguments are given as they are."""

    def made(call: Call) -> Code:
        if len(call.args) > most:
            raise error(102, name)
        args = "".join(f", {call.value(each).sql}" for each in call.args)
        return Code(f"server_function('{name}'{args})", to)

    return made


def _plain(sql: str, to: SqlType) -> Compiled:
    return lambda _: Code(sql, to, nullable=False)


def _concat(call: Call) -> Code:
    if call.release < 11:
        raise error(195, "CONCAT")
    parts = [f"coalesce({call.value(each, TEXT).sql}, '')" for each in call.node.expressions]
    return Code(f"({' || '.join(parts)})", higher(TEXT, None))


VARIABLES: Final = {
    "VERSION": SqlType("nvarchar", 300), "SPID": SqlType("smallint"), "SERVERNAME": SYSNAME, "SERVICENAME": SYSNAME,
    "TRANCOUNT": INT, "ROWCOUNT": INT, "ERROR": INT, "IDENTITY": SqlType("numeric", 0, 38, 0), "LOCK_TIMEOUT": INT,
    "LANGUAGE": SYSNAME, "MICROSOFTVERSION": INT, "MAX_PRECISION": SqlType("tinyint"),
    "DBTS": SqlType("varbinary", 8),
}  # fmt: skip
CALLS: Final[dict[str, Compiled]] = {
    "Upper": _texts("sql_upper"), "Lower": _texts("sql_lower"), "Trim": _trim, "Length": _length, "DATALENGTH": _size,
    "Abs": _abs, "Round": _round, "Count": _count, "Sum": _sum, "Avg": _avg, "Min": _extreme("min"),
    "Max": _extreme("max"), "Nullif": _nullif, "Substring": _substring, "Left": _edge("left"), "Right": _edge("right"),
    "Concat": _concat, "CurrentTimestamp": _plain("server_now()", DATETIME),
    "SYSUTCDATETIME": _plain("server_now() || '0000'", SqlType("datetime2", 0, 0, 7)),
    "GETUTCDATE": _plain("server_now()", DATETIME), "Uuid": _plain("new_id()", SqlType("uniqueidentifier")),
    "CurrentUser": _server("SUSER_SNAME", SYSNAME, 1), "SUSER_NAME": _server("SUSER_SNAME", SYSNAME, 1),
    "ORIGINAL_LOGIN": _server("ORIGINAL_LOGIN", SYSNAME, 0), "USER_NAME": _server("USER_NAME", SYSNAME, 0),
    "SUSER_SID": _server("SUSER_SID", SqlType("varbinary", 85), 1),
    "CurrentSchema": _server("SCHEMA_NAME", SYSNAME, 1), "SCHEMA_ID": _server("SCHEMA_ID", INT, 1),
    "SERVERPROPERTY": _server("SERVERPROPERTY", VARIANT, 1),
    "DATABASEPROPERTYEX": _server("DATABASEPROPERTYEX", VARIANT, 2), "DB_ID": _server("DB_ID", SqlType("smallint"), 1),
    "DB_NAME": _server("DB_NAME", SYSNAME, 1), "OBJECT_NAME": _server("OBJECT_NAME", SYSNAME, 2),
    "ObjectId": _server("OBJECT_ID", INT, 2), "HAS_PERMS_BY_NAME": _server("HAS_PERMS_BY_NAME", INT, 3),
    "HAS_DBACCESS": _server("HAS_DBACCESS", INT, 1), "IS_SRVROLEMEMBER": _server("IS_SRVROLEMEMBER", INT, 2),
    "IS_MEMBER": _server("IS_ROLEMEMBER", INT, 1), "IS_ROLEMEMBER": _server("IS_ROLEMEMBER", INT, 2),
    "SCOPE_IDENTITY": _server("SCOPE_IDENTITY", SqlType("numeric", 0, 38, 0), 0),
    "IDENT_CURRENT": _server("IDENT_CURRENT", SqlType("numeric", 0, 38, 0), 1),
    "XACT_STATE": _server("XACT_STATE", SqlType("smallint"), 0),
    "HOST_NAME": _server("HOST_NAME", SYSNAME, 0), "APP_NAME": _server("APP_NAME", SYSNAME, 0),
    "CONNECTIONPROPERTY": _server("CONNECTIONPROPERTY", VARIANT, 1), "FILEPROPERTY": _server("FILEPROPERTY", INT, 2),
    "TYPE_NAME": _server("TYPE_NAME", SYSNAME, 1),
}  # fmt: skip
"""Name of sqlglot's node, or of the function where it has none."""
