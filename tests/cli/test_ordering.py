"""The verbs that order an operation: the plan, the two consents, waiting, and what they answer."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sources
from fakes.office import FakeOffice
from fakes.orders import FINISHED, HELD, UPDATE, operation, planned

from core.administration.corrections.entries import parse
from core.errors import Cancelled, NoSpace
from core.model import Answer, Consent, Kind, OperationState, Order, Plan, Reason, Severity, StateWord
from core.office import YES
from tui.output import Output
from tui.verbs import awaiting

Run = Callable[..., tuple[int, str, str]]
ENTRY = 'entry = "x"\n'


@pytest.fixture
def entry(tmp_path: Path) -> str:
    path = tmp_path / "huur.toml"
    path.write_text(ENTRY, "utf-8")
    return str(path)


def given(office: FakeOffice) -> list[tuple[object, ...]]:
    return [order[1:] for order in office.orders if order[0] == "order"]


def refusing(variant: str = "busy") -> Callable[[Order], Plan]:
    return lambda order: planned(order, refusal=Reason(0, Severity.BLOCK, Answer.NO, None, variant))


class Person(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def sits(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody sits at a terminal, and types this."""

    def types(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", Person(text))
        monkeypatch.setattr(Output, "interactive", property(lambda _out: True))

    return types


def test_what_is_asked_for_reaches_the_office(run: Run, office: FakeOffice, entry: str) -> None:
    line = ("restore", "d1", "--target", "sql16", "--colleague", "K\\an", "--colleague", "K\\an", "--yes")
    assert run(*line)[:2] == (0, "O-0001\n")
    office.ordered[0] = replace(office.ordered[0][0], state=OperationState.DONE), office.ordered[0][1]
    assert office.ordered[0][1] == Order(Kind.RESTORE, "D-0001", target="sql16", colleagues=("K\\an",))
    orders = {
        ("restore", "1", "--one-way", "--yes"): Order(Kind.RESTORE, "D-0001", one_way=True),
        ("correct", "1", "--entry", entry, "--yes"): Order(Kind.CORRECT, "D-0001", entry=ENTRY, entry_name="huur.toml"),
        ("reverse", "1", "--yes"): Order(Kind.REVERSE, "D-0001"),
        ("reverse", "o1", "--yes"): Order(Kind.REVERSE, "D-0001", operation="O-0001"),
        ("return", "1", "--yes-i-mean", "ABC-012"): Order(Kind.RETURN, "D-0001"),
        ("set-aside", "1", "--yes"): Order(Kind.SET_ASIDE, "D-0001"),
    }
    for words, expected in orders.items():
        assert run(*words)[0] == 0, words
        row, order = office.ordered[-1]
        assert order == expected
        office.ordered[-1] = replace(row, state=OperationState.DONE), order


def test_an_order_answers_with_the_contract(run: Run) -> None:
    code, out, err = run("restore", "1", "--yes", "--json")
    made = json.loads(out)
    assert (code, err) == (0, "")
    assert set(made) == FINISHED
    assert (made["operation"], made["state"], made["outputs"]) == ("O-0001", "requested", [])
    assert [set(step) for step in made["steps"]] == [{"number", "title", "state"}] * 3
    assert [step["number"] for step in made["steps"]] == [1, 2, 3]


def test_waiting_answers_with_the_end(run: Run) -> None:
    code, out, err = run("restore", "1", "--yes", "--wait", "--json")
    made = json.loads(out)
    assert (code, err) == (0, "")
    assert set(made) == FINISHED
    assert made["state"] == "done"
    assert made["outputs"] == [{"path": "/outbox/ABC-012/a.ebu", "sha256": "3f" * 32}]


def test_waiting_in_text_says_each_step_and_shows_the_operation(run: Run) -> None:
    code, out, err = run("restore", "1", "--yes", "--wait")
    assert code == 0
    assert err.count(": done") == 3
    assert "SHA-256 3f3f" in out


NO_ROOM = {"outcome": "error.no-space", "params": {"path": "/x", "exit_code": 10}}
CHANGED = {"outcome": "error.vault-changed", "params": {"exit_code": 9}}


@pytest.mark.parametrize(
    ("ends", "changes", "told"),
    [
        (OperationState.CANCELLED, {"cancelling": "anja"}, ("operation-cancelled", 130)),
        (OperationState.UNDONE, NO_ROOM, ("operation-undone", 10)),
        (OperationState.UNDONE, {"outcome": "error.never-written"}, ("operation-undone", 1)),
        (OperationState.FAILED, CHANGED, ("operation-failed", 9)),
    ],
)
def test_only_done_ends_well(
    run: Run, office: FakeOffice, ends: OperationState, changes: dict[str, object], told: tuple[str, int]
) -> None:
    office.ends, office.row_changes = ends, changes
    code, out, err = run("restore", "1", "--yes", "--wait", "--json")
    error = json.loads(err)["error"]
    assert json.loads(out)["state"] == ends
    assert (error["key"], error["exit_code"]) == told
    assert code == told[1]


def test_an_exit_code_names_its_class() -> None:
    assert awaiting.error_class(10) is NoSpace
    assert awaiting.error_class(130) is Cancelled
    assert awaiting.error_class(None).exit_code == awaiting.error_class(99).exit_code == 1


def test_a_pipe_without_consent_is_refused_and_says_which_flag(run: Run, office: FakeOffice) -> None:
    code, out, err = run("restore", "1")
    assert (code, out) == (11, "")
    assert "--yes" in err
    code, _, err = run("return", "1")
    assert code == 11
    assert "--yes-i-mean" in err
    assert office.ordered == []


def test_yes_never_stands_for_a_typed_consent(run: Run, office: FakeOffice) -> None:
    code, _, err = run("return", "1", "--yes")
    assert code == 11
    assert "--yes-i-mean" in err
    office.planner = lambda order: planned(order, client="Y", consent=Consent.TYPED)
    assert run("return", "1", "--yes")[0] == 11
    assert office.ordered == []


def test_a_typed_code_has_to_be_the_clients_whatever_its_case(run: Run, office: FakeOffice) -> None:
    for wrong in ("ABC-013", "ABC", YES, "Y"):
        assert run("return", "1", "--yes-i-mean", wrong)[0] == 11
    assert run("restore", "1", "--yes", "--yes-i-mean", "XYZ-001")[0] == 11
    assert office.ordered == []
    assert run("return", "1", "--yes-i-mean", "abc-012")[0] == 0


def test_one_way_is_no_consent_by_itself(run: Run, office: FakeOffice) -> None:
    office.planner = lambda order: planned(order, consent=Consent.TYPED)
    assert run("restore", "1", "--one-way")[0] == 11
    assert run("restore", "1", "--one-way", "--yes")[0] == 11
    assert office.ordered == []
    assert run("restore", "1", "--one-way", "--yes-i-mean", "ABC-012")[0] == 0


def test_the_same_command_twice_is_ordered_once(run: Run, office: FakeOffice) -> None:
    assert run("restore", "1", "--yes")[0] == 0
    code, out, err = run("restore", "1", "--yes", "--json")
    assert (code, out) == (12, "")
    assert "O-0001" in json.loads(err)["error"]["text"]
    assert len(office.ordered) == 1


def test_a_person_sees_the_plan_and_is_asked(run: Run, office: FakeOffice, sits: Callable[[str], None]) -> None:
    sits("Y\n")
    code, out, err = run("restore", "1")
    assert code == 0
    assert out.splitlines()[0].startswith("route ")
    assert "Y starts it" in err
    assert given(office) == [(Kind.RESTORE, YES)]


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "yes\n", "ABC-013\n"])
def test_anything_but_a_capital_y_leaves_everything_as_it_is(
    run: Run, office: FakeOffice, sits: Callable[[str], None], typed: str
) -> None:
    sits(typed)
    assert run("restore", "1")[0] == 11
    assert office.ordered == []


@pytest.mark.parametrize(("typed", "code"), [("Abc-012\n", 0), ("Y\n", 11), ("\n", 11), ("ABC-01\n", 11)])
def test_what_cannot_be_taken_back_wants_the_code_typed(
    run: Run, office: FakeOffice, sits: Callable[[str], None], typed: str, code: int
) -> None:
    sits(typed)
    assert run("return", "1", "--yes")[0] == code
    assert len(office.ordered) == (code == 0)


def test_a_refused_plan_is_shown_to_a_person_who_is_not_asked(
    run: Run, office: FakeOffice, sits: Callable[[str], None]
) -> None:
    sits("Y\n")
    office.planner = refusing("not-with-us")
    code, out, err = run("restore", "1")
    assert code == 11
    assert "Refused" in out
    assert "starts it" not in err


def test_json_never_asks(run: Run, sits: Callable[[str], None]) -> None:
    sits("Y\n")
    code, out, err = run("restore", "1", "--json")
    assert (code, out) == (11, "")
    assert json.loads(err)["error"]["key"] == "consent-yes"


def test_a_plan_changes_nothing_and_starts_no_worker(run: Run, office: FakeOffice, entry: str) -> None:
    office.alive = False
    for words in ("restore 1", "return 1", "reverse 1", "set-aside 1", "reopen 1", f"correct 1 --entry {entry}"):
        assert run(*words.split(), "--plan", "--yes")[0] == 0
    assert office.orders == []
    office.read_only = True
    assert run("restore", "1", "--plan")[0] == 0


def test_a_plan_in_text_says_everything(run: Run, entry: str) -> None:
    _, out, _ = run("correct", "1", "--entry", entry, "--plan")
    lines = out.splitlines()
    assert lines[0].startswith("route ")
    assert "machine: " in lines[0]
    for part in ("ABC-012 Bakker BV", "120 Bakker", "sql19 (sqlserver, SQL Server 2019, PU 421)", "huur.toml"):
        assert part in out
    assert "rule 303" in out
    assert "SHA-256 3f9c..a1" in out
    assert "      | UPDATE humres SET blocked = 1" in lines
    assert "nothing is taken back" in out
    assert "1,234.50" in out
    assert "needs a yes: --yes" in lines[-1]
    nl = run("correct", "1", "--entry", entry, "--plan", "--lang", "nl")[1]
    assert "1,234.50" in nl or "1.234,50" in nl


def test_a_plan_as_json(run: Run, entry: str) -> None:
    code, out, err = run("correct", "1", "--entry", entry, "--plan", "--json")
    plan = json.loads(out)
    assert (code, err) == (0, "")
    assert (plan["route"], plan["client"], plan["target"], plan["consent"]) == ("machine", "ABC-012", "sql19", "yes")
    assert plan["verdict"]["deciding"]["rule"] == UPDATE.rule
    assert [step["number"] for step in plan["steps"]] == [1, 2, 3]
    assert plan["steps"][1]["statements"] == ["UPDATE humres SET blocked = 1"]
    assert plan["dry_run"]["lines"][0]["amount"] == "1234.50"
    assert plan["dry_run"]["trial_balance"][0]["after"] == "1234.50"
    assert plan["refusal"] is None


def test_a_refused_plan_is_shown_and_ends_with_11(run: Run, office: FakeOffice) -> None:
    office.planner = refusing("not-with-us")
    code, out, err = run("restore", "1", "--plan")
    assert code == 11
    assert "Refused" in out
    assert "refused" in err
    code, out, err = run("restore", "1", "--plan", "--json")
    assert code == 11
    assert json.loads(out)["refusal"]["rule"] == 0
    assert json.loads(err)["error"]["key"] == "plan-refused"


def test_ctrl_c_leaves_the_operation_running(run: Run, office: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.ends = OperationState.RUNNING

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stopped)
    code, out, err = run("restore", "1", "--yes", "--wait")
    assert (code, out) == (130, "")
    assert "O-0001 goes on" in err
    assert [order for order in office.orders if order[0] == "cancel"] == []


def test_an_entry_file_that_is_none_orders_nothing(run: Run, office: FakeOffice, tmp_path: Path) -> None:
    assert run("correct", "1", "--entry", str(tmp_path / "nowhere.csv"), "--yes")[0] == 4
    assert run("correct", "1", "--entry", str(tmp_path), "--yes")[0] == 5
    (tmp_path / "large.csv").write_bytes(b"x" * (3 << 20))
    assert run("correct", "1", "--entry", str(tmp_path / "large.csv"), "--yes")[0] == 2
    assert run("correct", "1", "--yes")[0] == 2
    assert office.orders == []


@pytest.mark.parametrize("back", [None, HELD.since])
def test_reopen_is_ordered_only_for_what_stands_at_a_target(
    run: Run, office: FakeOffice, back: datetime | None
) -> None:
    assert run("reopen", "1")[0] == 0
    assert given(office) == []
    office.stood = [replace(HELD, returned_at=back)]
    assert run("reopen", "1")[0] == 11
    assert run("reopen", "1", "--yes")[0] == 0
    assert office.ordered[-1][1] == Order(Kind.REOPEN, "D-0001")


@pytest.mark.parametrize("line", ["restore 1 --yes", "return 1 --yes-i-mean ABC-012", "cancel 1", "answer 1 gone"])
def test_read_only_refuses_what_orders(run: Run, office: FakeOffice, line: str) -> None:
    office.read_only = True
    assert run(*line.split())[0] == 11


def test_cancel_says_what_will_happen(run: Run, office: FakeOffice) -> None:
    office.ordered = [(operation(1), Order(Kind.RESTORE, "D-0001"))]
    assert "nothing had been changed" in run("cancel", "o1")[2]
    office.ordered = [(operation(1, OperationState.RUNNING, step=2, percent=61), Order(Kind.RESTORE, "D-0001"))]
    office.ends, office.looks = OperationState.RUNNING, 0
    code, out, err = run("cancel", "O-0001")
    assert (code, out) == (0, "")
    assert "next safe point (step 2/3 61%)" in err
    office.ordered = [(operation(1, OperationState.DONE), Order(Kind.RESTORE, "D-0001"))]
    assert run("cancel", "1")[0] == 11
    assert run("cancel", "9")[0] == 4
    assert run("cancel", "d1")[0] == 2


def test_an_answer_is_one_sentence(run: Run, office: FakeOffice) -> None:
    office.ordered = [(operation(1, OperationState.WAITING), Order(Kind.HAND_OVER, "D-0001"))]
    office.ends = OperationState.WAITING
    assert run("answer", "o1", "sent", "by", "Anja")[0] == 0
    assert office.orders[-1] == ("answer", "O-0001", "sent by Anja")
    assert json.loads(run("answer", "1", "again", "--json")[1])["operation"] == "O-0001"
    assert run("answer", "1")[0] == 2


def test_operations_are_listed_and_shown(run: Run, office: FakeOffice) -> None:
    assert "No operations" in run("operations")[2]
    office.ends = OperationState.RUNNING
    office.ordered = [
        (operation(1, OperationState.DONE, outcome="outcome.restore"), Order(Kind.RESTORE, "D-0001")),
        (operation(2, OperationState.RUNNING, step=2, percent=61), Order(Kind.RESTORE, "D-0002")),
    ]
    assert [each["operation"] for each in json.loads(run("operations", "--json")[1])] == ["O-0002", "O-0001"]
    assert [each["operation"] for each in json.loads(run("operations", "--open", "--json")[1])] == ["O-0002"]
    assert json.loads(run("operations", "--delivery", "d9", "--json")[1]) == []
    _, out, err = run("operations", "--limit", "1")
    assert "step 2/3 61%" in out
    assert "1 of 2" in err
    shown = json.loads(run("show-operation", "o1", "--json", "--log")[1])
    assert set(shown) >= FINISHED | {"kind", "delivery", "log"}
    assert shown["log"][0]["text"] == "UPDATE humres SET blocked = 1"
    assert "log" not in json.loads(run("show-operation", "o1", "--json")[1])
    assert "UPDATE humres" in run("show-operation", "o1", "--log")[1]
    assert run("show-operation", "7")[0] == 4


def test_what_is_with_us_is_listed(run: Run, office: FakeOffice) -> None:
    assert "Nothing is at our targets" in run("held")[2]
    office.stood = [HELD]
    assert json.loads(run("held", "--json")[1])[0]["administration_number"] == "120"
    assert "D-0001" in run("held")[1]
    shown = json.loads(run("show", "1", "--json")[1])
    assert shown["held"]["target"] == "sql19"
    assert "with us since" in run("show", "1")[1]


def test_the_list_shows_what_runs_and_where_it_stands(run: Run, office: FakeOffice) -> None:
    running = operation(3, OperationState.RUNNING, step=4, steps=9, percent=61)
    office.rows[0] = replace(office.rows[0], state=StateWord.RUNNING, operation=running, held_at="sql16")
    first, second = json.loads(run("list", "--json")[1])
    assert first["operation"] == {
        "operation": "O-0003", "kind": "restore", "state": "running", "step": 4, "step_count": 9, "percent": 61,
    }  # fmt: skip
    assert first["held_at"] == "sql16"
    assert not {"operation", "held_at"} & set(second)
    assert "step 4/9 61%" in run("list")[1]
    assert "step 4/9 61%" in run("show", "2")[1]


def test_the_entry_files_of_the_readme_can_be_read() -> None:
    readme = (sources.ROOT / "README.md").read_text("utf-8")
    toml, table = readme.partition("#### Entry files")[2].split("```")[1:4:2]
    first, second = (parse(text.partition("\n")[2], name) for text, name in ((toml, "rent.toml"), (table, "rent.csv")))
    for entries in (first, second):
        (entry,) = entries.entries
        assert [line.amount for line in entry.lines] == [Decimal("1234.50"), Decimal("-1234.50")]
        assert (entry.journal, entry.year, entry.period, entry.date.isoformat()) == ("90", 2026, 2, "2026-02-28")
