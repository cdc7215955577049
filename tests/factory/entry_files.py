"""Entry sets at random, and their spellings: TOML and CSV, English and Dutch, comma and point."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from core.administration.corrections.entries import Entry, EntrySet, Line

YEAR = 2026
"""The open year of a random administration."""
PLAIN = ("500", "1000", "1900", "4300", "8000")
DUTCH = {
    "entry": "Boeking",
    "line": "regel",
    "journal": "Dagboek",
    "year": "boekjaar",
    "period": "Periode",
    "date": "datum",
    "number": "boekstuknummer",
    "entry_description": "Boekingsomschrijving",
    "account": "Grootboekrekening",
    "description": "omschrijving",
    "amount": "bedrag",
    "debit": "Debet",
    "credit": "credit",
    "cost_centre": "Kostenplaats",
    "cost_unit": "kostendrager",
}
_SIGNS = "abcdefgXYZ0123456789 .,;:'\"-+=@&/\\#%!()[]{}\u00e9\u00eb\u00fc\u00df\u20ac\u00a0\u2019"


def good(**changes: object) -> Entry:
    """An entry that fits every random administration."""
    fields: dict[str, object] = {
        "journal": "90", "year": YEAR, "period": 3, "date": date(YEAR, 3, 31), "description": "Correctie huur",
        "lines": (Line("4300", Decimal("125.50"), "Huur"), Line("1900", Decimal("-125.50"), "Huur")),
    }  # fmt: skip
    return Entry(**{**fields, **changes})  # type: ignore[arg-type]


def only(**changes: object) -> EntrySet:
    """An entry set of that one."""
    return EntrySet((good(**changes),))


def lines(*amounts: str, account: str = "4300", **more: str) -> tuple[Line, ...]:
    """Lines of these amounts on one account."""
    return tuple(Line(account, Decimal(each), "Regel", **more) for each in amounts)


def big(count: int, each: int = 5_000) -> EntrySet:
    """This many lines, in entries that balance."""
    pair = lines("0.01", "-0.01")
    entry = good(lines=pair * (each // 2))
    return EntrySet((entry,) * (count // each))


def descriptions() -> st.SearchStrategy[str]:
    return st.text(_SIGNS, min_size=1, max_size=60).map(str.strip).filter(lambda text: text and text[0] not in "=@")


@st.composite
def entry_lines(draw: st.DrawFn) -> tuple[Line, ...]:
    cents = draw(st.lists(st.integers(-(10**11), 10**11).filter(bool), min_size=1, max_size=5))
    if sum(cents) == 0:
        cents.append(1)
    cents.append(-sum(cents))
    dimension = st.sampled_from(("", "", "100", "200"))
    return tuple(
        Line(
            draw(st.sampled_from(PLAIN)),
            Decimal(each) / 100,
            draw(descriptions()),
            draw(dimension),
            draw(st.sampled_from(("", "P1"))),
        )
        for each in cents
    )


@st.composite
def entry_sets(draw: st.DrawFn) -> EntrySet:
    """Entries that balance, in open periods of a random administration."""
    numbers = draw(st.lists(st.just("") | st.integers(1, 9_999).map(str), min_size=1, max_size=3))
    entries = []
    for number in numbers:
        period = draw(st.integers(1, 12))
        entries.append(
            Entry(
                journal="90",
                year=YEAR,
                period=period,
                date=date(YEAR, period, draw(st.integers(1, 28))),
                description=draw(descriptions()),
                lines=draw(entry_lines()),
                number=number if numbers.count(number) == 1 else "",
            )
        )
    return EntrySet(tuple(entries))


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody writes a file."""

    dutch: bool
    comma: bool
    grouped: bool
    """With a sign between the thousands."""
    sides: bool
    """Debit and credit instead of one signed amount."""
    dutch_dates: bool
    delimiter: str
    quoted: bool
    ending: str
    mark: bool
    """A byte order mark in front."""
    blanks: str
    """Around every cell."""

    def name(self, key: str) -> str:
        return DUTCH[key] if self.dutch else key

    def amount(self, value: Decimal) -> str:
        text = f"{value:,.2f}" if self.grouped else f"{value:.2f}"
        return text.translate(str.maketrans(",.", ".,")) if self.comma else text

    def amounts(self, value: Decimal) -> dict[str, str]:
        if not self.sides:
            return {"amount": self.amount(value)}
        empty = "0,00" if self.quoted else ""
        if value > 0:
            return {"debit": self.amount(value), "credit": empty}
        return {"debit": empty, "credit": self.amount(-value)}

    def day(self, value: date) -> str:
        return f"{value.day}-{value.month}-{value.year}" if self.dutch_dates else value.isoformat()


STYLES: st.SearchStrategy[Style] = st.builds(
    Style,
    *([st.booleans()] * 5),
    st.sampled_from(";,\t"),
    st.booleans(),
    st.sampled_from(("\n", "\r\n", "\r")),
    st.booleans(),
    st.sampled_from(("", " ", "\u00a0 ")),
)


def as_csv(entries: EntrySet, style: Style) -> str:
    columns = ["entry", "journal", "year", "period", "date", "number", "entry_description", "account", "description"]
    columns += ["debit", "credit"] if style.sides else ["amount"]
    columns += ["cost_centre", "cost_unit"]
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=style.delimiter,
        lineterminator=style.ending,
        quoting=csv.QUOTE_ALL if style.quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow([style.name(each) for each in columns])
    for place, entry in enumerate(entries.entries, 1):
        for line in entry.lines:
            cells = {
                "entry": f"b{place}", "journal": entry.journal, "year": str(entry.year), "period": str(entry.period),
                "date": style.day(entry.date), "number": entry.number, "entry_description": entry.description,
                "account": line.account, "description": line.description, "cost_centre": line.cost_centre,
                "cost_unit": line.cost_unit, **style.amounts(line.amount),
            }  # fmt: skip
            writer.writerow([style.blanks + cells[each] + style.blanks for each in columns])
    return "\ufeff" * style.mark + out.getvalue()


def as_toml(entries: EntrySet, style: Style) -> str:
    def text(value: str) -> str:
        return json.dumps(style.blanks + value, ensure_ascii=False)

    ending = "\n" if style.ending == "\r" else style.ending
    rows = []
    head, part = style.name("entry").lower(), style.name("line")
    for entry in entries.entries:
        rows.append(f"[[{head}]]  # a comment, with ''' and \"")
        rows.append(f"{style.name('journal')} = {entry.journal}")
        rows.append(f"{style.name('year')} = {entry.year}")
        rows.append(f"{style.name('period')} = {text(str(entry.period))}")
        rows.append(f"{style.name('date')} = {text(style.day(entry.date)) if style.dutch_dates else entry.date}")
        rows.append(f"{style.name('description')} = {text(entry.description)}")
        rows += [f"{style.name('number')} = {entry.number}"] * bool(entry.number)
        for line in entry.lines:
            rows.append(f"[[{head}.{part}]]")
            rows.append(f"{style.name('account')} = {text(line.account)}")
            rows.append(f"{style.name('description')} = {text(line.description)}")
            for key, amount in style.amounts(line.amount).items():
                bare = not (style.comma or style.grouped or not amount or style.quoted)
                rows.append(f"{style.name(key)} = {amount if bare else text(amount)}")
            rows += [f"{style.name('cost_centre')} = {text(line.cost_centre)}"] * bool(line.cost_centre)
            rows.append(f"{style.name('cost_unit')} = {text(line.cost_unit)}")
    return "\ufeff" * style.mark + ending.join(rows) + ending
