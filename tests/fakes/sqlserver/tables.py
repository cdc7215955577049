"""CREATE TABLE, DROP TABLE and CREATE INDEX, as SQLAlchemy writes them and as a real script does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fakes.sqlserver.answers import error
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.schema import Column, Index, Schema, Table, key_name
from fakes.sqlserver.seam import ServerError
from fakes.sqlserver.sqltypes import typed
from fakes.sqlserver.storage import create_text, quoted

Run = Callable[[str], object]
"""A statement for SQLite."""


@dataclass
class Definitions:
    """Changes what a database is made of."""

    schema: Schema
    run: Run
    major: int

    def create(self, read: Reader) -> None:
        read.phrase("CREATE")
        if read.has("TABLE"):
            self._create_table(read)
            return
        unique = read.has("UNIQUE")
        clustered = read.has("CLUSTERED")
        if not clustered:
            read.has("NONCLUSTERED")
        read.phrase("INDEX")
        name = read.name()
        read.phrase("ON")
        table = self.find(read.dotted())
        columns = _columns(read)
        read.end()
        if any(each.name.casefold() == name.casefold() for each in table.indexes):
            raise error(2714, name)
        for each in columns:
            if table.column(each) is None:
                raise error(207, each)
        kind = "UNIQUE INDEX" if unique else "INDEX"
        self.run(
            f"CREATE {kind} {quoted(f'{table.full}.{name}')} "
            f"ON {quoted(table.full)} ({', '.join(map(quoted, columns))})"
        )
        table.indexes.append(Index(name, tuple(columns), "", unique, clustered))
        self.schema.version += 1

    def drop(self, read: Reader) -> None:
        read.phrase("DROP TABLE")
        lenient = read.has("IF", "EXISTS")
        if lenient and self.major < 13:
            raise error(102, "IF")
        parts = read.dotted()
        read.end()
        try:
            table = self.find(parts)
        except ServerError:
            if lenient:
                return
            raise error(3701, "table", ".".join(parts)) from None
        self.run(f"DROP TABLE {quoted(table.full)}")
        del self.schema.tables[table.full.casefold()]
        self.schema.version += 1

    def find(self, parts: Sequence[str]) -> Table:
        schema = parts[-2] if len(parts) > 1 else "dbo"
        found = self.schema.find(schema, parts[-1])
        if found is None:
            raise error(208, ".".join(parts))
        return found

    def _create_table(self, read: Reader) -> None:
        parts = read.dotted()
        schema, name = (parts[-2] if len(parts) > 1 else "dbo"), parts[-1]
        if self.schema.find(schema, name) is not None:
            raise error(2714, name)
        table = Table(schema, name, self.schema.next_id(), [])
        read.phrase("(")
        while True:
            self._element(read, table)
            if not read.has(","):
                break
        read.phrase(")")
        while not read.done and read.has("ON") | read.has("TEXTIMAGE_ON"):
            read.name()
        read.end()
        if sum(each.identity for each in table.columns) > 1 or not table.columns:
            raise error(102, name)
        for index in table.indexes:
            for each in index.columns:
                column = table.column(each)
                if column is None:
                    raise error(207, each)
                column.nullable = column.nullable and index.kind != "PK"
        self.run(create_text(table))
        self.schema.add(table)

    def _element(self, read: Reader, table: Table) -> None:
        constraint = read.name() if read.has("CONSTRAINT") else ""
        for words, kind in ((("PRIMARY", "KEY"), "PK"), (("UNIQUE",), "UQ")):
            if read.has(*words):
                table.indexes.append(_key(read, constraint or key_name(table.name, kind), kind, None))
                return
        if constraint:
            raise read.wrong()
        self._column(read, table)

    def _column(self, read: Reader, table: Table) -> None:
        name = read.name()
        declared = read.name()
        if read.has("("):
            inside = read.take().raw
            if read.has(","):
                inside += f",{read.number()}"
            read.phrase(")")
            declared += f"({inside})"
        column = Column(name, typed(declared))
        if table.column(name) is not None:
            raise error(264, name)
        table.columns.append(column)
        while not read.done and read.peek() not in {",", ")"}:
            self._part(read, table, column)
        if column.identity:
            column.nullable = False

    @staticmethod
    def _part(read: Reader, table: Table, column: Column) -> None:
        constraint = read.name() if read.has("CONSTRAINT") else ""
        if read.has("NOT", "NULL"):
            column.nullable = False
        elif read.has("NULL"):
            column.nullable = True
        elif read.has("IDENTITY"):
            column.identity = True
            if read.has("("):
                read.number()
                read.phrase(",")
                read.number()
                read.phrase(")")
        elif read.has("COLLATE"):
            read.name()
        elif read.has("PRIMARY", "KEY"):
            table.indexes.append(_key(read, constraint or key_name(table.name), "PK", column.name))
        elif read.has("UNIQUE"):
            table.indexes.append(_key(read, constraint or key_name(table.name, "UQ"), "UQ", column.name))
        elif read.has("DEFAULT"):
            column.default = _default(read)
        else:
            raise read.wrong()


def _default(read: Reader) -> str:
    """The words of it, between brackets."""
    text, depth = "", 0
    while not read.done and (depth or read.peek() not in {",", ")", "NOT", "NULL", "CONSTRAINT", "PRIMARY", "UNIQUE"}):
        token = read.take()
        depth += (token.raw == "(") - (token.raw == ")")
        text += token.raw
    return text if text.startswith("(") else f"({text})"


def _key(read: Reader, name: str, kind: str, column: str | None) -> Index:
    loose = read.has("NONCLUSTERED")
    clustered = read.has("CLUSTERED") or (kind == "PK" and not loose)
    return Index(name, (column,) if column else tuple(_columns(read)), kind, unique=True, clustered=clustered)


def _columns(read: Reader) -> list[str]:
    read.phrase("(")
    found = []
    while True:
        found.append(read.name())
        if read.has("DESC"):
            raise read.wrong()
        read.has("ASC")
        if not read.has(","):
            break
    read.phrase(")")
    return found
