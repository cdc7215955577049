from __future__ import annotations

from dataclasses import replace

import pytest
from factory.records import evidence, moment, verdict

from core.errors import NotFound, Refused
from core.model import Administration, Answer, Claim, Client, Evidence, Finding, Source, StateWord
from core.register.register import Judgement, Register

SHA = "ab" * 32
FULL = Client(
    code="ABC-012", name="Bakkerij De Vries B.V.", family="next", product_update=418, service_pack=2,
    sql_release="2014", edition="express", company_number="12345678", licence="7654321",
    logins=("DOM\\b", "DOM\\a"), administrations=(Administration("007", "De Vries"), Administration("120")),
)  # fmt: skip


def arrive(register: Register, name: str = "a.ebu", identity: str = "1:1:1", size: int = 100) -> str:
    return register.arrive("/in", name, identity, size, moment())


def whats(register: Register) -> list[str]:
    return [line.what for line in reversed(register.custody())]


def test_a_whole_life(register: Register) -> None:
    register.save_client(FULL)
    delivery = arrive(register)
    assert delivery == "D-0001"
    facts = evidence(
        product_update=418, sql_release="2014", administration_number="007", administration_name="V\x1b[1m"
    )
    register.provisional(delivery, facts, (), None, StateWord.READING)
    assert register.seal(delivery, SHA, "D-0001", moment(1), facts, members=(("a.bak", 90),))
    register.bind(delivery, "ABC-012", "jansen", moment(2))
    verdicts = (verdict("sql14"), verdict("sql16a", Answer.YES, Answer.CONDITIONAL, 303, 501))
    register.judge(delivery, None, verdicts, "sql16a", StateWord.WARN, "f1")
    record = register.delivery("d-0001")
    row = record.row
    assert (row.state, row.client, row.administration_number, row.administration_name) == (
        StateWord.WARN, "ABC-012", "007", "V\\x1b[1m",
    )  # fmt: skip
    assert (row.product_update, row.product_update_source, row.sql_release) == (418, Source.HEADER, "2014")
    assert (row.best_target, row.work, row.back, row.rule, row.more) == (
        "sql16a", Answer.YES, Answer.CONDITIONAL, 303, 1,
    )  # fmt: skip
    assert (record.verdicts, record.members, record.evidence) == (verdicts, (("a.bak", 90),), facts)
    assert (record.sha256, record.vault, record.sealed_at, record.stage) == (SHA, "D-0001", moment(1), "sealed")
    assert (record.bound_how, record.bound_by, record.bound_at) == ("operator", "jansen", moment(2))
    assert whats(register) == ["client", "arrived", "sealed", "bound", "judged"]
    assert register.verify_custody() is None


def test_doing_it_again_changes_nothing(register: Register) -> None:
    register.save_client(FULL)
    delivery = arrive(register)
    register.seal(delivery, SHA, "D-0001", moment(1), evidence())
    register.bind(delivery, FULL.code, "jansen", moment(2))
    register.tell(delivery, Claim("product_update", 418, Source.OPERATOR, by="jansen", at=moment(3)))
    before, pulse = register.delivery(delivery), register.pulse()
    assert arrive(register) == delivery
    assert not register.seal(delivery, SHA, "D-0001", moment(9), evidence())
    assert not register.bind(delivery, FULL.code, "jansen", moment(9))
    assert not register.tell(delivery, Claim("product_update", 418, Source.OPERATOR, by="jansen", at=moment(9)))
    assert not register.save_client(FULL)
    assert not register.gone(delivery, moment(9))
    assert (register.delivery(delivery), register.pulse()) == (before, pulse)
    with pytest.raises(Refused, match="sealed-otherwise"):
        register.seal(delivery, "cd" * 32, "D-0001", moment(9), evidence())


def test_a_growing_file_is_one_delivery_and_the_next_of_that_name_another(register: Register) -> None:
    first = arrive(register, size=10)
    pulse = register.pulse()
    assert arrive(register, identity="1:1:2", size=20) == first
    assert register.pulse() == pulse + 1
    assert register.delivery(first).row.size == 20
    register.seal(first, SHA, "v", moment(), evidence())
    assert arrive(register, identity="1:1:2", size=20) == first
    assert arrive(register, identity="1:9:9", size=20) == "D-0002"
    assert whats(register).count("arrived") == 2


def test_a_file_that_vanished_comes_back_as_another_delivery(register: Register) -> None:
    first = arrive(register)
    assert register.gone(first, moment(1))
    assert not register.gone(first, moment(2))
    assert register.delivery(first).row.state is StateWord.GONE
    assert arrive(register) == "D-0002"
    assert register.open_arrivals()[0].id == "D-0002"


def test_an_unreadable_file_stays_the_same_delivery(register: Register) -> None:
    first = arrive(register)
    register.stage(first, "unreadable", reason="no \x07 rights")
    assert arrive(register) == first
    assert register.custody(1)[0].detail == {"reason": "no \\x07 rights"}
    register.stage(first, "reading")
    assert register.delivery(first).stage == "reading"


@pytest.mark.parametrize(
    "name", ["a\nb\x1b[31m.ebu", "\udcff\udc80.ebu", "\u202egpj.ebu", "-rf", "[red]", "x" * 255, "é漢"]
)
def test_hostile_names_come_back_byte_for_byte_and_are_safe_to_show(shared: Register, name: str) -> None:
    delivery = arrive(shared, name)
    assert arrive(shared, name) == delivery
    record = shared.delivery(delivery)
    assert record.file_name == name
    assert record.row.file.isprintable()
    assert name in {arrival.file_name for arrival in shared.open_arrivals("/in")}


def test_what_operators_told_is_kept_apart_and_shown(register: Register) -> None:
    delivery = arrive(register)
    register.seal(delivery, SHA, "v", moment(), evidence(sql_release="2014"))
    told = Claim("product_update", 418, Source.OPERATOR, by="jansen", at=moment(3))
    assert register.tell(delivery, told)
    record = register.delivery(delivery)
    assert record.told == (told,)
    assert record.evidence == evidence(sql_release="2014")
    assert (record.row.product_update, record.row.product_update_source) == (418, Source.OPERATOR)
    whole = replace(record.evidence, claims=(*record.evidence.claims, *record.told))
    register.judge(delivery, whole, (), None, StateWord.UNKNOWN, "f1")
    assert register.delivery(delivery).evidence == evidence(sql_release="2014")
    assert register.tell(delivery, replace(told, value=421, at=moment(4)))
    assert register.delivery(delivery).row.product_update == 421
    assert register.stale("f1") == (delivery,)


def test_told_last_counts_even_where_another_clock_is_ahead(register: Register) -> None:
    delivery = arrive(register)
    register.seal(delivery, SHA, "v", moment(), evidence())
    first = Claim("product_update", 418, Source.OPERATOR, by="jansen", at=moment(60))
    register.tell(delivery, first)
    register.tell(delivery, replace(first, value=421, by="devries", at=moment(1)))
    told = register.delivery(delivery).told
    assert max(told, key=lambda each: each.at or moment()).value == 421
    assert register.delivery(delivery).row.product_update == 421


def test_reopen_needs_a_sealed_original_and_asks_for_a_new_verdict(register: Register) -> None:
    delivery = arrive(register)
    with pytest.raises(Refused, match="not-sealed"):
        register.reopen(delivery, "jansen", moment())
    register.seal(delivery, SHA, "v", moment(), evidence())
    register.judge(delivery, None, (verdict(),), "sql16a", StateWord.OK, "f1")
    assert register.stale("f1") == ()
    register.reopen(delivery, "jansen", moment(5))
    assert register.stale("f1") == (delivery,)
    register.judge(delivery, None, (verdict(),), "sql16a", StateWord.OK, "f1")
    assert (register.delivery(delivery).opened, whats(register)[-2:]) == (1, ["reopened", "judged"])


def test_a_verdict_given_again_gets_a_line_only_when_it_differs(register: Register) -> None:
    delivery = arrive(register)
    register.seal(delivery, SHA, "v", moment(), evidence())
    for fingerprint in ("f1", "f2"):
        register.judge(delivery, None, (verdict(),), "sql16a", StateWord.OK, fingerprint)
    register.tell(delivery, Claim("edition", "express", Source.OPERATOR))
    register.judge(delivery, None, (verdict(),), "sql16a", StateWord.OK, "f2")
    assert whats(register).count("judged") == 1
    judgement = Judgement((verdict("sql16a", Answer.NO, Answer.NO, 201),), "sql16a", StateWord.NO, "f3")
    register.judge_all([(delivery, judgement)])
    assert whats(register).count("judged") == 2


def test_a_fact_told_while_a_verdict_was_being_given_is_never_overlooked(register: Register) -> None:
    delivery = arrive(register)
    register.seal(delivery, SHA, "v", moment(), evidence())
    looked = register.delivery(delivery)
    register.tell(delivery, Claim("edition", "express", Source.OPERATOR))
    register.judge(delivery, None, (verdict(),), "sql16a", StateWord.OK, "f1", seen=looked.fingerprint)
    assert register.stale("f1") == (delivery,)
    looked = register.delivery(delivery)
    register.judge(delivery, None, (verdict(),), "sql16a", StateWord.OK, "f1", seen=looked.fingerprint)
    assert register.stale("f1") == ()


def test_a_late_provisional_verdict_does_not_touch_a_sealed_delivery(register: Register) -> None:
    delivery = arrive(register)
    register.seal(delivery, SHA, "v", moment(), evidence(product_update=418))
    register.provisional(delivery, Evidence("unknown"), (), None, StateWord.READING)
    assert register.delivery(delivery).evidence == evidence(product_update=418)


def test_an_inbox_binds_only_to_a_known_client(register: Register) -> None:
    unknown = register.arrive("/in", "a", "1", 1, moment(), client="ABC-012")
    assert register.delivery(unknown).row.client is None
    register.save_client(FULL)
    known = register.arrive("/in", "b", "2", 1, moment(), client="ABC-012")
    assert (register.delivery(known).row.client, register.delivery(known).bound_how) == ("ABC-012", "inbox")
    with pytest.raises(NotFound, match="client"):
        register.bind(known, "XYZ", "jansen", moment())
    assert register.bind(known, None, "jansen", moment())
    assert register.delivery(known).row.client is None


@pytest.mark.parametrize(
    "name", ["D-4000", "9", "D-", "D--1", "D-\u0661", "'; DROP TABLE deliveries", "D-99999999999999999999"]
)
def test_unknown_ids_are_not_found(shared: Register, name: str) -> None:
    with pytest.raises(NotFound):
        shared.delivery(name)


def test_a_client_comes_back_as_it_was_noted(register: Register) -> None:
    assert register.save_client(FULL)
    register.save_client(Client("AAA"))
    assert register.client("ABC-012") == FULL
    assert register.clients() == (Client("AAA"), FULL)
    fewer = replace(FULL, logins=(), administrations=(Administration("120", "Other"),))
    assert register.save_client(fewer, who="jansen")
    assert register.client("ABC-012") == fewer
    assert (register.custody(1)[0].what, register.custody(1)[0].who) == ("client-changed", "jansen")
    with pytest.raises(NotFound):
        register.client("XYZ")


def test_a_changed_client_is_judged_again(register: Register) -> None:
    register.save_client(FULL)
    delivery = register.arrive("/in", "b", "2", 1, moment(), client="ABC-012")
    register.seal(delivery, SHA, "v", moment(), evidence())
    register.judge(delivery, None, (), None, StateWord.OK, "f1")
    register.save_client(replace(FULL, product_update=421))
    assert register.stale("f1") == (delivery,)


def test_who_an_update_affects_is_judged_again_when_a_client_changes(register: Register) -> None:
    named, plain = arrive(register, "a"), arrive(register, "b")
    for delivery, rule in ((named, 301), (plain, 303)):
        register.seal(delivery, SHA, "v", moment(), evidence())
        register.judge(delivery, None, (verdict("sql16a", Answer.YES, Answer.YES, rule),), None, StateWord.OK, "f1")
    register.save_client(FULL)
    assert register.stale("f1") == (named,)
    register.judge(named, None, (verdict("sql16a", Answer.YES, Answer.YES, 301),), None, StateWord.OK, "f1")
    register.save_client(replace(FULL, licence="1"))
    assert register.stale("f1") == ()
    register.save_client(replace(FULL, product_update=400))
    assert register.stale("f1") == (named,)


def test_what_is_noted_twice_is_noted_once(register: Register) -> None:
    register.save_client(
        Client("A", logins=("x", "x"), administrations=(Administration("007"), Administration("007", "B")))
    )
    assert register.client("A") == Client("A", logins=("x",), administrations=(Administration("007", "B"),))


@pytest.mark.parametrize("code", ["", " ", "a b", "!x", ":x", 'a"b', "x" * 41, "a\x1b", "a\n"])
def test_impossible_codes_are_refused(shared: Register, code: str) -> None:
    with pytest.raises(Refused, match="client-code"):
        shared.save_client(Client(code))


@pytest.mark.parametrize("number", ["7", "0007", "abc", "٠٠٧"])
def test_impossible_administration_numbers_are_refused(shared: Register, number: str) -> None:
    with pytest.raises(Refused, match="administration-number"):
        shared.save_client(Client("A", administrations=(Administration(number),)))


def test_suggestions_prefer_the_name(register: Register) -> None:
    register.save_client(FULL)
    register.save_client(Client("B", administrations=(Administration("007", "Slager"),)))
    register.save_client(Client("C", administrations=(Administration("001", "De Vries Holding B.V."),)))
    assert register.suggest("007", "de vries bv") == ("ABC-012", "C")
    assert register.suggest("007", None) == ("ABC-012", "B")
    assert register.suggest("007", "%_%") == ("ABC-012", "B")
    assert register.suggest(None, "Slagerij") == ("B",)
    assert register.suggest(None, None) == ()


def test_damage_is_seen_in_the_findings(register: Register) -> None:
    delivery = arrive(register)
    broken = Evidence("tape", findings=(Finding("truncated", {"offset": 3, "what": "x"}, proves_damage=True),))
    register.seal(delivery, SHA, "v", moment(), broken)
    assert register.delivery(delivery).evidence == broken


def test_the_worker_s_heartbeat_redraws_nothing(register: Register) -> None:
    assert register.worker() is None
    register.worker_says(12, moment(), "idle", at=moment(1))
    pulse = register.pulse()
    register.worker_says(12, moment(), "idle", at=moment(2))
    assert register.pulse() == pulse
    status = register.worker()
    assert status is not None
    assert (status.pid, status.seen_at, status.doing) == (12, moment(2), "idle")
    register.worker_says(12, moment(), "sealing", at=moment(3))
    assert register.pulse() == pulse + 1
