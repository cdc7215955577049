"""From the text of one statement to a plan for SQLite."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.changes import Changes
from fakes.sqlserver.databases import Database
from fakes.sqlserver.queries import Queries
from fakes.sqlserver.schema import Table
from fakes.sqlserver.scope import Field, Plan, ViewUse
from fakes.sqlserver.sqltypes import SqlType, typed
from fakes.sqlserver.storage import quoted
from fakes.sqlserver.views import VIEWS
from sqlglot import exp


@lru_cache(maxsize=4000)
def parsed(text: str) -> exp.Expression:
    """One statement. Raises ServerError 102. Whoever compiles it changes nothing in it."""
    try:
        trees = sqlglot.parse(text, read="tsql")
    except sqlglot.ParseError as problem:
        near = problem.errors[0].get("highlight") if problem.errors else ""
        raise error(102, near or text[:20]) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise unlisted("several statements without a semicolon")
    return trees[0]


@dataclass
class Compiling:
    """For one database, at a server of this major version."""

    database: Database
    major: int
    _names: itertools.count[int] = field(default_factory=itertools.count)

    def compiled(self, text: str, types: Sequence[SqlType | None]) -> Plan:
        """Raises ServerError."""
        tree, plan = parsed(text), Plan()

        def resolve(parts: list[str], called: bool) -> tuple[str, Sequence[Field], ViewUse | None]:
            return self._resolved(parts, plan, called=called)

        queries = Queries(plan, types, self.major, resolve)
        changes = Changes(plan, queries, self._table, self.database.name)
        if isinstance(tree, exp.Insert):
            plan.sql = changes.insert(tree)
        elif isinstance(tree, exp.Update):
            plan.sql = changes.update(tree)
        elif isinstance(tree, exp.Delete):
            plan.sql = changes.delete(tree)
        elif isinstance(tree, exp.Select | exp.Union):
            plan.sql, plan.fields = queries.select(tree)
        else:
            raise unlisted(text[:20])
        return plan

    def _table(self, parts: Sequence[str]) -> Table:
        if len(parts) > 2 and parts[-3].casefold() != self.database.name.casefold():
            raise unlisted("another database")
        schema = parts[-2] if len(parts) > 1 else "dbo"
        found = self.database.schema.find(schema or "dbo", parts[-1])
        if found is None:
            raise error(208, ".".join(parts))
        return found

    def _resolved(self, parts: list[str], plan: Plan, *, called: bool) -> tuple[str, Sequence[Field], ViewUse | None]:
        schema = parts[-2].casefold() if len(parts) > 1 else "sys" if called else ""
        if schema in {"sys", "information_schema"}:
            name = f"{schema}.{parts[-1].casefold()}"
            view = VIEWS.get(name)
            if view is None or view.called != called or self.major < view.since:
                raise error(208, ".".join(parts))
            where = parts[-3] if len(parts) > 2 else self.database.name
            use = ViewUse(f"{name} {where.casefold()}" if not called else f"v{next(self._names)}", name, where)
            fields = [Field(column, typed(kind)) for column, kind in view.columns]
            return f"temp.{quoted(use.table)}", fields, use
        table = self._table(parts)
        plan.reads.add(table.full)
        return quoted(table.full), [Field(each.name, each.type, each.nullable) for each in table.columns], None
