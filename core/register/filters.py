"""The filter line: `word`, `!word`, `state:warn`, `client:NAME`, `target:`, `rule:303`, `adm:007`, `pu:`, `sql:`.

Words are looked for anywhere, case does not matter, all must hold. Quotes keep words together. A field
that is not known is a plain word, so that a file name with a colon can be looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlalchemy as sa

from core.model import StateWord
from core.register.operation_rows import at_work
from core.register.schema import clients, deliveries

Condition = sa.ColumnElement[bool]

_TERM = re.compile(r'(!?)((?:[^\s":]+:)?(?:"[^"]*"?|\S+))')

STATES = {
    "???": (StateWord.UNKNOWN,),
    "...": (StateWord.ARRIVING, StateWord.READING),
    "?": (StateWord.UNKNOWN,),
    "…": (StateWord.ARRIVING, StateWord.READING),
    "aside": (StateWord.SET_ASIDE,),
    "blocked": (StateWord.NO,),
    "goed": (StateWord.OK,),
    "mits": (StateWord.WARN,),
    "let-op": (StateWord.WARN,),
    "heen": (StateWord.ONEWAY,),
    "enkel": (StateWord.ONEWAY,),
    "nee": (StateWord.NO,),
    "onbekend": (StateWord.UNKNOWN,),
    "komt": (StateWord.ARRIVING,),
    "leest": (StateWord.READING,),
    "weg": (StateWord.GONE,),
    "opzij": (StateWord.SET_ASIDE,),
    "bezig": (StateWord.RUNNING,),
    "loopt": (StateWord.RUNNING,),
    "busy": (StateWord.RUNNING,),
    "us": (StateWord.WITH_US,),
    "ons": (StateWord.WITH_US,),
    "bij-ons": (StateWord.WITH_US,),
    "retour": (StateWord.RETURNED,),
}
"""Other words for the states: the signs of the screen, and Dutch."""


def conditions(text: str) -> list[Condition]:
    """One condition for each term of the filter line; they all must hold."""
    found = []
    for sign, term in _TERM.findall(text):
        condition = _condition(term)
        if condition is not None:
            found.append(condition.is_not(sa.true()) if sign else condition)
    return found


def like(column: sa.ColumnElement[str], part: str, *, start: bool = False) -> Condition:
    """The folded column holds `part` (or starts with it), `%` and `_` taken as they are."""
    escaped = re.sub(r"([\\%_])", r"\\\1", part.casefold())
    return column.like(f"{escaped}%" if start else f"%{escaped}%", escape="\\")


def _condition(term: str) -> Condition | None:
    field, colon, value = term.partition(":")
    make = FIELDS.get(field.casefold()) if colon else None
    if make is None:
        word = term.replace('"', "")
        return _word(word) if word else None
    value = value.replace('"', "").strip()
    return make(value.casefold()) if value else None


def _word(word: str) -> Condition:
    return sa.or_(like(deliveries.c.search, word), deliveries.c.client.in_(_named(word)))


def _named(part: str) -> sa.Select[tuple[str]]:
    return sa.select(clients.c.code).where(like(clients.c.search, part))


def _state(value: str) -> Condition:
    words = STATES.get(value) or tuple(word for word in StateWord if word.value.startswith(value))
    d, wanted = deliveries.c, [word.value for word in words]
    judged = sa.and_(d.word.in_(wanted), d.life == "")
    still = sa.and_(sa.or_(judged, d.life.in_(wanted)), d.number.not_in(at_work()))
    return sa.or_(still, d.number.in_(at_work())) if StateWord.RUNNING in words else still


def _client(value: str) -> Condition:
    return deliveries.c.client.in_(_named(value))


def _target(value: str) -> Condition:
    return like(sa.func.lower(deliveries.c.best_target), value, start=True)


def _rule(value: str) -> Condition:
    return like(deliveries.c.rules, f" {value} ")


def _administration(value: str) -> Condition:
    if value.isdigit():
        return deliveries.c.administration_number == value.zfill(3)
    return like(sa.func.lower(deliveries.c.administration_name), value)


def _update(value: str) -> Condition:
    known = value.isascii() and value.isdigit() and len(value) < 10
    return deliveries.c.product_update == int(value) if known else sa.false()


def _release(value: str) -> Condition:
    bare = sa.func.replace(sa.func.lower(deliveries.c.sql_release), " ", "")
    return like(bare, value.replace(" ", ""), start=True)


FIELDS: dict[str, Callable[[str], Condition]] = {
    "state": _state,
    "staat": _state,
    "status": _state,
    "client": _client,
    "cliënt": _client,
    "target": _target,
    "doel": _target,
    "doelomgeving": _target,
    "rule": _rule,
    "regel": _rule,
    "adm": _administration,
    "administration": _administration,
    "administratie": _administration,
    "pu": _update,
    "sql": _release,
}
