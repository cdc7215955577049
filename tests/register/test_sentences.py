from __future__ import annotations

import re
from pathlib import Path

import pytest
from factory.orders import GUIDED, planned, sealed
from factory.records import evidence, moment

from core.model import Claim, Client, Kind, OperationState, Source, StateWord
from core.register.register import Register
from core.texts import LANGUAGES, has, say
from core.texts.shown import shown

CORE = Path(__file__).parents[2] / "core"
RAISED = re.compile(
    r"\b(?:SettingsError|RegisterError|NoSpace|NotFound|Refused|Busy|Unreadable|Cancelled)\(\s*\"([a-z-]+)\""
)


def test_every_error_of_files_settings_and_register_says_what_and_what_to_do() -> None:
    sources = [CORE / "files.py", *(CORE / "settings").glob("*.py"), *(CORE / "register").glob("*.py")]
    keys = {key for source in sources for key in RAISED.findall(source.read_text(encoding="utf-8"))}
    assert len(keys) > 30
    assert [key for key in sorted(keys) if not (has(f"error.{key}") and has(f"hint.{key}"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_log_has_its_sentence(register: Register, language: str) -> None:
    register.save_client(Client("A"))
    register.save_client(Client("A", "B"))
    delivery = register.arrive("/in", "a", "1", 1, moment(), client="A")
    register.gone(delivery, moment())
    delivery = register.arrive("/in", "a", "1", 1, moment(), client="A")
    register.stage(delivery, "unreadable", reason="rights")
    register.seal(delivery, "0" * 64, "v", moment(), evidence())
    register.tell(delivery, Claim("product_update", 418, Source.OPERATOR))
    register.reopen(delivery, "jansen", moment())
    register.judge(delivery, None, (), None, StateWord.UNKNOWN, "f")
    lines = register.custody()
    assert len({line.what for line in lines}) == 10
    for line in lines:
        assert "<" not in say(f"custody.{line.what}", language, **line.detail)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_an_operation_has_its_sentence(register: Register, language: str) -> None:
    delivery = sealed(register)
    for state in (OperationState.FAILED, OperationState.UNDONE, OperationState.CANCELLED):
        plan = planned(delivery, Kind.HAND_OVER, steps=GUIDED)
        operation = register.order(plan.order, plan)
        register.begin(operation)
        register.wait(operation, 1)
        register.answer(operation, "sent by post")
        register.end(operation, state, "outcome.cancelled")
    lines = [line for line in register.custody() if "operation" in line.detail]
    assert len({line.what for line in lines}) == 5
    for line in lines:
        said = say(f"custody.{line.what}", language, **line.detail)
        assert "<" not in said
        assert str(line.detail["operation"]) in said


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Bakkerij É. & Zn 漢", "Bakkerij É. & Zn 漢"),
        ("a\x1b[31m\n\t\x9b", "a\\x1b[31m\\x0a\\x09\\x9b"),
        ("\u202e\u200b\u2028\ufeff", "\\u202e\\u200b\\u2028\\ufeff"),
        ("\udcff\ud800\U000e0001", "\\xff\\ud800\\U000e0001"),
    ],
)
def test_shown_text_steers_nothing(text: str, safe: str) -> None:
    assert shown(text) == safe
    assert shown(text).isprintable()
