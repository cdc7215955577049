"""The registry: ids, keys, texts, scopes; and which keys stay free."""

from __future__ import annotations

import pytest

from core.texts import LANGUAGES, has, say
from tui import actions
from tui.actions import ACTIONS, Action, Context, action
from tui.app import WisselApp
from tui.drawing.frame import FOOTER_KEYS

RESERVED = set("rcbvxis23")
"""Kept for operations: restore, correct, return, verify, cancel, look inside, statements, and two tabs."""


def keys() -> list[str]:
    return [key for each in ACTIONS if each.key for key in each.key.split(",")]


def test_ids_verbs_and_keys_are_used_once() -> None:
    assert len({each.id for each in ACTIONS}) == len(ACTIONS)
    verbs = [each.verb for each in ACTIONS if each.verb]
    assert len(set(verbs)) == len(verbs)
    assert len(set(keys())) == len(keys())


def test_reserved_keys_are_free_and_moves_are_not_taken() -> None:
    assert not (RESERVED | set("jkgG")) & set(keys())


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


@pytest.mark.parametrize("scope", [*actions.TABS, actions.DELIVERY])
def test_the_footer_holds_six_keys_at_most(scope: str) -> None:
    assert len([each for each in ACTIONS if each.footer and each.applies(scope)]) <= FOOTER_KEYS + (scope == "delivery")


def test_every_key_of_the_registry_is_bound() -> None:
    bound = {binding.key for binding in WisselApp.BINDINGS}  # type: ignore[union-attr]
    assert bound == set(keys())


def test_an_action_is_found_by_its_id() -> None:
    assert action("bind").verb == "bind"
    with pytest.raises(KeyError):
        action("nothing")
