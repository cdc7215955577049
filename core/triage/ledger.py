"""What the ledger of an administration says of itself, counted column by column: claims, never a judgement.

Ledger lines are those rows of `gbkmut` whose `transtype` is N, C, P or F and that belong to no budget version; amounts
are floats and compared with a tolerance; the lines of an entry share `EntryGuid`, else year, journal and number
(facts.md sections 3.3 and 5). A table or column that is not there leaves what would follow from it unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import numpy as np

from core.errors import BadFormat, LimitExceeded
from core.formats.inside.tally import (
    Amounts,
    Coder,
    Codes,
    Flags,
    Groups,
    Keyed,
    Marks,
    Rows,
    Sums,
    amounts_of,
    guids_of,
    list_of,
    some,
    tidy,
)
from core.model import Claim, FactValue, Source
from core.triage.company import SHOWN, Reader, text, unread
from core.triage.masters import MOST_NAMES, REFERS, Masters, read_masters
from core.triage.package import claimed

TOLERANCE = 0.005
"""Half a cent."""
LEDGER_TYPES = ("N", "C", "P", "F")
"""Normal, balance correction, opening balance correction, fiscal."""
MOST_LINES = 4_000_000
"""Lines whose entries are compared: about 300 MB at the most. Of a larger ledger the entries are not known."""
_PERIODS = 1000
"""Years, and periods of a year, at the most: (year, period) is one number."""
_LINE, _CONTROL, _BANK = 1, 2, 4
_BY_GUID, _BY_NUMBER = 0, 1
_NEEDED = frozenset({"bdr_hfl", "transtype"})
_NUMBER = ("bkjrcode", "dagbknr", "bkstnr")
_CODED = tuple(column for column, *_ in REFERS)
_COLUMNS = ("transtype", "bud_vers", "bdr_hfl", "reknr", "periode", "datum", "syscreated", "entryguid", *_NUMBER,
            *_CODED[1:])  # fmt: skip


@dataclass(slots=True)
class _Ledger:
    """What is gathered on one walk over the lines."""

    columns: frozenset[str]
    lines: int = 0
    total: list[float] = field(default_factory=list)
    accounts: Sums = field(default_factory=Sums)
    codes: dict[str, Coder] = field(default_factory=lambda: {each: Coder(MOST_NAMES) for each in _CODED})
    """Of the columns that refer to a master table by code; how many lines have each: `by_code`."""
    by_code: dict[str, Sums] = field(default_factory=lambda: {each: Sums() for each in _CODED})
    years: Coder = field(default_factory=lambda: Coder(MOST_NAMES))
    periods: Coder = field(default_factory=lambda: Coder(MOST_NAMES))
    by_period: Sums = field(default_factory=Sums)
    numbers: Coder = field(default_factory=lambda: Coder(MOST_NAMES))
    first: str = ""
    last: str = ""
    entered: str = ""
    entries: Keyed | None = None
    """None: which lines belong together is not known."""
    too_many: bool = False
    """For their entries to be compared."""

    def has(self, *columns: str) -> bool:
        """Are these columns there?"""
        return self.columns.issuperset(columns)


def ledger(reader: Reader) -> list[Claim]:
    """Everything about `gbkmut`. Raises BadFormat where it cannot be read whole, ValueError for what is no amount."""
    found = _Ledger(reader.columns("gbkmut"))
    if not found.columns >= _NEEDED:
        return []
    masters = read_masters(reader)
    found.entries = Keyed(MOST_LINES) if found.has("entryguid") or found.has(*_NUMBER) else None
    types, at = Coder(MOST_NAMES), 0
    for batch in reader.read("gbkmut", _COLUMNS):
        codes = types.of(batch["transtype"])
        chosen = np.flatnonzero(_is_ledger(codes, types, batch))
        lines = {name: some(values, chosen) for name, values in batch.items()}
        _take(found, masters, lines, np.isin(codes[chosen], types.codes(("N",))), chosen + at)
        at += len(codes)
    facts: dict[str, FactValue | None] = {
        "ledger_lines": found.lines,
        "trial_balance": money(math.fsum(found.total)),
        "first_booking": found.first[:10] or None,
        "last_booking": found.last[:10] or None,
        "last_entered": found.entered or None,
    }
    claims = [*claimed(Source.PAGES, facts), *_accounts(found, masters), *_missing(found, masters)]
    claims += _entries(reader, found, masters)
    if found.too_many:
        claims.append(Claim("too_large", "gbkmut", Source.PAGES))
    return [*claims, *masters.unread]


def money(amount: float) -> str:
    """An amount with its cents; what rounds to nothing has no sign."""
    return f"{round(amount, 2) + 0.0:.2f}"


def _is_ledger(codes: Codes, types: Coder, batch: Rows) -> Flags:
    real: Flags = np.isin(codes, types.codes(LEDGER_TYPES))
    if "bud_vers" in batch:
        real &= np.array([not tidy(value) for value in list_of(batch["bud_vers"])], dtype=bool)
    return real


def _take(found: _Ledger, masters: Masters, batch: Rows, normal: Flags, places: Codes) -> None:
    """One batch of ledger lines; `places` are their rows in the table."""
    amounts = amounts_of(batch["bdr_hfl"])
    if not np.isfinite(amounts).all():
        raise ValueError("amount")
    found.lines += len(amounts)
    found.total.append(float(amounts.sum()))
    marks: Marks = np.full(len(amounts), _LINE, dtype=np.uint8)
    if "reknr" in batch:
        accounts = masters.accounts.of(batch["reknr"])
        found.accounts.add(accounts, amounts)
        marks[np.isin(accounts, masters.control) & normal] |= _CONTROL
    for name in _CODED:
        if name in batch:
            found.by_code[name].add(found.codes[name].of(batch[name]))
    if "bkjrcode" in batch and "periode" in batch:
        years, periods = found.years.of(batch["bkjrcode"]), found.periods.of(batch["periode"])
        if max(len(found.years), len(found.periods)) > _PERIODS:
            raise LimitExceeded("inside-many-values", most=_PERIODS)
        found.by_period.add(years * _PERIODS + periods)
    booked, entered = _moments(batch, "datum"), _moments(batch, "syscreated")
    found.first = min([each for each in (found.first, *booked) if each], default="")
    found.last, found.entered = max(found.last, *booked), max(found.entered, *entered)
    if found.entries is not None:
        _add_entries(found, batch, amounts, marks, places)


def _add_entries(found: _Ledger, batch: Rows, amounts: Amounts, marks: Marks, places: Codes) -> None:
    rows = len(amounts)
    if "entryguid" in batch:
        high, low, guided = guids_of(batch["entryguid"])
    else:
        high, low, guided = np.zeros(rows, np.uint64), np.zeros(rows, np.uint64), np.zeros(rows, dtype=bool)
    loose = np.flatnonzero(~guided)
    entries, found.entries = found.entries, None
    if entries is None or (len(loose) and not found.has(*_NUMBER)):
        return
    if len(loose):
        years, journals, numbers = (
            coder.of(some(batch[name], loose))
            for coder, name in zip((found.years, found.codes["dagbknr"], found.numbers), _NUMBER, strict=True)
        )
        high[loose] = (years * MOST_NAMES + journals).astype(np.uint64)
        low[loose] = numbers.astype(np.uint64)
    try:
        entries.add(np.where(guided, _BY_GUID, _BY_NUMBER), (high, low), amounts, marks, places)
        found.entries = entries
    except LimitExceeded:
        found.too_many = True


def _accounts(found: _Ledger, masters: Masters) -> Iterator[Claim]:
    counts, totals, names = found.accounts.counts, found.accounts.totals, masters.accounts.names()
    if not found.has("reknr"):
        return
    if masters.known_accounts is not None:
        unknown = np.arange(masters.known_accounts, len(counts))
        yield from _counted("unknown_account", int(counts[unknown].sum()), [names[code] for code in unknown[:SHOWN]])
    if masters.blocked is not None:
        used = _used(masters.blocked, counts)
        yield from _counted("blocked_account", int(counts[used].sum()), [names[code] for code in used[:SHOWN]])
    if masters.suspense is not None:
        used = _used(masters.suspense, counts)
        off = used[np.abs(totals[used]) > TOLERANCE]
        yield Claim("open_suspense", len(off), Source.PAGES)
        for code in off[:SHOWN]:
            said = f"{text(names[code])} ({money(totals[code])})"
            yield Claim("open_suspense_account", said, Source.PAGES)
    for fact, codes in (("debtors_balance", masters.debtors), ("creditors_balance", masters.creditors)):
        if codes is not None and len(codes):
            yield Claim(fact, money(float(totals[_used(codes, counts)].sum())), Source.PAGES)


def _used(codes: Codes, counts: Codes) -> Codes:
    inside = np.unique(codes[codes < len(counts)])
    return np.asarray(inside[counts[inside] > 0])


def _missing(found: _Ledger, masters: Masters) -> Iterator[Claim]:
    for column, _, _, fact in REFERS:
        if found.has(column) and column in masters.codes:
            known = masters.codes[column] if fact == "unknown_journal" else masters.codes[column] | {""}
            wrong = _absent(found.codes[column].names(), found.by_code[column].counts, known)
            yield from _counted(fact, sum(wrong.values()), list(wrong))
    if found.has("bkjrcode", "periode") and masters.periods is not None:
        years, periods, counts = found.years.names(), found.periods.names(), found.by_period.counts
        used = {(years[code // _PERIODS], periods[code % _PERIODS]): int(counts[code])
                for code in np.flatnonzero(counts).tolist()}  # fmt: skip
        off = {f"{year}-{period}": times for (year, period), times in used.items()
               if (year, period) not in masters.periods}  # fmt: skip
        yield from _counted("unknown_period", sum(off.values()), list(off))


def _absent(names: list[str], counts: Codes, known: frozenset[str]) -> dict[str, int]:
    used = {names[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}
    return {name: times for name, times in used.items() if name not in known}


def _counted(fact: str, lines: int, examples: list[str]) -> Iterator[Claim]:
    yield Claim(f"{fact}_lines", lines, Source.PAGES)
    for example in examples[:SHOWN]:
        yield Claim(fact, text(example) or "-", Source.PAGES)


def _entries(reader: Reader, found: _Ledger, masters: Masters) -> Iterator[Claim]:
    entries = found.entries
    if entries is None:
        return
    tied = False
    if len(masters.control) and found.has("entryguid", "reknr"):
        try:
            tied = _add_bank(reader, entries)
        except BadFormat as error:
            masters.unread.append(unread("banktransactions", error))
    groups = entries.groups()
    own = (groups.marks & _LINE) != 0
    off = np.flatnonzero(own & (np.abs(groups.totals) > TOLERANCE))
    yield Claim("ledger_entries", int(own.sum()), Source.PAGES)
    yield Claim("unbalanced_entries", len(off), Source.PAGES)
    lone: Codes = np.zeros(0, dtype=np.int64)
    if tied:
        bare = own & (groups.kinds == _BY_GUID) & ((groups.marks & (_CONTROL | _BANK)) == _CONTROL)
        lone = np.flatnonzero(bare)
        yield Claim("control_unmatched", len(lone), Source.PAGES)
    yield from _examples(reader, groups, off, lone)


def _add_bank(reader: Reader, entries: Keyed) -> bool:
    """Note which entries have open items; False: there are none at all, or nothing ties them to entries.

    That an entry with a line on a control account has its open items is how Globe writes it; repairs of those that
    have none are seen in the wild (facts.md sections 3.3 and 6).
    """
    if "entryguid" not in reader.columns("banktransactions"):
        return False
    tied = False
    for batch in reader.read("banktransactions", ("entryguid",)):
        high, low, there = guids_of(batch["entryguid"])
        high, low = high[there], low[there]
        rows = len(high)
        nothing, last = np.zeros(rows, dtype=np.int64), np.full(rows, np.iinfo(np.int64).max, dtype=np.int64)
        entries.add(nothing, (high, low), nothing.astype(np.float64), np.full(rows, _BANK, dtype=np.uint8), last)
        tied |= rows > 0
    return tied


def _examples(reader: Reader, groups: Groups, off: Codes, lone: Codes) -> Iterator[Claim]:
    """Year, journal and number of the first ones: read again, so that no line's number has to be kept."""
    off = off[np.argsort(groups.first[off], kind="stable")][:SHOWN]
    lone = lone[np.argsort(groups.first[lone], kind="stable")][:SHOWN]
    wanted = dict.fromkeys([*groups.first[off].tolist(), *groups.first[lone].tolist()], "")
    if wanted and reader.columns("gbkmut") & {"bkstnr"}:
        _name_entries(reader, wanted)
    for group in off.tolist():
        said = f"{wanted[int(groups.first[group])]} ({money(groups.totals[group])})"
        yield Claim("unbalanced_entry", said.strip(), Source.PAGES)
    for group in lone.tolist():
        yield Claim("control_entry", wanted[int(groups.first[group])] or "-", Source.PAGES)


def _name_entries(reader: Reader, wanted: dict[int, str]) -> None:
    at, left = 0, len(wanted)
    for batch in reader.read("gbkmut", _NUMBER):
        columns = [batch[name] for name in _NUMBER if name in batch]
        count = len(batch["bkstnr"])
        for place in [each for each in wanted if at <= each < at + count]:
            parts = (tidy(list_of(column[place - at : place - at + 1])[0]) for column in columns)
            wanted[place] = text(" ".join(filter(None, parts)))
            left -= 1
        at += count
        if not left:
            return


def _moments(batch: Rows, name: str) -> tuple[str, str]:
    """The earliest and the latest of a column as ISO text; empty where there is none."""
    moments = [each for each in list_of(batch[name]) if each is not None] if name in batch else []
    if not moments:
        return "", ""
    if len({type(each) for each in moments}) > 1 or not isinstance(moments[0], date):
        texts = [_iso(each) for each in moments]
        return min(texts), max(texts)
    days = cast("list[date]", moments)
    return _iso(min(days)), _iso(max(days))


def _iso(value: object) -> str:
    said = value.isoformat() if isinstance(value, date) else str(value)
    return text(said).replace(" ", "T")[:19]
