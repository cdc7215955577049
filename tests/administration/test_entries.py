"""Entry files: one meaning in every spelling, a clear refusal for everything else, and bounds for the hostile."""

from __future__ import annotations

import contextlib
import hashlib
from datetime import date
from decimal import Decimal

import pytest
from factory.entry_files import STYLES, Style, as_csv, as_toml, entry_sets, good, lines, only
from hypothesis import example, given
from hypothesis import strategies as st

from core.administration.corrections.entries import MOST_BYTES, MOST_LINES, Entry, EntrySet, Line, decode, parse
from core.errors import UsageError
from core.texts import LANGUAGES, say

CSV = """dagboek;boekjaar;periode;datum;grootboekrekening;omschrijving;debet;credit;kostenplaats
90;2024;12;31-12-2024;4300;Afschrijving inventaris;1.250,00;;100
;;;;0150;Afschrijving inventaris;;1.250,00;
"""
TOML = """
[[entry]]
journal = 90
year = 2024
period = 12
date = 2024-12-31
description = "Afschrijving inventaris"

[[entry.line]]
account = "4300"
debit = 1250.00
cost_centre = "100"

[[entry.line]]
account = "0150"
credit = 1250.00
"""
EXPECTED = Entry(
    "90", 2024, 12, date(2024, 12, 31), "Afschrijving inventaris",
    (
        Line("4300", Decimal(1250), "Afschrijving inventaris", "100"),
        Line("0150", Decimal(-1250), "Afschrijving inventaris"),
    ),
)  # fmt: skip


def refusal(text: str, name: str) -> UsageError:
    with pytest.raises(UsageError) as raised:
        parse(text, name)
    problem = raised.value
    for language in LANGUAGES:
        for part in ("error", "hint"):
            assert "<" not in say(f"{part}.{problem.key}", language, **problem.params).replace("<none>", "")
    return problem


def csv(*rows: str, head: str = "journal;year;period;date;account;description;amount") -> str:
    return "\n".join((head, *rows)) + "\n"


def toml(entry: str = "", line: str = "") -> str:
    """The example with some of its fields written over, or others added."""
    text = TOML
    for block, added in (("[[entry]]", entry), ("[[entry.line]]", line)):
        for row in added.splitlines():
            key = row.partition(" =")[0]
            before, _, after = text.partition(f"{block}\n")
            kept, ends, rest = after.partition("\n\n")
            kept = "\n".join(each for each in kept.splitlines() if not each.startswith(f"{key} ="))
            text = f"{before}{block}\n{row}\n{kept}{ends}{rest}"
    return text


def test_the_examples_of_the_documentation_say_the_same() -> None:
    assert parse(CSV, "correctie.csv") == parse(TOML, "Correctie.TOML") == EntrySet((EXPECTED,))
    assert parse(CSV, "a.csv").digest == parse(TOML, "b.toml").digest


@given(entry_sets(), STYLES)
@example(only(description="''' \"\"\" # \\"), Style(True, True, True, True, True, ";", True, "\n", True, " "))
def test_every_spelling_has_one_meaning(entries: EntrySet, style: Style) -> None:
    for text, name in ((as_csv(entries, style), "a.csv"), (as_toml(entries, style), "a.toml")):
        found = parse(text, name)
        assert found == entries
        assert found.digest == entries.digest
        assert parse(decode(text.encode("utf-8"), name), name) == entries
    assert EntrySet.from_json(entries.to_json()) == entries


@given(entry_sets())
def test_the_digest_is_of_the_content_alone(entries: EntrySet) -> None:
    turned = EntrySet(
        tuple(
            Entry(e.journal, e.year, e.period, e.date, e.description, e.lines[::-1], e.number, "elsewhere")
            for e in entries.entries[::-1]
        )
    )
    assert turned.digest == entries.digest
    assert len(entries.digest) == hashlib.sha256().digest_size * 2


@pytest.mark.parametrize(
    "other",
    [
        good(journal="91"),
        good(year=2025),
        good(period=4),
        good(date=date(2026, 3, 30)),
        good(description="Iets anders"),
        good(number="5"),
        good(lines=(*good().lines, *lines("0.01", "-0.01"))),
        good(lines=lines("125.50", "-125.50")),
        good(lines=lines("125.51", "-125.51")),
    ],
)
def test_another_content_has_another_digest(other: Entry) -> None:
    assert EntrySet((other,)).digest != only().digest
    assert EntrySet((good(),), "O-0001").digest != only().digest


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1250", "1250"),
        ("1250,5", "1250.50"),
        ("1250.50", "1250.50"),
        ("1.250,50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.80"),
        ("-0,01", "-0.01"),
        ("- 12,00", "-12"),
        ("+12,00", "12"),
        ("1.250", "1.25"),  # never a thousand: `check` refuses three decimals
        ("999999999999,99", "999999999999.99"),
    ],
)
def test_amounts(written: str, value: str) -> None:
    by_row = parse(csv(f"90;2024;12;2024-12-31;4300;Huur;{written}"), "a.csv")
    by_key = parse(toml(line=f'amount = "{written}"\ndebit = ""'), "a.toml")
    assert by_row.entries[0].lines[0].amount == by_key.entries[0].lines[0].amount == Decimal(value)


BAD_AMOUNTS = [
    "1e400", "1E2", "nan", "inf", "-inf", "Infinity", "0x10", "=1+2", "=SUM(A1:A9)", "1.250,00 EUR", "€ 5", "1,2,3",
    "1.25.0", "12.", ".5", "--5", "5-", "1 250,00", "1.250.000.50", "9" * 13, "9" * 41, "1" * 5000, "١٢", "twaalf",
    "1_000", "12,0000000",
]  # fmt: skip


@pytest.mark.parametrize("written", BAD_AMOUNTS)
def test_what_is_no_amount(written: str) -> None:
    problem = refusal(csv(f"90;2024;12;2024-12-31;4300;Huur;{written}"), "a.csv")
    assert (problem.key, problem.params["place"], problem.params["field"]) == ("entry-amount", "a.csv:2", "amount")
    if len(written) < 900:
        problem = refusal(toml(line=f'debit = "{written}"'), "a.toml")
        assert (problem.key, problem.params["place"]) == ("entry-amount", "a.toml:entry[1].line[1]")


@pytest.mark.parametrize("literal", ["1e400", "nan", "inf", "-inf", "1.5e3", "9" * 20])
def test_what_toml_calls_a_number_is_not_always_an_amount(literal: str) -> None:
    assert refusal(toml(line=f"debit = {literal}"), "a.toml").key == "entry-amount"


BAD_CELLS = [
    ("90;2024;12;2024-13-01;4300;Huur;1", "entry-date"),
    ("90;2024;12;2023-02-29;4300;Huur;1", "entry-date"),
    ("90;2024;12;31/12/2024;4300;Huur;1", "entry-date"),
    ("90;2024;12;2024-12-31 00:00;4300;Huur;1", "entry-date"),
    ("90;2024;12;;4300;Huur;1", "entry-missing"),
    (";2024;12;2024-12-31;4300;Huur;1", "entry-missing"),
    ("90;2024;12;2024-12-31;;Huur;1", "entry-missing"),
    ("90;2024;12;2024-12-31;4300;;1", "entry-missing"),
    ("90;2024;12;2024-12-31;4300;Huur;", "entry-missing"),
    ("90;24;12;2024-12-31;4300;Huur;1", "entry-whole"),
    ("90;2024,0;12;2024-12-31;4300;Huur;1", "entry-whole"),
    ("90;2024;0;2024-12-31;4300;Huur;1", "entry-whole"),
    ("90;2024;-1;2024-12-31;4300;Huur;1", "entry-whole"),
    ("90;2024;¹;2024-12-31;4300;Huur;1", "entry-whole"),
    ("9000;2024;12;2024-12-31;4300;Huur;1", "entry-code"),
    ("90;2024;12;2024-12-31;1234567890;Huur;1", "entry-code"),
    ("90;2024;12;2024-12-31;=4300;Huur;1", "entry-code"),
    ("90;2024;12;2024-12-31;43' or '1;Huur;1", "entry-code"),
    (f"90;2024;12;2024-12-31;4300;{'x' * 61};1", "entry-long"),
    ("90;2024;12;2024-12-31;4300;=HYPERLINK(0);1", "entry-formula"),
    ("90;2024;12;2024-12-31;4300;@SUM(1);1", "entry-formula"),
    ("90;2024;12;2024-12-31;4300;Huur\x1b[2J;1", "entry-sign"),
    ("90;2024;12;2024-12-31;4300;Huur\x00;1", "entry-sign"),
    ("90;2024;12;2024-12-31;4300;Hu\u202eur;1", "entry-sign"),
    ("90;2024;12;2024-12-31;4300;Hu\tur;1", "entry-sign"),
    ('90;2024;12;2024-12-31;4300;"Hu\nur";1', "entry-sign"),
    ("90;2024;12;2024-12-31;4300;Hu\u4e2dur;1", "entry-sign"),
    ("90;2024;12;2024-12-31;4300;Huur;1;;2", "entry-cells"),
    ('90;2024;12;2024-12-31;4300;"Huur"s;1', "entry-syntax"),
    ('90;2024;12;2024-12-31;4300;"Huur;1', "entry-syntax"),
]


@pytest.mark.parametrize(("row", "key"), BAD_CELLS)
def test_a_bad_row_is_refused_with_its_line(row: str, key: str) -> None:
    problem = refusal(csv(row), "a.csv")
    assert problem.key == key
    assert str(problem.params["place"]) in {"a.csv:2", "a.csv:3"}


@pytest.mark.parametrize(
    ("text", "key", "place"),
    [
        (toml(entry="colour = 1"), "entry-field", "a.toml:entry[1]"),
        (toml(line="journal = 90"), "entry-field", "a.toml:entry[1].line[1]"),
        (toml(entry='dagboek = "90"'), "entry-twice", "a.toml:entry[1]"),
        (toml(entry="journal = true"), "entry-kind", "a.toml:entry[1]"),
        (toml(entry="journal = [90]"), "entry-kind", "a.toml:entry[1]"),
        (toml(entry="date = 2024-12-31T10:00:00"), "entry-kind", "a.toml:entry[1]"),
        (toml(entry="year = 2024.0"), "entry-whole", "a.toml:entry[1]"),
        (toml(entry="number = 123456789"), "entry-whole", "a.toml:entry[1]"),
        (toml(line="credit = 3"), "entry-sides", "a.toml:entry[1].line[1]"),
        (toml(line="amount = 1250"), "entry-sides", "a.toml:entry[1].line[1]"),
        (toml(line='cost_centre = "123456789"'), "entry-code", "a.toml:entry[1].line[1]"),
        (toml(line='description = "a\\u0000b"'), "entry-sign", "a.toml:entry[1].line[1]"),
        ("entry = 3", "entry-kind", "a.toml"),
        ("entry = [3]", "entry-kind", "a.toml:entry[1]"),
        ("[[entry]]\nline = [[1]]", "entry-kind", "a.toml:entry[1].line[1]"),
        ("title = 1", "entry-field", "a.toml"),
        ("[[entry]]\njournal = ", "entry-syntax", "a.toml"),
        ('journal = "a\x00"', "entry-syntax", "a.toml"),
        ('[[entry]]\ndescription = """x"""', "entry-syntax", "a.toml"),
        ("", "entry-none", "a.toml"),
    ],
)  # fmt: skip
def test_a_bad_toml_file_is_refused_with_its_key(text: str, key: str, place: str) -> None:
    problem = refusal(text, "a.toml")
    assert (problem.key, problem.params["place"]) == (key, place)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "entry-none"),
        ("\ufeff\r\n\r\n", "entry-none"),
        (csv(), "entry-none"),
        (csv(head="journal;year;period;date;account;description"), "entry-column"),
        (csv(head="journal;year;period;date;description;amount"), "entry-column"),
        (csv(head="journal;year;period;date;account;amount;rekening"), "entry-twice"),
        (csv(head="journal;year;period;date;account;amount;iban"), "entry-field"),
        ("not a table at all", "entry-field"),
        ("PK\x03\x04" + "\x00" * 50, "entry-field"),
        (csv("90;2024;12;2024-12-31;4300;Huur;1", "91;;;;1900;Huur;-1"), "entry-differs"),
    ],
)
def test_a_bad_csv_file_is_refused(text: str, key: str) -> None:
    assert refusal(text, "a.csv").key == key


def test_rows_with_one_label_are_one_entry_wherever_they_stand() -> None:
    head = "entry;journal;year;period;date;account;description;amount"
    rows = ("a;90;2024;12;2024-12-31;1000;x;1", "b;90;2024;11;2024-11-30;2000;y;2", "a;;;;;3000;x;-1", ";;;;;4000;x;3")
    found = parse(csv(*rows, head=head), "a.csv")
    assert [[line.account for line in entry.lines] for entry in found.entries] == [["1000", "3000", "4000"], ["2000"]]
    assert found.entries[0].lines[1].place == "a.csv:4"


def test_what_a_spreadsheet_adds_is_no_trouble() -> None:
    row = "90;2024;12;2024-12-31;4300;Huur;1;;"
    text = "sep=;\r\n" + csv(row, ";;;;;;;;", "", head="Journal;YEAR;Period;Date;Account;Description;Amount;;").replace(
        "\n", "\r\n"
    )
    found = parse(text, "a.csv")
    assert len(found.entries[0].lines) == 1
    assert found.entries[0].lines[0].place == "a.csv:3"


def test_bytes_become_text() -> None:
    text = CSV.replace("inventaris", "café €")
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("cp1252")):
        assert parse(decode(data, "a.csv"), "a.csv") == parse(text, "a.csv")
    for data in (b"\xff\xfe\x00", b"\x81\x8d\x8f"):
        with pytest.raises(UsageError, match="entry-encoding"):
            decode(data, "a.csv")


def test_a_name_with_control_characters_reaches_no_terminal() -> None:
    problem = refusal("", "a\x1b[31m\n.csv")
    assert str(problem.params["place"]).isprintable()


HOSTILE = {
    "ten megabytes": ("x" * (10 << 20), "entry-large"),
    "a hundred thousand lines": (csv(*["90;2024;1;2024-1-1;1;x;1"] * 100_000)[: MOST_BYTES - 1], "entry-many"),
    "an endless field": (csv('90;2024;1;2024-1-1;1;"' + "x" * 1_500_000), "entry-syntax"),
    "a million columns": (";" * 1_000_000, "entry-none"),
    "a million quotes": ('"' * 1_000_000, "entry-"),
    "lines of nothing": ("\n" * 1_500_000, "entry-none"),
    "too many lines in an entry": (csv(*["90;2024;1;2024-1-1;1;x;1"] * 10_000), "entry-lines"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_csv_file_is_bounded(case: str) -> None:
    text, key = HOSTILE[case]
    assert refusal(text, "a.csv").key.startswith(key)


HOSTILE_TOML = {
    "ten megabytes": ("x" * (10 << 20), "entry-large"),
    "deep arrays": ("a = " + "[" * 900, "entry-"),
    "deep arrays over lines": ("a = " + "[\n" * 500_000, "entry-deep"),
    "deep tables": ("a = " + "{ b = " * 150, "entry-"),
    "a key of a million parts": ("a." * 900_000 + "a = 1", "entry-line-long"),
    "keys of many parts": (("a." * 400 + "a = 1\n") * 2_000, "entry-deep"),
    "keys of many parts with blanks": (("a . " * 200 + "a = 1\n") * 2_000, "entry-deep"),
    "keys of many quoted parts": (('"a".' * 200 + "a = 1\n") * 2_000, "entry-deep"),
    "strings that never end": ('a = """' + '\\"""' * 400_000, "entry-"),
    "strings that never end on their line": (("a = " + '"\\' * 400 + "\n") * 2_000, "entry-"),
    "a number of many digits": ("a = " + "9" * 990, "entry-field"),
    "a hundred thousand lines": ("[[entry]]\n" * 100_000, "entry-missing"),
    "too many lines": (
        TOML.partition("[[entry.line]]")[0] + "[[entry.line]]\naccount=1\namount=1\n" * (MOST_LINES + 1),
        "entry-lines",
    ),
}


@pytest.mark.parametrize("case", HOSTILE_TOML)
def test_a_hostile_toml_file_is_bounded(case: str) -> None:
    text, key = HOSTILE_TOML[case]
    assert refusal(text, "a.toml").key.startswith(key)


@given(st.text(max_size=300) | st.text("[]={}\"'.\n#aey01;,-", max_size=120), st.sampled_from((".csv", ".toml")))
def test_any_text_is_read_or_refused(text: str, suffix: str) -> None:
    with contextlib.suppress(UsageError):
        parse(text, f"a{suffix}")


@given(entry_sets(), STYLES, st.integers(0, 10**6), st.characters())
def test_one_changed_character_is_read_or_refused(entries: EntrySet, style: Style, at: int, sign: str) -> None:
    for text, name in ((as_csv(entries, style), "a.csv"), (as_toml(entries, style), "a.toml")):
        place = at % len(text)
        with contextlib.suppress(UsageError):
            parse(text[:place] + sign + text[place + 1 :], name)
