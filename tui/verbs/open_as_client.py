"""`wissel open-as-client FILE`: opens a returned practice package the way its client would. Changes nothing."""

from __future__ import annotations

from tui import wording
from tui.context import Context
from tui.parser import Parser, whole, word
from tui.verbs import sentences


def arguments(parser: Parser) -> None:
    """The package, and what the client has."""
    add, say = parser.own.add_argument, parser.say
    add("file", metavar="FILE", help=say("open-as-client.file"))
    add("--login", required=True, type=word, metavar="DOMAIN\\USER", help=say("open-as-client.login"))
    add("--product-update", required=True, type=whole(100, 999), metavar="PU", help=say("client.product-update"))
    add("--sql-release", required=True, type=word, metavar="RELEASE", help=say("client.sql-release"))
    add("--licence", type=word, metavar="NUMBER", help=say("open-as-client.licence"))


def run(context: Context) -> int:
    """Prints what the client's user sees, or raises why the client's side refuses it."""
    from core.office import open_as_client

    args, out = context.args, context.out
    seen = open_as_client(
        args.file,
        login=args.login,
        product_update=args.product_update,
        sql_release=args.sql_release,
        licence=args.licence,
    )
    if out.json:
        out.data(
            {
                "administration_number": seen.number,
                "administration_name": seen.company,
                "product_update": seen.product_update,
                "licence": seen.licence,
                "users": list(seen.users),
                "lines": seen.lines,
                "debit": str(seen.debit),
                "credit": str(seen.credit),
            }
        )
        return 0
    debit, credit = (sentences.amount(each, out.language) for each in (seen.debit, seen.credit))
    out.fields(
        [
            (out.text("say.field.administration"), f"{seen.number} {seen.company}"),
            (out.text("say.field.product-update"), str(seen.product_update)),
            (out.text("say.field.licence"), seen.licence),
            (out.text("say.field.logins"), ", ".join(seen.users)),
            (out.text("say.field.lines"), wording.grouped(seen.lines, out.language)),
            (out.text("say.field.totals"), out.text("say.client.totals", debit=debit, credit=credit)),
        ]
    )
    return 0
