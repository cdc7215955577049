"""sp_describe_undeclared_parameters: the types of `@P1`, `@P2`, ... by what they are compared with or put into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fakes.sqlserver.answers import error
from fakes.sqlserver.lexer import statements, tokens
from fakes.sqlserver.sqltypes import SqlType

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession


def described(session: FakeSession, sql: str) -> Sequence[str]:
    """Raises ServerError where a statement does not compile."""
    numbers = [
        int(each.raw[2:])
        for each in tokens(sql)
        if each.kind == "variable" and each.raw[:2].upper() == "@P" and each.raw[2:].isdigit()
    ]
    if not numbers:
        return []
    unknown = [None] * max(numbers)
    types: dict[int, SqlType] = {}
    for text, words in statements(sql):
        if words[0].upper in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
            plan = session.executor.compiled(text, unknown, session.home)
            for number, to in plan.slots:
                if to is not None:
                    types.setdefault(number, to)
    if not types:
        raise error(102, "@P1")
    return [types[each].declared if each in types else "nvarchar(4000)" for each in range(max(numbers))]
