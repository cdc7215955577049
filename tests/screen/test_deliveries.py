"""The inbox: list, pane, selection, filter, the keys that move."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.desk import FakeDesk, Since
from fakes.samples import NOW as FAKE_NOW
from fakes.samples import ROWS, many, row
from fakes.screen import LARGE, SMALL, Stand, screen

from core.model import StateWord
from tui.screens.deliveries import DeliveriesScreen


def inbox(stand: Stand) -> DeliveriesScreen:
    top = stand.app.screen
    assert isinstance(top, DeliveriesScreen)
    return top


def chosen(stand: Stand) -> str | None:
    selected = inbox(stand).selected
    return selected.id if selected else None


async def test_the_list_shows_a_word_for_every_state() -> None:
    async with screen() as stand:
        await stand.shows("LEEST", " OK ", "MITS", "ENKEL", "NEE", " ? ", " … ", "08R2", "ewon_fw.ebu", "303+1")


async def test_states_and_answers_in_english() -> None:
    async with screen(FakeDesk(language="en")) as stand:
        await stand.shows("WARN", "ONEWAY", "???", "...", "if…", "Inbox 9", "1.2 GB")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("j",), "D-2418"),
        (("down", "down"), "D-2417"),
        (("j", "j", "k"), "D-2418"),
        (("down", "up"), "D-2419"),
        (("end",), "D-2410"),
        (("G",), "D-2410"),
        (("end", "home"), "D-2419"),
        (("end", "g"), "D-2419"),
        (("pagedown",), "D-2410"),
        (("end", "pageup"), "D-2419"),
        (("k",), "D-2419"),
    ],
)
async def test_keys_that_move(keys: tuple[str, ...], expected: str) -> None:
    async with screen() as stand:
        await stand.type(*keys)
        await stand.until(lambda: chosen(stand) == expected, expected)


async def test_the_pane_follows_the_cursor() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows(
            "D-2417 · ABC-012 · 007 Bakkerij Smit", "▸ sql14", "2019/424", "alleen bestandsnaam", "3f9c…a1"
        )


async def test_a_condition_of_whole_targets_stands_there_once() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("hele omgeving: regel 211")
        assert stand.text.count("211") == 1


async def test_sealed_by_content_is_not_amber_but_a_name_is() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("418")
        spans = {span.text.strip(): span.ink for span in inbox(stand)._draw(ROWS[2], 80, chosen=False)}
        assert spans["418"] == "conditional"
        spans = {span.text.strip(): span.ink for span in inbox(stand)._draw(ROWS[1], 80, chosen=False)}
        assert spans["421"] == "text"


async def test_side_by_side_when_there_is_room() -> None:
    async with screen(size=LARGE) as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 · ABC-012")
        line = next(each for each in stand.text.split("\n") if "LEEST" in each)
        assert "sql14" in line or "doelomgeving" in line


async def test_only_the_list_when_there_is_no_room() -> None:
    async with screen(size=(60, 20)) as stand:
        await stand.shows("MITS", "ja")
        assert "voorlopig" not in stand.text
        await stand.type("j", "j", "enter")
        await stand.shows("oordeel", "sql16a")


async def test_the_filter_follows_while_typing_and_esc_clears_it() -> None:
    async with screen() as stand:
        await stand.type("slash", *"smit")
        await stand.shows("1 van 2", "D-2417", "D-2416")
        await stand.type("enter")
        await stand.shows("filter smit")
        await stand.type("escape")
        await stand.shows("van 9")
        assert "filter smit" not in stand.text


async def test_escape_while_typing_clears_the_filter() -> None:
    async with screen() as stand:
        await stand.type("slash", *"!ebu", "escape")
        await stand.shows("van 9")
        await stand.type("j")
        await stand.until(lambda: chosen(stand) == "D-2418", "the list has the keys")


async def test_a_filter_without_hits_says_how_to_clear_it() -> None:
    async with screen() as stand:
        await stand.type("slash", *"zzz", "enter")
        await stand.shows("Geen zending voldoet aan dit filter")


async def test_the_selection_survives_a_filter() -> None:
    async with screen() as stand:
        await stand.type("j", "j", "slash", *"smit")
        await stand.shows("van 2")
        assert chosen(stand) == "D-2417"
        await stand.type("backspace", "backspace", "backspace", "backspace", *"fiets")
        await stand.until(lambda: chosen(stand) == "D-2414", "the only one left")
        await stand.type("escape")
        await stand.until(lambda: chosen(stand) == "D-2417" and "van 9" in stand.text, "back where it was")


async def test_the_selection_survives_a_new_arrival() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.until(lambda: chosen(stand) == "D-2417", "chosen")
        stand.desk.rows.insert(0, row(2420, StateWord.ARRIVING, "nieuw.ebu"))
        stand.desk.beat += 1
        await stand.shows("D-2420", "Postvak 10")
        assert chosen(stand) == "D-2417"


async def test_a_change_of_the_register_is_drawn_without_a_key() -> None:
    async with screen() as stand:
        stand.desk.rows[1] = replace(stand.desk.rows[1], client="NEW-001")
        stand.desk.beat += 1
        await stand.shows("NEW-001")


async def test_a_long_list_is_held_in_windows() -> None:
    async with screen(FakeDesk(many(10_000))) as stand:
        await stand.shows("D-10000", "van 10000")
        await stand.type("end")
        await stand.shows("D-0001", "10000 van 10000")
        await stand.until(lambda: chosen(stand) == "D-0001", "the last")
        assert len(inbox(stand).rows.held) <= 400
        await stand.type("k", "k")
        await stand.until(lambda: chosen(stand) == "D-0003", "two up")


async def test_the_selection_is_found_again_far_down() -> None:
    async with screen(FakeDesk(many(3_000))) as stand:
        await stand.type("end")
        await stand.until(lambda: chosen(stand) == "D-0001", "the last")
        await stand.type("slash", *"D-2999", "enter")
        await stand.until(lambda: chosen(stand) == "D-2999", "the only one")
        inbox(stand)._wanted = "D-1500"
        await stand.type("escape")
        await stand.until(lambda: chosen(stand) == "D-1500", "found far down")


async def test_the_pane_shows_the_log_and_the_verdict_again() -> None:
    async with screen() as stand:
        await stand.type("j", "j")
        await stand.shows("D-2417 ·", "2014/421")
        await stand.type("l")
        await stand.shows("verzegeld")
        assert "2014/421" not in stand.text
        await stand.type("l")
        await stand.shows("2014/421")


async def test_zoom_gives_the_side_that_has_the_keys_the_screen() -> None:
    async with screen(size=SMALL) as stand:
        await stand.shows("voorlopig")
        await stand.type("z")
        await stand.lacks("voorlopig")
        await stand.type("z", "tab", "z")
        await stand.until(lambda: "voorlopig" in stand.text and "D-2418" not in stand.text, "pane only")
        await stand.type("escape")
        await stand.shows("D-2418")


async def test_since_you_left() -> None:
    desk = FakeDesk()
    desk.left = Since(FAKE_NOW.replace(hour=9), {"arrived": 3, "sealed": 2, "weird": 1})
    async with screen(desk) as stand:
        await stand.shows("Sinds u wegging (09:02): 3 binnengekomen, 2 verzegeld")
        await stand.type("escape")
        await stand.lacks("Sinds u wegging")


async def test_an_empty_inbox_says_so() -> None:
    async with screen(FakeDesk([])) as stand:
        await stand.shows("Er is nog niets binnengekomen")


async def test_practice_and_read_only_are_marked() -> None:
    desk = FakeDesk(language="en")
    desk.practice = desk.read_only = True
    async with screen(desk) as stand:
        await stand.shows("PRACTICE OFFICE", "read-only")


async def test_the_header_says_when_there_is_no_worker() -> None:
    async with screen() as stand:
        await stand.shows("worker ok")
        stand.desk.alive = False
        await stand.shows("geen worker")
