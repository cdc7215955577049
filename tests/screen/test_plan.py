"""From a key to an order: what is asked, what the plan shows, and what it takes to start it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from fakes.desk import FakeDesk
from fakes.operations import REFUSAL, plan_of
from fakes.screen import LARGE, Stand, screen
from textual import events

from core.errors import Refused, UsageError
from core.model import Kind, Order, Plan
from tui.screens.deliveries import DeliveriesScreen
from tui.screens.plan import PlanScreen

RESTORE = ("j", "j", "r", "enter", "enter")


def working(language: str = "nl") -> FakeDesk:
    desk = FakeDesk(language=language)
    desk.work()
    return desk


async def play(stand: Stand, *keys: str) -> None:
    """Key by key, each when the screen has done what the last one asked."""
    for key in keys:
        await stand.type(key)
        await stand.still()


async def test_a_restore_offers_every_target_the_best_first_with_both_answers() -> None:
    async with screen() as stand:
        await play(stand, "j", "j", "r")
        await stand.shows("Teruglezen naar welke doelomgeving?", "aanbevolen", "(regel 303)")
        lines = [line for line in stand.text.split("\n") if "werk" in line and "terug" in line and "│" in line]
        assert [line.split()[1].lstrip("▌") for line in lines] == ["sql14", "sql16a", "sql19"]
        await play(stand, "down")
        await stand.shows("enkele reis")


async def test_a_target_that_is_refused_says_why_and_is_not_taken() -> None:
    async with screen() as stand:
        await play(stand, "j", "j", "j", "j")
        await stand.shows("D-2414 ·")
        await play(stand, "r")
        await stand.shows("(regel 201)")
        await play(stand, "enter")
        await stand.shows("Teruglezen naar welke doelomgeving?")
        assert stand.desk.planned == []


async def test_the_plan_says_that_nothing_has_changed_and_what_would() -> None:
    async with screen() as stand:
        await play(stand, *RESTORE)
        await stand.shows(
            "Plan: teruglezen D-2417", "nog niets gewijzigd", "ABC-012 Bakkerij Smit  administratie 007  →  sql14",
            "route automatisch", "terug mits", "(regel 303)", "SHA-256 3f9c..a1", "Terug", "Starten (Y)",
        )  # fmt: skip
        assert stand.desk.planned == [Order(Kind.RESTORE, "D-2417", "sql14", not_isolated=True)]
        assert stand.desk.ordered == []


async def test_colleagues_are_named_with_commas_and_once_each() -> None:
    async with screen() as stand:
        await play(stand, "j", "j", "r", "enter")
        await stand.type(*"KANTOOR", "backslash", *"anja, b; b", "enter")
        await stand.until(lambda: stand.desk.planned, "planned")
        assert stand.desk.planned[0].colleagues == ("KANTOOR\\anja", "b")


@pytest.mark.parametrize("key", ["enter", "escape", "space", "r", "o", "x", "q", "1", "n"])
async def test_any_other_key_goes_back(key: str) -> None:
    async with screen() as stand:
        await play(stand, *RESTORE)
        await stand.shows("Typ Y")
        await stand.type(key)
        await stand.until(lambda: isinstance(stand.app.screen, DeliveriesScreen), "back")
        assert stand.desk.ordered == []


async def test_a_capital_y_starts_and_the_operation_comes_in_the_place_of_the_plan() -> None:
    async with screen() as stand:
        await play(stand, *RESTORE)
        await stand.shows("Typ Y")
        await stand.type("Y", "Y")
        await stand.shows("O-0010 · teruglezen · D-2417", "LOOPT")
        assert stand.desk.ordered == [("order", "restore", "D-2417", "Y")]
        await stand.type("escape")
        await stand.shows("3 van 9")


async def test_keys_typed_ahead_start_nothing() -> None:
    async with screen() as stand:
        await play(stand, "j", "j", "r", "enter")
        for key, character in (("enter", "\r"), *[("upper_y", "Y")] * 5):
            stand.app.post_message(events.Key(key, character))
        await stand.shows("Lees eerst het plan…")
        await stand.shows("Typ Y")
        assert stand.desk.ordered == []
        late = events.Key("upper_y", "Y")
        late.time -= 60
        stand.app.post_message(late)
        await stand.still()
        assert isinstance(stand.app.screen, PlanScreen)
        assert stand.desk.ordered == []


async def test_a_key_typed_ahead_confirms_nothing_either() -> None:
    async with screen() as stand:
        await stand.type("q", "Y")
        await stand.shows("Scherm sluiten?", "Typ Y")
        assert stand.app.return_code is None


async def test_what_cannot_be_taken_back_takes_the_client_s_code() -> None:
    async with screen(working()) as stand:
        await play(stand, "j", "b")
        await stand.shows("Plan: retourback-up D-2418", "Tab, de cliëntcode")
        await play(stand, "Y", "k", "l")
        assert isinstance(stand.app.screen, PlanScreen)
        await play(stand, "tab", *"ABC-012", "enter")
        await stand.shows("niet de code van deze cliënt")
        assert stand.app.screen.query_one("Input").value == ""  # type: ignore[attr-defined]
        assert stand.desk.ordered == []
        await play(stand, *"klm-044", "enter")  # as the command line takes it
        await stand.until(lambda: stand.desk.ordered == [("order", "return", "D-2418", "klm-044")], "ordered")


async def test_one_way_is_typed_too_and_the_order_says_so() -> None:
    async with screen() as stand:
        await play(stand, "j", "j", "r", "down", "enter", "enter")
        await stand.shows("Tab, de cliëntcode")
        assert stand.desk.planned[0].one_way
        await play(stand, "tab", "escape")
        await stand.shows("3 van 9")


async def test_a_refused_plan_says_why_instead_of_how_to_start() -> None:
    desk = FakeDesk()
    desk.plans[Kind.RESTORE] = replace(plan_of(Order(Kind.RESTORE, "D-2417"), "", "", "007", None), refusal=REFUSAL)
    async with screen(desk) as stand:
        await play(stand, *RESTORE)
        await stand.shows("GEWEIGERD", "(regel 501)", "er is niets te starten")
        assert "Starten" not in stand.text
        await stand.type("Y")
        await stand.until(lambda: isinstance(stand.app.screen, DeliveriesScreen), "back")
        assert desk.ordered == []


async def test_an_order_that_fails_keeps_the_plan_and_says_why() -> None:
    async with screen() as stand:
        stand.desk.fail["order"] = Refused("read-only")
        await play(stand, *RESTORE, "Y")
        await stand.shows("!", "Plan: teruglezen D-2417")
        del stand.desk.fail["order"]
        await play(stand, "Y")
        await stand.shows("O-0010")


async def test_statements_and_the_plan_as_a_file(tmp_path: Path) -> None:
    async with screen(folder=str(tmp_path)) as stand:
        await play(stand, *RESTORE, "w")
        await stand.shows("Geschreven naar")
        text = (tmp_path / "wissel-D-2417-restore.txt").read_text(encoding="utf-8")
        assert "nog niets gewijzigd" in text
        assert "definitief" in text
        await play(stand, "s", "end")
        await stand.shows("UPDATE humres SET blocked = 1 WHERE res_id = 1")
        await play(stand, "s")
        await stand.lacks("UPDATE humres")


async def test_f5_makes_the_plan_again() -> None:
    async with screen() as stand:
        await play(stand, *RESTORE)
        refused = replace(plan_of(stand.desk.planned[0], "ABC-012", "Smit", "007", None), refusal=REFUSAL)
        stand.desk.plans[Kind.RESTORE] = refused
        await play(stand, "f5")
        await stand.shows("GEWEIGERD")


async def test_a_correction_shows_its_lines_and_the_trial_balance(tmp_path: Path) -> None:
    path = tmp_path / "oktober.csv"
    path.write_text("x", encoding="utf-8")
    async with screen(working(), LARGE) as stand:
        await play(stand, "j", "c")
        await stand.shows("Boekingen op D-2418")
        stand.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
        await play(stand, "enter")
        await stand.shows("26900012", "1.464,10", "proef- en saldibalans", "23.229,80", "-1.464,10")
        assert stand.desk.planned == [Order(Kind.CORRECT, "D-2418", entry="x", entry_name="oktober.csv")]


async def test_an_entry_file_that_is_wrong_is_asked_for_again_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "oktober.csv"
    path.write_text("x", encoding="utf-8")
    async with screen(working()) as stand:
        await play(stand, "j", "c")
        await stand.type(*"/weg.csv", "enter")
        await stand.shows("/weg.csv", "Boekingen op D-2418")
        await stand.until(
            lambda: "is geen" in stand.text or "bestaat niet" in stand.text or "geen bestand" in stand.text
        )
        stand.desk.fail["plan"] = UsageError("told-value", value="regel 7", fact="product_update", form="421")
        stand.app.screen.query_one("Input").value = str(path)  # type: ignore[attr-defined]
        await play(stand, "enter")
        await stand.shows("regel 7 is geen waarde", "Boekingen op D-2418")


@pytest.mark.parametrize(("key", "kind"), [("e", Kind.REVERSE), ("p", Kind.SET_ASIDE), ("o", Kind.REOPEN)])
async def test_what_stands_at_a_target_takes_a_plan(key: str, kind: Kind) -> None:
    async with screen(working()) as stand:
        await play(stand, "j", key)
        await stand.shows("D-2418", "nog niets gewijzigd", "Typ Y")
        assert [order.kind for order in stand.desk.planned] == [kind]
        await play(stand, "Y")
        assert stand.desk.ordered == [("order", str(kind), "D-2418", "Y")]


@pytest.mark.parametrize("key", ["r", "c", "b", "e", "p", "o", "x", "a", "t"])
async def test_read_only_takes_away_every_order_and_says_why(key: str) -> None:
    desk = working()
    desk.read_only = True
    async with screen(desk) as stand:
        await play(stand, "j", key)
        await stand.shows("dit scherm is alleen-lezen")
        assert not {"plan", "order", "cancel"} & set(desk.asked)


async def test_a_plan_that_comes_late_does_not_push_itself_before_the_operator() -> None:
    gate, desk = Event(), working()
    make = desk.plan

    def late(order: Order, /) -> Plan:
        gate.wait(10)
        return make(order)

    desk.plan = late  # type: ignore[method-assign]
    async with screen(desk) as stand:
        await stand.type("j", "p", "2")
        await stand.shows("LOOPT   O-0008")
        gate.set()
        await stand.until(lambda: desk.planned, "planned")
        await stand.still()
        assert not isinstance(stand.app.screen, PlanScreen)


async def test_keys_typed_ahead_open_one_dialog_and_not_one_above_the_other() -> None:
    gate, desk = Event(), working()
    make = desk.plan

    def late(order: Order, /) -> Plan:
        gate.wait(10)
        return make(order)

    desk.plan = late  # type: ignore[method-assign]
    async with screen(desk) as stand:
        await stand.type("j", "b", "c")  # the plan of a return, and before it is there a correction
        await stand.shows("Boekingen op D-2418")
        gate.set()
        await stand.until(lambda: desk.planned, "planned")
        await stand.still()
        await stand.shows("Boekingen op D-2418")
        await play(stand, "escape")
        assert isinstance(stand.app.screen, DeliveriesScreen)
        await stand.lacks("Het plan wordt gemaakt")
