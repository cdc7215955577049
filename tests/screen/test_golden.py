"""What stands on the screens, letter by letter, at both design sizes and in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.desk import FakeDesk
from fakes.operations import REFUSAL, plan_of
from fakes.screen import GOLDEN, LARGE, SMALL, Stand, screen

from core.model import Kind, Order
from tui.theme import THEMES

SCENES = {
    "inbox": ("j", "j"),
    "delivery": ("j", "j", "enter"),
    "help": ("j", "j", "question_mark"),
    "palette": ("ctrl+p",),
    "bind": ("j", "j", "a"),
    "tell": ("j", "j", "t"),
    "reopen": ("j", "j", "o"),
    "copy": ("j", "j", "y"),
    "log": ("4",),
    "clients": ("5",),
    "client": ("5", "enter"),
    "targets": ("6",),
    "filter": ("slash", "s", "m", "i", "t", "enter"),
    "quit": ("q",),
    "restore": ("j", "j", "r"),
    "colleagues": ("j", "j", "r", "enter"),
    "plan-restore": ("j", "j", "r", "enter", "enter"),
    "plan-one-way": ("j", "j", "r", "down", "enter", "enter"),
    "statements": ("j", "j", "r", "enter", "enter", "s"),
}

WORK = {
    "busy": ("j", "j"),
    "operations": ("2",),
    "operation": ("2", "j", "enter"),
    "operation-log": ("2", "j", "enter", "l"),
    "operation-waits": ("2", "j", "j", "enter"),
    "operation-done": ("2", "j", "j", "j", "enter", "end"),
    "answer": ("2", "j", "j", "enter", "d"),
    "cancel": ("2", "j", "x"),
    "held": ("3",),
    "with-us": ("j", "enter"),
    "entry": ("j", "c"),
    "plan-correct": ("j", "e"),
    "plan-return": ("j", "b"),
    "quit-working": ("q",),
}
"""The same, where operations are under way."""
LARGE_ONES = ("inbox", "delivery", "help", "bind", "plan-restore")
LARGE_WORK = ("operations", "plan-correct")


def working(language: str = "nl") -> FakeDesk:
    desk = FakeDesk(language=language)
    desk.work()
    return desk


async def play(stand: Stand, keys: tuple[str, ...]) -> None:
    for key in keys:
        await stand.type(key)
        await stand.still()


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("scene", SCENES)
async def test_small(scene: str, language: str) -> None:
    async with screen(FakeDesk(language=language), SMALL) as stand:
        await play(stand, SCENES[scene])
        await stand.golden(f"{scene}-80x24-{language}")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("scene", WORK)
async def test_small_at_work(scene: str, language: str) -> None:
    async with screen(working(language), SMALL) as stand:
        await play(stand, WORK[scene])
        await stand.golden(f"{scene}-80x24-{language}")


@pytest.mark.parametrize("scene", LARGE_WORK)
async def test_large_at_work(scene: str) -> None:
    async with screen(working(), LARGE) as stand:
        await play(stand, WORK[scene])
        await stand.golden(f"{scene}-120x36-nl")


async def test_a_refused_plan() -> None:
    desk = FakeDesk()
    desk.plans[Kind.RESTORE] = replace(plan_of(Order(Kind.RESTORE, "D-2417"), "", "", "007", None), refusal=REFUSAL)
    async with screen(desk, SMALL) as stand:
        await play(stand, SCENES["plan-restore"])
        await stand.golden("plan-refused-80x24-nl")


@pytest.mark.parametrize("scene", LARGE_ONES)
async def test_large(scene: str) -> None:
    async with screen(FakeDesk(), LARGE) as stand:
        await play(stand, SCENES[scene])
        await stand.golden(f"{scene}-120x36-nl")


@pytest.mark.parametrize("scene", ["inbox", "delivery", "reopen", "palette", "plan-restore", "plan-one-way", *WORK])
async def test_nothing_is_lost_without_colour(scene: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen(working() if scene in WORK else FakeDesk(), SMALL) as stand:
        await play(stand, {**SCENES, **WORK}[scene])
        await stand.golden(f"{scene}-80x24-nl")
        colours = {
            colour.name
            for strip in stand.app.screen._compositor.render_strips()
            for segment in strip.apply_filter(stand.app._filters[-1], stand.app.screen.background_colors[1])
            if segment.style
            for colour in (segment.style.color, segment.style.bgcolor)
            if colour
        }
        assert colours <= {"default"}


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_no_theme_loses_a_word(theme: str) -> None:
    async with screen(FakeDesk(), SMALL) as stand:
        stand.app.theme = theme
        await play(stand, SCENES["inbox"])
        await stand.golden("inbox-80x24-nl")


async def test_a_practice_office_without_a_worker_at_its_smallest() -> None:
    desk = FakeDesk()
    desk.practice, desk.alive = True, False
    desk.rows = [replace(each, client=None) for each in desk.rows]
    async with screen(desk, (60, 20)) as stand:
        await stand.shows("OEFENKANTOOR", "geen worker")
        await stand.golden("practice-60x20-nl")


def test_no_golden_file_is_left_over() -> None:
    wanted = {f"{scene}-80x24-{language}.txt" for scene in (*SCENES, *WORK) for language in ("en", "nl")}
    wanted |= {f"{scene}-120x36-nl.txt" for scene in (*LARGE_ONES, *LARGE_WORK)}
    wanted |= {"practice-60x20-nl.txt", "plan-refused-80x24-nl.txt"}
    assert {path.name for path in GOLDEN.iterdir() if not path.name.startswith("look")} == wanted
