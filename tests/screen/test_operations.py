"""What runs, what came of it, what is with us: the tabs 2 and 3, and the page of one operation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.desk import FakeDesk
from fakes.operations import OPERATIONS, RUNNING, detail_of, operation
from fakes.screen import Stand, screen

from core.model import Kind, OperationState
from tui.drawing.frame import Facts, header
from tui.drawing.operations import BADGE_CELLS, columns, heading
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.operation import OperationScreen
from tui.widgets.spans import text_of


def working(language: str = "nl") -> FakeDesk:
    desk = FakeDesk(language=language)
    desk.work()
    return desk


async def play(stand: Stand, *keys: str) -> None:
    for key in keys:
        await stand.type(key)
        await stand.still()


async def test_the_inbox_tells_of_steps_and_of_what_is_with_us() -> None:
    async with screen(working()) as stand:
        await stand.shows("Bewerkingen 3", "Bij ons 2", "stap 4/9    61%", "in rij", "BIJ ONS", "TERUG")
        await play(stand, "j")
        await stand.shows("bij ons op sql16a sinds")
        await play(stand, "j")
        await stand.shows("O-0008 teruglezen stap 4/9 61%")


async def test_the_list_of_operations_has_a_word_for_every_state() -> None:
    async with screen(working()) as stand:
        await play(stand, "2")
        await stand.shows(
            "IN RIJ", "LOOPT", "WACHT", "KLAAR", "HERSTELD", "GESTOPT", "MISLUKT", "4/9    61%", "1 van 9"
        )
        await play(stand, "slash", *"correctie", "enter")
        await stand.shows("1 van 2")
        await play(stand, "escape", "escape")
        assert isinstance(stand.app.screen, DeliveriesScreen)


async def test_older_operations_come_when_they_are_wanted() -> None:
    desk = FakeDesk()
    desk.rows_of_operations = [
        operation(number, Kind.CORRECT, "D-2418", OperationState.DONE, at=5) for number in range(450, 0, -1)
    ]
    async with screen(desk) as stand:
        await play(stand, "2", "end", "end", "end")
        await stand.shows("O-0001", "450 van 450")


async def test_an_operation_is_followed_while_it_runs_and_its_end_is_said() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "enter")
        await stand.shows("stap 4/9 61%", "loopt 61%", "te doen")
        stand.desk.now_is("O-0008", percent=84)
        await stand.shows("loopt 84%")
        stand.desk.now_is("O-0008", step=5, percent=None)
        await stand.shows("stap 5/9")
        stand.desk.now_is("O-0008", state=OperationState.DONE, step=9)
        await stand.shows("KLAAR", "· O-0008 teruglezen: klaar")
        assert "te doen" not in stand.text


async def test_the_log_is_one_key_away_and_so_is_the_page() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "enter", "l")
        await stand.shows("logboek", "UPDATE humres SET blocked = 1", "sha256 vault/D-2417/original")
        await play(stand, "l")
        await stand.shows("loopt 61%")


async def test_a_guided_step_says_what_to_do_and_takes_the_answer() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "j", "enter")
        await stand.shows("wacht op u", "wat u nu doet", "zeg dat het gedaan is")
        await play(stand, "d")
        await stand.shows("Zeg wie het deed en hoe")
        await stand.type(*"per koerier door bram", "enter")
        await stand.until(lambda: stand.desk.ordered == [("answer", "O-0007", "per koerier door bram")], "told")
        await stand.shows("O-0007: vastgelegd")


async def test_nothing_is_answered_where_nothing_waits() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "enter", "d")
        await stand.shows("de bewerking wacht niet op een mens")


async def test_the_files_that_were_left_are_named_with_their_hash() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "j", "j", "enter", "end")
        await stand.shows("bestanden", "outbox/GHI-310", "SHA-256 3f9c0b6f")


async def test_cancel_says_what_is_undone_and_takes_a_capital_y() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "x")
        await stand.shows("Deze bewerking afbreken?", "volgende veilige punt", "het laatste eerst", "3  Het", "Typ Y")
        await play(stand, "x")
        await stand.lacks("Deze bewerking afbreken?")
        assert stand.desk.ordered == []
        await play(stand, "x", "Y")
        await stand.shows("O-0008 is gevraagd te stoppen")
        assert stand.desk.ordered == [("cancel", "O-0008")]
        await play(stand, "enter")
        await stand.shows("anja vroeg te stoppen")


async def test_cancel_can_be_given_from_the_inbox_and_says_when_there_is_nothing() -> None:
    async with screen(working()) as stand:
        await play(stand, "j", "x")
        await stand.shows("er loopt geen bewerking")
        await play(stand, "j", "x")
        await stand.shows("Deze bewerking afbreken?")


async def test_what_has_not_begun_ends_at_once() -> None:
    async with screen(working(language="en")) as stand:
        await play(stand, "2", "x")
        await stand.shows("It has not begun: it ends at once")


async def test_after_a_final_step_it_is_too_late() -> None:
    desk = working()
    done = detail_of(replace(RUNNING, state=OperationState.DONE, step=9))
    desk.details["O-0008"] = replace(done, row=RUNNING)
    async with screen(desk) as stand:
        await play(stand, "2", "j", "x")
        await stand.shows("te laat: de laatste stap is gedaan")


async def test_a_correction_is_reversed_from_its_own_page() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "j", "j", "j", "enter", "e")
        await stand.shows("Plan: tegenboeking D-2418")
        assert stand.desk.planned[0].operation == "O-0005"


async def test_with_us_shows_what_is_out_and_since_when_the_longest_first() -> None:
    async with screen(working()) as stand:
        await play(stand, "3")
        await stand.shows("BIJ ONS KLM-044", "26-10-2026", "O-0008", "TERUG", "1 van 3")
        rows = [line for line in stand.text.split("\n") if "sql1" in line and "D-24" in line]
        assert [next(w for w in row.split() if "-0" in w or "-3" in w) for row in rows] == [
            "KLM-044",
            "ABC-012",
            "GHI-310",
        ]
        await play(stand, "c")
        await stand.shows("Boekingen op D-2418")
        await play(stand, "escape", "j", "b")
        await stand.shows("er loopt een bewerking op")
        await play(stand, "enter")
        await stand.shows("Bij ons › D-2417")


async def test_nothing_is_with_us_and_nothing_was_ordered() -> None:
    async with screen() as stand:
        await play(stand, "3")
        await stand.shows("Er is niets bij ons")
        await play(stand, "2")
        await stand.shows("nog nooit iets opgedragen")


async def test_the_page_of_a_delivery_shows_its_operations_and_opens_one() -> None:
    async with screen(working()) as stand:
        await play(stand, "j", "enter")
        await stand.shows("bij ons op sql16a", "O-0005", "HERSTELD")
        await play(stand, "enter")
        await stand.shows("Welke bewerking?")
        await play(stand, "down", "enter")
        await stand.shows("O-0004 · correctie")
        await play(stand, "escape", "escape", "j", "enter", "enter")
        await stand.shows("O-0008 · teruglezen")


async def test_a_client_s_page_tells_everything_that_happened() -> None:
    async with screen(working()) as stand:
        await play(stand, "5", "enter")
        await stand.shows("alles wat er gebeurde", "kwam binnen in")
        assert "D-2418" not in stand.text


@pytest.mark.parametrize(("count", "said"), [(1, "1 operation goes on."), (2, "2 operations go on.")])
async def test_quitting_says_what_goes_on_and_touches_nothing(count: int, said: str) -> None:
    desk = FakeDesk(rows=[], language="en")
    desk.rows_of_operations = list(OPERATIONS[:count])
    async with screen(desk) as stand:
        await stand.type("q")
        await stand.shows(said, "The worker goes on without this screen.", "Type Y")
        await stand.type("Y")
        await stand.until(lambda: stand.app.return_code == 0, "closed")
    assert [what for what, *_ in desk.ordered] == []
    assert not {"cancel", "order", "answer"} & set(desk.asked)


async def test_leaving_the_page_of_an_operation_touches_nothing() -> None:
    async with screen(working()) as stand:
        await play(stand, "2", "j", "enter", "escape", "1")
        assert isinstance(stand.app.screen, DeliveriesScreen)
        assert not {"cancel", "order", "answer"} & set(stand.desk.asked)


@pytest.mark.parametrize("call", ["operations", "operation", "held", "plan", "cancel", "answer"])
async def test_a_failing_desk_never_kills_the_screen(call: str) -> None:
    keys = {
        "operations": ("2",),
        "operation": ("2", "enter"),
        "held": ("3",),
        "plan": ("1", "j", "b"),
        "cancel": ("2", "x", "Y"),
        "answer": ("2", "j", "j", "enter", "d", "x", "enter"),
    }
    async with screen(working()) as stand:
        await stand.still()
        stand.desk.fail[call] = ZeroDivisionError("boom")
        await play(stand, *keys[call])
        await stand.shows("ZeroDivisionError", "wissel check")
        del stand.desk.fail[call]
        assert not isinstance(stand.app.screen, OperationScreen) or call in {"operation", "answer"}
        await play(stand, "escape", "escape", "escape", "1")
        await stand.shows("van 9")


@pytest.mark.parametrize("language", ["en", "nl"])
def test_sixty_columns_hold_the_client_and_the_time_of_an_operation_whole(language: str) -> None:
    cells = columns(60)
    assert cells["client"] >= len("KLM-044")
    assert sum(cells.values()) + len(cells) + BADGE_CELLS + 1 == 60
    shown = text_of(heading(60, language))
    assert "…" not in shown


def test_a_narrow_header_says_how_the_worker_is_and_leaves_out_whose_office_it_is() -> None:
    facts = Facts(
        language="en", opened=True, practice=True, read_only=True, firm_name="Oefenkantoor", worker_alive=True
    )
    assert "Oefenkantoor" in text_of(header(facts, 72))
    narrow = text_of(header(facts, 52))
    assert "Oefenkantoor" not in narrow
    assert "read-only" in narrow
    assert narrow.rstrip().endswith("worker ok")
    assert "O-0008" in text_of(header(facts, 60, "O-0008"))
