"""The two spellings of an entry file down to plain text fields, and the fields down to values. Hostile until read."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from core.errors import UsageError

Table = tuple[str, dict[str, str], list[tuple[str, Mapping[str, str]]]]
"""Where it stands, the fields of the entry, and its lines with where each stands."""

LINE = ("account", "debit", "credit", "amount", "description", "cost_centre", "cost_unit")
HEAD = ("journal", "year", "period", "date", "description", "number")
CSV_HEAD = {key: "entry_description" if key == "description" else key for key in HEAD}
"""In a CSV file the entry's own description has a column of its own; `description` is the line's."""
DUTCH = {
    "boeking": "entry",
    "regel": "line",
    "dagboek": "journal",
    "boekjaar": "year",
    "periode": "period",
    "datum": "date",
    "boekstuknummer": "number",
    "boekingsomschrijving": "entry_description",
    "grootboekrekening": "account",
    "rekening": "account",
    "omschrijving": "description",
    "bedrag": "amount",
    "debet": "debit",
    "kostenplaats": "cost_centre",
    "kostendrager": "cost_unit",
}

_LONGEST = 1_000
"""Characters in a line of the file."""
_DESCRIPTION = 60
"""Globe's `oms25 varchar(60)`."""
_MOST = Decimal(10) ** 12
"""Below it a float holds every cent."""
_AMOUNT = re.compile(
    r"(?P<sign>[+-]?) ?(?:(?P<plain>[0-9]+(?:[.,][0-9]{1,6})?)"
    r"|(?P<points>[0-9]{1,3}(?:(?:\.[0-9]{3})+,[0-9]{1,6}|(?:\.[0-9]{3}){2,}))"
    r"|(?P<commas>[0-9]{1,3}(?:(?:,[0-9]{3})+\.[0-9]{1,6}|(?:,[0-9]{3}){2,})))"
)
"""A lone comma or point divides the cents, whatever stands behind it: `1.250` is never a thousand."""
_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ._/&+-]*[0-9A-Za-z._/&+-])?")
_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_DUTCH_DAY = re.compile(r"(?P<day>[0-9]{1,2})-(?P<month>[0-9]{1,2})-(?P<year>[0-9]{4})")

# Possessive: a string that is not closed takes its line with it, in one go.
_NOT_KEYS = re.compile(
    r"(?P<long>\"\"\"|\'\'\')|#[^\n]*+|\"(?:[^\"\\\n]|\\.)*+\\?+(?:\"|$)|\'[^\'\n]*+(?:\'|$)|[ \t]++", re.MULTILINE
)
_DEEP_KEY = re.compile(r"(?<![\w-])(?:[\w-]{0,40}\.){4}")
"""tomllib takes quadratic time for a key of many parts; an entry file has at most two."""


def shown(text: str) -> str:
    """A stranger's text for a message: short, and nothing that a terminal obeys."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:60])


def toml_tables(text: str, name: str) -> Iterator[Table]:
    """Each entry of a TOML file, in order. Raises UsageError."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST:
            raise UsageError("entry-line-long", place=f"{name}:{number}", most=_LONGEST)
    # A string over many lines, which nobody needs for sixty characters, would take quadratic time to skip.
    keys = _NOT_KEYS.sub(lambda found: "\0" if found["long"] else "", text)
    if "\0" in keys:
        raise UsageError("entry-syntax", place=name, reason="NUL, \"\"\" or '''")
    if _DEEP_KEY.search(keys):
        raise UsageError("entry-deep", place=name)
    try:
        # Numbers stay text until they are read with the same bounds as those of a CSV file.
        told = tomllib.loads(text, parse_float=lambda number: number.replace("_", ""))
    except RecursionError as problem:
        raise UsageError("entry-deep", place=name) from problem
    except ValueError as problem:
        raise UsageError("entry-syntax", place=name, reason=shown(str(problem))) from problem
    for place, entry in _children(f"{name}:", told, "entry", ()):
        lines = list(_children(f"{place}.", entry, "line", HEAD))
        yield place, _texts(place, entry, HEAD, "line"), [(at, _texts(at, line, LINE, "")) for at, line in lines]


def _children(
    place: str, table: Mapping[str, Any], what: str, others: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The tables of the array `what`, each with its place; whatever is neither that nor one of `others` is refused."""
    found: list[Any] = []
    parent = place.rstrip(".:")
    for key, value in table.items():
        if _name(parent, key, (what, *others)) != what:
            continue
        if not isinstance(value, list):
            raise UsageError("entry-kind", place=parent, field=shown(key))
        found += value
    for number, each in enumerate(found, 1):
        here = f"{place}{what}[{number}]"
        if not isinstance(each, dict):
            raise UsageError("entry-kind", place=here, field=what)
        yield here, each


def _texts(place: str, table: Mapping[str, Any], allowed: tuple[str, ...], skip: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in table.items():
        name = _name(place, key, (*allowed, skip))
        if name == skip:
            continue
        if name in texts:
            raise UsageError("entry-twice", place=place, field=name)
        if isinstance(value, bool) or not isinstance(value, str | int | date) or isinstance(value, datetime):
            raise UsageError("entry-kind", place=place, field=name)
        texts[name] = str(value).strip()
    return texts


def csv_rows(text: str, name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of a CSV file by its columns' names, empty rows left out. Raises UsageError."""
    first, skipped = re.split(r"[\r\n]", text, maxsplit=1)[0], 0
    stated = re.fullmatch(r"sep=(.)", first.strip())
    if stated:
        # A spreadsheet's own first line.
        skipped, text = 1, text[len(first) :].lstrip("\r\n")
    delimiter = stated[1] if stated else max(";,\t", key=first.count)
    # Not through universal newlines: an old spreadsheet ends its lines with a bare CR.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] = []
    try:
        for row in reader:
            place = f"{name}:{reader.line_num + skipped}"
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if not names:
                names = _columns(place, cells)
                continue
            if len(cells) > len(names) and any(cells[len(names) :]):
                raise UsageError("entry-cells", place=place, found=len(cells), expected=len(names))
            yield place, dict(zip(names, cells, strict=False))
    except csv.Error as problem:
        place = f"{name}:{reader.line_num + skipped}"
        raise UsageError("entry-syntax", place=place, reason=shown(str(problem))) from problem


def _columns(place: str, cells: list[str]) -> list[str]:
    allowed = ("entry", *CSV_HEAD.values(), *LINE)
    # A column without a name, at the end of each row of many a spreadsheet, is nobody's.
    names = [_name(place, cell, allowed) if cell else "" for cell in cells]
    for name in names:
        if name and names.count(name) > 1:
            raise UsageError("entry-twice", place=place, field=name)
    for name in ("journal", "year", "period", "date", "account"):
        if name not in names:
            raise UsageError("entry-column", place=place, field=name)
    if not {"amount", "debit", "credit"} & {*names}:
        raise UsageError("entry-column", place=place, field="amount")
    return names


def _name(place: str, key: str, allowed: tuple[str, ...]) -> str:
    """The English name of a key or column."""
    name = re.sub(r"[ -]+", "_", key.strip().casefold())
    name = DUTCH.get(name, name)
    if name in allowed:
        return name
    nearest = get_close_matches(name[:60], [each for each in allowed if each], 1, 0.0)[0]
    raise UsageError("entry-field", place=place, field=shown(key), nearest=nearest)


def _required(place: str, table: Mapping[str, str], key: str) -> str:
    text = table.get(key, "")
    if not text:
        raise UsageError("entry-missing", place=place, field=key)
    return text


def code(place: str, table: Mapping[str, str], key: str, width: int, *, required: bool = True) -> str:
    """A code of Globe, without the blanks that align it."""
    text = _required(place, table, key) if required else table.get(key, "")
    if text and (len(text) > width or not _CODE.fullmatch(text)):
        raise UsageError("entry-code", place=place, field=key, value=shown(text), most=width)
    return text


def whole(place: str, table: Mapping[str, str], key: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    text = _required(place, table, key)
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise UsageError("entry-whole", place=place, field=key, value=shown(text), least=least, most=most)
    return int(text)


def day(place: str, table: Mapping[str, str]) -> date:
    """A date: 2024-12-31, or 31-12-2024."""
    text = _required(place, table, "date")
    found = _DAY.fullmatch(text) or _DUTCH_DAY.fullmatch(text)
    if found:
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            pass
    raise UsageError("entry-date", place=place, value=shown(text))


def amount(place: str, table: Mapping[str, str]) -> Decimal:
    """Debit less credit, or the amount with its sign."""
    stated = [key for key in ("amount", "debit", "credit") if table.get(key)]
    if not stated:
        raise UsageError("entry-missing", place=place, field="amount")
    values = {key: _number(place, key, table[key]) for key in stated}
    if sum(value != 0 for value in values.values()) > 1 or ("amount" in values and len(values) > 1):
        raise UsageError("entry-sides", place=place)
    if "amount" in values:
        return values["amount"]
    # A zero on the other side takes no part: subtracting it could change how many decimals are seen.
    if values.get("debit"):
        return values["debit"]
    return -values["credit"] if values.get("credit") else Decimal(0)


def _number(place: str, key: str, text: str) -> Decimal:
    found = _AMOUNT.fullmatch(text) if len(text) <= 40 else None
    if found is not None:
        digits = found["plain"] or found["points"] or found["commas"]
        if not found["plain"]:
            digits = digits.replace("." if found["points"] else ",", "")
        value = Decimal(found["sign"] + digits.replace(",", "."))
        if abs(value) < _MOST:
            return value
    raise UsageError("entry-amount", place=place, field=key, value=shown(text))


def description(place: str, table: Mapping[str, str]) -> str:
    """A description as Globe can keep it: 60 signs of Windows-1252, and nothing that a spreadsheet would run."""
    text = table.get("description", "")
    if len(text) > _DESCRIPTION:
        raise UsageError("entry-long", place=place, found=len(text), most=_DESCRIPTION)
    if text.startswith(("=", "@")):
        raise UsageError("entry-formula", place=place, value=shown(text))
    for sign in text:
        if unicodedata.category(sign)[0] == "C" or not _storable(sign):
            raise UsageError("entry-sign", place=place, code=f"U+{ord(sign):04X}")
    return text


def _storable(sign: str) -> bool:
    try:
        return bool(sign.encode("cp1252"))
    except UnicodeEncodeError:
        return False
