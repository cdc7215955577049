"""The whole journey by command line only: a real office, a real worker, and the other side at its end."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import sources
from factory.command import Command
from factory.running import wait_until
from fakes.orders import FINISHED

pytestmark = pytest.mark.timeout(180)
"""Each starts a worker of its own, and most wait for several operations."""

ENTRY = """
[[entry]]
journal = "90"
year = 2026
period = 2
date = 2026-02-28
description = "Huur februari"

[[entry.line]]
account = "4300"
debit = 1234.50

[[entry.line]]
account = "1900"
credit = 1234.50
"""


@pytest.fixture
def office(wissel: Command, tmp_path: Path) -> Command:
    """A practice office, its samples judged."""
    made = json.loads(wissel.process("demo", str(tmp_path / "office"), "--json").stdout)
    wissel.config = made["config"]
    return wissel


def good(office: Command) -> Any:
    """The delivery to which nothing objects."""
    return office.json("list", "state:ok")[0]


def done(office: Command, *line: str) -> Any:
    """Ordered, carried out, and what it answered."""
    made = office.json(*line, "--wait")
    assert set(made) == FINISHED
    assert made["state"] == "done"
    assert {step["state"] for step in made["steps"]} == {"done"}
    return made


def came_to(office: Command, operation: str, state: str) -> None:
    """Waits until the operation stands like this."""
    wait_until(lambda: office.json("show-operation", operation)["state"] == state, f"{operation} {state}")


def test_restored_corrected_reversed_returned_and_opened_by_its_client(office: Command, tmp_path: Path) -> None:
    row = good(office)
    delivery, client = row["id"], row["client"]
    entry = tmp_path / "huur.toml"
    entry.write_text(ENTRY, "utf-8")

    plan = office.json("restore", delivery, "--plan")
    assert (plan["client"], plan["refusal"], plan["consent"]) == (client, None, "yes")
    assert office("restore", delivery).returncode == 11
    done(office, "restore", delivery, "--colleague", "KANTOOR\\bakker", "--yes")
    assert office.json("show", delivery)["state"] == "with-us"
    (held,) = office.json("held")
    assert (held["delivery"], held["client"], held["corrections"]) == (delivery, client, 0)
    assert office("restore", delivery, "--yes").returncode == 11

    books = office.json("correct", delivery, "--entry", str(entry), "--plan")["dry_run"]
    assert [line["amount"] for line in books["lines"]] == ["1234.50", "-1234.50"]
    corrected = done(office, "correct", delivery, "--entry", str(entry), "--yes")["operation"]
    assert office("correct", delivery, "--entry", str(entry), "--yes").returncode == 11
    assert office.json("held")[0]["corrections"] == 1
    done(office, "reverse", corrected, "--yes")
    assert office("reverse", delivery, "--yes").returncode == 11
    done(office, "correct", delivery, "--entry", str(entry), "--yes")

    assert office("return", delivery, "--yes", "--wait").returncode == 11
    returned = done(office, "return", delivery, "--yes-i-mean", client.lower())
    (output,) = returned["outputs"]
    there = ("open-as-client", output["path"], "--product-update", "421", "--sql-release", "2016", "--login")
    opened = office.json(*there, "KLOMP\\a.klomp")
    assert opened["administration_number"] == row["administration_number"]
    assert opened["debit"] == opened["credit"]
    assert office(*there, "KANTOOR\\jansen").returncode == 11

    (hand_over,) = (each["operation"] for each in office.json("operations", "--open"))
    came_to(office, hand_over, "waiting")
    assert office("answer", hand_over, "sent", "by", "Anja").returncode == 0
    came_to(office, hand_over, "done")
    assert office.json("show", delivery)["state"] == "returned"
    words = [line["what"] for line in office.json("log", "--delivery", delivery)]
    assert {"restored", "corrected", "reversed", "returned", "handed-over"} <= set(words)
    for line in office.json("log"):
        assert line["text"] != line["what"], "a custody word without a sentence"
    assert office("log", "--verify").returncode == 0
    assert "<" not in office("operations").stdout + office("log", "--lang", "nl").stdout


def test_a_person_types_the_consent_at_a_terminal(office: Command) -> None:
    from terminal import Terminal

    delivery = good(office)["id"]
    command = [sys.executable, "-m", "tui", "--config", office.config]
    environ = {"PYTHONPATH": str(sources.ROOT), "LC_ALL": "C.UTF-8"}
    with Terminal([*command, "restore", delivery], environ=environ) as terminal:
        terminal.send("Y\r")  # before the plan could be read
        terminal.wait(lambda text: "Y starts it" in text)
        terminal.send("n\r")
        assert terminal.ended() == 11
    assert office.json("operations") == []
    with Terminal([*command, "restore", delivery, "--wait"], environ=environ) as terminal:
        terminal.wait(lambda text: "Y starts it" in text)
        terminal.send("Y\r")
        assert terminal.ended() == 0
    assert office.json("show", delivery)["state"] == "with-us"
    with Terminal([*command, "return", delivery, "--yes"], environ=environ) as terminal:
        terminal.wait(lambda text: "Type the client's code" in text)
        terminal.send("ABC-012\r")
        assert terminal.ended() == 11
    assert [each["kind"] for each in office.json("operations")] == ["restore"]
    assert os.listdir(os.path.join(os.path.dirname(office.config), "outbox")) == []


def test_set_aside_and_reopened_the_number_is_free_again(office: Command) -> None:
    delivery = good(office)["id"]
    done(office, "restore", delivery, "--yes")
    assert office("reopen", delivery).returncode == 11
    done(office, "reopen", delivery, "--yes")
    assert office.json("held") == []
    done(office, "restore", delivery, "--yes")
    done(office, "set-aside", delivery, "--yes")
    assert office.json("show", delivery)["state"] == "set-aside"
    assert office("restore", delivery, "--yes").returncode == 11
    assert office.json("reopen", delivery)["state"] == "ok"
