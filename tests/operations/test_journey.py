"""The whole journey on a random administration, fresh each run: what went in comes back, cell by cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from factory.journey import ENTRY, Office, opened, rows

from core.administration.package import read_package
from core.model import Kind, OperationState, Order, StateWord
from core.practice.client_side import open_as_client
from core.texts import LANGUAGES, say

BOOKED = {"amutak", "amutas", "gbkmut", "dagbk"}


def unpacked(package: str | Path, out: Path) -> Path:
    read_package(str(package), str(out), tick=lambda _done, _of: None)
    return out


@pytest.mark.parametrize("firm_users", [0, 2])
def test_everything_comes_back_but_the_listed_identity_and_the_corrections(office: Office, firm_users: int) -> None:
    delivery, shape = office.delivery(
        lines=2000, client_users=3, roles=2, firm_users=firm_users, colleagues=firm_users // 2
    )
    before = rows(shape.path)
    office.restore(delivery, colleagues=("KANTOOR\\stagiair",))
    office.correct(delivery)
    office.correct(delivery, ENTRY.replace("125.50", "99.95"))
    office.done(Order(Kind.REVERSE, delivery))

    made = office.done(Order(Kind.RETURN, delivery))
    (output,) = made.outputs
    package = Path(output.path)
    assert package.parent.parent.name == "BAK-001"
    assert package.name.endswith("-421-SQL2016-Bakker Metaal.ebu")
    assert {path.name for path in package.parent.iterdir()} == {package.name, "manifest.json", "letter.json"}

    after = rows(unpacked(package, office.folder / "back.sqlite"))
    assert after.keys() == before.keys()
    firm = {*office.settings.firm.users, "KANTOOR\\stagiair"}
    for name, table in before.items():
        there, now = set(table), set(after[name])
        if name == "humres":
            # Whoever of the firm was there already, switched off, is there again as they were.
            assert [row for row in after[name] if row in there] == table
            news = now - there
            assert {row[2] for row in news} <= firm
            assert all(row[4] == "I" and row[6] == 1 for row in news)
            assert not any("stagiair" in str(row[2]) for row in news), "a colleague who wrote nothing leaves no trace"
        elif name == "dagbk":
            (changed,) = now - there
            assert {row[0] for row in there - now} == {changed[0]}
        elif name in BOOKED:
            assert [row for row in after[name] if row in there] == table
        else:
            assert after[name] == table, name
    # Three entries of two lines: two corrections and one reversal.
    assert len(after["gbkmut"]) - len(before["gbkmut"]) == 6
    assert len(after["amutak"]) - len(before["amutak"]) == 3

    view = open_as_client(
        package, login=shape.client_logins[0], product_update=421, sql_release="2016", licence=shape.licence
    )
    assert view.lines == shape.lines + 6
    assert view.debit == view.credit
    assert view.users == shape.client_logins

    (waiting,) = office.register.open_operations()
    assert office.run(waiting.id).row.state is OperationState.WAITING
    office.register.answer(waiting.id, "sent by Jansen, by courier", who="jansen")
    assert office.run(waiting.id).row.state is OperationState.DONE
    assert office.register.delivery(delivery).row.state is StateWord.RETURNED
    assert [word for word in office.story(delivery) if word not in {"ordered", "judged", "answered"}] == [
        "arrived", "bound", "sealed", "restored", "corrected", "corrected", "reversed", "returned", "handed-over",
    ]  # fmt: skip
    assert office.register.verify_custody() is None
    everything_can_be_said(office)


def everything_can_be_said(office: Office) -> None:
    """Steps, results, outcomes and lines of the log: whole sentences in both languages."""
    for language in LANGUAGES:
        for row in office.register.operations()[0]:
            assert "<" not in say(row.outcome, language, **row.params), row
            for step in office.register.operation(row.id).steps:
                assert "<" not in say(f"step.{row.kind}.{step.name}", language, **step.params), step
                if step.result:
                    assert "<" not in say(f"result.{row.kind}.{step.name}", language, **step.result), step
        for line in office.register.custody():
            assert "<" not in say(f"custody.{line.what}", language, **line.detail), line


def test_the_papers_say_what_belongs_together_and_what_changed(office: Office) -> None:
    delivery, _ = office.delivery()
    restored = office.restore(delivery)
    booked = office.correct(delivery)
    with opened(office.place()) as globe:
        globe.execute("update grtbk set oms25_0 = 'Kas en bank' where ltrim(reknr) = '1000'")
    made = office.done(Order(Kind.RETURN, delivery))
    package = Path(made.outputs[0].path)
    manifest = json.loads((package.parent / "manifest.json").read_text("utf-8"))
    letter = json.loads((package.parent / "letter.json").read_text("utf-8"))
    record = office.register.delivery(delivery)
    assert manifest["original_sha256"] == record.sha256
    assert manifest["package"]["sha256"] == made.outputs[0].sha256
    assert (manifest["delivery"], manifest["client"], manifest["restore"]) == (delivery, "BAK-001", restored)
    assert manifest["changed_outside"] == ["grtbk"]
    assert [each["operation"] for each in manifest["corrections"]] == [booked]
    assert manifest["sides"]["restore"]["target"]["product_update"] == 421
    (entry,) = letter["entries"]
    assert entry["operation"] == booked
    assert entry["numbers"]
    assert letter["totals"]["before"] != letter["totals"]["after"]
    assert letter["to_do"] == []


def test_what_the_client_must_do_stands_in_the_letter(office: Office) -> None:
    delivery, shape = office.delivery(product_update=418)
    office.restore(delivery)
    plan = office.plan(Order(Kind.RETURN, delivery))
    assert [each.rule for each in plan.conditions] == [303]
    made = office.done(Order(Kind.RETURN, delivery))
    package = Path(made.outputs[0].path)
    letter = json.loads((package.parent / "letter.json").read_text("utf-8"))
    assert [each["rule"] for each in letter["to_do"]] == [303]
    assert "418" in letter["to_do"][0]["text"]
    # The name says what the client needs to open it.
    assert "-421-SQL2016-" in package.name
    assert open_as_client(package, login=shape.client_logins[0], product_update=421, sql_release="2016").lines == 60
