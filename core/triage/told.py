"""What an operator may answer to a rule that asks: a fact and its value, read from text."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from core.errors import UsageError
from core.model import FactValue
from core.triage.evidence import padded
from core.triage.releases import Tables

_MULTIPLE = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3, "TB": 1024**4}
_SIZE = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*([KMGT]?B?)", re.IGNORECASE)

Reader = Callable[[str, Tables], FactValue | None]


def read_told(fact: str, text: str, tables: Tables) -> FactValue:
    """The value of `fact` as told in `text`.

    Raises UsageError `told-fact` (`fact`, `nearest`, `known`) where the rules do not ask for it, and `told-value`
    (`fact`, `value`, `form`) where the text is not such a value.
    """
    if fact not in TELLABLE:
        nearest = get_close_matches(fact, TELLABLE, 1, 0.0)[0]
        raise UsageError("told-fact", fact=fact, nearest=nearest, known=", ".join(TELLABLE))
    read, form = TELLABLE[fact]
    value = read(text.strip(), tables)
    if value is None:
        raise UsageError("told-value", fact=fact, value=text, form=form)
    return value


def _release(text: str, tables: Tables) -> str | None:
    release = tables.of_label(text)
    return release.label if release else None


def _update(text: str, tables: Tables) -> int | None:
    del tables
    return int(text) if re.fullmatch(r"[0-9]{3}", text) and int(text) >= 100 else None


def _service_pack(text: str, tables: Tables) -> int | None:
    del tables
    found = re.fullmatch(r"(?:SP)?\s*([0-9]{1,2})", text, re.IGNORECASE)
    return int(found[1]) if found else None


def _bytes(text: str, tables: Tables) -> int | None:
    del tables
    found = _SIZE.fullmatch(text)
    if not found:
        return None
    unit = found[2].upper()
    size = float(found[1].replace(",", ".")) * _MULTIPLE[unit if unit.endswith("B") or not unit else unit + "B"]
    return int(size) or None


def _number(text: str, tables: Tables) -> str | None:
    del tables
    return padded(text)


def _text(text: str, tables: Tables) -> str | None:
    del tables
    return text or None


def _one_of(*words: str) -> Reader:
    def read(text: str, tables: Tables) -> str | None:
        del tables
        return text.casefold() if text.casefold() in words else None

    return read


TELLABLE: dict[str, tuple[Reader, str]] = {
    "sql_release": (_release, "2008 R2"),
    "product_update": (_update, "421"),
    "service_pack": (_service_pack, "7"),
    "family": (_one_of("next", "plus"), "next | plus"),
    "administration_number": (_number, "007"),
    "administration_name": (_text, "Bakkerij Jansen"),
    "backup_type": (_one_of("full", "differential", "log"), "full | differential | log"),
    "data_bytes": (_bytes, "812 MB"),
    "edition": (_one_of("express", "web", "standard", "enterprise", "developer"), "express | standard | ..."),
    "product": (_one_of("globe", "exact-online"), "globe | exact-online"),
}
"""Fact -> how its text is read, and an example of the form."""
