"""The machine route on the test SQL Server: what a client sent comes back, row by row, whatever shape it came in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from factory.exchange import ENTRY, LICENCE, LOGINS, STRANGERS, Exchange, Shape, inside, office
from factory.journey import FIRM
from fakes.sqlserver.databases import RELEASES
from fakes.sqlserver.ground import needed

from core.administration.engine import FOREIGN
from core.administration.original import mirror_of
from core.errors import Refused, Unreadable, WisselError
from core.model import Consent, Kind, OperationDetail, OperationState, Order, StateWord
from core.operations.step import Bench
from core.texts import LANGUAGES, say
from tui.verbs import sentences

pytestmark = pytest.mark.timeout(180)
"""Some make the whole journey, on a machine that may be busy."""
BOOKED = {"amutak", "amutas", "gbkmut"}
COLLEAGUE = "KANTOOR\\stagiair"


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    with office(tmp_path, needed("freetds")) as made:
        yield made
        untouched(made)


def untouched(exchange: Exchange) -> None:
    """Nobody else's database was as much as named, but in questions; and nothing is left of the work."""
    for name in STRANGERS:
        assert exchange.server.states()[name] == "ONLINE MULTI_USER"
        said = [text for text in exchange.server.server.texts if f"[{name}]" in text]
        assert all(text.startswith("SELECT ") for text in said)
    assert exchange.left() == set()


def restore(exchange: Exchange, delivery: str, **more: Any) -> OperationDetail:
    return exchange.done(Order(Kind.RESTORE, delivery, **more))


def working(rows: list[dict[str, Any]]) -> set[str]:
    """Who can open it."""
    return {row["usr_id"] for row in rows if row["emp_stat"] == "A" and not row["blocked"] and row["usr_id"]}


def counting(rows: list[dict[str, Any]]) -> set[str]:
    return {row["LicNr"] for row in rows if row["Actief"]}


def with_us(exchange: Exchange, delivery: str, operation: str) -> None:
    """It has its place, with the firm's people and licence, and the client's asleep."""
    assert exchange.states() == {"120": "ONLINE MULTI_USER"}
    instance = exchange.server.instance
    assert working(instance.rows("120", "humres")) == {*FIRM.users, COLLEAGUE}
    assert counting(instance.rows("120", "Licentie")) == {FIRM.licence}
    firms = [row for row in instance.rows("120", "Licentie") if row["LicNr"] == FIRM.licence]
    assert [row["Bestand"] for row in firms] == [b"\x30\x00"]
    mark = exchange.mark()
    assert mark is not None
    assert (mark.delivery, mark.client, mark.operation) == (delivery, "BAK-001", operation)
    dormant = exchange.register.kept(operation, "dormant")
    assert dormant is not None
    assert {row["usr_id"] for row in dormant["users"]} == set(LOGINS)
    assert [row["licnr"] for row in dormant["licences"]] == [LICENCE]


def as_it_came(original: str, package: str) -> None:
    """The same kind, the same members in the same order, packed alike."""
    before, after = mirror_of(original), mirror_of(package)
    assert after.kind == before.kind
    if before.kind != "bare":
        assert [(each.name, each.packing, each.role) for each in after.parts] == [
            (each.name, each.packing, each.role) for each in before.parts
        ]


def equal_rows(original: str, package: str, booked: int) -> None:
    """Every row is there as it was, but for the corrections and the firm's people, who are off."""
    before, after = inside(original), inside(package)
    assert after.keys() == before.keys()
    assert working(after["humres"]) == working(before["humres"]) == set(LOGINS)
    assert counting(after["Licentie"]) == counting(before["Licentie"]) == {LICENCE}
    for name, rows in before.items():
        there, now = [_plain(row) for row in rows], [_plain(row) for row in after[name]]
        gone, news = [row for row in there if row not in now], [row for row in now if row not in there]
        if name == "humres":
            assert not gone
            assert {row["usr_id"] for row in news} == set(FIRM.users)
        elif name == "dagbk" and booked:
            (old,), (new,) = gone, news
            assert {key for key in old if old[key] != new[key]} == {"lbkstnr"}
        elif name in BOOKED:
            assert not gone
            assert len(news) == (booked if name == "amutak" else 2 * booked)
        else:
            assert not gone, name
            assert not news, name


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Without the number that the server itself gives to whatever is written."""
    return {name: value for name, value in row.items() if name != "timestamp"}


def given_back(exchange: Exchange, delivery: str, *, booked: int = 0) -> str:
    """Returned and handed over: the package."""
    made = exchange.done(Order(Kind.RETURN, delivery))
    (output,) = made.outputs
    as_it_came(exchange.original(delivery), output.path)
    equal_rows(exchange.original(delivery), output.path, booked)
    (waiting,) = exchange.register.open_operations()
    assert exchange.run(waiting.id).row.state is OperationState.WAITING
    exchange.register.answer(waiting.id, "by courier", who="jansen")
    assert exchange.run(waiting.id).row.state is OperationState.DONE
    assert exchange.register.delivery(delivery).row.state is StateWord.RETURNED
    assert exchange.register.verify_custody() is None
    return output.path


JOURNEYS: tuple[tuple[str, Shape, bool], ...] = (
    ("freetds", "mszip", True), ("ms18", "bak", True), ("freetds", "files", False), ("freetds", "compressed", True),
)  # fmt: skip
"""Driver, what comes in, and whether its table of licences has a key."""


@pytest.mark.parametrize(("driver", "shape", "keyed"), JOURNEYS)
def test_restored_corrected_reversed_and_returned_as_it_came(
    driver: str, shape: Shape, keyed: bool, tmp_path: Path
) -> None:
    with office(tmp_path, needed(driver)) as exchange:
        delivery = exchange.came(shape, keyed=keyed)
        restored = restore(exchange, delivery, colleagues=(COLLEAGUE,)).row.id
        with_us(exchange, delivery, restored)
        order = Order(Kind.CORRECT, delivery, entry=ENTRY, entry_name="november.toml")
        exchange.done(order)
        booked = 1
        if shape == "mszip":
            exchange.done(Order(Kind.REVERSE, delivery))
            exchange.done(order)
            booked = 3
        package = given_back(exchange, delivery, booked=booked)
        suffix = ".bak" if shape in {"bak", "compressed"} else ".ebu"
        assert Path(package).name.endswith(f"-421-SQL2016-Bakker Metaal{suffix}")
        papers(exchange, package, booked)
        said(exchange)
        told = [word for word in exchange.story(delivery) if word not in {"ordered", "judged", "answered"}]
        assert told == [
            "arrived", "bound", "sealed", "restored", *("corrected", "reversed", "corrected")[:booked], "returned",
            "handed-over",
        ]  # fmt: skip
        untouched(exchange)


def papers(exchange: Exchange, package: str, booked: int) -> None:
    folder = Path(package).parent
    assert {each.name for each in folder.iterdir()} == {Path(package).name, "manifest.json", "letter.json"}
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    letter = json.loads((folder / "letter.json").read_text("utf-8"))
    assert manifest["original_sha256"] == exchange.register.delivery(manifest["delivery"]).sha256
    assert manifest["not_read_back"] == []
    assert manifest["proof"]["tables"] == len(inside(package))
    assert len([each for each in manifest["corrections"] if not each["reversed_by"]]) == 1
    assert [each["kind"] for each in letter["entries"]] == ["correct", "reverse", "correct"][:booked]
    assert letter["totals"]["after"] != letter["totals"]["before"]
    assert letter["file"]["name"] == Path(package).name


def said(exchange: Exchange) -> None:
    """Steps, results, outcomes and lines of the log: whole sentences in both languages."""
    for language in LANGUAGES:
        for row in exchange.register.operations()[0]:
            assert "<" not in say(row.outcome, language, **row.params), row
            for step in exchange.register.operation(row.id).steps:
                assert "<" not in say(f"step.{row.kind}.{step.name}", language, **step.params), step
                if step.result:
                    assert "<" not in say(f"result.{row.kind}.{step.name}", language, **step.result), step
        for line in exchange.register.custody():
            assert "<" not in say(f"custody.{line.what}", language, **line.detail), line


def test_a_second_delivery_sets_the_first_aside(exchange: Exchange) -> None:
    first = exchange.came()
    restore(exchange, first)
    second = exchange.came("stored", entries=4)
    assert exchange.refused(Order(Kind.RESTORE, second)) == "504"
    given_back(exchange, first)
    made = restore(exchange, second)
    aside = f"wissel-aside-120-{first}-{made.row.id}"
    assert exchange.states() == {"120": "ONLINE MULTI_USER", aside: "ONLINE MULTI_USER READ_ONLY"}
    mark = exchange.mark()
    assert mark is not None
    assert mark.delivery == second
    assert len(exchange.server.instance.rows("120", "gbkmut")) == 12
    assert "made-room" in exchange.story(first)


def test_an_instance_that_others_use_takes_a_named_logged_consent(exchange: Exchange) -> None:
    delivery = exchange.came()
    exchange.retarget(isolated=False)
    assert exchange.refused(Order(Kind.RESTORE, delivery)) == "211"
    plan = exchange.plan(Order(Kind.RESTORE, delivery, not_isolated=True))
    assert plan.consent is Consent.TYPED
    assert [each.rule for each in plan.conditions] == [211]
    restore(exchange, delivery, not_isolated=True)
    (line,) = [each for each in exchange.register.custody(delivery=delivery) if each.what == "restored"]
    assert line.detail["override"] == "not-isolated"


def test_the_plan_says_the_route_and_why_in_whole_sentences(exchange: Exchange) -> None:
    delivery = exchange.came()
    plans = [exchange.plan(Order(Kind.RESTORE, delivery))]
    restore(exchange, delivery)
    plans += [
        exchange.plan(order)
        for order in (
            Order(Kind.CORRECT, delivery, entry=ENTRY, entry_name="n.toml"), Order(Kind.RETURN, delivery),
            Order(Kind.SET_ASIDE, delivery), Order(Kind.REOPEN, delivery),
        )
    ]  # fmt: skip
    assert [(each.route, each.route_why) for each in plans] == [("machine", "server")] + [("machine", "as-it-came")] * 4
    for plan in plans:
        assert plan.refusal is None
        for language in LANGUAGES:
            assert "<" not in sentences.why(plan.route_why, language)
            for step in plan.steps:
                words = say(f"step.{plan.order.kind}.{step.name}", language, **step.params)
                assert "<" not in words
                assert "?" not in words
                assert not step.undo or "<" not in say(f"undo.{step.undo}", language)


def test_a_number_in_use_by_a_strangers_database_is_refused(exchange: Exchange) -> None:
    delivery = exchange.came()
    operation = exchange.order(Order(Kind.RESTORE, delivery))
    exchange.server.stranger("120")
    made = exchange.run(operation)
    assert (made.row.state, made.row.outcome) == (OperationState.UNDONE, "error.plan-refused")
    assert exchange.mark() == FOREIGN
    assert exchange.refused(Order(Kind.RESTORE, delivery)) == "number-foreign"
    assert exchange.states() == {"120": "ONLINE MULTI_USER"}


def test_a_number_that_a_stranger_took_meanwhile_is_left_to_him(exchange: Exchange) -> None:
    delivery = exchange.came()
    exchange.before = lambda bench: exchange.server.stranger("120") if bench.step.name == "place" else None
    operation = exchange.order(Order(Kind.RESTORE, delivery))
    made = exchange.run(operation)
    assert (made.row.state, made.row.outcome) == (OperationState.UNDONE, "error.number-taken")
    assert exchange.states() == {"120": "ONLINE MULTI_USER"}
    assert exchange.mark() == FOREIGN


def test_a_server_that_is_not_there(exchange: Exchange) -> None:
    delivery = exchange.came()
    operation = exchange.order(Order(Kind.RESTORE, delivery))
    exchange.retarget(instance="127.0.0.1,1", login_seconds=2)
    with pytest.raises(Unreadable) as caught:
        exchange.plan(Order(Kind.RESTORE, delivery))
    assert whole(caught.value)
    assert exchange.run(operation).row.state in {OperationState.UNDONE, OperationState.FAILED}
    assert exchange.states() == {}


def test_a_password_that_is_not_right(exchange: Exchange) -> None:
    delivery = exchange.came()
    operation = exchange.order(Order(Kind.RESTORE, delivery))
    (exchange.folder / "sql.secret").write_text("wrong", "utf-8")
    with pytest.raises(Refused) as caught:
        exchange.plan(Order(Kind.RESTORE, delivery))
    assert caught.value.key == "server-login"
    assert whole(caught.value)
    made = exchange.run(operation)
    assert (made.row.state, made.row.outcome) == (OperationState.UNDONE, "error.server-login")


def whole(error: WisselError) -> bool:
    """Text and hint, in both languages."""
    texts = [
        say(f"{kind}.{error.key}", language, **error.params) for kind in ("error", "hint") for language in LANGUAGES
    ]
    return not any("<" in text for text in texts)


def test_a_target_that_moved_on_meanwhile_returns_nothing(exchange: Exchange) -> None:
    delivery = exchange.came()
    restore(exchange, delivery)
    exchange.retarget(product_update=422)
    assert exchange.refused(Order(Kind.RETURN, delivery)) == "303"
    exchange.retarget(product_update=421)
    operation = exchange.order(Order(Kind.RETURN, delivery))
    release = exchange.server.instance.release = RELEASES["2019"]
    for each in exchange.server.instance.all():
        each.internal = release.internal
    # Nobody asked the instance since; the first step does.
    made = exchange.run(operation)
    assert (made.row.state, made.row.outcome) == (OperationState.UNDONE, "error.plan-refused")
    assert made.row.params["rule"] == 203
    assert exchange.refused(Order(Kind.RETURN, delivery)) == "203"


def test_it_drifts_between_the_order_and_the_release(exchange: Exchange) -> None:
    delivery = exchange.came()
    restore(exchange, delivery)

    def drift(bench: Bench) -> None:
        if bench.step.name == "release":
            exchange.register.save_client(replace(exchange.register.client("BAK-001"), sql_release="2014"))

    exchange.before = drift
    made = exchange.run(exchange.order(Order(Kind.RETURN, delivery)))
    assert (made.row.state, made.row.outcome) == (OperationState.UNDONE, "error.plan-refused")
    assert not [each for each in (exchange.folder / "outbox").rglob("*") if each.is_file()]
    assert exchange.states() == {"120": "ONLINE MULTI_USER"}


def test_set_aside_and_reopened_its_number_is_free_again(exchange: Exchange) -> None:
    delivery = exchange.came()
    restore(exchange, delivery)
    exchange.done(Order(Kind.REOPEN, delivery))
    assert exchange.mark() is None
    restore(exchange, delivery)
    exchange.done(Order(Kind.SET_ASIDE, delivery))
    assert sorted(state for name, state in exchange.states().items()) == ["ONLINE MULTI_USER READ_ONLY"] * 2
    assert exchange.register.delivery(delivery).row.state is StateWord.SET_ASIDE
