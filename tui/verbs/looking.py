"""What `tables`, `rows` and `verify` share: which files are looked into, and what is said of damage."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.errors import BadFormat
from core.model.inside import TableInside
from tui.context import Context, delivery_id
from tui.inside_words import damage_text, differing_text
from tui.output import Output
from tui.parser import Parser, ordinal

if TYPE_CHECKING:
    from core.office import Inside

SAID = 20
"""Damages named one by one; the rest is counted."""
_DELIVERY = re.compile(r"(?:[dD]-?)?[0-9]{1,12}")


def arguments(parser: Parser) -> None:
    """The file, and what belongs to it."""
    add, say = parser.own.add_argument, parser.say
    add("file", metavar="FILE", help=say("looking.file"))
    add("--with", dest="others", action="append", default=[], metavar="FILE", help=say("looking.with"))
    add("--full", metavar="FILE", help=say("looking.full"))
    add("--set", dest="set_number", type=ordinal, metavar="N", help=say("inspect.set"))
    add("--member", metavar="NAME", help=say("looking.member"))


def opened(context: Context) -> Inside:
    """The database in what was named. A file comes before a delivery that is called the same.

    Of a delivery with several databases it is the one that its verdict speaks of, unless another is chosen.
    """
    from core.office import open_inside

    args = context.args
    paths = [_path(context, name) for name in (args.file, *args.others)]
    full = None if args.full is None else _path(context, args.full)
    position, member = args.set_number, args.member
    if _is_delivery(args.file) and len(paths) == 1 and full is position is member is None:
        position, member = context.office(worker=False).taken(delivery_id(args.file))
    return open_inside(paths, full=full, set_number=position, member=member)


def _path(context: Context, name: str) -> str:
    return context.office(worker=False).original(delivery_id(name)) if _is_delivery(name) else name


def _is_delivery(name: str) -> bool:
    return _DELIVERY.fullmatch(name) is not None and not os.path.lexists(name)


def complain(inside: Inside, out: Output, differing: Iterable[TableInside] = ()) -> None:
    """Say on standard error what was lost. Raises BadFormat (`inside-damage`) when something was."""
    others, damage = list(differing), inside.damage
    if not damage and not others:
        return
    for each in damage[:SAID]:
        out.note(damage_text(each, out.language))
    for table in others[:SAID]:
        out.note(differing_text(table, out.language))
    rest = len(damage[SAID:]) + inside.more_damage + len(others[SAID:])
    if rest:
        out.talk("inside.more", count=rest)
    raise BadFormat("inside-damage", damage=len(damage) + inside.more_damage, differing=len(others))
