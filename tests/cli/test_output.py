from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import errors
from core.errors import Cancelled, NotFound, WisselError
from core.texts import language_of
from tui.output import Output, as_json
from tui.tables import Cell, Column


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def output(*, terminal: bool = False, **environ: str) -> Output:
    kind = Terminal if terminal else io.StringIO
    return Output(kind(), kind(), {"TERM": "xterm", **environ})


def said(out: Output) -> str:
    assert isinstance(out.stderr, io.StringIO)
    return out.stderr.getvalue()


def printed(out: Output) -> str:
    assert isinstance(out.stdout, io.StringIO)
    return out.stdout.getvalue()


def raising(error: BaseException) -> int:
    raise error


def test_an_error_is_what_why_and_what_to_do_with_the_code_of_its_class() -> None:
    out = output()
    assert out.guard(lambda: raising(NotFound("client-not-noted", code="ABC"))) == 4
    first, second = said(out).splitlines()
    assert first == "wissel: The register knows no client ABC."
    assert second.strip().startswith("Note it with: wissel client ABC")
    assert printed(out) == ""


def test_an_error_as_json_stays_off_the_data() -> None:
    out = output()
    out.json = True
    out.language = "nl"
    assert out.guard(lambda: raising(NotFound("client-not-noted", code="ABC"))) == 4
    told = json.loads(said(out))["error"]
    assert set(told) == {"key", "text", "hint", "exit_code", "retry_is_safe"}
    assert (told["key"], told["exit_code"], told["retry_is_safe"]) == ("client-not-noted", 4, False)
    assert told["text"] == "Het register kent geen cliënt ABC."
    assert printed(out) == ""


def test_a_key_without_a_sentence_still_says_something() -> None:
    out = output()
    assert out.guard(lambda: raising(errors.VaultError("never-written", id="D-1"))) == 9
    assert "never-written" in said(out)


def test_a_full_disk_behind_the_errors_keeps_the_exit_code(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from core.errors import NotFound\n"
        "from tui.output import Output\n"
        "def work(): raise NotFound('delivery', id='D-1')\n"
        "sys.exit(Output(sys.stdout, sys.stderr, {}).guard(work))\n"
    )
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    with open("/dev/full", "wb") as full:
        assert subprocess.run([sys.executable, "-c", program], stderr=full, check=False).returncode == 4


def test_with_json_only_an_error_speaks() -> None:
    out = output()
    out.talk("say.custody.whole")
    assert said(out)
    out = output()
    out.json = True
    out.talk("say.custody.whole")
    assert said(out) == ""


def test_a_passing_line_is_for_a_terminal_and_leaves_nothing_behind() -> None:
    out = output(terminal=True)
    out.passing("Reading: 10 %")
    out.passing("Reading")
    out.fail(NotFound("delivery", id="D-1"))
    assert said(out).startswith("\rReading: 10 %\rReading      \r       \rwissel: ")
    for quiet in (output(), output(terminal=True, TERM="dumb")):
        quiet.passing("Reading")
        quiet.passing("")
        assert said(quiet) == ""


def test_ctrl_c_is_130_and_no_traceback() -> None:
    out = output()
    assert out.guard(lambda: raising(KeyboardInterrupt())) == Cancelled.exit_code == 130
    assert "Traceback" not in said(out)


def test_the_unexpected_is_one_line_and_a_log(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = output()
    assert out.guard(lambda: raising(ZeroDivisionError("by \x1b[31mzero"))) == WisselError.exit_code == 1
    assert "Traceback" not in said(out)
    assert "\x1b" not in said(out)
    (log,) = (entry for entry in os.scandir(str(tmp_path)))
    assert log.path in said(out)
    assert os.name == "nt" or log.stat().st_mode & 0o077 == 0
    with open(log.path, encoding="utf-8") as text:
        assert "ZeroDivisionError" in text.read()


def test_wissel_debug_shows_the_traceback(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    out = output(WISSEL_DEBUG="1")
    assert out.guard(lambda: raising(ZeroDivisionError("zero"))) == 1
    assert "Traceback" in said(out)


def test_colour_only_on_a_terminal_that_wants_it() -> None:
    def table(out: Output) -> str:
        out.table([Column("work")], [[Cell("yes", "yes")]])
        return printed(out)

    assert "\x1b[32myes\x1b[0m" in table(output(terminal=True))
    assert "\x1b" not in table(output())
    assert "\x1b" not in table(output(terminal=True, NO_COLOR="1"))
    assert "\x1b" not in table(output(terminal=True, TERM="dumb"))


def test_the_screen_opens_only_where_it_can_be_drawn_and_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    assert output(terminal=True).drawable
    assert not output().drawable
    assert not output(terminal=True, TERM="dumb").drawable
    for wish in ("json", "plain"):
        out = output(terminal=True)
        setattr(out, wish, True)
        assert not out.drawable


def test_plain_names_each_value() -> None:
    out = output(terminal=True)
    out.plain = True
    out.table([Column("id"), Column("work"), Column("file")], [[Cell("D-0001"), Cell(""), Cell("a.bak")]])
    assert printed(out) == "id: D-0001; file: a.bak\n"


def test_an_array_is_json_whatever_its_length() -> None:
    for values in ([], [1], [{"a": "\udc80é"}, 2]):
        out = output()
        out.array(values)
        assert json.loads(printed(out)) == values
        assert printed(out).isascii()


def test_names_from_files_are_never_obeyed() -> None:
    hostile = "a\x1b]0;owned\x07\u202egpj.exe\r\n[red]\udc80"
    out = output(terminal=True)
    out.line(hostile)
    out.fields([("file", hostile)])
    out.table([Column("file", least=10)], [[Cell(hostile)]])
    out.fail(NotFound("client-not-noted", code=hostile))
    shown = printed(out).replace("\x1b[1m", "").replace("\x1b[0m", "") + said(out)
    assert not set(shown) & {"\x1b", "\x07", "\r", "\u202e", "\udc80"}
    assert as_json(hostile).isascii()
    assert json.loads(as_json(hostile)) == hostile


def test_a_full_disk_behind_the_output_is_10() -> None:
    assert output().guard(lambda: raising(OSError(errno.ENOSPC, "full"))) == 10


def test_closed_streams_are_no_error() -> None:
    out = Output(None, None, {})
    out.line("unseen")
    assert out.guard(lambda: raising(NotFound("client-not-noted", code="A"))) == 4


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "nl_NL.UTF-8"}, "nl"),
        ({"LANG": "nl_NL.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "WISSEL_LANGUAGE": "nl"}, "nl"),
    ],
)
def test_the_language_before_there_are_settings(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
def test_a_reader_that_leaves_early_is_no_error() -> None:
    program = (
        "import os, sys\n"
        "from tui.output import Output\n"
        "out = Output(sys.stdout, sys.stderr, {})\n"
        "sys.exit(out.guard(lambda: [out.line('x' * 1000) for _ in range(1000)] and 0))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() == 0
