"""Names from outside are data: on every screen, in every place."""

from __future__ import annotations

import unicodedata

import pytest
from fakes.desk import FakeDesk
from fakes.samples import CLIENTS, row
from fakes.screen import screen
from hypothesis import given
from hypothesis import strategies as st

from core.model import Answer, Claim, Client, Source, StateWord
from tui.plain import plain

HOSTILE = (
    "[red]rood[/red]",
    "\x1b[2J\x1b]0;bezet\x07weg",
    "twee\nregels\r\tmet\x00nul",
    "\u202egnp.ube\u202c",
    "nul\u200bbreed\ufeff\u2066",
    "z" + "\u0301" * 40 + "algo",
    "\ud800los",
    "名前テスト",
    "x" * 300,
)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_left_that_a_terminal_obeys(name: str) -> None:
    shown = plain(name)
    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    assert plain(shown) == shown


@given(st.text())
def test_any_text_becomes_safe(text: str) -> None:
    assert not {unicodedata.category(letter) for letter in plain(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_on_every_screen(name: str) -> None:
    hostile = row(
        7,
        StateWord.UNKNOWN,
        name,
        client=name,
        administration_number="007",
        administration_name=name,
        sql_release=name,
        best_target=name,
        work=Answer.UNKNOWN,
        back=Answer.UNKNOWN,
        rule=100,
    )
    desk = FakeDesk([hostile])
    desk.firm_name = name
    desk.members = ((name, 1),)
    desk.claims["D-0007"] = (Claim("database", name, Source.HEADER), Claim(name, name, Source.OPERATOR, by=name))
    desk.suggestions = (name,)
    desk.all_clients = (Client(name, name), *CLIENTS)
    async with screen(desk) as stand:
        await stand.shows("D-0007 ·")
        for keys in (("enter",), ("end",), ("escape", "question_mark"), ("escape", "a"), ("escape", "t")):
            await stand.type(*keys)
            await stand.still()
            check(stand.text)
        for keys in (("escape", "4"), ("5",), ("enter",), ("escape", "6"), ("1", "y")):
            await stand.type(*keys)
            await stand.still()
            check(stand.text)


def check(text: str) -> None:
    lines = text.split("\n")
    assert len(lines) == 24
    assert not {unicodedata.category(letter) for line in lines for letter in line} & {"Cc", "Cf", "Cs"}
    assert "wissel" in lines[0] or "gestuurd" in text
