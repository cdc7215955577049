"""What may go wrong around the screen: mishaps, a worker that dies, a register that is gone, keys typed ahead."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest
from fakes.desk import FakeDesk, Since
from fakes.samples import NOW, many, row
from fakes.screen import LARGE, screen

from core.errors import RegisterError, UsageError
from core.model import StateWord
from tui import app as app_module
from tui.app import WisselApp
from tui.mishap import report
from tui.screens.deliveries import DeliveriesScreen


class Stumbling(WisselApp):
    """One of its actions is a mishap of the screen itself, not of a call."""

    def act_check(self) -> None:
        raise ZeroDivisionError("a bad action")


async def test_an_action_that_fails_is_said_and_the_screen_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WisselApp, "act_check", Stumbling.act_check)
    async with screen() as stand:
        await stand.type("ctrl+p", *"controle", "enter")
        await stand.shows("ZeroDivisionError", "Details: ")
        await stand.type("j")
        await stand.shows("2 van 9")


def test_a_mishap_of_the_screen_comes_out_as_the_exception_alone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def die(self: WisselApp) -> None:
        self._handle_exception(ZeroDivisionError("boom"))

    def run_headless(self: WisselApp) -> None:
        super(WisselApp, self).run(headless=True)

    monkeypatch.setattr(WisselApp, "open", die)
    monkeypatch.setattr(WisselApp, "run", run_headless)
    with pytest.raises(ZeroDivisionError, match="boom"):
        app_module.run(FakeDesk)
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err
    assert "locals" not in said.out + said.err


def test_the_same_mishap_is_written_once() -> None:
    error = ValueError("only once")
    first, second = report(error), report(error)
    assert first == second
    assert "only once" in Path(first).read_text(encoding="utf-8")
    assert Path(first).stat().st_mode & 0o077 == 0
    Path(first).unlink()


async def test_a_worker_that_goes_is_told_with_what_to_do_and_so_is_its_return() -> None:
    async with screen() as stand:
        stand.desk.alive = False
        await stand.shows("geen worker", "wordt niet opgemerkt", "Ctrl-p")
        stand.desk.alive = True
        await stand.shows("worker ok", "De worker draait.")


async def test_a_practice_office_s_worker_that_fell_asleep_is_woken() -> None:
    desk = FakeDesk()
    desk.practice = True
    async with screen(desk) as stand:
        asked = desk.asked.count("ensure_worker")
        stand.desk.alive = False
        await stand.shows("geen worker")
        await stand.until(lambda: desk.asked.count("ensure_worker") == asked + 1)


async def test_a_worker_that_only_starts_does_not_push_the_news_away() -> None:
    desk = FakeDesk()
    desk.alive = False
    desk.left = Since(NOW.replace(hour=9), {"arrived": 3})
    async with screen(desk) as stand:
        await stand.shows("3 binnengekomen", "geen worker")
        desk.alive = True
        await stand.shows("worker ok", "3 binnengekomen")


async def test_a_register_that_is_gone_is_said_and_keeps_nobody_from_leaving() -> None:
    async with screen() as stand:
        for call in ("pulse", "deliveries", "delivery"):
            stand.desk.fail[call] = RegisterError("register-missing", place="/weg/register.sqlite")
        await stand.shows("Er is geen register op /weg/register.sqlite")
        await stand.type("q")
        await stand.until(lambda: stand.app.return_code == 0, "closed")


async def test_the_second_q_does_not_wait_for_an_answer() -> None:
    async with screen() as stand:
        gate = Event()
        ask = stand.desk.deliveries
        stand.desk.deliveries = lambda *given: gate.wait(10) and ask(*given)  # type: ignore[assignment,method-assign]
        await stand.type("q")
        assert stand.app.return_code is None
        await stand.type("q")
        await stand.until(lambda: stand.app.return_code == 0, "closed")
        gate.set()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (("slash", *"smit"), "1 van 2"),
        (("slash", *"staat:opzij", "enter"), "filter staat:opzij"),
        (("ctrl+p", *"controle"), "wissel check"),
        (("a", *"fiets"), "De Fietshoek"),
    ],
)
async def test_what_is_typed_ahead_reaches_what_it_was_meant_for(typed: tuple[str, ...], shown: str) -> None:
    from textual import events
    from textual.keys import _character_to_key

    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 ·")
        for key in typed:
            character = key if len(key) == 1 else {"slash": "/"}.get(key)
            name = _character_to_key(key) if len(key) == 1 else key
            stand.app.post_message(events.Key(name, character))
        await stand.shows(shown)
        assert "Vertel een feit" not in stand.text
        assert stand.desk.ordered == []


async def test_a_value_that_is_not_understood_is_asked_for_again_as_it_was_typed() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 ·")
        stand.desk.fail["tell"] = UsageError("told-value", value="vier", fact="product_update", form="421")
        await stand.type("t", *"product u", "enter", *"vier", "enter")
        await stand.shows("vier is geen waarde voor product update", "product update van D-2417")
        del stand.desk.fail["tell"]
        await stand.type(*["backspace"] * 4, *"421", "enter")
        await stand.until(lambda: stand.desk.ordered == [("tell", "D-2417", "product_update", "421")], "told")


async def test_leaving_remembers_tab_and_filter_and_opening_goes_there() -> None:
    async with screen(FakeDesk([row(1, StateWord.OK)])) as stand:
        await stand.type("slash", *"D-0001", "enter", "5")
        await stand.shows("Kalma Transport")
        await stand.type("q")
        await stand.until(lambda: stand.app.return_code == 0, "closed")
        assert stand.app.view == "clients D-0001"
    desk = FakeDesk()
    desk.left = Since(view="clients smit", at=NOW.replace(hour=9), counts={"arrived": 3})
    async with screen(desk) as stand:
        await stand.shows("Kalma Transport", "Postvak 9", "3 binnengekomen")
        await stand.type("1")
        await stand.shows("filter smit", "1 van 2", "Postvak 9")
        await stand.type("escape", "escape")
        await stand.shows("van 9")


async def test_a_remembered_place_that_is_none_is_the_inbox() -> None:
    desk = FakeDesk()
    desk.left = Since(view="nowhere")
    async with screen(desk) as stand:
        await stand.shows("van 9")
        assert isinstance(stand.app.screen, DeliveriesScreen)


async def test_long_ids_are_never_cut() -> None:
    async with screen(FakeDesk(many(10_000))) as stand:
        await stand.shows("D-10000", "D-9999")


async def test_an_empty_filter_says_so_where_there_is_only_the_list() -> None:
    async with screen(size=(60, 20)) as stand:
        await stand.type("slash", *"zzz", "enter")
        await stand.shows("Geen zending voldoet")


async def test_copy_is_whole_where_the_pane_is_hidden() -> None:
    async with screen(size=(60, 20)) as stand:
        await stand.type("j", "j")
        await stand.until(lambda: (d := stand.app.stage.page()) and "alleen bestandsnaam" in d, "the whole pane")
        assert "volledig gelezen" in stand.app.stage.page()


async def test_targets_are_whole_where_it_is_narrow() -> None:
    async with screen(size=(60, 20)) as stand:
        await stand.type("6")
        await stand.shows("SRV1\\SQL16A", "vrije ruimte")


async def test_what_still_arrives_is_marked_as_provisional_and_its_size_as_growing() -> None:
    async with screen() as stand:
        await stand.shows("640MB+", "voorlopig")
        await stand.type("j")
        await stand.lacks("voorlopig")


async def test_the_pane_names_the_side_that_hurts() -> None:
    async with screen() as stand:
        await stand.type("j", "j", "j", "j")
        await stand.shows("D-2414 ·", "werk: nee ·")


@pytest.mark.parametrize("size", [(80, 24), LARGE])
async def test_more_to_read_is_counted(size: tuple[int, int]) -> None:
    async with screen(size=size) as stand:
        await stand.type("j", "j", "question_mark")
        await stand.shows("nog ", "↓")
        await stand.type("end")
        await stand.lacks("↓")
        await stand.shows("OPZIJ", "BIJ ONS", "staat:mits")
        await stand.type("question_mark")
        await stand.shows("3 van 9")
