"""The documents for a DBA are tests too: what they name is there, and their examples load."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import sources

from core.administration.sqlserver.probe import OPTIONS
from core.settings import TargetSettings
from tui.verbs import VERBS

DOCS = sorted((sources.ROOT / "docs").glob("*.md"))
SETUP = sources.ROOT / "docs" / "sql-server-setup.md"
README = (sources.ROOT / "README.md").read_text("utf-8")


def anchors(text: str) -> set[str]:
    """As they are made of the headings."""
    return {
        re.sub(r"[^\w\- ]", "", each.casefold()).replace(" ", "-")
        for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(path: Path) -> None:
    text = path.read_text("utf-8")
    assert f"(docs/{path.name})" in README
    for verb in re.findall(r"`wissel ([a-z][a-z-]*)", text):
        assert verb in VERBS, verb
    for option in re.findall(r"(?<=[` ])--[a-z][a-z-]+(?=[` ])", text):
        assert option in README or "apt install" in text, option
    for file, anchor in re.findall(r"\]\(([\w.-]*)(?:#([\w-]+))?\)", text):
        other = path.parent / file if file else path
        assert not anchor or anchor in anchors(other.read_text("utf-8")), anchor
    for module in re.findall(r"`((?:core|tests)/[\w/.]+)`", text):
        assert (sources.ROOT / module).exists(), module


def test_a_line_can_be_read() -> None:
    for path in DOCS:
        for line in path.read_text("utf-8").splitlines():
            assert len(line) <= 120 or line.startswith("|"), line


def test_the_example_of_a_target_is_complete() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", SETUP.read_text("utf-8"), re.DOTALL)
    (example,) = [tomllib.loads(each) for each in blocks if "[[targets]]" in each]
    (said,) = example["targets"]
    target = TargetSettings.model_validate(said)
    assert target.profile is not None
    assert target.profile.complete
    assert target.isolated
    for each in next(each for each in blocks if "keyring" in each).splitlines():
        assert TargetSettings.model_validate(said | tomllib.loads(each)).password is not None


def test_the_options_that_are_probed_are_the_ones_it_asks_for() -> None:
    text = SETUP.read_text("utf-8").partition("## The smallest")[0]
    unnamed = {each for each in OPTIONS if f"`{each}`" not in text}
    assert unnamed == {"contained database authentication", "backup compression default"}
