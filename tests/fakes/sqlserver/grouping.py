"""What may stand beside GROUP BY: only aggregates, constants, and the very expressions it names.

A parameter is another one each time it is written, so `GROUP BY left(x, ?)` does not cover `SELECT left(x, ?)`: 8120.
"""

from __future__ import annotations

from fakes.sqlserver.answers import error, unlisted
from fakes.sqlserver.calls import AGGREGATES
from fakes.sqlserver.scope import Scope
from sqlglot import exp


def has_aggregate(node: exp.Expression) -> bool:
    for each in node.walk(prune=lambda part: isinstance(part, exp.Subquery | exp.Select | exp.Window)):
        if isinstance(each, AGGREGATES):
            return True
    return False


def signature(node: exp.Expression, scope: Scope) -> str:
    """The same for the same expression, however its columns are qualified."""
    made = node.this if isinstance(node, exp.Alias) else node
    if isinstance(made, exp.Column):
        source, own = scope.find(made.table, made.name)
        return f"[{source.alias}].[{own.name.casefold()}]"
    made = made.copy()
    while isinstance(made, exp.Paren):
        made = made.this
    for column in list(made.find_all(exp.Column)):
        source, own = scope.find(column.table, column.name)
        column.set("table", exp.to_identifier(source.alias))
        column.set("this", exp.to_identifier(own.name.casefold()))
    return str(made.sql("tsql", identify=True))


def within_groups(node: exp.Expression, keys: set[str], scope: Scope, number: int) -> None:
    if isinstance(node, (*AGGREGATES, exp.Subquery, exp.Select)) or (
        not isinstance(node, exp.Star) and signature(node, scope) in keys
    ):
        return
    if isinstance(node, exp.Star):
        raise error(number, "*")
    if isinstance(node, exp.Column):
        source, own = scope.find(node.table, node.name)
        raise error(number, f"{source.names[-1]}.{own.name}")
    for each in node.iter_expressions():
        within_groups(each, keys, scope, number)


def strict(node: exp.Expression, allowed: set[str]) -> None:
    """Refuse every clause that is not listed."""
    for name, value in node.args.items():
        if value and name not in allowed:
            raise unlisted(f"{type(node).__name__} {name}")
