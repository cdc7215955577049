"""Values of evidence and of sentences as a person of each language reads them."""

from __future__ import annotations

import pytest

from core.model import Claim, Reason, Severity, Source
from tui import wording


@pytest.mark.parametrize(
    ("fact", "held", "english", "dutch"),
    [
        ("look_problem", "inside-stripes", "other stripes are missing", "er ontbreken andere strepen"),
        ("look_problem", "package-lies", "not readable (package-lies)", "niet te lezen (package-lies)"),
        ("looked", "partly", "in part: it was too much", "deels: het was te veel"),
        ("trial_balance", "-1234567.50", "-1,234,567.50", "-1.234.567,50"),
        (
            "unbalanced_entry",
            "2024 70 24700040 (1012.50)",
            "2024 70 24700040 (1,012.50)",
            "2024 70 24700040 (1.012,50)",
        ),
        ("open_suspense_account", "2000 (-0.05)", "2000 (-0.05)", "2000 (-0,05)"),
        ("unknown_account", "12.50", "12.50", "12.50"),
        ("last_booking", "2024-12-15", "2024-12-15", "15-12-2024"),
    ],
)
def test_a_value_is_written_as_the_language_writes_it(fact: str, held: str, english: str, dutch: str) -> None:
    assert wording.value(fact, held, "en") == english
    assert wording.value(fact, held, "nl") == dutch


def warning(rule: int, variant: str, **params: str | int) -> Reason:
    return Reason(rule, Severity.WARNING, variant=variant, params=params, evidence=(Claim("x", 1, Source.PAGES),))


def test_a_sentence_holds_money_dates_and_checks_in_its_own_language() -> None:
    entries = warning(604, "entries", count=2, example="2024 70 1 (1012.50)")
    assert "zoals 2024 70 1 (1.012,50)." in wording.sentence(entries, "nl")
    assert "12,50." in wording.sentence(warning(604, "balance", amount="12.50"), "nl")
    dated = warning(601, "date", named="2026-11-20", inside="2017-06-01")
    assert wording.sentence(dated, "nl").startswith("De naam zegt 20-11-2026, de inhoud is van 01-06-2017")
    assert "2026-11-20" in wording.sentence(dated, "en")
    unknown = warning(604, "unknown", checks="entries, control")
    assert wording.sentence(unknown, "en").endswith("balance of each entry, open items of debtors and creditors.")
