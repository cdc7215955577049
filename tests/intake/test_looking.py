"""After sealing: a look into the rows gives a better verdict, and whatever stops it, the first verdict stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from factory.bench import Bench
from factory.cabinet import packed
from factory.sqlserver.backup import write_backup
from factory.sqlserver.damage import flip, spoil, spots
from factory.sqlserver.globe import company, globe
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Database
from factory.sqlserver.write import lay, write_layout
from factory.tape import Medium, Set, tape

from core.errors import BadFormat, NoSpace
from core.intake import looking
from core.intake.judging import Judge, Read
from core.intake.looking import ATTEMPTS, Looking
from core.model import Administration, Client, FactValue, Firm, Reason, Source
from core.practice.administration import Owner
from core.practice.package import Package, practice_package
from core.triage import company as parts
from core.triage.inside import LOOKED, Look
from core.triage.releases import load_tables

FIRM = Firm(("KANTOOR\\jansen",), "9999001")
CLIENT = Client(
    "KLANT-1", "Voorbeeld", logins=("KLANT\\jan",), company_number="12345678", administrations=(Administration("150"),)
)
Rows = Mapping[str, Sequence[Mapping[str, Value]]]
ENDPOINT = "http://elis.klant.example/sync"
PIET: Mapping[str, Value] = {"res_id": 1, "usr_id": "KANTOOR\\jansen", "emp_stat": "A"}


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, places=(("inbox", CLIENT.code),))
    bench.register.save_client(CLIENT)
    bench.judge = Judge(bench.register, bench.targets, load_tables(), FIRM)
    bench.sealing._judge = bench.judge
    yield bench
    bench.register.close()


def lens(bench: Bench, seconds: float = 60, **more: Any) -> Looking:
    made = Looking(
        bench.register,
        bench.vault,
        bench.judge,
        str(bench.folder / "office" / "looking"),
        seconds=seconds,
        **{"monotonic": bench.clock.monotonic, "say": bench.said.append, **more},
    )
    made.begin()
    return made


def sealed(bench: Bench, data: bytes, name: str = "20261119-421-SQL2016-Voorbeeld.ebu") -> None:
    (bench.inbox / name).write_bytes(data)
    bench.tick(6.0, times=6)
    assert bench.record().stage == "sealed"


def look(bench: Bench, data: bytes, name: str = "20261119-421-SQL2016-Voorbeeld.ebu", **more: Any) -> Look | None:
    sealed(bench, data, name)
    made = lens(bench, **more)
    assert made.due() == ("D-0001",)
    return made.work("D-0001")


def inside(bench: Bench) -> dict[str, list[FactValue]]:
    found: dict[str, list[FactValue]] = {}
    for claim in bench.record().evidence.claims:
        if claim.source is Source.PAGES and not claim.inferred:
            found.setdefault(claim.fact, []).append(claim.value)
    return found


def reasons(bench: Bench, *rules: int) -> dict[int, Reason]:
    return {each.rule: each for each in bench.record().verdicts[1].reasons if each.rule in rules}


def data_file(tmp_path: Path, rows: Rows | None = None, **more: Any) -> bytes:
    path = tmp_path / "made.mdf"
    write_layout(path, lay(globe(company() if rows is None else rows, **more)))
    return path.read_bytes()


def ebu(tmp_path: Path, rows: Rows | None = None, **more: Any) -> bytes:
    """As the wizard may pack it: the data file in a cabinet."""
    return packed([("150.mdf", data_file(tmp_path, rows, **more))], "mszip")


def full(tmp_path: Path, **more: Any) -> bytes:
    (path,) = write_backup(tmp_path / "made.bak", globe(company()), **more)
    return path.read_bytes()


@pytest.mark.parametrize("container", ["ebu", "mdf", "bak", "compressed"])
def test_a_back_up_in_order_loses_its_notes(bench: Bench, tmp_path: Path, container: str) -> None:
    made: dict[str, Callable[[], bytes]] = {
        "ebu": lambda: ebu(tmp_path),
        "mdf": lambda: data_file(tmp_path),
        "bak": lambda: full(tmp_path),
        "compressed": lambda: full(tmp_path, container=2),
    }
    sealed(bench, made[container]())
    assert {each.variant for each in reasons(bench, 603, 604, 605, 606).values()} == {"pending"}
    assert lens(bench).work("D-0001") is Look.WHOLE
    found = inside(bench)
    assert found["administration_number"] == ["150"]
    assert found["company_name"] == ["Voorbeeld B.V."]
    assert found["login"] == ["KLANT\\jan"]
    assert (found["ledger_lines"], found["ledger_entries"], found["trial_balance"]) == ([9], [3], ["0.00"])
    assert found[LOOKED] == ["whole"]
    assert not reasons(bench, 502, 503, 603, 604, 605, 606)
    assert bench.record().row.administration_number == "150"
    assert lens(bench).due() == ()
    assert lens(bench).work("D-0001") is None


def with_rows(**more: Sequence[Mapping[str, Value]]) -> Rows:
    return {**company(), **more}


def test_an_unbalanced_ledger_gets_its_reason(bench: Bench, tmp_path: Path) -> None:
    assert look(bench, ebu(tmp_path, company(imbalance=0.5))) is Look.WHOLE
    variants = {each.variant for each in bench.record().verdicts[1].reasons if each.rule == 604}
    assert variants == {"balance", "entries"}
    assert inside(bench)["unbalanced_entry"] == ["2024 70 24700003 (0.50)"]


def test_a_foreign_company_number_gets_its_reason(bench: Bench, tmp_path: Path) -> None:
    look(bench, ebu(tmp_path, company("151", "Heel iemand anders")))
    variants = {each.variant for each in bench.record().verdicts[1].reasons if each.rule == 502}
    assert variants == {"administration_number", "company_name"}
    # The database is still called 150: what its rows state counts more than what its name lets one conclude.
    assert bench.record().row.administration_number == "151"


def test_integration_rows_are_a_condition(bench: Bench, tmp_path: Path) -> None:
    look(bench, ebu(tmp_path, with_rows(IntegrationServers=[{"InstanceName": "ELIS", "EndPoint": ENDPOINT}])))
    assert reasons(bench, 603)[603].params == {"count": 1, "example": ENDPOINT}
    assert str(reasons(bench, 603)[603].work) == "conditional"


def test_the_firm_inside_and_the_client_missing(bench: Bench, tmp_path: Path) -> None:
    look(bench, ebu(tmp_path, with_rows(humres=[PIET])))
    found = reasons(bench, 605, 606)
    assert found[605].params == {"logins": "KANTOOR\\jansen", "count": 1}
    assert found[606].params == {"registered": "KLANT\\jan", "inside": "KANTOOR\\jansen"}


def test_absent_tables_stay_unknown(bench: Bench, tmp_path: Path) -> None:
    gone = ("gbkmut", "humres", "IntegrationServers", "bedryf")
    assert look(bench, ebu(tmp_path, without=gone)) is Look.WHOLE
    found = reasons(bench, 603, 604, 605, 606)
    assert {each.variant for each in found.values()} == {"absent"}
    assert len(found) == 4


def test_a_damaged_page_costs_what_the_table_would_tell(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "made.mdf"
    layout = lay(globe(company(entries=300)))
    write_layout(path, layout)
    spoil(path, spots(layout, "gbkmut").data[1], flip(500))
    assert look(bench, path.read_bytes(), "150.mdf") is Look.DAMAGED
    assert inside(bench)["damaged_table"] == ["gbkmut"]
    assert "trial_balance" not in inside(bench)
    assert inside(bench)["company_name"] == ["Voorbeeld B.V."]


@pytest.mark.parametrize(
    "made", [tape(Set(letter="L")), tape(Set(letter="I")), tape(Set(), medium=Medium(stripes=2))],
    ids=["log", "differential", "stripe"],
)  # fmt: skip
def test_what_is_no_full_back_up_is_left_alone(bench: Bench, made: bytes) -> None:
    assert look(bench, made, "a.bak") is Look.LEFT
    assert inside(bench) == {LOOKED: ["left"]}
    assert lens(bench).due() == ()


def test_what_cannot_be_opened_is_said(bench: Bench) -> None:
    assert look(bench, tape(Set()), "150.bak") is Look.NO
    assert inside(bench)["look_problem"][0] in {"inside-no-pages", "inside-boot"}


PACKAGE = Package(
    Owner("KLANT-1", "Voorbeeld", ("KLANT\\jan",)), "150", "Voorbeeld", 421, "2016", 852, datetime(2026, 11, 19, 17, 32)  # noqa: DTZ001
)  # fmt: skip


def test_a_practice_package_is_looked_into_as_well(bench: Bench) -> None:
    assert look(bench, practice_package(PACKAGE)) is Look.WHOLE
    found = inside(bench)
    assert found["trial_balance"] == ["0.00"]
    assert found["ledger_entries"] == [36]
    assert found["last_booking"] == ["2026-12-10"]
    assert found["licence"] == ["1150000"]
    assert not {603, 605, 606} & bench.rules()
    (note,) = [each for each in bench.record().verdicts[0].reasons if each.rule == 604]
    assert note.params == {"checks": "control"}  # it has no open items at all
    assert list((bench.folder / "office" / "looking").iterdir()) == []


def test_time_is_bounded_and_what_was_found_by_then_stands(bench: Bench, tmp_path: Path) -> None:
    sealed(bench, ebu(tmp_path))
    ticks = iter(range(10_000))
    assert lens(bench, 8, monotonic=lambda: float(next(ticks))).work("D-0001") is Look.PARTLY
    assert inside(bench)[LOOKED] == ["partly"]
    assert {each.variant for each in reasons(bench, 604).values()} == {"unread"}


def test_no_seconds_no_look(bench: Bench, tmp_path: Path) -> None:
    sealed(bench, ebu(tmp_path))
    assert lens(bench, 0).due() == ()


def test_a_worker_that_stops_leaves_it_due(bench: Bench, tmp_path: Path) -> None:
    assert look(bench, ebu(tmp_path), cancel=lambda: True) is None
    assert LOOKED not in inside(bench)
    assert lens(bench).due() == ("D-0001",)
    assert lens(bench).work("D-0001") is Look.WHOLE


class Killed(BaseException):
    """The process ends here."""


def killed(_reader: object) -> list[Any]:
    raise Killed


def test_a_look_that_kills_its_process_is_given_up(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed(bench, ebu(tmp_path))
    monkeypatch.setattr(parts, "company", killed)
    for _ in range(ATTEMPTS):
        assert lens(bench).due() == ("D-0001",)
        with pytest.raises(Killed):
            lens(bench).work("D-0001")
    assert lens(bench).work("D-0001") is Look.NO
    assert inside(bench)["look_problem"] == ["gave-up"]
    assert lens(bench).due() == ()


def test_leftovers_of_a_kill_are_thrown_away(bench: Bench) -> None:
    folder = bench.folder / "office" / "looking"
    lens(bench)
    (folder / "administration.sqlite").write_bytes(b"half")
    (folder / "D-0001.tries").write_bytes(b".")
    lens(bench)
    assert [each.name for each in folder.iterdir()] == ["D-0001.tries"]


@pytest.mark.parametrize(
    ("problem", "table"),
    [(ValueError("x"), "bedryf"), (OverflowError(), "bedryf"), (BadFormat("inside-damaged", table="t"), "t")],
)
def test_what_a_table_cannot_tell_does_not_stop_the_others(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception, table: str
) -> None:
    def broken(_reader: object) -> list[Any]:
        raise problem

    broken.__name__ = "company"
    monkeypatch.setattr(parts, "company", broken)
    assert look(bench, ebu(tmp_path)) is Look.DAMAGED
    assert inside(bench)["damaged_table"] == [table]
    assert inside(bench)["trial_balance"] == ["0.00"]


def test_what_nobody_foresaw_ends_the_look_and_nothing_else(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "wired", lambda _reader: dict[int, Any]()[0])
    assert look(bench, ebu(tmp_path)) is Look.NO
    assert inside(bench)["look_problem"] == ["unexpected"]
    assert inside(bench)["company_name"] == ["Voorbeeld B.V."]
    assert any("KeyError" in each for each in bench.said)


def test_a_full_disk_leaves_it_for_the_next_start(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_reader: object) -> list[Any]:
        raise NoSpace("no-space", path="x")

    with monkeypatch.context() as broken:
        broken.setattr(parts, "company", no_room)
        sealed(bench, ebu(tmp_path))
        made = lens(bench)
        assert made.work("D-0001") is None
        assert made.due() == ()
    assert lens(bench).due() == ("D-0001",)


def test_what_is_not_sealed_is_not_looked_into(bench: Bench) -> None:
    bench.register.arrive("x", "a.bak", "1", 1, bench.clock.now())
    assert lens(bench).due() == ()
    assert lens(bench).work("D-0001") is None


def test_a_reopened_delivery_is_due_again(bench: Bench, tmp_path: Path) -> None:
    look(bench, ebu(tmp_path))
    record = bench.record()
    bare = replace(record.evidence, claims=tuple(each for each in record.evidence.claims if each.fact != LOOKED))
    bench.judge.judge("D-0001", Read(bare, record.members))
    assert lens(bench).due() == ("D-0001",)


def test_the_list_needs_no_numpy() -> None:
    import subprocess
    import sys

    from sources import ROOT

    rooms = "core.triage.verdict, core.triage.inside, core.operations.worker"
    program = f"import sys, {rooms}; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_sqlite_is_a_reader_like_any_other(tmp_path: Path) -> None:
    from core.intake.practice_reader import PracticeTables

    connection = sqlite3.connect(tmp_path / "a.sqlite")
    connection.executescript('create table "Grt""bk" (Reknr text, n int); insert into "Grt""bk" values (\'1\', 2);')
    reader = PracticeTables(connection, lambda: None)
    assert reader.columns('grt"bk') == {"reknr", "n"}
    assert list(reader.read('grt"bk', ("reknr", "none"))) == [{"reknr": ["1"]}]
    assert (reader.rows('grt"bk'), reader.rows("none")) == (1, None)
    assert list(reader.read("none", ("x",))) == []
    assert reader.columns("none") == frozenset()
    assert reader.large_bytes() is None
    connection.close()


def test_the_module_names_its_parts_in_order() -> None:
    assert [each.__name__ for each in looking._parts()] == [
        "company", "people", "licences", "wired", "calendar", "vat", "ledger", "sizes",
    ]  # fmt: skip


def test_a_database_of_another_version_is_read_the_same(bench: Bench, tmp_path: Path) -> None:
    assert look(bench, ebu(tmp_path, database=Database(version=655, protection="torn"))) is Look.WHOLE
    assert inside(bench)["trial_balance"] == ["0.00"]
