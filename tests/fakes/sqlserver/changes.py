"""INSERT, UPDATE and DELETE: what the server fills in itself, and what it lets nobody touch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlglot
from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.codes import literal
from fakes.sqlserver.grouping import strict
from fakes.sqlserver.queries import Queries
from fakes.sqlserver.schema import Column, Table
from fakes.sqlserver.scope import Field, Plan, Scope, Source
from fakes.sqlserver.storage import quoted
from sqlglot import exp

MOST_ROWS = 1000
Find = Callable[[Sequence[str]], Table]


class Changes:
    """Compiles one statement that changes rows."""

    def __init__(self, plan: Plan, queries: Queries, find: Find, database: str) -> None:
        self._plan, self._queries, self._find, self._database = plan, queries, find, database
        self._expressions = queries.expressions

    def insert(self, node: exp.Insert) -> str:
        strict(node, {"this", "expression"})
        target = node.this
        if not isinstance(target, exp.Schema) or not isinstance(node.expression, exp.Values):
            raise unlisted("INSERT without columns or VALUES")
        table = self._table(target.this, "INSERT")
        names = [each.name for each in target.expressions]
        given = self._given(table, names)
        rows = node.expression.expressions
        if len(rows) > MOST_ROWS:
            raise error(10738)
        made = [self._row(table, given, row) for row in rows]
        self._plan.identity = any(table.columns[at].identity for at in given)
        return f"INSERT INTO {quoted(table.full)} VALUES {', '.join(made)}"

    @staticmethod
    def _given(table: Table, names: Sequence[str]) -> dict[int, int]:
        """Column of the table -> place among the values."""
        given: dict[int, int] = {}
        for place, name in enumerate(names):
            column = table.column(name)
            if column is None or column.computed:
                raise error(207, name)
            if column.type.name == "timestamp":
                raise error(273)
            at = table.columns.index(column)
            if at in given:
                raise error(264, name)
            given[at] = place
        return given

    def _row(self, table: Table, given: dict[int, int], row: exp.Expression) -> str:
        values = row.expressions if isinstance(row, exp.Tuple) else [row.this if isinstance(row, exp.Paren) else row]
        if len(values) != len(given):
            raise error(109 if len(values) < len(given) else 110)
        parts = []
        for at, column in enumerate(table.columns):
            if at in given:
                parts.append(self._assigned(table, column, values[given[at]]))
            elif column.identity:
                parts.append(f"next_identity({literal(table.full)})")
            elif column.type.name == "timestamp":
                parts.append("next_version()")
            elif column.default is not None:
                parts.append(self._assigned(table, column, default(column.default)))
            elif column.nullable or column.computed:
                parts.append("NULL")
            else:
                raise error(515, column.name, f"{self._database}.{table.full}", "INSERT")
        return f"({', '.join(parts)})"

    def _assigned(self, table: Table, column: Column, node: exp.Expression) -> str:
        before = len(self._plan.slots)
        code = self._expressions.assigned(node, Scope(), column.type)
        for slot in range(before, len(self._plan.slots)):
            self._plan.places[slot] = (table.full, column.name)
        return code.sql

    def update(self, node: exp.Update) -> str:
        strict(node, {"this", "expressions", "where"})
        table = self._table(node.this, "UPDATE")
        scope = self._scope(node.this, table)
        parts, seen = [], set()
        for each in node.expressions:
            if not isinstance(each, exp.EQ) or not isinstance(each.this, exp.Column):
                raise unlisted("SET")
            column = table.column(each.this.name)
            if column is None or column.computed:
                raise error(207, each.this.name)
            if column.type.name == "timestamp":
                raise error(272)
            if column.identity:
                raise error(8102, column.name)
            if column.name in seen:
                raise error(264, column.name)
            seen.add(column.name)
            before = len(self._plan.slots)
            code = self._expressions.assigned(each.expression, scope, column.type)
            for slot in range(before, len(self._plan.slots)):
                self._plan.places[slot] = (table.full, column.name)
            parts.append(f"{quoted(column.name)} = {code.sql}")
        parts += [f"{quoted(each.name)} = next_version()" for each in table.columns if each.type.name == "timestamp"]
        return f"UPDATE {quoted(table.full)} AS t SET {', '.join(parts)}{self._where(node, scope)}"

    def delete(self, node: exp.Delete) -> str:
        strict(node, {"this", "where"})
        table = self._table(node.this, "DELETE")
        return f"DELETE FROM {quoted(table.full)} AS t{self._where(node, self._scope(node.this, table))}"

    def _table(self, node: exp.Expression, what: str) -> Table:
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier) or node.alias:
            raise unlisted(f"{what} of that")
        strict(node, {"this", "db", "catalog"})
        table = self._find([part for part in (node.catalog, node.db) if part] + [node.name])
        self._plan.writes, self._plan.table = what, table.full
        return table

    @staticmethod
    def _scope(node: exp.Expression, table: Table) -> Scope:
        fields = {each.name.casefold(): Field(each.name, each.type, each.nullable) for each in table.columns}
        names = (table.name.casefold(), table.full.casefold())
        return Scope([Source("t", names, fields)])

    def _where(self, node: exp.Expression, scope: Scope) -> str:
        where = node.args.get("where")
        return f" WHERE {self._expressions.condition(where.this, scope)}" if where else ""


def default(text: str) -> exp.Expression:
    """The expression of a DEFAULT."""
    made = sqlglot.parse_one(f"SELECT {text}", read="tsql").expressions[0]
    while isinstance(made, exp.Paren):
        made = made.this
    found: exp.Expression = made
    return found
