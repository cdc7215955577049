"""Between packing and release nobody changes anything unseen: not a cell, a role, a licence, a byte, a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from factory.journey import Office, opened, rows

from core.administration.package import read_package, write_package
from core.model import Kind, OperationDetail, OperationState, Order, StateWord
from core.operations.return_backup import package_path
from core.operations.step import Bench

Meddle = Callable[[Path], None]


def statement(text: str) -> Meddle:
    def change(database: Path) -> None:
        with opened(database) as connection:
            assert connection.execute(text).rowcount == 1, text

    return change


def licence_byte(database: Path) -> None:
    with opened(database) as connection:
        (data,) = connection.execute("select Data from PracticeLicence").fetchone()
        flipped = bytes([data[0] ^ 1]) + data[1:]
        connection.execute("update PracticeLicence set Data = ?", (flipped,))


CELLS: dict[str, Meddle] = {
    "cell": statement("update gbkmut set bdr_hfl = bdr_hfl + 0.01 where ID = 7"),
    "type": statement("update gbkmut set oms25 = cast(oms25 as blob) where ID = 7"),
    "row": statement("delete from gbkmut where ID = 9"),
    "name": statement("update bedryf set bedrnm = 'Bakker Metaal BV'"),
    "role": statement("delete from HRRoles where ID = (select min(ID) from HRRoles)"),
    "grant": statement("update pwrole set RoleName = 'Beheerder' where ID = 1"),
    "user": statement("update humres set blocked = 1 where ID = (select min(ID) from humres where emp_stat = 'A')"),
    "licence": licence_byte,
    "number": statement("update PracticeLicence set LicNumber = '1000121'"),
}


def returning(office: Office, delivery: str, step: str, meddle: Callable[[Bench], None]) -> OperationDetail:
    """A return in which somebody meddles just before `step`."""

    def before(bench: Bench) -> None:
        if bench.step.name == step:
            office.before = None
            meddle(bench)

    office.before = before
    return office.run(office.order(Order(Kind.RETURN, delivery)))


def blocked(office: Office, delivery: str, detail: OperationDetail) -> str:
    """Nothing left, nothing half done; the error's word."""
    assert detail.row.state is OperationState.UNDONE, detail.row
    assert detail.outputs == ()
    assert office.files() == {"office/administrations/oefen16/120.sqlite"}
    assert office.register.delivery(delivery).row.state is StateWord.WITH_US
    assert "returned" not in office.story(delivery)
    assert office.register.open_operations() == ()
    return detail.row.outcome.removeprefix("error.")


@pytest.mark.parametrize("what", CELLS)
def test_what_differs_from_the_plan_is_found_whoever_packed_it(office: Office, what: str) -> None:
    """The working copy is changed before it is packed: every hash fits, only the comparison can tell."""
    delivery, _ = office.delivery()
    office.restore(delivery)

    def meddle(bench: Bench) -> None:
        CELLS[what](Path(office.engine().draft(bench.id, "return")))

    detail = returning(office, delivery, "pack", meddle)
    assert blocked(office, delivery, detail) == "proof-differs"


@pytest.mark.parametrize("what", ["cell", "role", "licence"])
@pytest.mark.parametrize("step", ["prove", "outbox", "release"])
def test_a_package_that_was_packed_anew_is_noticed(office: Office, what: str, step: str) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)

    def meddle(bench: Bench) -> None:
        path = package_path(bench)
        if step == "release":
            (path,) = map(str, (office.folder / "outbox").rglob("*.ebu"))
        repack(Path(path), office.folder / "scratch.sqlite", CELLS[what])

    detail = returning(office, delivery, step, meddle)
    assert blocked(office, delivery, detail) == "package-changed"


def repack(package: Path, scratch: Path, change: Meddle) -> None:
    manifest = read_package(str(package), str(scratch), tick=lambda _done, _of: None)
    change(scratch)
    package.unlink()
    write_package(str(package), str(scratch), manifest, tick=lambda _done, _of: None)
    scratch.unlink()


@pytest.mark.parametrize("name", ["manifest.json", "letter.json", "*.ebu"])
def test_one_byte_in_the_outbox_before_the_release(office: Office, name: str) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)

    def meddle(_bench: Bench) -> None:
        (path,) = (office.folder / "outbox").rglob(name)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)

    assert blocked(office, delivery, returning(office, delivery, "release", meddle)) == "package-changed"


@pytest.mark.parametrize("act", ["gone", "extra", "link"])
def test_exactly_these_three_files_are_released(office: Office, act: str) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)

    def meddle(_bench: Bench) -> None:
        (path,) = (office.folder / "outbox").rglob("letter.json")
        if act == "extra":
            (path.parent / "readme.txt").write_text("hello")
            return
        copy = office.folder / "letter.json"
        shutil.move(path, copy)
        if act == "link":
            path.symlink_to(copy)

    assert blocked(office, delivery, returning(office, delivery, "release", meddle)) == "package-changed"


def test_the_file_of_another_delivery_is_not_released(office: Office) -> None:
    other, _ = office.delivery(number="121", client="KLM-044", name="Klomp")
    office.restore(other)
    theirs = Path(office.done(Order(Kind.RETURN, other)).outputs[0].path)
    delivery, _ = office.delivery()
    office.restore(delivery)

    def meddle(_bench: Bench) -> None:
        (mine,) = (office.folder / "outbox" / "BAK-001").rglob("*.ebu")
        shutil.copy(theirs, mine)

    detail = returning(office, delivery, "release", meddle)
    assert detail.row.outcome == "error.package-changed"
    assert not list((office.folder / "outbox" / "BAK-001").iterdir())
    assert json.loads((theirs.parent / "manifest.json").read_text("utf-8"))["client"] == "KLM-044"


def test_somebody_who_books_while_it_is_packed_is_noticed(office: Office) -> None:
    """Then what goes back would not be what stands here."""
    delivery, _ = office.delivery()
    office.restore(delivery)
    place = office.place()

    def meddle(_bench: Bench) -> None:
        statement("update gbkmut set oms25 = 'toch anders' where ID = 3")(place)

    detail = returning(office, delivery, "prove", meddle)
    assert blocked(office, delivery, detail) == "proof-differs"
    assert any("toch anders" in row for row in rows(place)["gbkmut"])
    # Once nobody meddles any more it goes as if nothing had happened.
    office.done(Order(Kind.RETURN, delivery))


def test_what_was_released_is_never_touched_again(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    ordered = office.order(Order(Kind.RETURN, delivery))
    there = office.folder / "outbox" / "BAK-001" / f"{delivery}-{ordered}"
    there.mkdir(parents=True)
    (there / "theirs.txt").write_text("mine")
    detail = office.run(ordered)
    assert detail.row.outcome == "error.exists"
    assert [path.name for path in there.iterdir()] == ["theirs.txt"]


def test_a_folder_of_somebody_elses_is_no_release(office: Office) -> None:
    delivery, _ = office.delivery()
    office.restore(delivery)
    ordered = office.order(Order(Kind.RETURN, delivery))
    there = office.folder / "outbox" / "BAK-001" / f"{delivery}-{ordered}"

    def meddle(bench: Bench) -> None:
        if bench.step.name == "release":
            there.mkdir(exist_ok=True)

    office.before = meddle
    detail = office.run(ordered)
    assert (detail.row.state, detail.row.outcome) == (OperationState.UNDONE, "error.exists")
    assert "returned" not in office.story(delivery)
