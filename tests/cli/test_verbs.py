from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from fakes.office import AT, BAKKER, HOSTILE, LISTED, FakeOffice, row

from core.model import Administration, Check, Client, CustodyLine, StateWord
from tui.verbs import VERBS, waiting

Run = Callable[..., tuple[int, str, str]]
OPENING = [verb for verb in VERBS if verb not in ("inspect", "config", "demo", "why")]


def test_list_json_is_the_contract(run: Run) -> None:
    code, out, err = run("list", "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    assert [each["id"] for each in rows] == ["D-0002", "D-0001"]
    assert set(rows[0]) == LISTED
    assert rows[0]["verdicts"] == {
        "sql19": {"work": "yes", "return": "yes", "rules": [202, 302]},
        "sql16": {"work": "no", "return": "no", "rules": [201]},
    }
    assert rows[0]["arrived_at"] == "2026-03-02T13:01:05+00:00"
    assert rows[0]["state"] == "ok"


def test_list_json_gives_all_and_text_the_newest_fifty(run: Run, office: FakeOffice) -> None:
    office.rows = [row(number) for number in range(120, 0, -1)]
    assert len(json.loads(run("list", "--json")[1])) == 120
    assert len(json.loads(run("list", "--json", "--limit", "3", "--offset", "2")[1])) == 3
    _, out, err = run("list")
    assert len(out.splitlines()) == 51
    assert "50 of 120" in err
    assert len(run("list", "--limit", "120")[1].splitlines()) == 121


def test_an_empty_list_is_an_empty_array_and_a_sentence(run: Run, office: FakeOffice) -> None:
    office.rows = []
    assert json.loads(run("list", "--json")[1]) == []
    _, out, err = run("list")
    assert out == ""
    assert "No deliveries yet" in err


def test_a_place_behind_the_end_is_said(run: Run) -> None:
    code, out, err = run("list", "--offset", "9")
    assert (code, out) == (0, "")
    assert "2 in all" in err


def test_filter_words_reach_the_office(run: Run) -> None:
    assert [each["id"] for each in json.loads(run("list", "bank", "1", "--json")[1])] == ["D-0001"]
    assert "Nothing passes" in run("list", "nowhere")[2]


def test_show_json_adds_claims_reasons_and_custody(run: Run) -> None:
    code, out, _ = run("show", "d1", "--json")
    shown = json.loads(out)
    assert code == 0
    assert set(shown) >= LISTED | {"claims", "reasons", "custody"}
    assert shown["claims"][0] == {"fact": "sql_release", "value": "2019", "source": "header"}
    for reason in shown["reasons"]:
        assert set(reason) >= {"rule", "severity", "target", "text", "evidence"}
    assert {reason["target"] for reason in shown["reasons"]} == {"sql19", "sql16"}
    assert shown["custody"][0]["what"] == "arrived"


def test_show_in_text_says_each_reason_once(run: Run) -> None:
    _, out, _ = run("show", "1")
    assert sum(line.startswith("201 ") for line in out.splitlines()) == 1
    assert "SHA-256 3f3f" in out


@pytest.mark.parametrize("wrong", ["D-0009", "9"])
def test_an_unknown_delivery_is_4(run: Run, wrong: str) -> None:
    code, out, err = run("show", wrong, "--json")
    assert (code, out) == (4, "")
    assert json.loads(err)["error"]["key"] == "delivery"


def test_bind_tell_reopen_answer_with_the_delivery(run: Run, office: FakeOffice) -> None:
    assert json.loads(run("bind", "1", "ABC-012", "--json")[1])["id"] == "D-0001"
    assert run("tell", "D-2", "sql-release=2008 R2", "family=next")[0] == 0
    assert run("reopen", "d2")[0] == 0
    assert [order for order in office.orders if order[0] != "ensure_worker"] == [
        ("bind", "D-0001", "ABC-012"),
        ("tell", "D-0002", "sql_release", "2008 R2"),
        ("tell", "D-0002", "family", "next"),
        ("reopen", "D-0002"),
    ]


def test_a_wrong_fact_orders_nothing(run: Run, office: FakeOffice) -> None:
    assert run("tell", "1", "family=next", "nonsense")[0] == 2
    assert office.orders == []


@pytest.mark.parametrize("line", ["bind 1 X", "tell 1 family=next", "reopen 1", "client X --name Y", "worker"])
def test_read_only_refuses_with_11(run: Run, office: FakeOffice, line: str) -> None:
    office.read_only = True
    assert run(*line.split())[0] == 11


def test_a_client_is_noted_changed_and_shown(run: Run, office: FakeOffice) -> None:
    code, _, err = run("client", "NEW-1", "--name", "Nieuw BV", "--product-update", "421", "--administration", "7=Een")
    assert (code, "NEW-1 is noted" in err) == (0, True)
    assert office.orders[-1] == (
        "save",
        Client("NEW-1", "Nieuw BV", product_update=421, administrations=(Administration("007", "Een"),)),
    )
    run("client", "abc-012", "--login", "K\\piet", "--forget-login", "K\\jan", "--administration", "120=Bakker BV")
    saved = office.orders[-1][1]
    assert isinstance(saved, Client)
    assert (saved.code, saved.logins, saved.administrations) == ("ABC-012", ("K\\piet",), (BAKKER,))
    orders = list(office.orders)
    assert json.loads(run("client", "ABC-012", "--json")[1])["product_update"] == 421
    assert [order for order in office.orders[len(orders) :] if order[0] == "save"] == []


def test_an_unknown_client_without_anything_to_note_is_4(run: Run) -> None:
    assert run("client", "NEW-1")[0] == 4


def test_clients_and_targets(run: Run) -> None:
    assert json.loads(run("clients", "--json")[1])[0]["logins"] == ["K\\jan"]
    assert [each["name"] for each in json.loads(run("targets", "--json")[1])] == ["sql19", "sql16"]
    assert "ABC-012" in run("clients")[1]
    assert "sql16" in run("targets")[1]


def test_check_is_14_when_something_is_red(run: Run, office: FakeOffice) -> None:
    assert run("check")[0] == 0
    office.checks += [Check("worker", ok=False, text="no worker", hint="start one"), Check("rights", ok=None)]
    code, out, err = run("check")
    assert code == 14
    assert "start one" in out
    assert "worker" in err
    code, out, _ = run("check", "--json")
    assert code == 14
    assert [each["ok"] for each in json.loads(out)] == [True, False, None]


def test_what_could_not_be_found_out_is_not_red(run: Run, office: FakeOffice) -> None:
    office.checks = [Check("rights", ok=None, text="not known")]
    assert run("check")[0] == 0


def test_check_and_worker_start_no_worker(run: Run, office: FakeOffice) -> None:
    office.alive = False
    assert run("check")[0] == 0
    assert run("worker")[0] == 0
    assert office.orders == [("work",)]
    office.alive = True
    assert run("worker")[0] == 0
    assert office.orders == [("work",)]


def test_log_is_oldest_first_and_passes_its_filters(run: Run, office: FakeOffice) -> None:
    lines = json.loads(run("log", "--json", "--delivery", "d1", "--client", "ABC-012", "--limit", "5")[1])
    assert [line["seq"] for line in lines] == [1, 2]
    assert ("custody", 5, "D-0001", "ABC-012") in office.orders
    assert "D-0001" in run("log")[1]


def test_log_verify_names_the_first_broken_line(run: Run, office: FakeOffice) -> None:
    assert run("log", "--verify")[0] == 0
    office.broken = 17
    code, _, err = run("log", "--verify")
    assert (code, "17" in err) == (14, True)
    assert json.loads(run("log", "--verify", "--json")[1]) == {"whole": False, "first_broken": 17}


def test_without_a_terminal_wissel_prints_the_list_and_how_to_open_the_screen(run: Run) -> None:
    code, out, err = run()
    assert code == 0
    assert "D-0001" in out
    assert "screen opens" in err
    code, out, _ = run("--json")
    assert len(json.loads(out)) == 2


def test_patience_ends_and_is_said(run: Run, office: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.1)
    office.rows = [row(1, state=StateWord.READING)]
    code, _, err = run()
    assert code == 0
    assert "provisional" in err


def test_hostile_names_stay_data_everywhere(run: Run, office: FakeOffice) -> None:
    office.rows = [row(1, file=HOSTILE, administration_name=HOSTILE, client=HOSTILE)]
    office.known = [Client(HOSTILE, HOSTILE, logins=(HOSTILE,), administrations=(Administration("120", HOSTILE),))]
    for line in ("list", "list --plain", "show 1", "log", "clients", "list --json", "show 1 --json", "clients --json"):
        code, out, err = run(*line.split())
        assert code == 0
        assert not set(out + err) & {"\x1b", "\x07", "\u202e", "\udc80", "\r"}, line
        if "--json" in line:
            assert out.isascii()
            json.loads(out)
    assert json.loads(run("list", "--json")[1])[0]["file"] == HOSTILE
    assert len(run("list")[1].splitlines()) == 2


def test_the_log_speaks_in_words_and_leaves_no_gap(run: Run, office: FakeOffice) -> None:
    office.language = "nl"
    office.lines = [CustodyLine(1, AT, "jan", "desk", "judged", "D-0001", detail={
        "word": "ok", "best_target": "sql19", "work": "yes", "back": "no", "rule": "",
    })]  # fmt: skip
    assert "werk ja, terug nee, regel –" in run("log")[1]


def test_dutch(run: Run, office: FakeOffice) -> None:
    office.language = "nl"
    out = run("list")[1]
    assert "staat" in out.splitlines()[0]
    office.rows = []
    assert "Nog geen zendingen" in run("list")[2]
    assert "gebruik: wissel list" in run("list", "--help", "--lang", "nl")[1]
    assert "is geen nummer" in run("show", "x", "--lang=nl")[2]


@pytest.mark.parametrize("verb", VERBS)
def test_help_needs_no_office(run: Run, office: FakeOffice, verb: str) -> None:
    code, out, _ = run(verb, "--help")
    assert (code, office.orders) == (0, [])
    assert f"usage: wissel {verb}" in out


def test_help_and_version(run: Run) -> None:
    _, out, _ = run("--help")
    assert all(f"  {verb} " in out for verb in VERBS)
    assert run("--version")[1].startswith("wissel ")
    assert run("list", "-v")[1].startswith("wissel ")


def test_a_misspelt_verb_names_the_nearest(run: Run) -> None:
    code, _, err = run("lsit")
    assert (code, "list" in err) == (2, True)


def test_plain_gives_lines(run: Run) -> None:
    assert "id: D-0002;" in run("list", "--plain")[1]
