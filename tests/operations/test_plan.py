"""The planner is pure: these facts give this plan, this consent, this refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.administration.engine import FOREIGN, Mark
from core.model import (
    Answer,
    Client,
    Consent,
    DryRun,
    EntryLine,
    Held,
    Kind,
    Order,
    Plan,
    Reason,
    Severity,
    Target,
    Verdict,
    worst,
)
from core.operations.plan import Facts, Side, plan, upgrade
from core.operations.refusals import FIRST, OBJECTIONS
from core.texts import has, say

YES, IF, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
AT = datetime(2026, 11, 21, tzinfo=UTC)
OURS = Target("oefen16", "embedded", None, "next", 421, 0, "2016")
SERVER = replace(OURS, name="sql16", engine="sqlserver", instance="SRV01\\EXACT16")
MARK = Mark("D-0001", "BAK-001", "120", "3f" * 32, "O-0001")
HELD = Held("oefen16", "120", "Bakker", "BAK-001", "Bakker BV", "D-0001", AT)
SIDE = Side("2016", 421, 0, "standard", "next")
LINE = EntryLine("26900001", "90", 2026, 11, "2026-11-20", "4300", "Kosten", "Afschrijving", Decimal(5))


def reason(rule: int, work: Answer | None = None, back: Answer | None = None, override: str | None = None) -> Reason:
    return Reason(rule, Severity.WARNING, work, back, override=override)


def verdict(*reasons: Reason) -> Verdict:
    return Verdict(
        "oefen16",
        worst(each.work for each in reasons if each.work),
        worst(each.back for each in reasons if each.back),
        reasons,
    )


CLEAN = verdict(reason(202, YES, YES), reason(302, YES, YES))
NEW = Facts(
    "D-0001", Client("BAK-001", "Bakker BV"), "120", "Bakker", "3f" * 32, target=OURS, verdict=CLEAN, client_update=421,
    need=1000,
)  # fmt: skip
WITH_US = replace(
    NEW, life="with-us", held=HELD, stands=MARK, noted=SIDE, now=SIDE, package="20261121-421-SQL2016-Bakker.ebu"
)
FACTS = {
    Kind.RESTORE: NEW,
    Kind.CORRECT: WITH_US,
    Kind.REVERSE: replace(WITH_US, reverses="O-0002"),
    Kind.RETURN: WITH_US,
    Kind.HAND_OVER: replace(WITH_US, sha256_package="ab" * 32),
    Kind.SET_ASIDE: WITH_US,
    Kind.REOPEN: WITH_US,
}


def made(kind: Kind, facts: Facts | None = None, **order: Any) -> Plan:
    return plan(Order(kind, "D-0001", **order), FACTS[kind] if facts is None else facts)


def refused(kind: Kind, facts: Facts, **order: bool | str) -> str:
    found = made(kind, facts, **order).refusal
    if found is None:
        return ""
    assert has(f"rule.{found.rule}" if found.rule else f"refused.{found.variant}")
    return str(found.rule) if found.rule else found.variant


def names(found: Plan) -> list[str]:
    return [step.name for step in found.steps]


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (Kind.RESTORE, "check room unpack look baseline swap place custody"),
        (Kind.CORRECT, "check before book verify custody"),
        (Kind.REVERSE, "check before book verify custody"),
        (Kind.RETURN, "check sound copy swap pack prove outbox release handover"),
        (Kind.HAND_OVER, "send confirm"),
        (Kind.SET_ASIDE, "check aside custody"),
        (Kind.REOPEN, "check aside custody"),
    ],
)
def test_every_kind_has_its_steps_and_each_says_what_it_does(kind: Kind, steps: str) -> None:
    found = made(kind)
    assert found.refusal is None
    assert names(found) == steps.split()
    assert [step.number for step in found.steps] == list(range(1, len(found.steps) + 1))
    assert sum(step.final for step in found.steps) == 1
    for step in found.steps:
        for language in ("en", "nl"):
            assert "<" not in say(f"step.{kind}.{step.name}", language, **step.params)
            assert not step.undo or say(f"undo.{step.undo}", language)
            for name in step.need:
                assert "<" not in say(f"need.{name}", language, **step.need)
        assert has(f"guide.{kind}.{step.name}") == step.guided
    assert has(f"route.{found.route_why}")


def test_a_plan_says_whose_it_is_and_where() -> None:
    found = made(Kind.RESTORE)
    assert (found.client, found.client_name, found.number, found.administration) == (
        "BAK-001", "Bakker BV", "120", "Bakker",
    )  # fmt: skip
    assert (found.target, found.instance, found.route, found.route_why) == ("oefen16", "oefen16", "machine", "practice")
    assert found.verdict is CLEAN
    assert made(Kind.CORRECT).verdict is None
    assert found.steps[0].effect == "SHA-256 3f3f..3f"


def test_operations_meet_on_an_instance_or_else_on_their_delivery() -> None:
    server = replace(NEW, target=SERVER, route_why="server")
    assert made(Kind.RESTORE, server).instance == "SRV01\\EXACT16"
    assert made(Kind.RESTORE, server).route_why == "server"
    handing = made(Kind.HAND_OVER)
    assert (handing.target, handing.instance, handing.route, handing.route_why) == ("", "D-0001", "guided", "person")
    nowhere = made(Kind.SET_ASIDE, Facts("D-0001"))
    assert (nowhere.target, nowhere.instance, nowhere.route_why) == ("", "D-0001", "register")
    assert names(nowhere) == ["check", "custody"]
    assert nowhere.refusal is None


def test_consent_follows_what_can_be_taken_back() -> None:
    assert made(Kind.RESTORE).consent is Consent.YES
    assert made(Kind.RETURN).consent is Consent.TYPED
    assert made(Kind.HAND_OVER).consent is Consent.NONE
    assert {made(kind).consent for kind in (Kind.CORRECT, Kind.REVERSE, Kind.SET_ASIDE, Kind.REOPEN)} == {Consent.YES}
    assert made(Kind.RESTORE, replace(NEW, verdict=None)).consent is Consent.YES


def test_a_stranger_s_program_runs_on_an_exchange_instance_or_knowingly_elsewhere() -> None:
    shared = replace(NEW, target=SERVER, verdict=verdict(reason(211, IF, None, "not-isolated")))
    assert refused(Kind.RESTORE, shared) == "211"
    found = made(Kind.RESTORE, shared, not_isolated=True)
    assert (found.refusal, found.consent) == (None, Consent.TYPED)
    assert [each.rule for each in found.conditions] == [211]


GUIDED: dict[str, Any] = {"target": SERVER, "route": "guided", "route_why": "profile", "laid": "Bakker.ebu"}


@pytest.mark.parametrize(
    ("kind", "steps", "person"),
    [
        (Kind.RESTORE, "check lay wizard baseline clear custody", "wizard"),
        (Kind.RETURN, "check sound lay wizard witness outbox release handover", "wizard"),
        (Kind.SET_ASIDE, "check gone custody", "gone"),
        (Kind.REOPEN, "check gone custody", "gone"),
    ],
)
def test_where_globe_s_wizard_works_a_person_does_one_step_and_is_told_how(kind: Kind, steps: str, person: str) -> None:
    found = made(kind, replace(FACTS[kind], **GUIDED))
    assert (found.refusal, found.route, found.route_why) == (None, "guided", "profile")
    assert names(found) == steps.split()
    assert [step.name for step in found.steps if step.guided] == [person]
    for step in found.steps:
        for language in ("en", "nl"):
            assert "<" not in say(f"step.{kind}.{step.name}", language, **step.params)
            if step.guided:
                assert "{" not in say(f"guide.{kind}.{step.name}", language, **step.params)
                assert "<" not in say(f"guide.{kind}.{step.name}", language, **step.params)


def test_nothing_of_ours_is_written_into_what_the_wizard_brought_in() -> None:
    assert refused(Kind.CORRECT, replace(WITH_US, **GUIDED)) == "guided-correct"
    assert refused(Kind.REVERSE, replace(FACTS[Kind.REVERSE], **GUIDED)) == "guided-correct"


def test_the_wizard_gets_a_free_number_only() -> None:
    held = replace(HELD, returned_at=AT)
    there = replace(NEW, stands=MARK, held=held, **GUIDED)
    assert refused(Kind.RESTORE, there) == "guided-number"


def test_what_nobody_here_can_read_goes_the_wizard_s_way_only_and_knowingly() -> None:
    unread = verdict(reason(100, UNKNOWN, UNKNOWN))
    assert refused(Kind.RESTORE, replace(NEW, target=SERVER, verdict=unread)) == "100"
    found = made(Kind.RESTORE, replace(NEW, verdict=unread, **GUIDED))
    assert (found.refusal, found.consent) == (None, Consent.TYPED)
    assert [each.rule for each in found.conditions] == [100]
    assert refused(Kind.RETURN, replace(FACTS[Kind.RETURN], verdict=unread, **GUIDED)) == ""
    more = verdict(reason(100, UNKNOWN, UNKNOWN), reason(503, UNKNOWN, UNKNOWN))
    assert refused(Kind.RESTORE, replace(NEW, verdict=more, **GUIDED)) == "503", "other facts have to be told"


def test_one_way_is_refused_until_it_is_said_and_then_typed() -> None:
    newer = replace(NEW, verdict=verdict(reason(203, IF, NO, "one-way")))
    assert refused(Kind.RESTORE, newer) == "203"
    found = made(Kind.RESTORE, newer, one_way=True)
    assert (found.refusal, found.consent) == (None, Consent.TYPED)
    assert [each.rule for each in found.conditions] == [203]
    hard = replace(NEW, verdict=verdict(reason(203, IF, NO, "one-way"), reason(209, None, NO)))
    assert refused(Kind.RESTORE, hard, one_way=True) == "209"


def test_an_older_client_is_upgraded_on_the_way() -> None:
    older = replace(NEW, client_update=418, verdict=verdict(reason(303, YES, IF)))
    found = made(Kind.RESTORE, older)
    assert names(found)[4:7] == ["baseline", "upgrade", "swap"]
    assert next(step for step in found.steps if step.name == "upgrade").params == {"theirs": 418, "ours": 421}
    assert [each.rule for each in found.conditions] == [303]
    assert upgrade(replace(older, target=None)) is None
    assert upgrade(replace(older, client_update=None)) is None
    assert upgrade(NEW) is None


def test_what_went_back_makes_room_for_the_same_clients_next_delivery() -> None:
    old = replace(MARK, delivery="D-0000")
    gone_back = replace(HELD, delivery="D-0000", returned_at=AT)
    room = replace(NEW, stands=old, neighbour=gone_back)
    found = made(Kind.RESTORE, room)
    assert found.refusal is None
    assert names(found)[2] == "aside"
    assert found.steps[2].params == {"number": "120", "delivery": "D-0000"}
    # What the register remembers and nobody finds there is in nobody's way.
    assert "aside" not in names(made(Kind.RESTORE, replace(room, stands=None)))
    assert refused(Kind.RESTORE, replace(room, neighbour=replace(gone_back, returned_at=None))) == "504"
    assert refused(Kind.RESTORE, replace(room, neighbour=None)) == "number-unknown"
    assert refused(Kind.RESTORE, replace(room, stands=replace(old, delivery="D-0009"))) == "number-unknown"
    assert refused(Kind.RESTORE, replace(room, stands=replace(old, number="121"))) == "number-unknown"
    assert refused(Kind.RESTORE, replace(room, stands=replace(old, client="KLM-044"))) == "505"
    assert refused(Kind.RESTORE, replace(room, stands=FOREIGN)) == "number-foreign"
    assert refused(Kind.RESTORE, replace(room, stands=FOREIGN, number=None)) == "number-foreign"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"busy": "O-0009"}, "busy"),
        ({"sha256": None}, "not-sealed"),
        ({"original": False}, "original-gone"),
        ({"life": "with-us"}, "with-us"),
        ({"life": "returned"}, "returned"),
        ({"life": "set-aside"}, "set-aside"),
        ({"client": None}, "501"),
        ({"target": None}, "no-target"),
        ({"verdict": None}, "no-target"),
        ({"verdict": verdict(reason(201, NO, NO))}, "201"),
        ({"verdict": verdict(reason(109, NO, NO))}, "109"),
        ({"verdict": verdict(reason(205, UNKNOWN, UNKNOWN))}, "205"),
        ({"verdict": verdict(reason(402, None, UNKNOWN))}, "402"),
        ({"verdict": verdict(reason(301, IF, YES))}, "301"),
        ({"verdict": verdict(reason(210, IF, None))}, "210"),
        ({"target": SERVER, "closed": "instance"}, "route-instance"),
        ({"target": SERVER, "closed": "exchange"}, "route-exchange"),
        ({"target": SERVER, "closed": "profile"}, "route-profile"),
        ({"target": SERVER, "closed": "package"}, "route-package"),
        ({"target": SERVER, "route": "guided", "stands": MARK}, "number-unknown"),
        ({"firm": False}, "firm"),
        ({"shared": "BAK\\jan"}, "shared-login"),
    ],
)
def test_a_restore_is_refused_before_anything_changes(changes: dict[str, object], why: str) -> None:
    assert refused(Kind.RESTORE, replace(NEW, **changes)) == why  # type: ignore[arg-type]


def test_a_target_that_was_named_is_missed_by_its_name() -> None:
    assert refused(Kind.RESTORE, replace(NEW, target=None), target="oefen19") == "target-gone"


def test_of_several_reasons_the_loudest_refuses() -> None:
    both = verdict(reason(502, NO, NO), reason(209, None, NO), reason(208, NO, None))
    assert refused(Kind.RESTORE, replace(NEW, verdict=both)) == "502"


def test_conditions_are_what_may_be_consented_to() -> None:
    assert {104, 106, 210, 301} == FIRST
    many = verdict(
        reason(202, YES, YES), reason(303, YES, IF), reason(308, IF, None), reason(506, IF, None), reason(602)
    )
    assert [each.rule for each in made(Kind.RESTORE, replace(NEW, verdict=many)).conditions] == [303, 308, 506]
    # On the way back nobody asks any more whether one can work there.
    assert [each.rule for each in made(Kind.RETURN, replace(WITH_US, verdict=many)).conditions] == [303]
    assert made(Kind.CORRECT, replace(WITH_US, verdict=many)).conditions == ()
    assert made(Kind.RESTORE, replace(NEW, verdict=None)).conditions == ()


@pytest.mark.parametrize("kind", [Kind.CORRECT, Kind.REVERSE, Kind.RETURN])
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"busy": "O-0009"}, "busy"),
        ({"life": ""}, "not-with-us"),
        ({"life": "returned"}, "not-with-us"),
        ({"held": None}, "not-with-us"),
        ({"held": replace(HELD, returned_at=AT)}, "not-with-us"),
        ({"broken": "client"}, "binding-client"),
    ],
)
def test_only_what_is_with_us_and_bound_is_worked_on(kind: Kind, changes: dict[str, object], why: str) -> None:
    assert refused(kind, replace(FACTS[kind], **changes)) == why  # type: ignore[arg-type]


def test_an_entry_set_that_does_not_fit_is_refused_in_its_own_words() -> None:
    wrong = Reason(0, Severity.BLOCK, variant="entry-account", params={"place": "a:1", "account": "1"})
    assert refused(Kind.CORRECT, replace(WITH_US, entries=(wrong,))) == "entry-account"
    assert refused(Kind.REVERSE, replace(FACTS[Kind.REVERSE], entries=(wrong,))) == "entry-account"
    assert refused(Kind.REVERSE, WITH_US) == "nothing-to-reverse"


def test_the_dry_run_says_how_much_is_booked() -> None:
    lines = (LINE, replace(LINE, amount=Decimal(-5)), replace(LINE, entry="26900002"))
    dry_run = DryRun(lines, (), Decimal(0), Decimal(0))
    found = made(Kind.CORRECT, replace(WITH_US, dry_run=dry_run))
    assert found.dry_run is dry_run
    book = next(step for step in found.steps if step.name == "book")
    assert book.params == {"entries": 2, "lines": 3}
    assert book.effect == "amutak +2 amutas +3 gbkmut +3"


@pytest.mark.parametrize(
    ("now", "reasons", "why"),
    [
        (replace(SIDE, product_update=424), (reason(303, YES, IF),), "303"),
        (replace(SIDE, product_update=418), (reason(301, IF, YES),), "301"),
        (replace(SIDE, release="2019"), (reason(203, IF, NO, "one-way"),), "203"),
        (replace(SIDE, release="2014"), (reason(201, NO, NO),), "201"),
        (replace(SIDE, service_pack=3), (reason(309, None, IF), reason(302, YES, YES)), "309"),
        (replace(SIDE, release="2019", product_update=424), (reason(203, IF, NO), reason(303, YES, IF)), "203"),
        # The client went along: nothing is in the way.
        (replace(SIDE, product_update=424), (reason(202, YES, YES), reason(302, YES, YES)), ""),
        # Another edition, and no rule minds.
        (replace(SIDE, edition="enterprise"), (reason(202, YES, YES), reason(507, IF, IF)), ""),
    ],
)
def test_a_target_that_drifted_refuses_the_return_by_the_rule_that_applies_now(
    now: Side, reasons: tuple[Reason, ...], why: str
) -> None:
    assert refused(Kind.RETURN, replace(WITH_US, now=now, verdict=verdict(*reasons))) == why


def test_what_was_consented_to_at_the_restore_is_no_drift() -> None:
    assert refused(Kind.RETURN, replace(WITH_US, verdict=verdict(reason(303, YES, IF)))) == ""


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"original": False}, "original-gone"),
        ({"target": None}, "target-gone"),
        ({"target": SERVER, "closed": "instance"}, "route-instance"),
        ({"noted": None}, "not-noted"),
        ({"verdict": verdict(reason(509, None, NO))}, "509"),
        ({"verdict": verdict(reason(205, UNKNOWN, UNKNOWN))}, "205"),
        ({"verdict": verdict(reason(508, IF, IF))}, ""),
        ({"outbox": False}, "no-outbox"),
        ({"package": ""}, "no-name"),
    ],
)
def test_a_return_is_refused_before_anything_changes(changes: dict[str, object], why: str) -> None:
    assert refused(Kind.RETURN, replace(WITH_US, **changes)) == why  # type: ignore[arg-type]


def test_the_others_have_their_own_objections() -> None:
    assert refused(Kind.HAND_OVER, Facts("D-0001")) == "nothing-released"
    assert refused(Kind.SET_ASIDE, replace(WITH_US, life="set-aside")) == "set-aside"
    assert refused(Kind.SET_ASIDE, replace(WITH_US, broken="foreign")) == "binding-foreign"
    assert refused(Kind.SET_ASIDE, replace(WITH_US, busy="O-0009")) == "busy"
    assert refused(Kind.REOPEN, replace(WITH_US, sha256=None)) == "not-sealed"
    assert refused(Kind.REOPEN, replace(WITH_US, broken="original")) == "binding-original"
    for word in ("gone", "client", "number"):
        assert refused(Kind.REOPEN, replace(WITH_US, broken=word)) == ""
    assert names(made(Kind.REOPEN, replace(WITH_US, broken="gone", stands=None))) == ["check", "custody"]
    assert OBJECTIONS.keys() == set(Kind)


def test_a_plan_of_nearly_nothing_known_can_still_be_shown() -> None:
    for kind in Kind:
        found = made(kind, Facts("D-0001", number=None, target=None, need=None, sha256=None))
        assert found.steps
    assert made(Kind.RESTORE, replace(NEW, number=None, client=None)).steps
