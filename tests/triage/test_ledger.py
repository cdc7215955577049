"""What the rows of an administration say: right numbers, examples, and nothing where a table or column is absent."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from factory.globe import Plain, Row, Tables, entry, globe

from core.errors import BadFormat, LimitExceeded
from core.formats.inside import tally
from core.formats.inside.tally import Rows, Values
from core.model import Claim, FactValue, Source
from core.triage import company, ledger, masters
from core.triage.inside import FOUND


def all_claims(reader: company.Reader) -> list[Claim]:
    parts = (company.company, company.people, company.licences, company.wired, masters.calendar, company.vat)
    return [claim for part in (*parts, ledger.ledger, company.sizes) for claim in part(reader)]


def facts(tables: Tables, **more: Any) -> dict[str, list[FactValue]]:
    found: dict[str, list[FactValue]] = {}
    for claim in all_claims(Plain(tables, **more)):
        assert claim.source is Source.PAGES
        assert claim.fact in FOUND
        found.setdefault(claim.fact, []).append(claim.value)
    return found


def one(tables: Tables, fact: str) -> FactValue | None:
    return facts(tables).get(fact, [None])[0]


def without(table: str, *columns: str) -> Tables:
    rows = globe()[table]
    return globe(**{table: [{name: value for name, value in row.items() if name not in columns} for row in rows]})


def booked(*more: list[Row]) -> Tables:
    return globe(gbkmut=[*globe()["gbkmut"], *(line for lines in more for line in lines)])


def test_an_administration_in_order() -> None:
    assert facts(globe()) == {
        "administration_number": ["120"],
        "company_name": ["Klomp Metaal B.V."],
        "company_number": ["12345678"],
        "vat_number": ["NL001234567B01"],
        "country": ["NL"],
        "currency": ["EUR"],
        "batch_level": [421],
        "version_major": [8],
        "version_minor": [0],
        "revision": [3],
        "build": [1021],
        "users_active": [1],
        "users_with_roles": [1],
        "login": ["KLOMP\\a.klomp"],
        "integrations": [0],
        "settings_rows": [2],
        "settings_addresses": [1],
        "financial_years": ["2024, 2026"],
        "periods": [24],
        "ledger_lines": [4],
        "ledger_entries": [2],
        "trial_balance": ["0.00"],
        "first_booking": ["2026-03-10"],
        "last_booking": ["2026-03-10"],
        "last_entered": ["2026-03-11T09:30:00"],
        "unbalanced_entries": [0],
        "unknown_account_lines": [0],
        "blocked_account_lines": [0],
        "unknown_journal_lines": [0],
        "unknown_cost_centre_lines": [0],
        "unknown_cost_unit_lines": [0],
        "unknown_period_lines": [0],
        "open_suspense": [0],
        "debtors_balance": ["0.00"],
        "control_unmatched": [0],
        "entry_headers": [2],
        "header_lines": [1],
        "vat_codes": [2],
        "vat_code": ["1 21 % Hoog", "2"],
        "open_items": [2],
        "attachment_bytes": [16384],
        "creditors_balance": ["0.00"],
    }


def test_what_is_wrong_is_counted_and_named() -> None:
    found = facts(
        booked(
            entry(10, ("1300", 10.0), ("8000", -9.99)),
            entry(11, ("777", 5.0), ("4900", -5.0), journal="99"),
            entry(12, ("2000", 12.5), ("8000", -12.5), periode=" 13"),
            entry(13, ("1100", 1.0), kstplcode="      0101", kstdrcode="       Q9"),
            entry(13, ("8000", -1.0), kstplcode="      WEG"),
        )
    )
    assert (found["unknown_cost_centre_lines"], found["unknown_cost_centre"]) == ([1], ["weg"])
    assert (found["unknown_cost_unit_lines"], found["unknown_cost_unit"]) == ([1], ["q9"])
    assert found["trial_balance"] == ["0.01"]
    assert found["unbalanced_entries"] == [1]
    assert found["unbalanced_entry"] == ["2026 70 10 (0.01)"]
    assert (found["unknown_account_lines"], found["unknown_account"]) == ([1], ["777"])
    assert (found["blocked_account_lines"], found["blocked_account"]) == ([1], ["4900"])
    assert (found["unknown_journal_lines"], found["unknown_journal"]) == ([2], ["99"])
    assert (found["unknown_period_lines"], found["unknown_period"]) == ([2], ["2026-13"])
    assert (found["open_suspense"], found["open_suspense_account"]) == ([1], ["2000 (12.50)"])
    assert found["debtors_balance"] == ["10.00"]
    assert (found["control_unmatched"], found["control_entry"]) == ([1], ["2026 70 10"])


def test_half_a_cent_is_nothing_and_more_is_something() -> None:
    assert one(booked(entry(10, ("1100", 1.0), ("8000", -1.0049))), "unbalanced_entries") == 0
    assert one(booked(entry(10, ("1100", 1.0), ("8000", -1.006))), "unbalanced_entries") == 1


@pytest.mark.parametrize(("kind", "counts"), [("N", 1), ("C", 1), ("P", 1), ("F", 1), ("n", 1), ("O", 0), ("X", 0)])
def test_only_ledger_lines_count(kind: str, counts: int) -> None:
    assert one(booked(entry(10, ("1100", 1.0), kind=kind)), "unbalanced_entries") == counts


def test_lines_without_a_guid_are_tied_by_year_journal_and_number() -> None:
    bare = [entry(n, ("1100", 5.0), ("8000", -5.0 + (n == 11)), EntryGuid=None) for n in (10, 11)]
    found = facts(booked(*bare))
    assert found["ledger_entries"] == [4]
    assert found["unbalanced_entry"] == ["2026 70 11 (1.00)"]
    tables = {name: rows for name, rows in without("gbkmut", "EntryGuid").items() if name != "BankTransactions"}
    assert facts(tables)["ledger_entries"] == [2]


def test_a_guid_of_another_form_still_ties_its_lines() -> None:
    odd = entry(10, ("1100", 5.0), ("8000", -5.0), EntryGuid="120-2670")
    assert facts(booked(odd))["unbalanced_entries"] == [0]


@pytest.mark.parametrize(
    ("tables", "gone"),
    [
        (globe(gbkmut=[]), ("ledger_lines", "trial_balance", "unbalanced_entries")),
        (without("gbkmut", "transtype"), ("ledger_lines", "trial_balance")),
        (without("gbkmut", "bdr_hfl"), ("ledger_lines", "trial_balance")),
        (without("gbkmut", "EntryGuid", "bkstnr"), ("ledger_entries", "unbalanced_entries", "control_unmatched")),
        (
            without("gbkmut", "reknr"),
            ("unknown_account_lines", "open_suspense", "debtors_balance", "control_unmatched"),
        ),
        (without("gbkmut", "dagbknr"), ("unknown_journal_lines",)),
        (without("gbkmut", "periode"), ("unknown_period_lines",)),
        (without("gbkmut", "datum", "syscreated"), ("first_booking", "last_booking", "last_entered")),
        (without("grtbk", "reknr"), ("unknown_account_lines", "blocked_account_lines", "open_suspense")),
        (without("grtbk", "omzrek"), ("open_suspense", "debtors_balance", "control_unmatched")),
        (without("grtbk", "blokkeer"), ("blocked_account_lines",)),
        (without("dagbk", "dagbknr"), ("unknown_journal_lines",)),
        (without("gbkmut", "kstplcode"), ("unknown_cost_centre_lines",)),
        (without("kstdr", "kstdrcode"), ("unknown_cost_unit_lines",)),
        (without("btwtrs", "btwtrans"), ("vat_code",)),
        (without("perdat", "per_fin"), ("unknown_period_lines", "periods", "financial_years")),
        (globe(BankTransactions=[]), ("control_unmatched",)),
        (globe(BankTransactions=[{"EntryGuid": None}]), ("control_unmatched",)),
        (without("humres", "emp_stat"), ("users_active", "login", "users_with_roles")),
        (without("humres", "res_id"), ("users_with_roles",)),
        (without("HRRoles", "EmpID"), ("users_with_roles",)),
        (without("BacoSettings", "StringValue"), ("settings_addresses",)),
        (globe(bedryf=globe()["bedryf"] * 2), ("administration_number", "company_name", "batch_level")),
        (without("bedryf", "bedrnr", "Batchlevel"), ("administration_number", "batch_level")),
        ({}, ("administration_number", "users_active", "integrations", "ledger_lines", "settings_rows", "periods")),
    ],
)
def test_what_is_absent_is_unknown(tables: Tables, gone: Sequence[str]) -> None:
    assert not set(gone) & facts(tables).keys()


def test_several_companies_are_counted_and_none_is_chosen() -> None:
    assert facts(globe(bedryf=globe()["bedryf"] * 2))["companies"] == [2]


def test_values_that_are_no_numbers_say_nothing() -> None:
    assert "batch_level" not in facts(
        globe(bedryf=[{**globe()["bedryf"][0], "Batchlevel": "nieuw", "bedrnr": "HOLDING"}])
    )
    with pytest.raises(ValueError, match="amount"):
        ledger.ledger(Plain(booked(entry(10, ("1100", float("inf"))))))
    with pytest.raises(ValueError, match="bytes"):
        ledger.ledger(Plain(booked(entry(10, ("1100", b"x")))))  # type: ignore[arg-type]


def test_a_null_amount_is_nothing() -> None:
    assert one(booked(entry(10, ("1100", None), ("8000", 0.0))), "trial_balance") == "0.00"  # type: ignore[arg-type]


def test_integration_rows_are_named_without_their_passwords() -> None:
    rows: list[Row] = [
        {
            "EndPoint": "http://jan:geheim@elis.klomp.example:8080/sync?key=1",
            "ListenerEndPoint": None,
            "InstanceName": "E",
        },
        {"EndPoint": " ", "ListenerEndPoint": None, "InstanceName": "ELIS"},
        {"EndPoint": "x://u@[bad", "ListenerEndPoint": None, "InstanceName": None},
    ]
    found = facts(globe(IntegrationServers=rows))
    assert found["integrations"] == [3]
    assert found["integration"] == ["http://elis.klomp.example:8080/sync", "ELIS", "[bad"]


def test_licences_and_their_traces() -> None:
    tables = globe(
        PracticeLicence=[{"LicNumber": "7001", "Active": 1}, {"LicNumber": "9999", "Active": 0}],
        LicenseUserSnapshot=[{"LicNumber": "7001", "DbPath": "x"}, {"LicNumber": None, "DbPath": "y"}],
    )
    assert facts(tables)["licence"] == ["7001"]
    assert facts(tables)["licence_trace"] == ["7001"]


def test_too_many_logins_are_cut_and_said() -> None:
    rows: list[Row] = [{"usr_id": f"K\\{n:04}", "emp_stat": "a"} for n in range(company.MOST_LOGINS + 1)]
    found = facts(globe(humres=rows))
    assert found["users_active"] == [company.MOST_LOGINS + 1]
    assert found["logins_cut"] == [True]
    assert len(found["login"]) == company.MOST_LOGINS


@pytest.mark.parametrize("master", ["grtbk", "dagbk", "perdat", "kstpl", "kstdr", "banktransactions"])
def test_a_damaged_master_costs_only_what_it_tells(master: str) -> None:
    claims = {claim.fact: claim.value for claim in ledger.ledger(Plain(globe(), frozenset({master})))}
    assert claims["damaged_table"] == master
    assert claims["trial_balance"] == "0.00"
    told = {
        "grtbk": "unknown_account_lines", "dagbk": "unknown_journal_lines", "perdat": "unknown_period_lines",
        "kstpl": "unknown_cost_centre_lines", "kstdr": "unknown_cost_unit_lines",
    }  # fmt: skip
    assert told.get(master, "control_unmatched") not in claims


def test_a_damaged_ledger_says_nothing_of_itself() -> None:
    with pytest.raises(BadFormat):
        ledger.ledger(Plain(globe(), frozenset({"gbkmut"})))


def test_a_ledger_that_is_too_large_keeps_its_totals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_LINES", 3)
    found = facts(globe())
    assert found["trial_balance"] == ["0.00"]
    assert found["too_large"] == ["gbkmut"]
    assert "ledger_entries" not in found
    monkeypatch.setattr(ledger, "MOST_LINES", 5)
    found = facts(globe())
    assert found["ledger_entries"] == [2]
    assert found["too_large"] == ["banktransactions"]
    assert "control_unmatched" not in found


def test_years_and_names_without_end_are_refused() -> None:
    lines = [line for n in range(1001) for line in entry(n, ("1100", 0.0), periode=str(n))]
    with pytest.raises(BadFormat):
        ledger.ledger(Plain(globe(gbkmut=lines)))
    with pytest.raises(BadFormat):
        tally.Coder(2).of(["a", "b", "c"])


def test_of_a_small_table_without_end_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "_MOST_ROWS", 4)
    rows: list[Row] = [{"usr_id": f"K\\{n}", "emp_stat": "A"} for n in range(20)]
    with pytest.raises(LimitExceeded) as raised:
        company.people(Plain(globe(humres=rows)))
    assert company.unread("x", raised.value) == Claim("too_large", "humres", Source.PAGES)
    assert company.unread("x", BadFormat("inside-damaged", table="t")) == Claim("damaged_table", "t", Source.PAGES)
    assert company.unread("x", ValueError()) == Claim("damaged_table", "x", Source.PAGES)


def test_a_licence_log_is_read_to_its_end_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "_MOST_ROWS", 4)
    rows: list[Row] = [{"LicNumber": str(n % 3)} for n in range(20)]
    assert facts(globe(LicenseUserLog=rows))["licence_trace"] == ["0", "1", "2"]
    monkeypatch.setattr(company, "MOST_LOGINS", 2)
    with pytest.raises(LimitExceeded):
        company.licences(Plain(globe(LicenseUserLog=rows)))


def test_integration_rows_without_a_column_that_we_know_are_counted() -> None:
    assert facts(globe(IntegrationServers=[{"Url": "x"}, {"Url": "y"}]))["integrations"] == [2]


def test_a_table_without_its_key_column_tells_nothing() -> None:
    assert one(without("gbkmut", "bkstnr"), "ledger_entries") == 2
    odd = globe(gbkmut=[{k: v for k, v in row.items() if k != "bkstnr"} for row in entry(1, ("1300", 1.0))])
    assert facts(odd)["unbalanced_entry"] == ["(1.00)"]


def test_nothing_was_added_and_nothing_comes() -> None:
    assert len(tally.Keyed(1).groups().totals) == 0
    assert facts(globe(gbkmut=[{**row, "transtype": "B"} for row in entry(1, ("1300", 1.0))]))["ledger_entries"] == [0]


def test_lines_that_nothing_ties_leave_the_entries_unknown() -> None:
    lines = [{k: v for k, v in row.items() if k != "bkstnr"} for row in entry(1, ("1300", 1.0), EntryGuid=None)]
    found = facts(globe(gbkmut=lines))
    assert found["trial_balance"] == ["1.00"]
    assert "ledger_entries" not in found


def test_years_that_follow_each_other_are_one_run() -> None:
    years: list[Row] = [{"bkjrcode": year, "per_fin": 1} for year in (2021, 2022, 2023, 2025)]
    assert facts(globe(perdat=years))["financial_years"] == ["2021-2023, 2025"]


def test_moments_may_be_texts() -> None:
    lines = entry(1, ("1300", 0.0), datum="2026-01-02 00:00:00") + entry(2, ("1300", 0.0))
    found = facts(globe(gbkmut=lines))
    assert (found["first_booking"], found["last_booking"]) == (["2026-01-02"], ["2026-03-10"])


def test_a_line_that_is_not_found_again_has_no_name() -> None:
    wanted = {10**6: ""}
    ledger._name_entries(Plain(globe()), wanted)
    assert wanted == {10**6: ""}


@dataclass
class Large(Plain):
    """A million lines in batches of columns, as pages give them."""

    batches: tuple[Rows, ...] = ()

    def read(self, table: str, columns: Sequence[str]) -> Iterator[Rows]:
        if table == "gbkmut":
            yield from ({name: batch[name] for name in columns if name in batch} for batch in self.batches)
        else:
            yield from super().read(table, columns)


def test_a_million_lines_take_seconds() -> None:
    rows = 50_000
    batches: list[dict[str, Values]] = []
    for batch in range(20):
        numbers = batch * rows + np.arange(rows)
        amounts = np.where(numbers % 2, -10.0, 10.0) + np.where(numbers == 150_007, 0.5, 0.0)
        keys = [f"{number:08X}-0000-4000-8000-000000000000" for number in (numbers // 2).tolist()]
        batches.append(
            {
                "bdr_hfl": amounts, "transtype": ["N"] * rows, "reknr": ["     1100", "     8000"] * (rows // 2),
                "bkjrcode": np.full(rows, 2026.0), "periode": ["  3"] * rows, "dagbknr": ["        70"] * rows,
                "bkstnr": [str(number) for number in (numbers // 2).tolist()], "entryguid": keys,
            }
        )  # fmt: skip
    began = time.perf_counter()
    found = {claim.fact: claim.value for claim in ledger.ledger(Large(globe(), batches=tuple(batches)))}
    assert time.perf_counter() - began < 15
    assert (found["ledger_lines"], found["ledger_entries"]) == (1_000_000, 500_000)
    assert (found["trial_balance"], found["unbalanced_entry"]) == ("0.50", "2026 70 75003 (0.50)")
