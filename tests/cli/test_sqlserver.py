"""The machine route as an operator meets it: by command line with a real worker, and on a screen of 80 by 24."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sources
from factory.command import Command
from factory.exchange import ENTRY, Exchange, office, package
from factory.running import Running, wait_until
from fakes.orders import FINISHED
from fakes.sqlserver.ground import needed
from terminal import Terminal

from core.model import Kind, OperationState

pytestmark = pytest.mark.timeout(180)
NAME = "20261119-421-SQL2016-Bakker Metaal.ebu"


@dataclass
class Front:
    """An office with a worker, and one delivery in it."""

    exchange: Exchange
    wissel: Command
    running: Running

    def done(self, *line: str) -> dict[str, object]:
        made = self.wissel.json(*line, "--wait")
        assert set(made) == FINISHED
        assert made["state"] == "done", made
        return made  # type: ignore[no-any-return]

    def ended(self, kind: Kind) -> bool:
        rows, _ = self.exchange.register.operations(limit=10)
        return any(row.kind is kind and row.state is OperationState.DONE for row in rows)


@pytest.fixture
def front(wissel: Command, tmp_path: Path) -> Iterator[Front]:
    place = tmp_path / "exchange"
    place.mkdir()
    with office(place, needed("freetds")) as exchange:
        exchange.known()
        wissel.config = str(exchange.configured())
        running = Running(place)
        try:
            running.start()
            running.watching()
            draft = place / "draft"
            draft.write_bytes(package("mszip", place))
            os.rename(draft, place / "inbox" / NAME)
            wait_until(lambda: running.sealed(1), "it is sealed and judged")
            yield Front(exchange, wissel, running)
        finally:
            running.end()


def test_by_command_line(front: Front, tmp_path: Path) -> None:
    wissel = front.wissel
    entry = tmp_path / "november.toml"
    entry.write_text(ENTRY, "utf-8")
    said = {language: wissel("--lang", language, "restore", "D-0001", "--plan").stdout for language in ("en", "nl")}
    assert said["en"].splitlines()[0].split(maxsplit=2)[:2] == ["route", "machine:"]
    assert said["nl"].splitlines()[0].split(maxsplit=2)[:2] == ["route", "automatisch:"]
    for text in said.values():
        assert "identi" in text.splitlines()[0]
        assert "humres HRRoles pwrole Licentie" in text
        assert "<" not in text
        assert "?" not in text
    assert wissel("restore", "D-0001").returncode == 11
    front.done("restore", "D-0001", "--yes")
    assert wissel.json("show", "D-0001")["state"] == "with-us"
    corrected = front.done("correct", "D-0001", "--entry", str(entry), "--yes")["operation"]
    front.done("reverse", str(corrected), "--yes")
    front.done("correct", "D-0001", "--entry", str(entry), "--yes")
    plan = wissel.json("return", "D-0001", "--plan")
    assert (plan["route"], plan["refusal"], plan["consent"]) == ("machine", None, "typed")
    assert wissel("return", "D-0001", "--yes", "--wait").returncode == 11
    returned = front.done("return", "D-0001", "--yes-i-mean", "bak-001")
    assert len(returned["outputs"]) == 1  # type: ignore[arg-type]
    (hand_over,) = (each["operation"] for each in wissel.json("operations", "--open"))
    wait_until(lambda: wissel.json("show-operation", hand_over)["state"] == "waiting", "it waits to be sent")
    assert wissel("answer", hand_over, "sent", "by", "Anja").returncode == 0
    wait_until(lambda: wissel.json("show-operation", hand_over)["state"] == "done", "it is handed over")
    words = [line["what"] for line in wissel.json("log", "--delivery", "D-0001")]
    assert {"restored", "corrected", "reversed", "returned", "handed-over"} <= set(words)
    assert wissel("log", "--verify").returncode == 0
    assert "Traceback" not in front.running.log
    assert front.exchange.left() == set()


def test_a_shared_instance_takes_the_clients_code(front: Front) -> None:
    front.exchange.retarget(isolated=False)
    front.exchange.configured()
    refused = front.wissel("restore", "D-0001", "--yes")
    assert refused.returncode == 11
    assert "211" in refused.stderr
    assert front.wissel("restore", "D-0001", "--not-isolated", "--yes").returncode == 11
    front.done("restore", "D-0001", "--not-isolated", "--yes-i-mean", "BAK-001")
    (line,) = [each for each in front.exchange.register.custody() if each.what == "restored"]
    assert line.detail["override"] == "not-isolated"


def test_on_a_screen_of_80_by_24_in_dutch(front: Front) -> None:
    command = [sys.executable, "-m", "tui", "--config", front.wissel.config, "--lang", "nl"]
    environ = {"PYTHONPATH": str(sources.ROOT), "LC_ALL": "C.UTF-8"}
    with Terminal(command, environ=environ) as terminal:
        terminal.wait(lambda text: "D-0001" in text)
        terminal.send("r")
        terminal.wait(lambda text: "Teruglezen naar welke doelomgeving?" in text)
        terminal.send("\r")
        terminal.wait(lambda text: "Wie werkt er" in text)
        terminal.send("\r")
        plan = terminal.wait(lambda text: "Typ Y" in text)
        assert "route automatisch" in plan
        terminal.send("Y")
        terminal.wait(lambda text: "O-0001" in text)
        wait_until(lambda: terminal.quiet() and front.ended(Kind.RESTORE), "it is restored")
        terminal.send("1")
        terminal.wait(lambda text: "BIJ ONS" in text)
        terminal.send("b")
        plan = terminal.wait(lambda text: "Tab, de cliëntcode" in text)
        assert "gaat terug zoals het binnenkwam" in plan
        terminal.send("\t")
        terminal.quiet()
        terminal.send("BAK-001")
        terminal.wait(lambda text: text.count("BAK-001") > 1)
        terminal.send("\r")
        terminal.wait(lambda text: "O-0002" in text)
        wait_until(lambda: terminal.quiet() and front.ended(Kind.RETURN), "it is released")
        terminal.wait(lambda text: "vrijgegeven" in text)
        terminal.send("q")
        terminal.wait(lambda text: "Typ Y" in text)
        terminal.send("Y")
        assert terminal.ended() == 0
