"""`wissel client CODE`: shows a client, or notes what is known of it."""

from __future__ import annotations

import argparse
from dataclasses import replace

from core.errors import NotFound, UsageError
from core.model import Administration, Client
from tui.context import Context
from tui.output import Output
from tui.parser import Parser, whole, word
from tui.verbs import forms

FIELDS = ("name", "family", "product_update", "service_pack", "sql_release", "edition", "company_number", "licence")
"""Fields with one value, each an option of the same name."""


def arguments(parser: Parser) -> None:
    """The client's code, and what to note; without anything to note the client is shown."""
    add, say = parser.own.add_argument, parser.say
    add("code", type=word, metavar="CODE", help=say("client-code"))
    add("--name", type=word, help=say("client.name"))
    add("--product-update", type=whole(100, 999), metavar="PU", help=say("client.product-update"))
    add("--service-pack", type=whole(0, 99), metavar="SP", help=say("client.service-pack"))
    add("--sql-release", type=word, metavar="RELEASE", help=say("client.sql-release"))
    add("--edition", type=word, help=say("client.edition"))
    add("--family", choices=("next", "plus"), help=say("client.family"))
    add("--company-number", type=word, metavar="NUMBER", help=say("client.company-number"))
    add("--licence", type=word, metavar="NUMBER", help=say("client.licence"))
    add("--login", action="append", type=word, default=[], metavar="DOMAIN\\USER", help=say("client.login"))
    add(
        "--forget-login",
        action="append",
        type=word,
        default=[],
        metavar="DOMAIN\\USER",
        help=say("client.forget-login"),
    )
    add(
        "--administration",
        action="append",
        type=word,
        default=[],
        metavar="NUMBER=NAME",
        help=say("client.administration"),
    )
    add(
        "--forget-administration",
        action="append",
        type=word,
        default=[],
        metavar="NUMBER",
        help=say("client.forget-adm"),
    )


def run(context: Context) -> int:
    """Shows or saves."""
    args, out = context.args, context.out
    office = context.office()
    known = next((each for each in office.clients() if each.code.casefold() == args.code.casefold()), None)
    changed = changed_client(known or Client(args.code), args)
    if known is None and changed == Client(args.code):
        raise NotFound("client-not-noted", code=args.code)
    if changed != known:
        office.save_client(changed)
        out.talk("say.client.saved", code=changed.code)
    if out.json:
        out.data(forms.client(changed))
    else:
        _page(changed, out)
    return 0


def changed_client(client: Client, args: argparse.Namespace) -> Client:
    """The client with what the command line notes of it."""
    noted = {name: getattr(args, name) for name in FIELDS if getattr(args, name) is not None}
    logins = [login for login in client.logins if login not in args.forget_login]
    logins += [login for login in args.login if login not in logins]
    numbers = {each.number: each for each in client.administrations}
    for text in args.administration:
        number, _, name = text.partition("=")
        numbers[administration_number(number)] = Administration(administration_number(number), name.strip())
    for number in args.forget_administration:
        numbers.pop(administration_number(number), None)
    return replace(
        client,
        **noted,
        logins=tuple(logins),
        administrations=tuple(numbers[number] for number in sorted(numbers)),
    )


def administration_number(text: str) -> str:
    """`7` and `007` are the same administration: three digits."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 3):
        raise UsageError("administration-number", text=text)
    return digits.zfill(3)


def _page(client: Client, out: Output) -> None:
    def shown(value: str | int | None) -> str:
        return "?" if value is None else str(value)

    out.fields(
        [
            (out.text("say.field.client"), client.code),
            (out.text("say.field.name"), client.name),
            (out.text("say.field.product-update"), shown(client.product_update)),
            (out.text("say.field.service-pack"), "" if client.service_pack is None else str(client.service_pack)),
            (out.text("say.field.sql"), shown(client.sql_release)),
            (out.text("say.field.edition"), shown(client.edition)),
            (out.text("say.field.family"), shown(client.family)),
            (out.text("say.field.company-number"), client.company_number or ""),
            (out.text("say.field.licence"), client.licence or ""),
            (out.text("say.field.logins"), ", ".join(client.logins)),
            *(
                (out.text("say.field.administration"), f"{each.number} {each.name}".rstrip())
                for each in client.administrations
            ),
        ]
    )
