"""The guided route in: a person lets Globe's wizard install the client's database, and what they say is proven."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from factory import exchange
from factory.exchange import LOGINS, Exchange
from factory.instances import TARGET
from factory.journey import ENTRY, Killed
from factory.sqlserver.backup import media_of
from factory.wizard import FILE, READS, Wizard, again, asked, installed, keys, looked, states, waiting
from fakes.sqlserver.ground import needed

from core.model import Claim, Kind, OperationDetail, OperationState, Order, Source
from core.operations.step import Bench
from core.texts import LANGUAGES, say
from tui.drawing import operation as drawing
from tui.drawing import plan as plan_drawing
from tui.output import Output
from tui.verbs import operation_forms, operation_pages, plans, sentences
from tui.widgets.spans import Line, text_of


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Exchange]:
    """Nobody declared where users and licence stand."""
    with exchange.office(tmp_path, needed("freetds"), profile=None) as made:
        yield made
        assert [each.text for each in made.server.server.log if not READS.match(each.text)] == []


@pytest.fixture
def wizard(desk: Exchange) -> Wizard:
    return Wizard(desk)


def text(lines: Iterable[Line]) -> str:
    return re.sub(r"[\s─]+", " ", " ".join(text_of(line) for line in lines))


def page(detail: OperationDetail, language: str) -> str:
    """As the command line prints it."""
    printed = io.StringIO()
    out = Output(printed, io.StringIO(), {"TERM": "xterm"})
    out.language = language
    operation_pages.page(detail, out)
    return printed.getvalue()


def test_nothing_holds_but_the_right_administration_installed_the_right_way(desk: Exchange, wizard: Wizard) -> None:
    delivery = desk.came()
    operation = asked(desk, Order(Kind.RESTORE, delivery))
    laid = wizard.folder(operation) / FILE
    assert laid.read_bytes() == Path(desk.original(delivery)).read_bytes()
    assert desk.states() == {}

    detail = wizard.answer(operation)
    assert keys(wizard) == ["guided-nothing"]
    for language in LANGUAGES:
        shown = text(drawing.page(detail, detail.row.requested_at, language, 500))
        printed = page(detail, language)
        form = operation_forms.detail(detail, language, log=False)
        for told in sentences.to_do(detail, waiting(detail), language):
            assert re.sub(r"\s+", " ", told) in shown
            assert told in printed
            assert told in str(form["steps"][2]["to_do"])  # type: ignore[index]
        assert "Database van een klant installeren" in shown
        assert str(laid.parent) in shown
        assert f"C:\\Uitwisseling\\{operation}" in shown
        assert "guided-nothing" in shown, "why it is asked again stands beside what to do"

    wizard.restore()
    wizard.answer(operation)
    assert keys(wizard) == ["guided-users"], "a plain restore lets nobody of the firm in"
    wizard.firm_in()
    wizard.person(LOGINS[0], "A")
    wizard.answer(operation)
    assert keys(wizard) == ["guided-client"], "nor does it put the client to sleep"
    wizard.person(LOGINS[0], "I")

    desk.server.stranger("Nieuw")
    wizard.answer(operation)
    assert keys(wizard) == ["guided-others"]
    wizard.remove("Nieuw")

    for column, value, key in (("bedrnr", "121", "look-number"), ("bedrnm", "Visser", "look-company")):
        desk.server.instance.put("120", "bedryf", **{column: value})
        wizard.answer(operation)
        assert keys(wizard) == [key]
        desk.server.instance.put("120", "bedryf", bedrnr="120", bedrnm="Bakker Metaal")

    detail = wizard.answer(operation, "klaar, door Anja")
    assert detail.row.state is OperationState.DONE
    assert set(states(detail).values()) == {"done"}
    assert not laid.parent.exists()
    baseline = desk.register.kept(operation, "baseline")
    assert baseline is not None
    assert desk.register.kept(operation, "dormant") is None
    (line, *_) = desk.register.custody(delivery=delivery)
    assert (line.what, line.detail["said_by"], line.detail["text"]) == ("restored", "anja", "klaar, door Anja")
    (held,) = desk.register.held()
    assert (held.number, held.target, held.delivery, held.returned_at) == ("120", TARGET, delivery, None)


def test_a_laid_file_that_was_changed_spoils_what_was_installed_from_it(desk: Exchange, wizard: Wizard) -> None:
    operation = asked(desk, Order(Kind.RESTORE, desk.came()))
    laid = wizard.folder(operation) / FILE
    right = laid.read_bytes()
    laid.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
    wizard.install()
    wizard.answer(operation)
    assert laid.read_bytes() == right, "it is laid anew"
    wizard.answer(operation)
    assert keys(wizard) == ["guided-changed", "guided-spoiled"]
    wizard.remove()
    wizard.install()
    assert wizard.answer(operation).row.state is OperationState.DONE


def test_another_back_up_of_the_same_company_has_other_ledger_lines(desk: Exchange, wizard: Wizard) -> None:
    """As far as somebody looked into the delivery: the number of its lines is among the evidence then."""
    delivery = desk.came()
    operation = asked(desk, Order(Kind.RESTORE, delivery))
    looked(desk, delivery, Claim("ledger_lines", 9, Source.PAGES))
    older = media_of([exchange.database(entries=2)])[0]
    wizard.install(content=older)
    wizard.answer(operation)
    assert keys(wizard) == ["guided-ledger"]
    wizard.remove()
    wizard.install()
    assert wizard.answer(operation).row.state is OperationState.DONE


def test_the_process_may_end_before_any_step_and_while_it_waits(desk: Exchange, wizard: Wizard) -> None:
    operation = desk.order(Order(Kind.RESTORE, desk.came()))
    fallen: set[str] = set()

    def fall(bench: Bench) -> None:
        if bench.step.name not in fallen:
            fallen.add(bench.step.name)
            raise Killed

    desk.before = fall
    for _ in range(2):
        with pytest.raises(Killed):
            desk.run(operation)
    with pytest.raises(Killed):
        desk.run(operation)
    before = desk.run(operation)
    for _ in range(2):  # another worker looks after it, and finds it waiting
        assert desk.run(operation).log == before.log
    wizard.install()
    desk.register.answer(operation, "done")
    while (detail := again(desk, operation)) is None:
        pass
    assert fallen == {"check", "lay", "wizard", "baseline", "clear", "custody"}
    assert detail.row.state is OperationState.DONE
    assert [each for each in desk.left() if each.startswith("exchange/O-")] == []


def test_cancelled_while_it_waits_nothing_is_left_but_what_only_globe_can_take_away(
    desk: Exchange, wizard: Wizard
) -> None:
    delivery = desk.came()
    first = asked(desk, Order(Kind.RESTORE, delivery))
    desk.register.ask_cancel(first)
    assert desk.run(first).row.state is OperationState.CANCELLED
    assert not wizard.folder(first).exists()

    second = asked(desk, Order(Kind.RESTORE, delivery))
    wizard.install()
    desk.register.ask_cancel(second)
    row = desk.run(second).row
    assert (row.state, row.outcome, row.params["number"]) == (OperationState.FAILED, "error.guided-left", "120")
    assert not wizard.folder(second).exists()
    assert desk.states() == {"120": "ONLINE MULTI_USER"}, "it is not ours to remove"
    assert desk.refused(Order(Kind.RESTORE, delivery)) == "number-foreign"
    wizard.remove()
    assert desk.refused(Order(Kind.RESTORE, delivery)) == ""


def test_a_line_that_drops_when_a_person_did_their_part_costs_nothing(desk: Exchange, wizard: Wizard) -> None:
    operation = asked(desk, Order(Kind.RESTORE, desk.came()))
    wizard.install()
    desk.register.answer(operation, "done")
    detail = desk.register.operation(operation)

    def drop(bench: Bench) -> None:
        if bench.step.name == "baseline":
            desk.server.server.faults.drop(text="FROM gbkmut")

    desk.before = drop
    detail = desk.run(operation)
    assert (detail.row.state, states(detail)["wizard"]) == (OperationState.RUNNING, "done")
    desk.before = None
    desk.server.server.faults.clear()
    assert desk.run(operation).row.state is OperationState.DONE


@pytest.mark.parametrize("kind", [Kind.SET_ASIDE, Kind.REOPEN])
def test_what_the_wizard_brought_in_only_a_person_takes_away(desk: Exchange, wizard: Wizard, kind: Kind) -> None:
    delivery = installed(desk, wizard)
    assert desk.refused(Order(Kind.CORRECT, delivery, entry=ENTRY, entry_name="november.toml")) == "guided-correct"
    assert desk.refused(Order(Kind.REVERSE, delivery)) == "guided-correct"
    operation = asked(desk, Order(kind, delivery))
    wizard.answer(operation)
    assert keys(wizard) == ["guided-still"]
    wizard.remove()
    assert wizard.answer(operation).row.state is OperationState.DONE
    assert desk.register.held() == ()
    assert desk.refused(Order(Kind.RESTORE, delivery)) == ("set-aside" if kind is Kind.SET_ASIDE else "")


def test_its_number_is_in_use_until_a_person_takes_it_away(desk: Exchange, wizard: Wizard) -> None:
    first = installed(desk, wizard)
    second = desk.came(entries=4)
    assert desk.refused(Order(Kind.RESTORE, second)) == "504"
    desk.register.returned(TARGET, "120")
    assert desk.refused(Order(Kind.RESTORE, second)) == "guided-number"
    desk.retarget(profile=exchange.PROFILE)
    assert desk.plan(Order(Kind.RESTORE, second)).route == "machine"
    assert desk.refused(Order(Kind.RESTORE, second)) == "guided-number", "nothing is renamed that we did not make"
    assert desk.plan(Order(Kind.SET_ASIDE, first)).route_why == "as-it-came"
    wizard.remove()
    assert desk.refused(Order(Kind.RESTORE, second)) == ""


def test_a_database_that_was_put_in_its_place_is_not_taken_for_it(desk: Exchange, wizard: Wizard) -> None:
    delivery = installed(desk, wizard)
    wizard.remove()
    wizard.install()
    assert desk.refused(Order(Kind.RETURN, delivery)) == "binding-foreign"


def test_every_route_and_why_is_the_first_line_of_a_plan(desk: Exchange) -> None:
    delivery = desk.came()
    complete, guided = exchange.PROFILE, "guided"
    for changes, route, why, refused in (
        ({}, guided, "profile", ""),
        ({"profile": complete}, "machine", "server", ""),
        ({"profile": complete, "route": guided}, guided, "chosen", ""),
        ({"profile": complete, "exchange_there": None, "route": guided}, guided, "chosen", ""),
        ({"profile": complete, "route": "machine"}, "machine", "server", "route-exchange"),
        ({"exchange_here": None, "route": "auto", "profile": None}, guided, "profile", "route-exchange"),
        ({"exchange_here": str(desk.server.exchange), "route": "machine"}, guided, "profile", "route-profile"),
    ):
        desk.retarget(**changes)
        made = desk.plan(Order(Kind.RESTORE, delivery))
        assert (made.route, made.route_why, desk.refused(made.order)) == (route, why, refused), changes
        for language in LANGUAGES:
            shown = text(plan_drawing.page(made, language, 500))
            assert shown.strip().startswith(
                f"{say('screen.plan.route', language)} {say(f'word.route.{route}', language)}"
            )
            assert say(f"route.{why}", language) in shown
            printed = io.StringIO()
            out = Output(printed, io.StringIO(), {"TERM": "xterm"})
            out.language = language
            plans.page(made, desk.settings.all_targets(), out)
            assert f"{say(f'word.route.{route}', language)}: {say(f'route.{why}', language)}" in printed.getvalue()
            if refused:
                assert say(f"refused.{refused}", language, target=TARGET) in shown
