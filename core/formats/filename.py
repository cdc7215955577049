"""The file-name convention of Exact Globe back-ups (product update 394 and later).

`Datum-Product update-SQL versie-Administratie naam.ebu`, for example
`20091001-394-SQL2008-Mijn Administratie.ebu` (Exact, DocView 94d5f4c7-ec13-4a24-94d9-6b31ca7f5988).
The name is a proposal that the sender can change: it claims, it proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

SUFFIX = ".ebu"
_LONGEST = 1024
"""Characters; more than any file system allows, less than a hostile container can hold."""


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What a file name claims. None = it does not say."""

    backup_date: date | None = None
    product_update: int | None = None
    service_pack: int | None = None
    sql_release: str | None = None
    """`2008 R2`."""
    administration_name: str | None = None
    by_convention: bool = False
    """All four parts stand where the convention puts them, the date exists, and the suffix is ours."""


_LEFT_OVER = re.compile(
    r"(?:\.(?:part|partial|crdownload|download|filepart|tmp|zip)"  # upload and wrapper suffixes
    r"|\s*\(\d{1,3}\)"  # a browser's or Explorer's copy
    r"|\s+-\s+(?:kopie|copy)(?:\s*\(\d{1,3}\))?"  # Explorer's copy, Dutch and English
    r"|\s+"
    r")$",
    re.IGNORECASE | re.ASCII,
)
_DATE = re.compile(r"\d{8}", re.ASCII)
_UPDATE = re.compile(r"(\d{3})(?:\s?SP\s?(\d{1,2}))?", re.IGNORECASE | re.ASCII)
_SQL = re.compile(r"SQL\s?(\d{4})(\s?R2)?", re.IGNORECASE | re.ASCII)
_OLD_LAST = re.compile(r"(?P<name>.*\S)[\s_-]+(?P<date>\d{8})", re.ASCII | re.DOTALL)
_OLD_FIRST = re.compile(r"(?P<date>\d{8})[\s_-]+(?P<name>\S.*)", re.ASCII | re.DOTALL)
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def parse(name: str) -> ParsedName:
    """Read a file name tolerantly: copies, upload suffixes, `.ebu.zip`, any case, spaces in the SQL part.

    Split at most three times from the left: an administration's name may hold hyphens and digits. Names from
    before product update 394 hold a name and perhaps a date. Any other suffix than `.ebu` is not by convention.
    """
    if len(name) > _LONGEST:
        return ParsedName()
    stem, ours = _stem(re.split(r"[\\/]", name)[-1])
    parts = [part.strip() for part in stem.split("-", 3)]
    if len(parts) == 4 and parts[3]:
        day, update, sql = _day(parts[0]), _UPDATE.fullmatch(parts[1]), _SQL.fullmatch(parts[2])
        if update and sql:
            return ParsedName(
                backup_date=day,
                product_update=int(update[1]),
                service_pack=int(update[2]) if update[2] else None,
                sql_release=f"{sql[1]} R2" if sql[2] else sql[1],
                administration_name=parts[3],
                by_convention=ours and day is not None,
            )
    return _old(stem) if ours else ParsedName()


def compose(
    backup_date: date,
    product_update: int,
    sql_release: str,
    administration_name: str,
    *,
    service_pack: int | None = None,
) -> str:
    """The name by convention. `parse` gives the parts back.

    Characters that Windows forbids in file names, and control characters, become `_`; dots and spaces at the
    ends of the name go: what Globe itself does with them is not known. `SQL2008R2` is written without a space:
    only `SQL2008` is documented. A name that looks like a copy (`Bakker (1)`) reads back without that ending.
    Raises ValueError when nothing is left of a part or a number does not fit.
    """
    safe = _FORBIDDEN.sub("_", administration_name).strip(" .")
    sql = "SQL" + "".join(sql_release.split())
    update = f"{product_update:03d}" + ("" if service_pack is None else f"SP{service_pack}")
    name = f"{backup_date.isoformat().replace('-', '')}-{update}-{sql}-{safe}{SUFFIX}"
    if not (safe and _UPDATE.fullmatch(update) and _SQL.fullmatch(sql)):
        raise ValueError(name)
    return name


def _stem(name: str) -> tuple[str, bool]:
    """The name without suffix and left-overs, and whether its suffix was ours."""
    ours = False
    while True:
        if name.lower().endswith(SUFFIX):
            name, ours = name[: -len(SUFFIX)], True
        elif match := _LEFT_OVER.search(name):
            name = name[: match.start()]
        elif not ours and (dot := name.rfind(".")) > 0 and len(name) - dot <= 5:
            return name[:dot].strip(), False
        else:
            return name.strip(), ours


def _day(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _old(stem: str) -> ParsedName:
    for pattern in (_OLD_LAST, _OLD_FIRST):
        match = pattern.fullmatch(stem)
        if match and (day := _day(match["date"])):
            return ParsedName(backup_date=day, administration_name=match["name"])
    day = _day(stem)
    return ParsedName(backup_date=day, administration_name=None if day else stem or None)
