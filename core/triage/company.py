"""Whose an administration is, who works in it, and what it is wired to: claims from its small tables.

Tables and columns: facts.md section 3.2. Each function takes what it asks for and says nothing of what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from core.errors import BadFormat, LimitExceeded
from core.formats.inside.tally import Rows, is_set, list_of, tidy
from core.model import Claim, FactValue, Source
from core.triage.evidence import padded
from core.triage.package import claimed

SHOWN = 5
"""Examples of one kind of thing."""
MOST_LOGINS = 500
"""Claims of active logins; beyond that nobody can be said to be missing."""
_MOST_ROWS = 100_000
"""Rows of a small table; of a larger one nothing is said."""
_LONGEST = 200
"""Characters of a text from a stranger's database."""
_RELEASE = {
    "batchlevel": "batch_level", "versionmajor": "version_major", "versionminor": "version_minor",
    "revision": "revision", "build": "build",
}  # fmt: skip
_TEXTS = {
    "bedrnm": "company_name", "kvk_nummer": "company_number", "btw_nummer": "vat_number", "landcode": "country",
    "valcode": "currency",
}  # fmt: skip
_TRACES = (("licenseusersnapshot", "licnumber"), ("licenseuserlog", "licnumber"))
"""Logs that hold licence numbers; where the licence itself is, is not known (facts.md section 9). They may be long."""


class Reader(Protocol):
    """A database as plain columns; names in small letters. What is not there has no columns and no rows."""

    def columns(self, table: str) -> frozenset[str]:
        """Names of its columns; empty: there is no such table."""

    def rows(self, table: str) -> int | None:
        """How many, without reading them; None: there is no such table."""

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Rows]:
        """Batches of those of these columns that are there. Raises BadFormat when not all could be read."""

    def large_bytes(self) -> int | None:
        """Bytes of values kept outside the rows; None: not known."""


def company(reader: Reader) -> list[Claim]:
    """`bedryf`. Several companies: which one this administration is, is not said here."""
    rows = _rows(reader, "bedryf", ("bedrnr", *_TEXTS, *_RELEASE))
    if len(rows) != 1:
        return claimed(Source.PAGES, {"companies": len(rows) or None})
    row = rows[0]
    facts: dict[str, FactValue | None] = {fact: text(row.get(name)) for name, fact in _TEXTS.items()}
    facts["administration_number"] = padded(text(row.get("bedrnr")))
    facts |= {fact: _whole(row.get(name)) for name, fact in _RELEASE.items()}
    return claimed(Source.PAGES, facts)


def people(reader: Reader) -> list[Claim]:
    """`humres`: who can work in it. Active: `emp_stat` A, not blocked, and a login (facts.md section 3.2)."""
    if not {"usr_id", "emp_stat"} <= reader.columns("humres"):
        return []
    rows = _rows(reader, "humres", ("res_id", "usr_id", "emp_stat", "blocked", "backofficeblocked"))
    active = [row for row in rows if _can_work(row)]
    logins = sorted({text(row.get("usr_id")) for row in active}, key=str.casefold)
    facts: dict[str, FactValue | None] = {"users_active": len(active)}
    if {"empid"} <= reader.columns("hrroles") and "res_id" in reader.columns("humres"):
        granted = {tidy(row["empid"]) for row in _rows(reader, "hrroles", ("empid",))}
        facts["users_with_roles"] = sum(tidy(row.get("res_id")) in granted for row in active)
    if len(logins) > MOST_LOGINS:
        facts["logins_cut"] = True
    named = [Claim("login", login, Source.PAGES) for login in logins[:MOST_LOGINS]]
    return [*claimed(Source.PAGES, facts), *named]


def licences(reader: Reader) -> list[Claim]:
    """Numbers that stand in licence logs; the licence itself only of a practice administration, whose place is ours."""
    found: list[Claim] = []
    if {"licnumber", "active"} <= reader.columns("practicelicence"):
        rows = _rows(reader, "practicelicence", ("licnumber", "active"))
        numbers = sorted({text(row["licnumber"]) for row in rows if is_set(row["active"])} - {""})
        found += [Claim("licence", number, Source.PAGES) for number in numbers[:SHOWN]]
    traces: set[str] = set()
    for table, column in _TRACES:
        if column in reader.columns(table):
            for batch in reader.read(table, (column,)):
                traces |= set(map(text, set(list_of(batch[column])))) - {""}
            if len(traces) > MOST_LOGINS:
                raise LimitExceeded("inside-many-rows", table=table, most=MOST_LOGINS)
    return [*found, *(Claim("licence_trace", number, Source.PAGES) for number in sorted(traces))]


def wired(reader: Reader) -> list[Claim]:
    """`IntegrationServers`: a copy that is opened may talk to the client's live systems (facts.md section 6)."""
    found: list[Claim] = []
    wanted = ("endpoint", "listenerendpoint", "instancename", "provider", "id")
    if reader.columns("integrationservers").isdisjoint(wanted):
        found += claimed(Source.PAGES, {"integrations": reader.rows("integrationservers")})
    else:
        rows = _rows(reader, "integrationservers", wanted)
        named = dict.fromkeys(filter(None, (_address(row) for row in rows)))
        found += claimed(Source.PAGES, {"integrations": len(rows)})
        found += [Claim("integration", each, Source.PAGES) for each in list(named)[:SHOWN]]
    settings = reader.rows("bacosettings")
    facts: dict[str, FactValue | None] = {"settings_rows": settings}
    if "stringvalue" in reader.columns("bacosettings"):
        rows = _rows(reader, "bacosettings", ("stringvalue",))
        facts["settings_addresses"] = sum(_is_address(text(row["stringvalue"])) for row in rows)
    return [*found, *claimed(Source.PAGES, facts)]


def sizes(reader: Reader) -> list[Claim]:
    """How many of what, by the catalog's own count, and how large what lies outside the rows is."""
    facts: dict[str, FactValue | None] = {
        "entry_headers": reader.rows("amutak"),
        "header_lines": reader.rows("amutas"),
        "open_items": reader.rows("banktransactions"),
        "attachment_bytes": reader.large_bytes(),
    }
    return claimed(Source.PAGES, facts)


def vat(reader: Reader) -> list[Claim]:
    """`btwtrs`: the VAT codes by their number, the first ones with percentage and name."""
    if "btwtrans" not in reader.columns("btwtrs"):
        return claimed(Source.PAGES, {"vat_codes": reader.rows("btwtrs")})
    rows = _rows(reader, "btwtrs", ("btwtrans", "btwper", "oms30_0"))
    said = sorted(f"{text(row['btwtrans'])}{_percent(row.get('btwper'))} {text(row.get('oms30_0'))}" for row in rows)
    shown = [Claim("vat_code", text(each), Source.PAGES) for each in said[:SHOWN] if each.strip()]
    return [*claimed(Source.PAGES, {"vat_codes": len(rows)}), *shown]


def unread(table: str, problem: Exception) -> Claim:
    """That a table tells nothing: there is more in it than is looked through, or it cannot be read whole.

    A bound of ours is no damage; a value that cannot be one of its column is.
    """
    named = str(problem.params.get("table", table)) if isinstance(problem, BadFormat) else table
    return Claim("too_large" if isinstance(problem, LimitExceeded) else "damaged_table", named, Source.PAGES)


def text(value: object) -> str:
    """A text from a stranger's database, its blanks and all that is too much of it taken away."""
    return "" if value is None else str(value).strip()[:_LONGEST].strip()


def _rows(reader: Reader, table: str, columns: Sequence[str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for batch in reader.read(table, columns):
        names = list(batch)
        found += [dict(zip(names, row, strict=True)) for row in zip(*map(list_of, batch.values()), strict=True)]
        if len(found) > _MOST_ROWS:
            raise LimitExceeded("inside-many-rows", table=table, most=_MOST_ROWS)
    return found


def _can_work(row: dict[str, object]) -> bool:
    closed = any(is_set(row.get(name)) for name in ("blocked", "backofficeblocked"))
    return tidy(row.get("emp_stat")) == "a" and bool(text(row.get("usr_id"))) and not closed


def _whole(value: object) -> int | None:
    try:
        return int(tidy(value))
    except ValueError:
        return None


def _percent(value: object) -> str:
    return f" {value:g} %" if isinstance(value, int | float) else ""


def _is_address(value: str) -> bool:
    return value.casefold().startswith(("http://", "https://", "net.tcp://", "net.msmq://"))


def _address(row: dict[str, object]) -> str:
    """Where it would talk to, without the name and password that an address may hold; else what it is called."""
    for name in ("endpoint", "listenerendpoint"):
        value = text(row.get(name))
        if value:
            try:
                parts = urlsplit(value)
            except ValueError:
                return value.partition("@")[2] or value
            host = parts.netloc.rpartition("@")[2]
            return parts._replace(netloc=host, query="", fragment="").geturl()
    return text(row.get("instancename")) or text(row.get("provider"))
