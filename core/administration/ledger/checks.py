"""What does not look right in a ledger: shown before it goes back, never a reason to refuse (facts.md section 5).

Asked only of tables and columns that are there; what cannot be asked is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.administration import catalog
from core.administration.ledger.lines import Lines, ledger_lines, plain

FINDINGS = (
    "ledger-unbalanced",
    "entry-unbalanced",
    "entry-number-missing",
    "entry-number-twice",
    "account-unknown",
    "account-blocked",
    "journal-unknown",
    "period-unknown",
    "cost-centre-unknown",
    "cost-unit-unknown",
    "suspense-open",
)
"""Everything that can be found."""
TOLERANCE = 0.005
"""Amounts are floats: half a cent."""
SUSPENSE = "T"
"""`grtbk.omzrek` of an account that should be zero."""


class Finding(NamedTuple):
    """One kind of thing, how often, and where for instance."""

    code: str
    times: int
    """Of lines; of entries for those that name entries, of accounts for `suspense-open`."""
    example: str


def findings(connection: sa.Connection, check: Callable[[], None] = lambda: None) -> tuple[Finding, ...]:
    """Everything that was found, in the order of FINDINGS. `check` is called between small pieces of work."""
    lines, _ = ledger_lines(connection)
    if lines is None:
        return ()
    found: dict[str, tuple[int, str]] = {}
    asked = (_balance, _entries, _numbers, _accounts, _journals, _periods, _centres)
    for ask in asked:
        check()
        for code, count, example in ask(connection, lines):
            before, first = found.get(code, (0, example))
            found[code] = (before + count, first)
    return tuple(Finding(code, *found[code]) for code in FINDINGS if code in found)


def code_of(value: object) -> str:
    """A code without the blanks of its width: `dagbk` and `gbkmut` are not equally wide (facts.md section 3.1)."""
    return str("" if value is None else value).strip().casefold()


def _grouped(
    connection: sa.Connection, lines: Lines, *columns: str, amounts: bool = False
) -> Iterator[tuple[tuple[Any, ...], int, float]]:
    """Values of these columns, how many lines have them, and what these come to."""
    group = [plain(lines.table.c[name]) for name in columns]
    total = sa.func.sum(lines.table.c.bdr_hfl) if amounts else sa.literal_column("0")
    query = lines.select(*group, sa.func.count(), total).group_by(*group)
    for found in connection.execute(query):
        *values, times, amount = found
        yield tuple(values), times, amount or 0.0


def _master(connection: sa.Connection, name: str, *columns: str) -> list[tuple[Any, ...]] | None:
    shape = catalog.shape(catalog.shapes(connection), name)
    table = None if shape is None else shape.table
    if table is None or any(column not in table.c for column in columns):
        return None
    return [tuple(row) for row in connection.execute(sa.select(*(table.c[column] for column in columns)))]


def _balance(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    for times, debit, credit in connection.execute(lines.select(sa.func.count(), lines.debit, lines.credit)):
        cents = (debit or 0) + (credit or 0)
        if cents:
            yield Finding("ledger-unbalanced", times, f"{cents / 100:.2f}")


def _entries(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    """By the guid that ties an entry's lines; lines without one by year, journal and number."""
    number = ("bkjrcode", "dagbknr", "bkstnr")
    if not lines.has(*number):
        return
    columns = lines.table.c
    off = sa.func.abs(sa.func.sum(columns.bdr_hfl)) > TOLERANCE
    shown = sa.func.min(columns.bkstnr)
    tied = columns.entryguid.is_not(None) if lines.has("entryguid") else sa.false()
    if lines.has("entryguid"):
        guided = lines.select(shown).where(tied).group_by(columns.entryguid).having(off)
        yield from _each(connection, guided, "entry-unbalanced")
    loose = lines.select(shown).where(sa.not_(tied)).group_by(*(plain(columns[name]) for name in number)).having(off)
    yield from _each(connection, loose, "entry-unbalanced")


def _numbers(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    if not lines.has("bkjrcode", "dagbknr", "bkstnr", "entryguid"):
        return
    columns = lines.table.c
    given = sa.func.ltrim(columns.bkstnr) != ""
    none = lines.select(columns.dagbknr).where(sa.or_(columns.bkstnr.is_(None), sa.not_(given)))
    yield from _each(connection, none, "entry-number-missing")
    twice = (
        lines.select(sa.func.min(columns.bkstnr))
        .where(given)
        .group_by(*(plain(columns[name]) for name in ("bkjrcode", "dagbknr", "bkstnr")))
        .having(sa.func.count(columns.entryguid.distinct()) > 1)
    )
    yield from _each(connection, twice, "entry-number-twice")


def _each(connection: sa.Connection, query: sa.Select[*tuple[Any, ...]], code: str) -> Iterable[Finding]:
    for (example,) in connection.execute(query):
        yield Finding(code, 1, str("" if example is None else example).strip())


def _accounts(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    master = _master(connection, "grtbk", "reknr")
    if master is None or not lines.has("reknr"):
        return
    known = {code_of(row[0]) for row in master}
    blocked = {code_of(row[0]) for row in _master(connection, "grtbk", "reknr", "blokkeer") or () if row[1]}
    suspense = {
        code_of(row[0])
        for row in _master(connection, "grtbk", "reknr", "omzrek") or ()
        if code_of(row[1]) == SUSPENSE.casefold()
    }
    for (value,), count, total in _grouped(connection, lines, "reknr", amounts=True):
        account = code_of(value)
        if account not in known:
            yield Finding("account-unknown", count, account)
        if account in blocked:
            yield Finding("account-blocked", count, account)
        if account in suspense and abs(total) > TOLERANCE:
            yield Finding("suspense-open", 1, account)


def _journals(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    return _unknown(connection, lines, ("dagbk", "dagbknr"), "journal-unknown")


def _centres(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    """A line without one is no finding."""
    yield from _unknown(connection, lines, ("kstpl", "kstplcode"), "cost-centre-unknown")
    yield from _unknown(connection, lines, ("kstdr", "kstdrcode"), "cost-unit-unknown")


def _unknown(connection: sa.Connection, lines: Lines, master: tuple[str, str], finding: str) -> Iterable[Finding]:
    table, column = master
    rows = _master(connection, table, column)
    if rows is None or not lines.has(column):
        return
    known = {code_of(row[0]) for row in rows}
    for (value,), count, _ in _grouped(connection, lines, column):
        found = code_of(value)
        if found not in known and (found or finding == "journal-unknown"):
            yield Finding(finding, count, found)


def _periods(connection: sa.Connection, lines: Lines) -> Iterable[Finding]:
    rows = _master(connection, "perdat", "bkjrcode", "per_fin")
    if rows is None or not lines.has("bkjrcode", "periode"):
        return
    known = {(code_of(year), code_of(period)) for year, period in rows}
    for (year, period), count, _ in _grouped(connection, lines, "bkjrcode", "periode"):
        if (code_of(year), code_of(period)) not in known:
            yield Finding("period-unknown", count, f"{code_of(year)}-{code_of(period)}")
