"""The registry: ids, keys, texts, scopes; and which keys stay free."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.operations import HELD, RUNNING, WAITING
from fakes.samples import NOW, ROWS

from core.model import StateWord
from core.texts import LANGUAGES, has, say
from tui import actions
from tui.actions import ACTIONS, Action, Context, action
from tui.app import WisselApp
from tui.drawing.frame import FOOTER_KEYS, Facts
from tui.drawing.frame import keys as keys_at_foot
from tui.widgets.spans import text_of, width_of


def keys() -> list[str]:
    return [key for each in ACTIONS if each.key for key in each.key.split(",")]


def test_ids_verbs_and_keys_are_used_once() -> None:
    assert len({each.id for each in ACTIONS}) == len(ACTIONS)
    verbs = [each.verb for each in ACTIONS if each.verb]
    assert len(set(verbs)) == len(verbs)
    assert len(set(keys())) == len(keys())


def test_moves_are_not_taken() -> None:
    assert not set("jkgG") & set(keys())


def test_a_change_is_not_on_a_key_beside_a_move() -> None:
    beside = set("hlyuinm") | {"enter", "space"}
    assert not beside & {each.key for each in ACTIONS if each.dangerous}


@pytest.mark.parametrize("each", ACTIONS, ids=lambda each: each.id)
def test_every_action_has_its_words(each: Action) -> None:
    for language in LANGUAGES:
        assert say(each.title_key, language)
        assert say(each.help_key, language).endswith((".", "adm:."))


@pytest.mark.parametrize("each", ACTIONS, ids=lambda each: each.id)
def test_read_only_takes_away_what_changes(each: Action) -> None:
    reason = each.enabled(Context(read_only=True))
    if each.dangerous:
        assert reason == "action.off.read-only"
    assert reason is None or has(reason)


SCOPES = [*actions.TABS, actions.DELIVERY, actions.OPERATION, actions.PLAN, actions.LOOK, actions.ROWS]
CONTEXTS = {
    "nothing": Context(),
    "sealed": Context(selected=ROWS[1]),
    "arriving": Context(selected=ROWS[7]),
    "with-us": Context(selected=replace(ROWS[1], state=StateWord.WITH_US, held_at="sql16a")),
    "running": Context(selected=replace(ROWS[1], state=StateWord.RUNNING, operation=RUNNING), operation=RUNNING),
    "read-only": Context(read_only=True, selected=ROWS[1]),
    "waiting": Context(operation=WAITING),
    "held": Context(held=HELD[1]),
    "returned": Context(selected=replace(ROWS[1], state=StateWord.RETURNED, held_at="sql16a")),
    "held-returned": Context(held=replace(HELD[1], returned_at=NOW)),
    "aside": Context(selected=replace(ROWS[1], state=StateWord.SET_ASIDE)),
}


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@pytest.mark.parametrize("scope", SCOPES)
def test_the_footer_holds_six_keys_at_most_in_a_line_of_eighty(scope: str, context: Context) -> None:
    for language in LANGUAGES:
        row = keys_at_foot(Facts(language=language, opened=True), scope, context, 80)
        shown = text_of(row)
        assert width_of(row) <= 80
        assert shown.count("  ") < FOOTER_KEYS
        assert "^p" in shown
        assert ("?" in shown) == (len(shown) > 4)


def test_the_footer_shows_first_what_can_be_done_now() -> None:
    facts = Facts(language="en", opened=True)
    foot = text_of(keys_at_foot(facts, actions.DELIVERIES, CONTEXTS["with-us"], 80))
    assert "c correct" in foot
    assert "b return" in foot
    assert "restore" not in foot
    foot = text_of(keys_at_foot(facts, actions.DELIVERIES, CONTEXTS["sealed"], 80))
    assert "r restore" in foot
    assert "correct" not in foot


@pytest.mark.parametrize(
    ("name", "context", "off"),
    [
        ("restore", "nothing", "nothing-selected"),
        ("restore", "arriving", "not-sealed"),
        ("restore", "with-us", "with-us"),
        ("restore", "running", "operation-open"),
        ("restore", "sealed", None),
        ("look", "nothing", "nothing-selected"),
        ("look", "arriving", "not-sealed"),
        ("look", "running", None),
        ("look", "read-only", None),
        ("correct", "sealed", "not-with-us"),
        ("restore", "returned", "returned"),
        ("restore", "aside", "set-aside"),
        ("correct", "with-us", None),
        ("correct", "returned", "returned"),
        ("return", "held-returned", "returned"),
        ("return", "running", "operation-open"),
        ("return", "held", None),
        ("set-aside", "sealed", "not-at-target"),
        ("set-aside", "held", None),
        ("reverse", "waiting", "no-correction"),
        ("cancel", "sealed", "no-operation"),
        ("cancel", "running", None),
        ("answer", "waiting", None),
        ("answer", "running", "not-waiting"),
        ("cancel", "read-only", "read-only"),
    ],
)
def test_why_an_action_is_off(name: str, context: str, off: str | None) -> None:
    assert action(name).enabled(CONTEXTS[context]) == (off and f"action.off.{off}")


def test_every_key_of_the_registry_is_bound() -> None:
    bound = {binding.key for binding in WisselApp.BINDINGS}  # type: ignore[union-attr]
    assert bound == set(keys())


def test_an_action_is_found_by_its_id() -> None:
    assert action("bind").verb == "bind"
    with pytest.raises(KeyError):
        action("nothing")
