"""Values as words of one language: sizes, moments, answers, states, facts. Stdlib only: both fronts use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal

from core.model import Answer, Claim, FactValue, Finding, Reason, Source, StateWord
from core.texts import has, say
from tui.plain import plain

_SIZES = frozenset({"data_bytes", "log_bytes", "member_bytes", "size", "attachment_bytes"})
_AMOUNTS = frozenset({"trial_balance", "debtors_balance", "creditors_balance"})
_MOMENTS = frozenset({
    "started_at", "finished_at", "backup_date", "database_created_at", "first_booking", "last_booking", "last_entered",
})  # fmt: skip
_ENDING = re.compile(r"-?[0-9]+\.[0-9]{2}(?=\)?$)")
"""Money at the end of a text: `2024 70 24700040 (12.50)`, `12.50`."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEYED = frozenset({"unbalanced_entry", "open_suspense_account"})
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(count: int, language: str) -> str:
    """Bytes with one unit of 1024, at most six cells: `812 MB`, `1,2 GB`."""
    value, unit = float(max(count, 0)), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1024
        unit += 1
    number = f"{value:.1f}" if unit and value < 9.95 else f"{value:.0f}"
    return f"{decimal(number, language)} {_UNITS[unit]}"


def decimal(number: str, language: str) -> str:
    """A number with the language's decimal sign."""
    return number.replace(".", ",") if language == "nl" else number


def grouped(count: int, language: str) -> str:
    """A whole number with its thousands apart: `210,432`, `210.432`."""
    return f"{count:,}".replace(",", ".") if language == "nl" else f"{count:,}"


def day(moment: datetime, language: str) -> str:
    """The date as it is written in the language."""
    return f"{moment:%d-%m-%Y}" if language == "nl" else f"{moment:%Y-%m-%d}"


def when(moment: datetime, now: datetime, language: str) -> str:
    """Time of day when it was today, else the date with it; an aware time in the zone of `now`."""
    here = local(moment, now.tzinfo)
    return f"{here:%H:%M}" if here.date() == now.date() else f"{day(here, language)} {here:%H:%M}"


def brief(moment: datetime, now: datetime, language: str) -> str:
    """In five cells: the time of day when it was today, else day and month."""
    here = local(moment, now.tzinfo)
    if here.date() == now.date():
        return f"{here:%H:%M}"
    return f"{here:%d-%m}" if language == "nl" else f"{here:%m-%d}"


def short(moment: datetime, now: datetime, language: str) -> str:
    """In ten cells: the time of day when it was today, else the date."""
    here = local(moment, now.tzinfo)
    return f"{here:%H:%M}" if here.date() == now.date() else day(here, language)


def local(moment: datetime, zone: tzinfo | None) -> datetime:
    """An aware time in this zone; a naive one as the server wrote it."""
    return moment if moment.tzinfo is None else moment.astimezone(zone)


def answer(value: Answer | None, language: str) -> str:
    """The short word of an answer, at most four cells; a dash where none was given."""
    return "–" if value is None else say(f"word.answer.{value}", language)


def state(value: StateWord, language: str) -> str:
    """The badge's word, at most seven cells."""
    return say(f"word.state.{value}", language)


def source(value: Source, language: str) -> str:
    """Where a claim comes from."""
    return say(f"word.source.{value}", language)


def release(label: str | None) -> str:
    """A SQL release in at most six cells: `2008 R2` becomes `2008R2`."""
    return "" if label is None else plain(label).replace(" ", "")


def fact(name: str, language: str) -> str:
    """A fact's name; a name we do not know stands for itself."""
    key = f"word.fact.{name}"
    return say(key, language) if has(key) else plain(name).replace("_", " ")


def value(name: str, held: FactValue, language: str) -> str:
    """A claim's value as a person reads it: flags as words, bytes with a unit, times without the T."""
    if isinstance(held, bool):
        return say("word.flag.yes" if held else "word.flag.no", language)
    if isinstance(held, int):
        return size(held, language) if name in _SIZES else str(held)
    if name == "family":
        key = f"word.family.{held}"
        return say(key, language) if has(key) else plain(held)
    if name == "backup_type":
        key = f"word.backup.{held}"
        return say(key, language) if has(key) else plain(held)
    if name == "looked" and has(key := f"word.looked.{held}"):
        return say(key, language)
    if name == "look_problem":
        key = f"word.look.{held}"
        return say(key, language) if has(key) else say("word.look.other", language, key=plain(held))
    if name in _AMOUNTS or name in _MONEYED:
        return money_in(plain(held), language)
    if name in _MOMENTS:
        return iso(held, language)
    return plain(held)


def money(value: Decimal, language: str) -> str:
    """With two decimals and its thousands apart: `1,234.50`, `1.234,50`."""
    number = f"{value:,.2f}"
    return number.translate(str.maketrans(",.", ".,")) if language == "nl" else number


def money_in(text: str, language: str) -> str:
    """A text whose end is an amount, in brackets or not, with the amount as it is written in the language."""
    return _ENDING.sub(lambda found: money(Decimal(found[0]), language), text)


def iso(text: str, language: str) -> str:
    """An ISO date or time as it is written in the language; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return plain(text)
    return day(moment, language) if "T" not in text else f"{day(moment, language)} {moment:%H:%M:%S}"


def told(claim: Claim, language: str) -> str:
    """The source of a claim, with who told it and whether it is only a conclusion."""
    words = source(claim.source, language)
    if claim.source is Source.OPERATOR and claim.by:
        words = f"{words} {plain(claim.by)}"
    return f"{words}, {say('word.inferred', language)}" if claim.inferred else words


def sentence(reason: Reason, language: str, prefix: str = "rule") -> str:
    """The sentence of a reason; its number where the catalogue has no sentence."""
    keys = [f"{prefix}.{reason.rule}.{reason.variant}", f"{prefix}.{reason.variant}", f"{prefix}.{reason.rule}"]
    if not reason.variant:
        keys = keys[2:]
    key = next((each for each in keys if has(each)), None)
    if key is None:
        return say("word.rule", language, rule=reason.rule)
    return plain(say(key, language, **_worded(reason.params, language)))


def problem(finding: Finding, language: str) -> str:
    """The sentence of something the reader noticed."""
    key = f"problem.{finding.code}"
    return plain(say(key, language, **_worded(finding.detail, language))) if has(key) else plain(finding.code)


def kind(name: str, language: str) -> str:
    """What a file is, as a person says it."""
    key = f"word.kind.{name}"
    return say(key, language) if has(key) else plain(name)


def _worded(params: Mapping[str, str | int], language: str) -> dict[str, str | int]:
    """Parameters of a sentence: a kind of file, a state, money and the checks of a ledger in its own language."""
    words = dict(params)
    if "kind" in params:
        words["kind"] = kind(str(params["kind"]), language)
    if has(key := f"word.state.{params.get('state')}"):
        words["state"] = say(key, language)
    for name in ("named", "inside"):
        if isinstance(held := params.get(name), str) and _DAY.fullmatch(held):
            words[name] = iso(held, language)
    for name in ("amount", "example"):
        if isinstance(held := params.get(name), str):
            words[name] = money_in(held, language)
    if isinstance(checks := params.get("checks"), str):
        words["checks"] = ", ".join(say(f"word.ledger-check.{each}", language) for each in checks.split(", "))
    return words
