"""What goes over the line: nothing while idle, little for a key; and the clipboard's sequence."""

from __future__ import annotations

import base64
import os
import signal
import sys
from pathlib import Path

import pytest

from tui.clipboard import CAP, osc52

terminal = pytest.importorskip("terminal")
ROOT = Path(__file__).parent.parent.parent
CHILD = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from fakes.desk import FakeDesk
from fakes.samples import NOW, many
from tui.app import WisselApp
desk = FakeDesk(many(10_000))
WisselApp(lambda: desk, now=lambda: NOW).run()
"""

AT_WORK = """
import signal
import tui.app
tui.app._PULSE = 0.05
looks, going = 0, False
def go(*_):
    global going
    going = True
signal.signal(signal.SIGUSR1, go)
def pulse():
    global looks
    if going and looks < 60:
        looks += 1
        desk.now_is("O-0008", percent=40 + looks, step=2 + looks // 12)
        row = next(each for each in desk.rows_of_operations if each.id == "O-0008")
        desk.rows = [replace(each, operation=row) if each.id == "D-2417" else each for each in desk.rows]
    return desk.beat
desk.pulse = pulse
"""
"""From the signal on, each of sixty looks at the register sees another percent: a minute of progress, only faster."""
TICKING = """
from datetime import timedelta
from time import monotonic
start = monotonic()
def ticking():
    return NOW.replace(second=56) + timedelta(seconds=monotonic() - start)
"""
AND_LEAVE = """
from tui.app import run
code = run(lambda: desk)
print("seen" if desk.ordered else "nothing seen")
sys.exit(code)
"""
WORKING = f"desk.rows = list(ROWS)\ndesk.work()\n{AT_WORK}"
ONE_MINUTE = 200
ONE_MINUTE_AT_WORK = 20_000
ONE_KEY = 4_000
"""Bytes: two lines of the list, and a pane of which every line is another one."""


def test_idle_is_silent_and_a_key_is_cheap() -> None:
    with terminal.Terminal([sys.executable, "-c", CHILD], environ={"COLORTERM": "truecolor"}) as line:
        line.wait(lambda text: "D-10000 ·" in text)
        line.quiet(1.0)
        idle, _ = line.quiet(2.5)
        assert idle == 0
        before = line.received
        for _ in range(5):
            line.send("j")
            line.quiet(0.2)
        line.wait(lambda text: "6 van 10000" in text)
        assert (line.received - before) / 5 < ONE_KEY
        line.send("q")
        assert line.ended() == 0


def test_the_minute_costs_less_than_two_hundred_bytes() -> None:
    child = CHILD.replace("now=lambda: NOW", "now=ticking").replace("desk = ", TICKING + "desk = ")
    with terminal.Terminal([sys.executable, "-c", child], environ={"COLORTERM": "truecolor"}) as line:
        line.wait(lambda text: "D-10000 ·" in text and "14:02" in text)
        line.quiet(0.5)
        before = line.received
        line.wait(lambda text: "14:03" in text)
        line.quiet(0.3)
        assert line.received - before <= ONE_MINUTE


@pytest.mark.parametrize(("keys", "seen"), [("jj", "D-2417 ·"), ("2j\r", "loopt 61%"), ("3", "BIJ ONS KLM-044")])
def test_a_minute_of_progress_costs_less_than_twenty_thousand_bytes(keys: str, seen: str) -> None:
    child = CHILD.replace(
        "many(10_000))", "())\nfrom dataclasses import replace\nfrom fakes.samples import ROWS\n" + WORKING
    )
    with terminal.Terminal([sys.executable, "-c", child], environ={"COLORTERM": "truecolor"}) as line:
        line.wait(lambda text: "Bewerkingen 3" in text)
        for key in keys:
            line.send(key)
            line.quiet(0.5)
        line.wait(lambda text: seen in text)
        line.quiet(0.5)
        before = line.received
        os.kill(line.pid, signal.SIGUSR1)
        if keys == "3":
            line.quiet(4.0)
        else:
            line.wait(lambda text: "100%" in text)
        line.quiet(0.3)
        assert line.received - before < ONE_MINUTE_AT_WORK
        assert "Bakkerij Sm… 418 2014 812 MB sql14  stap 7/9   100%" in line.text or keys != "jj"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_gives_the_terminal_back_and_marks_nothing_as_seen(name: str) -> None:
    number = getattr(signal, name)
    child = CHILD.replace("WisselApp(lambda: desk, now=lambda: NOW).run()", AND_LEAVE)
    with terminal.Terminal([sys.executable, "-c", child]) as line:
        line.wait(lambda text: "D-10000 ·" in text)
        os.kill(line.pid, number)
        assert line.ended() == 128 + number
        assert "nothing seen" in line.text


def test_the_clipboard_is_reached_plainly_and_through_tmux_and_screen() -> None:
    encoded = base64.b64encode("zending é".encode()).decode()
    assert osc52("zending é", {}) == f"\x1b]52;c;{encoded}\x07"
    assert osc52("zending é", {"TMUX": "/tmp/x", "TERM": "screen"}) == (
        f"\x1b]52;c;{encoded}\x07\x1bPtmux;\x1b\x1b]52;c;{encoded}\x07\x1b\\"
    )
    assert osc52("zending é", {"TERM": "screen.xterm"}) == f"\x1bP\x1b]52;c;{encoded}\x07\x1b\\"


def test_gnu_screen_gets_strings_it_can_hold() -> None:
    sequence = osc52("x" * 3_000, {"TERM": "screen"})
    assert sequence is not None
    pieces = sequence.split("\x1b\\")[:-1]
    assert all(len(piece) <= 768 for piece in pieces)
    assert base64.b64decode("".join(piece[2:] for piece in pieces)[7:-1]) == b"x" * 3_000


def test_too_much_is_not_sent() -> None:
    assert osc52("x" * CAP, {}) is None
    assert osc52("\ud800", {}) is not None
