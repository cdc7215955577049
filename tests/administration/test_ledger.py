"""Totals in exact cents, a digest of every table, and what does not look right; what is not there is not known."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from functools import cache

import pytest
import sqlalchemy as sa
from factory.identities import MARK, driver, empty, opened, put
from hypothesis import given, settings
from hypothesis import strategies as st

from core.administration import catalog, globe, ledger, own
from core.administration.globe import code, dagbk, gbkmut, grtbk, kstdr, kstpl, perdat
from core.administration.ledger import Baseline, Finding, Totals, Year, digest
from core.errors import BadFormat, Cancelled


@cache
def blank() -> bytes:
    return empty(gbkmut, grtbk, dagbk, perdat, kstpl, kstdr, globe.bedryf)


def line(connection: sa.Connection, amount: float, **other: object) -> None:
    values = {
        "bdr_hfl": amount, "transtype": "N", "bkjrcode": 2026, "periode": code(5, 3), "dagbknr": code(90, 10),
        "reknr": code(4300, 9), "bkstnr": "26900001", "EntryGuid": "A" * 36,
    }  # fmt: skip
    put(connection, gbkmut, **values | other)


lines = st.tuples(
    st.integers(-(10**12), 10**12),
    st.sampled_from((0.0, 1e-9, -1e-9)),
    st.sampled_from(("N", "C", "P", "F", "n", "B", "O", "X", "V", "I", "E", None)),
    st.sampled_from((None, None, "", "   ", "MRP")),
    st.sampled_from((2024, 2025, 2026, None)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, max_size=12))
def test_totals_are_exact_to_the_cent_and_count_the_ledger_only(rows: list[tuple[int, float, str, str, int]]) -> None:
    years: dict[int, list[int]] = {}
    with opened(blank()) as connection:
        for cents, noise, kind, budget, year in rows:
            line(connection, cents / 100 + noise, transtype=kind, bud_vers=budget, bkjrcode=year)
            if (kind or "").upper() in {"N", "C", "P", "F"} and not (budget or "").strip():
                years.setdefault(year or 0, []).append(cents)
        found = ledger.totals(connection)
    assert found.by_year == tuple(
        Year(
            year,
            len(each),
            Decimal(sum(cents for cents in each if cents > 0)) / 100,
            Decimal(-sum(cents for cents in each if cents < 0)) / 100,
        )
        for year, each in sorted(years.items())
    )
    everything = [cents for each in years.values() for cents in each]
    assert (found.lines, found.total) == (len(everything), Decimal(sum(everything)) / 100)
    assert found.debit - found.credit == found.total
    assert Totals.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_an_amount_that_is_no_number_is_told() -> None:
    with opened(blank()) as connection:
        line(connection, 1.5)
        driver(connection).execute("update gbkmut set bdr_hfl = 9e999")
        found = ledger.totals(connection)
        assert (found.lines, found.debit, found.missing) == (1, Decimal(0), ("gbkmut.bdr_hfl",))


@pytest.mark.parametrize(
    "column", ["bdr_hfl", "transtype", "bkjrcode", "reknr", "bud_vers", "EntryGuid", "bkstnr", "periode"]
)
def test_a_column_that_is_not_there_is_not_known(column: str) -> None:
    with opened(blank()) as connection:
        line(connection, 1.5)
        driver(connection).execute(f"alter table gbkmut drop column {column}")
        found = ledger.totals(connection)
        assert (f"gbkmut.{column}" in found.missing) == (column in {"bdr_hfl", "transtype", "bkjrcode", "reknr"})
        assert found.lines == (0 if column in {"bdr_hfl", "transtype"} else 1)
        ledger.findings(connection)
        ledger.trial_balance(connection)
        assert ledger.digests(connection)["gbkmut"].rows == 1


def test_without_a_ledger_there_are_no_totals() -> None:
    with opened(blank()) as connection:
        globe.metadata.drop_all(connection)
        assert ledger.totals(connection) == Totals((), ("gbkmut",))
        assert ledger.findings(connection) == ()
        assert ledger.trial_balance(connection, ["   1000"]) == {"   1000": Decimal(0)}
        assert ledger.digests(connection) == {}


def test_the_trial_balance_knows_an_account_by_its_code() -> None:
    with opened(blank()) as connection:
        line(connection, 10.10)
        line(connection, 0.20, reknr=code("4300", 9))
        line(connection, -10.30, reknr=code("1000", 9))
        line(connection, 99.0, reknr=code("1000", 9), transtype="B")
        wanted = {code(4300, 9): Decimal("10.30"), code(1000, 9): Decimal("-10.30")}
        assert ledger.trial_balance(connection) == wanted
        assert ledger.trial_balance(connection, ["4300", code(1000, 9), "9999"]) == {
            "4300": Decimal("10.30"), code(1000, 9): Decimal("-10.30"), "9999": Decimal(0),
        }  # fmt: skip


def sound(connection: sa.Connection) -> None:
    """An administration without findings."""
    for account, kind, blocked in (("4300", "K", 0), ("1000", "N", 0), ("1900", "T", 0), ("4900", "K", 1)):
        put(connection, grtbk, reknr=code(account, 9), omzrek=kind, blokkeer=blocked)
    put(connection, dagbk, dagbknr=code(90, 3), type_dgbk="M")
    moment = datetime(2026, 5, 1)  # noqa: DTZ001 - Globe keeps no zone
    put(connection, perdat, bkjrcode=2026, per_fin=5, bgdatum=moment, eddatum=moment)
    put(connection, kstpl, kstplcode=code("K1", 8))
    put(connection, kstdr, kstdrcode=code("P1", 8))
    line(connection, 10.0, kstplcode=code("K1", 10), kstdrcode=code("P1", 10))
    line(connection, -10.0, reknr=code(1000, 9))


def pair(connection: sa.Connection, **other: object) -> None:
    entry = {"EntryGuid": "B" * 36, "bkstnr": "26900002"} | other
    line(connection, 5.0, **entry)
    line(connection, -5.0, **{**entry, "reknr": code(1000, 9)})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ()),
        ({"reknr": code(4999, 9)}, (Finding("account-unknown", 1, "4999"),)),
        ({"reknr": code(4900, 9)}, (Finding("account-blocked", 1, "4900"),)),
        ({"reknr": None}, (Finding("account-unknown", 1, ""),)),
        ({"dagbknr": code(91, 10)}, (Finding("journal-unknown", 2, "91"),)),
        ({"periode": code(6, 3)}, (Finding("period-unknown", 2, "2026-6"),)),
        ({"bkjrcode": 2025}, (Finding("period-unknown", 2, "2025-5"),)),
        ({"kstplcode": code("K2", 10)}, (Finding("cost-centre-unknown", 2, "k2"),)),
        ({"kstdrcode": code("P2", 10)}, (Finding("cost-unit-unknown", 2, "p2"),)),
        ({"bkstnr": "26900001 "}, (Finding("entry-number-twice", 1, "26900001"),)),
        ({"bkstnr": None}, (Finding("entry-number-missing", 2, "90"),)),
        ({"bkstnr": "  "}, (Finding("entry-number-missing", 2, "90"),)),
        ({"reknr": code(1900, 9)}, (Finding("suspense-open", 1, "1900"),)),
        ({"EntryGuid": None, "reknr": code(4300, 9)}, ()),
    ],
)
def test_what_does_not_look_right(values: dict[str, object], expected: tuple[Finding, ...]) -> None:
    with opened(blank()) as connection:
        sound(connection)
        pair(connection, **values)
        assert ledger.findings(connection) == expected


@pytest.mark.parametrize("guid", ["C" * 36, None])
@pytest.mark.parametrize(("amount", "off"), [(0.01, True), (0.006, True), (0.004, False), (-2.0, True)])
def test_an_entry_that_does_not_balance(guid: str | None, amount: float, off: bool) -> None:
    with opened(blank()) as connection:
        sound(connection)
        line(connection, amount, EntryGuid=guid, bkstnr="26900003")
        found = {each.code: each for each in ledger.findings(connection)}
        assert ("entry-unbalanced" in found) == off
        if off:
            assert found["entry-unbalanced"] == Finding("entry-unbalanced", 1, "26900003")
            assert found["ledger-unbalanced"].example == f"{amount:.2f}"


def test_planning_is_never_a_finding() -> None:
    with opened(blank()) as connection:
        sound(connection)
        for kind in "BOXVIE":
            line(connection, 7.0, transtype=kind, reknr="x", dagbknr="x", periode="x", bkstnr=None)
        assert ledger.findings(connection) == ()
        assert {each.code for each in ledger.findings(connection)} <= set(ledger.FINDINGS)


def test_a_master_table_that_is_not_there_is_not_asked() -> None:
    with opened(blank()) as connection:
        sound(connection)
        globe.metadata.drop_all(connection, [grtbk, dagbk, perdat, kstpl, kstdr])
        assert ledger.findings(connection) == ()


def test_a_changed_cell_changes_the_digest_of_its_table_alone() -> None:
    with opened(empty()) as connection:
        before = ledger.baseline(connection)
        assert before.digests.keys() == set(globe.metadata.tables)
        put(connection, grtbk, reknr=code(1000, 9))
        assert before.changed(ledger.digests(connection)) == ("grtbk",)
        first = ledger.digests(connection)
        for value in (" 1000", "     1000 ", "     100O", 1000, None):
            driver(connection).execute("update grtbk set reknr = ?", (value,))
            assert ledger.digests(connection)["grtbk"] != first["grtbk"]
        driver(connection).execute("update grtbk set reknr = ?", (code(1000, 9),))
        assert ledger.digests(connection) == first
        globe.bedryf.drop(connection)
        driver(connection).execute("create table CSCTextra (a)")
        assert before.changed(ledger.digests(connection)) == ("CSCTextra", "bedryf", "grtbk")


def test_a_digest_does_not_depend_on_the_batches_and_follows_the_order_of_the_key() -> None:
    with opened() as connection:
        driver(connection).executescript("create table a (b text primary key, c); create table z (b text, c);")
        for name in ("a", "z"):
            driver(connection).executemany(f"insert into {name} values (?, ?)", [("y", 1), ("x", 2.0), ("é", b"3")])
        known = catalog.shapes(connection)
        for size in (1, 2, 50):
            rows = [row for batch in catalog.batches(connection, known["a"], size) for row in batch]
            assert rows == [("x", 2.0), ("y", 1), ("é", b"3")]
        assert [row[0] for batch in catalog.batches(connection, known["z"]) for row in batch] == ["y", "x", "é"]
        assert ledger.digests(connection)["a"] != ledger.digests(connection)["z"]


def test_ours_do_not_count() -> None:
    with opened(blank()) as connection:
        found = ledger.digests(connection)
        own.leave(connection)
        assert ledger.digests(connection) == found
        own.prepare(connection, MARK)
        assert ledger.digests(connection) == found


def test_values_of_another_driver_have_a_digest_too() -> None:
    rows = [(datetime(2026, 1, 1), Decimal("1.10"), 1)]  # noqa: DTZ001 - Globe keeps no zone
    assert bytes(digest.packed(rows)) != bytes(digest.packed([("2026-01-01 00:00:00", "1.10", 1)]))
    assert bytes(digest.packed(rows)) == bytes(digest.packed(list(rows)))


def test_a_baseline_survives_the_register() -> None:
    with opened(blank()) as connection:
        sound(connection)
        found = ledger.baseline(connection)
    again = Baseline.from_json(json.loads(json.dumps(found.to_json())))
    assert again == found
    assert again.changed(found.digests) == ()
    assert again.totals.debit == Decimal(10)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"version": 2, "totals": {"years": [], "missing": []}, "digests": {}},
        {"version": 1, "totals": {"years": [[1]], "missing": []}, "digests": {}},
        {"version": 1, "totals": {"years": [[1, 1, "x", "0"]], "missing": []}, "digests": {}},
        {"version": 1, "totals": {}, "digests": {}},
        {"version": 1, "totals": {"years": [], "missing": []}, "digests": {"a": 1}},
    ],
)
def test_a_damaged_baseline_is_not_believed(data: dict[str, object]) -> None:
    with pytest.raises(BadFormat, match="baseline-record"):
        Baseline.from_json(data)


def test_the_work_can_be_stopped() -> None:
    def stop() -> None:
        raise Cancelled("cancelled")

    with opened(blank()) as connection:
        for work in (ledger.digests, ledger.findings, ledger.baseline):
            with pytest.raises(Cancelled):
                work(connection, stop)


def test_a_table_is_found_in_any_case_and_sqlites_own_are_none() -> None:
    with opened() as connection:
        driver(connection).execute("create table GBKMUT (Id integer primary key autoincrement, Bdr_Hfl, TRANSTYPE)")
        driver(connection).execute("insert into gbkmut values (1, 2.5, 'N')")
        driver(connection).execute("analyze")
        assert list(ledger.digests(connection)) == ["GBKMUT"]
        found = ledger.totals(connection)
        assert (found.debit, found.missing) == (Decimal("2.5"), ("gbkmut.bkjrcode", "gbkmut.reknr"))


def test_computed_columns_are_read_and_never_written() -> None:
    with opened() as connection:
        driver(connection).execute("create table a (b integer primary key, c as (b * 2), d text)")
        (shape,) = catalog.shapes(connection).values()
        assert [(each.name, each.writable) for each in shape.columns] == [("b", True), ("c", False), ("d", True)]
