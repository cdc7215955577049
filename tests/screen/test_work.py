"""Bind, tell, start over, copy, write, help, palette, quit: every key does what its action says."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.desk import FakeDesk
from fakes.samples import row
from fakes.screen import screen

from core.errors import NotFound, Refused
from core.model import StateWord
from tui.screens.box import BoxScreen


async def test_bind_offers_the_suggestions_first() -> None:
    desk = FakeDesk()
    desk.suggestions = ("KLM-044",)
    async with screen(desk) as stand:
        await stand.type("j", "j", "a")
        await stand.shows("Van welke cliënt is dit?", "past")
        lines = [line for line in stand.text.split("\n") if "KLM-044" in line or "ABC-013" in line]
        assert "KLM-044" in next(line for line in lines if "Kalma" in line or "Beheer" in line)
        await stand.type("enter")
        await stand.until(lambda: desk.ordered == [("bind", "D-2417", "KLM-044")], "bound")
        await stand.shows("D-2417 gekoppeld aan KLM-044")


async def test_bind_finds_a_client_by_typing() -> None:
    async with screen() as stand:
        await stand.type("j", "a")
        await stand.shows("Hofman Groen")
        await stand.type(*"fiets", "enter")
        await stand.until(lambda: stand.desk.ordered == [("bind", "D-2418", "DEF-201")], "bound")


async def test_escape_leaves_a_dialog_without_a_change() -> None:
    async with screen() as stand:
        await stand.type("j", "a")
        await stand.shows("Hofman Groen")
        await stand.type("escape")
        await stand.lacks("Van welke cliënt")
        assert stand.desk.ordered == []


async def test_tell_asks_first_what_the_rules_ask() -> None:
    desk = FakeDesk(language="en")
    async with screen(desk) as stand:
        await stand.type("j", "j", "j", "j", "j")
        await stand.shows("D-2413 ·")
        await stand.type("t")
        await stand.shows("Tell a fact about")
        first = next(line for line in stand.text.split("\n") if "▌" in line and "?" in line)
        assert "back-up type" in first
        await stand.type(*"product", "enter")
        await stand.shows("a number, like 421")
        await stand.type(*"421", "enter")
        await stand.until(lambda: desk.ordered == [("tell", "D-2413", "product_update", "421")], "told")
        await stand.shows("D-2413: told product update = 421: OK")


async def test_starting_over_needs_a_capital_y() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 ·")
        for key in ("enter", "y", "o", "escape", "space"):
            await stand.type("o")
            await stand.shows("Nog niets gewijzigd", "3f9c…a1", "Typ Y")
            await stand.type(key)
            await stand.lacks("Nog niets gewijzigd")
        assert stand.desk.ordered == []
        await stand.type("o")
        await stand.shows("Nog niets gewijzigd", "Typ Y")
        await stand.type("Y")
        await stand.until(lambda: stand.desk.ordered == [("reopen", "D-2417")], "reopened")
        await stand.shows("D-2417 opnieuw begonnen")


async def test_what_is_not_sealed_cannot_start_over_and_says_why() -> None:
    async with screen() as stand:
        await stand.type("o")
        await stand.shows("het origineel ligt nog niet in de kluis")


@pytest.mark.parametrize("key", ["a", "t", "o"])
async def test_read_only_takes_every_change_away_and_says_why(key: str) -> None:
    desk = FakeDesk()
    desk.read_only = True
    async with screen(desk) as stand:
        await stand.type("j", "j", key)
        await stand.shows("dit scherm is alleen-lezen")
        assert not {"bind", "tell", "reopen"} & set(desk.asked)


async def test_the_page_of_a_delivery_shows_everything() -> None:
    async with screen() as stand:
        await stand.type("j", "j", "enter")
        await stand.shows("Postvak › D-2417", "oordeel", "aanbevolen")
        await stand.type("end")
        await stand.shows("beheer", "007.bak", "SHA-256")
        await stand.type("escape")
        await stand.shows("3 van 9")


async def test_a_delivery_can_be_bound_on_its_own_page() -> None:
    async with screen() as stand:
        await stand.type("j", "j", "enter")
        await stand.shows("oordeel")
        await stand.type("a")
        await stand.shows("GHI-310")
        await stand.type(*"ghi", "enter")
        await stand.shows("D-2417 · GHI-310", "gekoppeld aan GHI-310")


@pytest.mark.parametrize("key", ["question_mark", "f1"])
async def test_help_explains_the_rule_that_fired_and_the_keys(key: str) -> None:
    async with screen() as stand:
        await stand.type("j", "j", key)
        await stand.shows("regel 303", "Openen in Globe")
        await stand.type("end")
        await stand.shows("!woord")
        await stand.type("escape")
        await stand.shows("3 van 9")


async def test_help_greys_what_cannot_be_done_and_says_why() -> None:
    async with screen() as stand:
        await stand.type("question_mark")
        await stand.shows("toetsen hier")
        await stand.type("end")
        await stand.type("pageup", "pageup")
        await stand.shows("het origineel ligt nog niet in de kluis")


async def test_the_palette_runs_an_action() -> None:
    async with screen(FakeDesk(language="en")) as stand:
        await stand.type("ctrl+p")
        await stand.shows("All actions", "wissel show")
        await stand.type(*"check", "enter")
        await stand.shows("not running", "start it with: wissel worker", "sql19 was never asked")
        await stand.type("escape")
        await stand.shows("1 of 9")


async def test_the_palette_keeps_what_is_off_and_says_why() -> None:
    desk = FakeDesk()
    desk.read_only = True
    async with screen(desk) as stand:
        await stand.type("ctrl+p")
        await stand.shows("Alle acties")
        await stand.type(*"bind")
        await stand.shows("dit scherm is alleen-lezen")
        await stand.type("enter")
        await stand.shows("Alle acties")
        assert "bind" not in desk.asked


async def test_the_worker_can_be_started_from_the_palette() -> None:
    async with screen() as stand:
        stand.desk.alive = False
        await stand.shows("geen worker")
        before = stand.desk.asked.count("ensure_worker")
        await stand.type("ctrl+p")
        await stand.type(*"worker", "enter")
        await stand.until(lambda: stand.desk.asked.count("ensure_worker") > before, "asked to start")


async def test_copy_shows_the_text_and_says_only_what_it_knows() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 ·")
        await stand.type("y")
        await stand.shows("Naar uw terminal gestuurd", "D-2417 · ABC-012")
        top = stand.app.screen
        assert isinstance(top, BoxScreen)
        assert top.sequence is not None
        assert "]52;c;" in top.sequence


async def test_write_makes_a_new_file_and_names_it(tmp_path: Path) -> None:
    async with screen(folder=str(tmp_path)) as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 ·")
        await stand.type("w")
        await stand.shows("Geschreven naar")
        await stand.type("w")
        await stand.until(
            lambda: (tmp_path / "wissel-D-2417-1.txt").exists() or len(list(tmp_path.iterdir())) > 1, "two"
        )
        text = (tmp_path / "wissel-D-2417.txt").read_text(encoding="utf-8")
        assert "ABC-012" in text
        assert (tmp_path / "wissel-D-2417.txt").stat().st_mode & 0o077 == 0


async def test_quit_says_what_goes_on() -> None:
    async with screen() as stand:
        await stand.type("q")
        await stand.shows("Scherm sluiten?", "1 binnenkomend, 1 in lezing", "gaat zonder dit scherm door", "Typ Y")
        await stand.type("q")
        await stand.lacks("Scherm sluiten?")
        await stand.type("q")
        await stand.shows("Scherm sluiten?", "Typ Y")
        await stand.type("Y")
        await stand.until(lambda: stand.app.return_code == 0, "closed")


async def test_quit_without_a_worker_does_not_promise_one() -> None:
    desk = FakeDesk()
    desk.alive = False
    async with screen(desk) as stand:
        await stand.shows("geen worker")
        await stand.type("q")
        await stand.shows("dit wacht tot er een draait")


async def test_quit_asks_nothing_when_nothing_goes_on() -> None:
    async with screen(FakeDesk([row(1, StateWord.OK)])) as stand:
        await stand.type("q")
        await stand.until(lambda: stand.app.return_code == 0, "closed")


async def test_tabs_and_their_pages() -> None:
    async with screen() as stand:
        await stand.type("j", "j", "5")
        await stand.shows("Kalma Transport", "421 SP2")
        await stand.type("enter")
        await stand.shows("SMIT\\anja", "007")
        await stand.type("escape", "6")
        await stand.shows("SRV1\\SQL16A", "212 GB")
        await stand.type("4")
        await stand.shows("1 van 27", "verzegeld")
        await stand.type("slash", *"2417", "enter")
        await stand.shows("1 van 3")
        await stand.type("enter")
        await stand.shows("Logboek")
        await stand.type("escape", "1")
        await stand.shows("3 van 9")


@pytest.mark.parametrize("call", ["deliveries", "delivery", "clients", "targets", "custody", "check", "pulse", "bind"])
async def test_a_failing_desk_never_kills_the_screen(call: str) -> None:
    async with screen() as stand:
        await stand.shows("D-2419 ·")
        stand.desk.fail[call] = ZeroDivisionError("boom")
        await stand.type(*{"custody": "4", "clients": "5", "targets": "6"}.get(call, "j"))
        if call == "deliveries":
            await stand.type("f5")
        if call == "bind":
            await stand.type("a")
            await stand.shows("GHI-310")
            await stand.type("enter")
        if call == "check":
            await stand.type("ctrl+p", *"check", "enter")
        await stand.shows("ZeroDivisionError", "wissel check")
        assert "Traceback" not in stand.text
        del stand.desk.fail[call]
        await stand.type("escape", "escape", "1", "j")
        await stand.shows("van 9")


async def test_an_error_of_the_house_says_what_and_what_to_do() -> None:
    async with screen() as stand:
        stand.desk.fail["delivery"] = NotFound("delivery", id="D-2418")
        await stand.type("j")
        await stand.shows("!", "D-2418")


async def test_what_keeps_the_office_from_opening_comes_out_of_the_screen() -> None:
    from tui.app import WisselApp

    def refuse() -> FakeDesk:
        raise Refused("somewhere")

    app = WisselApp(refuse)
    async with app.run_test() as pilot:
        while app.return_code is None and app.refusal is None:
            await pilot.pause()
    assert isinstance(app.refusal, Refused)
    assert app.return_code == Refused.exit_code


async def test_before_the_office_is_open_only_quit_works() -> None:
    from threading import Event

    from tui.app import WisselApp

    gate, desk = Event(), FakeDesk()

    def later() -> FakeDesk:
        gate.wait(10)
        return desk

    app = WisselApp(later)
    async with app.run_test() as pilot:
        await pilot.press("j", "a", "enter", "ctrl+p", "question_mark", "4")
        assert not app.facts.opened
        assert desk.asked == []
        gate.set()
        await pilot.press("q")
