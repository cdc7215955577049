"""The command as an operator and a script meet it: a process of its own, a real office, a real worker."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import sources
from factory.command import Command
from fakes.office import LISTED

ANSWERS = {"yes", "conditional", "no", "unknown"}


def test_a_practice_office_from_the_first_minute_to_the_log(wissel: Command, tmp_path: Path) -> None:
    place = str(tmp_path / "office")
    made = json.loads(wissel.process("demo", place, "--json").stdout)
    assert set(made) == {"config", "deliveries"}
    assert os.path.dirname(made["config"]) == place
    deliveries = made["deliveries"]
    assert len(deliveries) >= 8
    assert {row["state"] for row in deliveries} >= {"ok", "warn", "oneway", "no", "unknown"}
    for row in deliveries:
        assert set(row) == LISTED
        for verdict in row["verdicts"].values():
            assert set(verdict) == {"work", "return", "rules"}
            assert {verdict["work"], verdict["return"]} <= ANSWERS
            assert all(isinstance(rule, int) for rule in verdict["rules"])

    wissel.config = made["config"]
    assert wissel.json("list") == deliveries
    assert len(wissel.json("targets")) == len(deliveries[0]["verdicts"])

    unbound = next(row for row in deliveries if row["client"] is None and row["state"] == "unknown")
    code = wissel.json("clients")[0]["code"]
    assert wissel.json("bind", unbound["id"], code.lower())["client"] == code
    told = wissel.json("tell", unbound["id"].lower().replace("-000", ""), "product_update=418")
    assert any(claim["source"] == "operator" and claim["value"] == 418 for claim in told["claims"])
    shown = wissel.json("reopen", unbound["id"])
    assert set(shown) >= LISTED | {"claims", "reasons", "custody"}
    assert all(set(reason) >= {"rule", "severity", "target", "text", "evidence"} for reason in shown["reasons"])
    assert next(line["what"] for line in shown["custody"]) == "arrived"
    assert {"bound", "told", "reopened"} <= {line["what"] for line in wissel.json("log", "--delivery", unbound["id"])}

    shutil.copyfile(sources.ROOT / "README.md", os.path.join(place, "inbox", "\x1b[31mlees mij.ebu"))
    (stranger,) = wissel.until("lees")
    assert "\x1b" not in wissel("list").stdout
    assert stranger["verdicts"].popitem()[1]["rules"].count(101) == 1

    assert wissel("log", "--verify").returncode == 0
    assert wissel("check").returncode == 0
    assert wissel("--read-only", "bind", unbound["id"], code).returncode == 11
    assert wissel("show", "9999").returncode == 4
    again = wissel("demo", place, "--no-screen")
    assert again.returncode == 0
    assert again.stdout.splitlines()[0] == made["config"]
    assert stranger["id"] in again.stdout
    assert "--config" in again.stderr
    piped = wissel.process()
    assert piped.returncode == 0
    assert stranger["id"] in piped.stdout


def test_without_settings_an_office_verb_says_what_to_do(wissel: Command) -> None:
    done = wissel("list")
    assert (done.returncode, done.stdout) == (3, "")
    assert "wissel config init" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_written_checked_and_shown(wissel: Command, tmp_path: Path) -> None:
    assert wissel("config", "init").returncode == 0
    assert (tmp_path / "wissel.toml").is_file()
    assert wissel("config", "init").returncode == 11
    assert wissel("config", "check").returncode == 0
    shown = {each["key"]: each for each in wissel.json("config", "show")}
    assert shown["office"]["source"].startswith(str(tmp_path / "wissel.toml"))
    (tmp_path / "wissel.toml").write_text("ofice = 'x'\n", "utf-8")
    (tmp_path / "wissel.toml").chmod(0o600)
    done = wissel("config", "check")
    assert done.returncode == 3
    assert "office" in done.stderr
    assert "wissel.toml:1" in done.stderr


def test_inspect_needs_nothing_and_keeps_its_contract(wissel: Command, tmp_path: Path) -> None:
    from datetime import datetime

    from core.practice.tape import SampleBackup, tape

    started, finished = datetime(2017, 6, 1, 12, 59, 12), datetime(2017, 6, 1, 12, 59, 40)  # noqa: DTZ001
    sample = SampleBackup("150", "SRV\\EXACT", 782, (12, 0, 6024), 120, started, finished)
    (tmp_path / "-x\x1b[31m.ebu").write_bytes(tape(sample))
    done = wissel("inspect", "--json", "--", "-x\x1b[31m.ebu")
    said = json.loads(done.stdout)
    assert set(said) == {"file", "size", "container", "facts", "claims", "problems", "complete"}
    assert said["container"] == {"kind": "tape", "members": []}
    assert said["complete"] is True
    assert said["problems"] == []
    assert all(set(claim) == {"fact", "value", "source"} for claim in said["claims"])
    expected = {
        "sql_release": "2014",
        "engine_version": "12.0.6024",
        "internal_version": 782,
        "database": "150",
        "server": "SRV\\EXACT",
        "backup_type": "full",
        "started_at": "2017-06-01T12:59:12",
        "finished_at": "2017-06-01T12:59:40",
        "compatibility_level": 120,
        "sets": 1,
        "stripe": "1/1",
        "password": False,
        "administration_number": "150",
    }
    assert {name: said["facts"].get(name) for name in expected} == expected
    assert "\x1b" not in done.stdout + wissel("inspect", "./-x\x1b[31m.ebu").stdout
    assert wissel("inspect", "--set", "2", "./-x\x1b[31m.ebu").returncode == 4


@pytest.mark.parametrize("content", [b"", b"hello\n" * 50, bytes(5000), b"TAPE" + bytes(100), b"MSCF" + b"\xff" * 200])
def test_a_bad_file_is_data_not_an_error(wissel: Command, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.ebu").write_bytes(content)
    done = wissel("inspect", "bad.ebu", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["size"] == len(content)
    assert all(set(problem) == {"code", "text"} and problem["text"] for problem in said["problems"])


@pytest.mark.skipif(os.name == "nt", reason="pipes and links of POSIX")
def test_what_is_no_file_is_said_and_never_waited_for(wissel: Command, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml", 0o600)
    (tmp_path / "link").symlink_to("/etc/passwd")
    for name, code in {"nowhere.ebu": 4, str(tmp_path): 5, "pipe.toml": 5, "link": 5}.items():
        done = wissel("inspect", name)
        assert done.returncode == code
        assert len(done.stderr.splitlines()) == 2
    assert wissel("--config", "pipe.toml", "config", "check").returncode == 4


@pytest.mark.skipif(os.name == "nt", reason="a terminal of POSIX")
def test_a_long_reading_says_how_far_it_is_and_stops_quietly(tmp_path: Path) -> None:
    from terminal import Terminal

    with (tmp_path / "large.ebu").open("wb") as file:
        file.truncate(64 << 30)
    command = [sys.executable, "-m", "tui", "inspect", str(tmp_path / "large.ebu")]
    with Terminal(command, environ={"PYTHONPATH": str(sources.ROOT), "LC_ALL": "C.UTF-8"}) as terminal:
        terminal.wait(lambda text: "of 64 GB" in text)
        terminal.send("\x03")
        assert terminal.ended() == 130
        assert "Reading" not in terminal.text
        assert "Stopped on request" in terminal.text
        assert "Traceback" not in terminal.text


def test_check_finds_out_why_an_office_stays_shut_and_makes_nothing(wissel: Command, tmp_path: Path) -> None:
    (tmp_path / "wissel.toml").write_text("office = 'new'\nlanguage = 'nl'\n", "utf-8")
    (tmp_path / "wissel.toml").chmod(0o600)
    done = wissel("check", "--json")
    assert done.returncode == 14
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert found["register"]["ok"] is False
    assert "register" in found["register"]["text"]
    assert [found[name]["ok"] for name in ("custody", "clock", "arrivals", "vault")] == [None] * 4
    assert json.loads(done.stderr)["error"]["exit_code"] == 14
    assert "ROOD" in wissel("check").stdout
    assert not (tmp_path / "new").exists()


def test_the_command_line_stands_among_the_origins(wissel: Command, tmp_path: Path) -> None:
    (tmp_path / "wissel.toml").write_text("office = 'o'\nlanguage = 'nl'\n", "utf-8")
    (tmp_path / "wissel.toml").chmod(0o600)
    shown = {each["key"]: (each["value"], each["source"]) for each in wissel.json("config", "show", "--lang", "en")}
    assert shown["language"] == ('"en"', "--lang")
    assert shown["office"][1] == f"{tmp_path / 'wissel.toml'}:1"
    done = wissel("config", "show")
    assert str(tmp_path / "wissel.toml") in done.stderr
    assert "line 1" in done.stdout


def test_a_secret_in_the_settings_is_refused_and_never_repeated(wissel: Command, tmp_path: Path) -> None:
    (tmp_path / "wissel.toml").write_text("office = 'o'\nregister_password = 'kanarie'\n", "utf-8")
    (tmp_path / "wissel.toml").chmod(0o600)
    for language in ("en", "nl"):
        done = wissel("check", "--lang", language)
        assert (done.returncode, done.stdout) == (3, "")
        assert '{ file = ".." }' in done.stderr
        assert "kanarie" not in done.stderr
