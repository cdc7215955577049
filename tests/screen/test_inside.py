"""Look inside: tables, rows, a row, verification; what cannot be opened; what takes long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from fakes.desk import FakeDesk
from fakes.inside import FakeInside
from fakes.screen import GOLDEN, LARGE, SMALL, Stand, screen

from core.errors import BadFormat
from core.model.inside import DamageInside, TableInside, Verified
from tui.screens.look import LookScreen
from tui.screens.look_rows import MOST, LookRowsScreen

HERE = ("j", "i")
SCENES = {
    "look": HERE,
    "look-rows": (*HERE, "j", "enter"),
    "look-columns": (*HERE, "j", "enter", *["right"] * 4, "j", "j", "j"),
    "look-row": (*HERE, "j", "enter", "j", "j", "j", "enter"),
    "look-search": (*HERE, "slash", *"usr", "enter"),
    "look-verify": (*HERE, "v"),
    "look-help": (*HERE, "question_mark"),
}
REFUSALS = {
    "log": BadFormat("inside-log", position=1),
    "stripe": BadFormat("inside-stripes", missing="2", count=2),
    "2000": BadFormat("inside-2000", version=539),
    "encrypted": BadFormat("inside-encrypted"),
    "full": BadFormat("inside-needs-full"),
}


async def play(stand: Stand, *keys: str) -> None:
    for key in keys:
        await stand.type(key)
        await stand.still()


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("scene", SCENES)
async def test_letter_by_letter(scene: str, language: str) -> None:
    async with screen(FakeDesk(language=language), SMALL) as stand:
        await play(stand, *SCENES[scene])
        await stand.golden(f"{scene}-80x24-{language}")


async def test_letter_by_letter_where_there_is_room() -> None:
    async with screen(FakeDesk(), LARGE) as stand:
        await play(stand, *SCENES["look-rows"])
        await stand.golden("look-rows-120x36-nl")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("why", REFUSALS)
async def test_what_cannot_be_looked_into_says_why_in_a_sentence(why: str, language: str) -> None:
    desk = FakeDesk(language=language)
    desk.fail["look"] = REFUSALS[why]
    async with screen(desk, SMALL) as stand:
        await play(stand, *HERE)
        await stand.golden(f"look-refused-{why}-80x24-{language}")
        assert desk.asked.count("look") == 1
        stand.desk.beat += 1
        await stand.still()
        assert desk.asked.count("look") == 1, "a change of the register is no reason to try again"
        del desk.fail["look"]
        await stand.type("f5")
        await stand.shows("dbo.gbkmut")


async def test_it_opens_from_the_page_of_a_delivery_too() -> None:
    async with screen() as stand:
        await play(stand, "j", "enter", "i")
        await stand.shows("D-2418", "dbo.humres", "12.344")
        await stand.type("escape")
        await stand.shows("Kalma Transport")
        await stand.until(stand.desk.inside.closed.is_set, "closed")


async def test_what_is_not_sealed_is_not_looked_into() -> None:
    async with screen() as stand:
        await play(stand, "i")
        await stand.shows("het origineel ligt nog niet in de kluis")


async def test_escape_stops_an_opening_that_takes_long() -> None:
    desk = FakeDesk()
    desk.opening = Event()
    async with screen(desk) as stand:
        await stand.type("j", "i")
        await stand.shows("wordt geopend (310 MB)", "Esc stopt het")
        await stand.type("escape")
        await stand.shows("2 van 9")
        await stand.app.workers.wait_for_complete()
        assert not stand.app.stage.notice.text


async def test_one_that_opens_after_nobody_waits_any_more_is_closed() -> None:
    desk = Deaf()
    desk.opening = Event()
    async with screen(desk) as stand:
        await stand.type("j", "i")
        await stand.shows("wordt geopend")
        await stand.type("escape")
        desk.opening.set()
        await stand.until(desk.inside.closed.is_set, "closed")


class Deaf(FakeDesk):
    """Opens whatever anybody says."""

    def look(self, delivery: str, /, *, cancel: Callable[[], bool]) -> FakeInside:
        return super().look(delivery, cancel=lambda: False)


async def test_rows_come_as_they_are_needed_and_not_more_than_can_be_kept() -> None:
    async with screen() as stand:
        await play(stand, *SCENES["look-rows"])
        top = stand.app.screen
        assert isinstance(top, LookRowsScreen)
        assert len(top._read) == 200
        await play(stand, "end")
        await stand.until(lambda: len(top._read) == 400, "the next")
        for _ in range(60):
            await stand.type("end")
            await stand.still()
            if "wissel rows" in stand.text:
                break
        assert len(top._read) == MOST
        await stand.shows("wissel rows D-2418 dbo.gbkmut")


async def test_the_last_row_is_known_as_the_last() -> None:
    async with screen() as stand:
        await play(stand, *HERE, "j", "j", "enter")
        await stand.shows("alle 12 rijen", "usr_id 12")


async def test_a_search_within_the_rows() -> None:
    async with screen() as stand:
        await play(stand, *SCENES["look-rows"], "slash", *"Boeking 77", "enter")
        await stand.shows("1 van 1", "Boeking 77")
        await stand.type("escape")
        await stand.shows("1 van 200")


async def test_columns_stop_at_both_ends() -> None:
    async with screen() as stand:
        await play(stand, *SCENES["look-rows"], *["right"] * 30)
        await stand.shows("timestamp")
        await play(stand, *["left"] * 30)
        await stand.shows("bkjrcode")


async def test_shift_moves_a_screenful_of_columns() -> None:
    async with screen() as stand:
        await play(stand, *SCENES["look-rows"])
        before = stand.text
        await play(stand, "shift+right")
        await stand.shows("bkstnr")
        assert "bkjrcode" not in stand.text
        await play(stand, *["shift+right"] * 9)
        await stand.shows("timestamp")
        await play(stand, *["shift+left"] * 9)
        assert stand.text == before


async def test_damage_is_said_where_the_rows_stand() -> None:
    desk = FakeDesk()
    desk.inside.damage = (
        DamageInside("page-checksum", 1, 77, table="dbo.gbkmut"),
        DamageInside("record", 1, 78, 3, "dbo.gbkmut"),
    )
    async with screen(desk) as stand:
        await play(stand, *SCENES["look-rows"])
        await stand.shows("dbo.gbkmut: Pagina 1:77: de controlesom klopt niet.", "en nog 1")


async def test_a_table_that_nobody_reads_says_so() -> None:
    desk = FakeDesk()
    desk.inside.broken = BadFormat("inside-storage", table="dbo.bedryf", storage="columnstore")
    async with screen(desk) as stand:
        await play(stand, *HERE, "enter")
        await stand.shows("dbo.bedryf", "columnstore")
        await stand.type("escape")
        await stand.shows("dbo.gbkmut")


async def test_a_verification_says_how_far_it_is_and_can_be_stopped() -> None:
    desk = FakeDesk()
    desk.inside.gate = Event()
    async with screen(desk) as stand:
        await play(stand, *HERE)
        await stand.type("v")
        await stand.shows("Pagina's en rijen")
        await stand.type("escape")
        await stand.shows("dbo.gbkmut")
        await stand.app.workers.wait_for_complete()


async def test_a_verification_that_finds_something() -> None:
    desk = FakeDesk()
    gone = TableInside(20, "dbo", "gbkmut", (), 12_345, rows=12_344)
    desk.inside.verified = Verified({"pages": 5}, (DamageInside("page-torn", 1, 9),), 2, (gone,))
    async with screen(desk) as stand:
        await play(stand, *HERE, "v")
        await stand.shows("Niet alles klopt.", "Pagina 1:9", "12.344", "en nog 2")


async def test_a_database_without_tables_says_so() -> None:
    desk = FakeDesk()
    desk.inside = FakeInside(())
    async with screen(desk) as stand:
        await play(stand, *HERE)
        await stand.shows("geen gebruikerstabel")


async def test_many_tables_are_counted_while_they_are_looked_at() -> None:
    desk = FakeDesk()
    tables = [replace(desk.inside.all[0], id=number, name=f"tabel{number:04d}") for number in range(1, 2001)]
    desk.inside = FakeInside(tables)
    async with screen(desk) as stand:
        await play(stand, *HERE)
        top = stand.app.screen
        assert isinstance(top, LookScreen)
        assert len(top._counted) == 2000
        await stand.shows("1 van 2000")


async def test_the_page_can_be_written(tmp_path: Path) -> None:
    async with screen(folder=str(tmp_path)) as stand:
        await play(stand, *HERE, "w")
        await stand.shows("Geschreven naar")
    assert "dbo.sysdiagrams" in (tmp_path / "wissel-D-2418-tables.txt").read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{scene}-80x24-{language}.txt" for scene in SCENES for language in ("en", "nl")}
    wanted |= {f"look-refused-{why}-80x24-{language}.txt" for why in REFUSALS for language in ("en", "nl")}
    assert {path.name for path in GOLDEN.glob("look*")} == wanted | {"look-rows-120x36-nl.txt"}
