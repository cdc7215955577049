"""`wissel tell ID FACT=VALUE`: a fact that the file does not show, kept as told by the operator."""

from __future__ import annotations

from core.errors import UsageError
from tui.context import Context, delivery_id
from tui.parser import Parser, word
from tui.verbs import show


def arguments(parser: Parser) -> None:
    """Which delivery, which facts."""
    parser.own.add_argument("id", metavar="ID", help=parser.say("id"))
    parser.own.add_argument("facts", type=word, metavar="FACT=VALUE", nargs="+", help=parser.say("tell.facts"))


def run(context: Context) -> int:
    """Keeps each fact, and prints the delivery with its new verdict."""
    args, out = context.args, context.out
    wanted = delivery_id(args.id)
    pairs = [split(text) for text in args.facts]
    office = context.office()
    for fact, value in pairs:
        detail = office.tell(wanted, fact, value)
        out.talk("say.told", id=detail.row.id, fact=fact, value=value)
    show.answer(detail, out)
    return 0


def split(text: str) -> tuple[str, str]:
    """`FACT=VALUE` in two; the fact's name may be written with dashes."""
    fact, sign, value = text.partition("=")
    if not (fact.strip() and sign and value.strip()):
        raise UsageError("fact-value", text=text)
    return fact.strip().lower().replace("-", "_"), value.strip()
