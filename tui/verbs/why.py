"""`wissel why RULE`: the rule book in the operator's language."""

from __future__ import annotations

from core.errors import NotFound
from core.texts import say
from tui.context import Context
from tui.output import Output
from tui.parser import Parser, ordinal

HELP = "help"
"""The variant that explains a rule as a whole; it stands first."""


def arguments(parser: Parser) -> None:
    """Which rule."""
    parser.own.add_argument("rule", nargs="?", type=ordinal, metavar="RULE", help=parser.say("why.rule"))


def run(context: Context) -> int:
    """Prints one rule, or all of them."""
    wanted, out = context.args.rule, context.out
    book = keys()
    if wanted is not None and wanted not in book:
        raise NotFound("rule-unknown", rule=wanted)
    rules = sorted(book) if wanted is None else [wanted]
    if out.json:
        out.array({"rule": rule, "text": lines(rule, out.language)} for rule in rules)
        return 0
    for place, rule in enumerate(rules):
        if place:
            out.line()
        page(rule, out)
    return 0


def keys() -> dict[int, list[str]]:
    """Rule -> the keys of its sentences in the catalogue."""
    from core.texts.rules import TEXTS

    book: dict[int, list[str]] = {}
    for key in TEXTS:
        part, _, rest = key.partition(".")
        number = rest.partition(".")[0]
        if part == "rule" and number.isdecimal():
            book.setdefault(int(number), []).append(key)
    return {rule: sorted(each, key=lambda key: not key.endswith(f".{HELP}")) for rule, each in book.items()}


def lines(rule: int, language: str) -> list[str]:
    """What a rule can say, each sentence once; `<name>` stands where a delivery's own value comes."""
    return list(dict.fromkeys(say(key, language) for key in keys().get(rule, ())))


def page(rule: int, out: Output) -> None:
    """A rule, its sentences one a line."""
    out.line(out.text("say.why.rule", rule=rule), tone="title")
    for sentence in lines(rule, out.language):
        out.line(f"  {sentence}")
