"""What the ledger refers to: accounts, journals and the calendar, each of them only where it can be read whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from core.errors import BadFormat
from core.formats.inside.tally import Coder, Codes, is_set, list_of, tidy
from core.model import Claim, Source
from core.triage.company import Reader, text, unread
from core.triage.package import claimed

REFERS = (
    # ledger column, master table, its column, fact
    ("dagbknr", "dagbk", "dagbknr", "unknown_journal"),
    ("kstplcode", "kstpl", "kstplcode", "unknown_cost_centre"),
    ("kstdrcode", "kstdr", "kstdrcode", "unknown_cost_unit"),
)
"""What the ledger refers to by code (facts.md section 3.2). A line has no cost centre, or unit, where it is blank."""
MOST_NAMES = 1_000_000
"""Different codes of one kind."""


@dataclass(slots=True)
class Masters:
    """What the ledger refers to. None: the table is not there, lacks the columns, or could not be read whole."""

    accounts: Coder
    known_accounts: int | None = None
    """Accounts with a smaller code have a master row."""
    blocked: Codes | None = None
    suspense: Codes | None = None
    debtors: Codes | None = None
    creditors: Codes | None = None
    control: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Debtors and creditors together."""
    codes: dict[str, frozenset[str]] = field(default_factory=dict)
    """Ledger column -> the codes that its master table knows, for those that can be read whole."""
    periods: frozenset[tuple[str, str]] | None = None
    unread: list[Claim] = field(default_factory=list)
    """Which of them tell nothing, and why."""


def read_masters(reader: Reader) -> Masters:
    """All of them; what is damaged is noted and stays unknown."""
    masters = Masters(Coder(MOST_NAMES))
    parts = {"grtbk": _read_accounts, "perdat": _read_periods}
    parts |= {table: partial(_read_codes, table, own, column) for column, table, own, _ in REFERS}
    for table, read in parts.items():
        try:
            read(reader, masters)
        except BadFormat as error:
            masters.unread.append(unread(table, error))
    return masters


def _read_accounts(reader: Reader, masters: Masters) -> None:
    columns = reader.columns("grtbk")
    if "reknr" not in columns:
        return
    blocked: list[str] = []
    kinds: dict[str, list[str]] = {"t": [], "d": [], "c": []}
    for batch in reader.read("grtbk", ("reknr", "blokkeer", "omzrek")):
        masters.accounts.of(batch["reknr"])
        names = [tidy(value) for value in list_of(batch["reknr"])]
        if "blokkeer" in batch:
            blocked += [name for name, shut in zip(names, list_of(batch["blokkeer"]), strict=True) if is_set(shut)]
        if "omzrek" in batch:
            for name, subtype in zip(names, list_of(batch["omzrek"]), strict=True):
                kinds.setdefault(tidy(subtype), []).append(name)
    masters.known_accounts = len(masters.accounts)
    if "blokkeer" in columns:
        masters.blocked = masters.accounts.codes(blocked)
    if "omzrek" in columns:
        masters.suspense, masters.debtors, masters.creditors = (masters.accounts.codes(kinds[each]) for each in "tdc")
        masters.control = np.concatenate([masters.debtors, masters.creditors])


def _read_codes(table: str, own: str, column: str, reader: Reader, masters: Masters) -> None:
    if own in reader.columns(table):
        found = [tidy(each) for batch in reader.read(table, (own,)) for each in list_of(batch[own])]
        masters.codes[column] = frozenset(found)


def _read_periods(reader: Reader, masters: Masters) -> None:
    masters.periods = _pairs(reader, "perdat", "bkjrcode", "per_fin")


def _pairs(reader: Reader, table: str, first: str, second: str) -> frozenset[tuple[str, str]] | None:
    if not {first, second} <= reader.columns(table):
        return None
    found: set[tuple[str, str]] = set()
    for batch in reader.read(table, (first, second)):
        pairs = zip(list_of(batch[first]), list_of(batch[second]), strict=True)
        found |= {(tidy(one), tidy(other)) for one, other in pairs}
    return frozenset(found)


def calendar(reader: Reader) -> list[Claim]:
    """`perdat`: the financial years and how many periods they have. Which are closed is not said there for certain."""
    known = _pairs(reader, "perdat", "bkjrcode", "per_fin")
    if not known:
        return []
    years = sorted({int(year) for year, _ in known if year.isdecimal()})
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    shown = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return claimed(Source.PAGES, {"financial_years": text(shown) or None, "periods": len(known)})
