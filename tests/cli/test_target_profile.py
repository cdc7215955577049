"""`wissel target profile T NNN`, on a real office with the embedded engine."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from factory.journey import Office as Bench

from core.model.profile import Candidate, ProfileView, TrialView
from core.office.desk import Office
from tui.cli import main
from tui.output import Output
from tui.verbs import profile_page


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    _, shape = made.delivery()
    place = made.settings.office / "administrations" / "oefen16" / f"{shape.number}.sqlite"
    place.parent.mkdir(parents=True)
    shutil.copyfile(shape.path, place)
    yield made
    made.close()


def run(bench: Bench, *arguments: str, **changes: object) -> int:
    settings = bench.settings.model_copy(update=changes)
    return main(["target", *arguments], opener=lambda _args: Office(settings))


def test_a_page_says_what_stands_there(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bench, "profile", "oefen16", "120", "--trial") == 0
    said = capsys.readouterr().out
    for words in ("can work in it", "PracticeLicence", "scratch copy", "The profile fits."):
        assert words in said


def test_as_json(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bench, "profile", "oefen16", "120", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["good"], said["licence"], said["trial"]) == (True, "PracticeLicence", None)


def test_a_console_that_only_looks_tries_nothing(bench: Bench) -> None:
    assert run(bench, "profile", "oefen16", "120", read_only=True) == 0
    assert run(bench, "profile", "oefen16", "120", "--trial", read_only=True) == 11


def test_without_a_number_the_command_is_not_complete(bench: Bench) -> None:
    assert run(bench, "profile", "oefen16") == 2
    assert run(bench, "profile", "oefen16", "999") == 4


def test_everything_that_is_wrong_is_told() -> None:
    likely = Candidate("Licentie", 1, ("LicNr",), ("LicNr",), (), ("Bestand",))
    view = ProfileView(
        "sql16", "120", complete=False, licence="", missing=(("humres", ("usr_id",)),), wanted=(("pwrole", ("x",)),),
        users=(), roles=(), licences=(), like_licences=(likely, Candidate("LicenseLog", 9, (), log=True)),
        like_users=(Candidate("Mensen", 3, ("login",)),),
        trial=TrialView(good=False, firm=(), touched=("gbkmut",), count=2, first=("humres 1 mail",)),
    )  # fmt: skip
    out = io.StringIO()
    assert profile_page.show(view, Output(out, io.StringIO(), {"LC_ALL": "C"})) == profile_page.LACKING
    said = out.getvalue()
    for words in (
        "not declared", "humres lacks usr_id", "pwrole needs a value for x", "Licentie (1 row)", "LicenseLog (9 rows)",
        "Mensen (3 rows): login login", "does not come back", "gbkmut", "2 differences: humres 1 mail", "guided route",
    ):  # fmt: skip
        assert words in said
