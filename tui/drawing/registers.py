"""Clients, targets and checks as lines."""

from __future__ import annotations

from core.model import Check, Client, Target
from core.texts import has, say
from tui import wording
from tui.plain import plain
from tui.widgets.spans import BLANK, Line, Span, fit, line, wrap

_CODE, _UPDATE, _RELEASE, _EDITION, _COUNT = 11, 8, 8, 12, 6
_LABEL = 22
_TWO_COLUMNS = 72
_UNKNOWN = Span("?", "unknown")


def update_of(update: int | None, pack: int | None) -> str:
    """Product update and service pack: `421 SP2`."""
    if update is None:
        return ""
    return f"{update} SP{pack}" if pack else str(update)


def client_heading(width: int, language: str) -> Line:
    """The column titles of the clients."""
    name = _client_name(width)
    titles = (("code", _CODE), ("name", name), ("pu", _UPDATE), ("sql", _RELEASE), ("edition", _EDITION))
    spans = [Span(" ", "heading")]
    spans += [Span(fit(say(f"screen.client.{key}", language), cells), "heading") for key, cells in titles]
    spans.append(Span(fit(say("screen.client.administrations", language), _COUNT, right=True), "heading"))
    return (*spans, Span(" " * width, "heading"))


def _client_name(width: int) -> int:
    return max(width - 2 - _CODE - _UPDATE - _RELEASE - _EDITION - _COUNT, 10)


def client_line(client: Client, width: int, *, chosen: bool) -> Line:
    """One client."""
    unknown = "unknown"
    update, release = update_of(client.product_update, client.service_pack), wording.release(client.sql_release)
    return line(
        Span("▌" if chosen else " ", "accent"),
        Span(fit(plain(client.code), _CODE), "strong"),
        Span(fit(plain(client.name), _client_name(width) - 1) + " "),
        Span(fit(update or "?", _UPDATE), "text" if update else unknown),
        Span(fit(release or "?", _RELEASE), "text" if release else unknown),
        Span(fit(plain(client.edition or ""), _EDITION), "dim"),
        Span(fit(str(len(client.administrations)), _COUNT, right=True), "dim"),
    )


def client_page(client: Client, language: str, width: int) -> list[Line]:
    """Everything noted of a client."""
    rows: list[tuple[str, list[Span]]] = [
        ("name", [Span(plain(client.name), "strong")]),
        ("product", [_family(client.family, language)]),
        ("pu", [_or_unknown(update_of(client.product_update, client.service_pack))]),
        ("sql", [_or_unknown(plain(client.sql_release or ""))]),
        ("edition", [_or_unknown(plain(client.edition or ""))]),
    ]
    lines = [line(Span(" " + fit(say(f"screen.client.{key}", language), _LABEL), "dim"), *each) for key, each in rows]
    logins = wrap(", ".join(plain(login) for login in client.logins) or "?", width - _LABEL - 2)
    for place, row in enumerate(logins):
        label = say("screen.client.logins", language) if not place else ""
        lines.append(line(Span(" " + fit(label, _LABEL), "dim"), row))
    lines += [BLANK, line(Span(" " + say("screen.client.administrations.title", language), "dim"))]
    lines += [
        line(Span(f"   {plain(each.number)}  ", "strong"), plain(each.name)) for each in client.administrations
    ] or [line(Span("   –", "dim"))]
    return lines


def _or_unknown(text: str) -> Span:
    return Span(text) if text else _UNKNOWN


def _family(family: str | None, language: str) -> Span:
    if family is None:
        return _UNKNOWN
    return Span(wording.value("family", family, language))


def target_page(targets: tuple[Target, ...], language: str, width: int) -> list[Line]:
    """Every target: what it is, and what is not known of it."""
    lines: list[Line] = []
    for target in targets:
        title = f" {plain(target.name)} "
        lines.append(
            line(Span(" ─", "line"), Span(title, "strong"), Span("─" * max(width - 4 - len(title), 0), "line"))
        )
        pairs = [
            ("sql", _or_unknown(plain(target.sql_release or ""))),
            ("pu", _or_unknown(update_of(target.product_update, target.service_pack))),
            ("product", _family(target.family, language)),
            ("edition", _or_unknown(plain(target.edition or ""))),
            ("engine", _engine(target, language)),
            ("isolated", Span(say("word.flag.yes" if target.isolated else "word.flag.no", language))),
            ("accountancy", _flag(target.accountancy, language)),
            ("free", _or_unknown("" if target.free_bytes is None else wording.size(target.free_bytes, language))),
        ]
        lines += [*_pairs(pairs, language, width), BLANK]
    return lines or [line(Span("  " + say("screen.empty.targets", language), "dim"))]


def _pairs(pairs: list[tuple[str, Span]], language: str, width: int) -> list[Line]:
    labels = [say(f"screen.target.{key}", language) for key, _ in pairs]
    values = [value for _, value in pairs]
    if width < _TWO_COLUMNS:
        return [
            line(Span("   " + fit(label, _LABEL), "dim"), value) for label, value in zip(labels, values, strict=True)
        ]
    half = len(pairs) // 2
    return [
        line(
            Span("   " + fit(labels[at], 16), "dim"),
            Span(fit(values[at].text, 20), values[at].ink),
            Span(fit(labels[at + half], _LABEL), "dim"),
            values[at + half],
        )
        for at in range(half)
    ]


def _flag(value: bool | None, language: str) -> Span:  # noqa: FBT001 - a value to show
    return _UNKNOWN if value is None else Span(say("word.flag.yes" if value else "word.flag.no", language))


def _engine(target: Target, language: str) -> Span:
    if target.engine == "embedded":
        return Span(say("screen.target.embedded", language))
    return _or_unknown(plain(target.instance or ""))


def check_page(checks: tuple[Check, ...], language: str, width: int) -> list[Line]:
    """Every check: good, not good, or not to be found out; and what to do."""
    marks = {True: (" OK ", "badge-yes"), False: (" NO ", "badge-no"), None: (" ?? ", "badge-unknown")}
    lines: list[Line] = []
    for check in checks:
        mark, ink = marks[check.ok]
        key = f"word.check.{check.name}"
        name = say(key, language) if has(key) else plain(check.name)
        rows = wrap(plain(check.text), width - 32)
        lines.append(line(Span(" "), Span(mark, ink), Span("  " + fit(name, 22), "strong"), rows[0]))
        lines += [line(Span(" " * 29), row) for row in rows[1:]]
        if check.hint and check.ok is not True:
            lines += [line(Span(" " * 29 + row, "dim")) for row in wrap(plain(check.hint), width - 32)]
    return lines
