from __future__ import annotations

import pytest
from factory.orders import planned, sealed
from factory.records import Clock, moment

from core.errors import NotFound, Refused
from core.model import Held, Holding, Kind, OperationState, StateWord
from core.register.register import Register


def done(register: Register, delivery: str, kind: Kind = Kind.RESTORE) -> str:
    plan = planned(delivery, kind)
    operation = register.order(plan.order, plan, who="jansen")
    register.end(operation, OperationState.DONE, "outcome.done")
    return operation


def hold(register: Register, delivery: str, *, target: str = "oefen16", client: str = "KLM-044") -> None:
    operation = done(register, delivery)
    for _ in range(2):
        register.hold(target, "120", name="Klomp\x1b", client=client, delivery=delivery, operation=operation)


@pytest.fixture
def delivery(register: Register) -> str:
    return sealed(register)


def test_an_administration_comes_and_goes(register: Register, delivery: str, clock: Clock) -> None:
    clock.at = moment(1)
    hold(register, delivery)
    held = Held("oefen16", "120", "Klomp\\x1b", "KLM-044", "Firm KLM-044", delivery, moment(1))
    assert register.held() == register.held(delivery.lower()) == (held,)
    row = register.page()[0][0]
    assert (row.state, row.held_at, row.operation) == (StateWord.WITH_US, "oefen16", None)
    clock.at = moment(2)
    for _ in range(2):
        register.returned("oefen16", "120")
        clock.at = moment(3)
    assert register.held()[0].returned_at == moment(2)
    assert register.delivery(delivery).row == register.page()[0][0]
    assert (register.page()[0][0].state, register.page()[0][0].held_at) == (StateWord.RETURNED, "oefen16")
    register.let_go("oefen16", "120", delivery="D-0099")
    assert register.held() != ()
    for _ in range(2):
        register.let_go("oefen16", "120", delivery=delivery)
    assert (register.held(), register.page()[0][0].state, register.page()[0][0].held_at) == (
        (), StateWord.RETURNED, None,
    )  # fmt: skip
    with pytest.raises(NotFound, match="holding"):
        register.returned("oefen16", "120")


def test_what_stands_somewhere_is_never_taken_over_unless_it_was_returned_to_the_same_client(
    register: Register, delivery: str
) -> None:
    same, other = sealed(register, name="b"), sealed(register, client="ABC-012", name="c")
    hold(register, delivery)
    for each, client in ((same, "KLM-044"), (other, "ABC-012")):
        with pytest.raises(Refused, match="number-held"):
            hold(register, each, client=client)
    register.returned("oefen16", "120")
    with pytest.raises(Refused, match="number-held"):
        hold(register, other, client="ABC-012")
    assert register.delivery(other).row.state is StateWord.ARRIVING
    hold(register, same)
    assert [(each.delivery, each.returned_at) for each in register.held()] == [(same, None)]
    assert register.delivery(delivery).row.state is StateWord.RETURNED


def test_corrections_count_while_they_stand(register: Register, delivery: str) -> None:
    done(register, delivery, Kind.CORRECT)
    hold(register, delivery)
    assert register.held()[0].corrections == 0, "that one went with what stood there before"
    for kind, count in ((Kind.CORRECT, 1), (Kind.CORRECT, 2), (Kind.REVERSE, 1)):
        done(register, delivery, kind)
        assert register.held()[0].corrections == count
    plan = planned(delivery, Kind.CORRECT)
    operation = register.order(plan.order, plan, who="jansen")
    assert (register.held()[0].corrections, register.held()[0].operation) == (1, operation)


def test_reopening_lets_go_and_the_verdict_speaks_again(register: Register, delivery: str) -> None:
    register.judge(delivery, None, (), None, StateWord.WARN, "f1")
    hold(register, delivery)
    hold(register, delivery, target="other")
    register.reopen(delivery, "jansen", moment())
    assert (register.held(), register.delivery(delivery).row.state) == ((), StateWord.WARN)
    assert register.stale("f1") == (delivery,)


def test_who_has_it_in_his_way_is_judged_again(register: Register, delivery: str) -> None:
    others = [
        sealed(register, client="ABC-012", name="same number"),
        sealed(register, name="same client", number="121"),
        sealed(register, client="ABC-012", name="neither", number="007"),
    ]

    def touched() -> set[str]:
        stale = set(register.stale("f1"))
        for each in (delivery, *others):
            register.judge(each, None, (), None, StateWord.OK, "f1")
        return stale

    touched()
    hold(register, delivery)
    assert touched() == set(others[:2])
    register.returned("oefen16", "120")
    assert touched() == set(others[:2])
    register.let_go("oefen16", "120")
    assert touched() == set(others[:2])


def test_what_is_out_for_the_rules(register: Register, delivery: str) -> None:
    hold(register, delivery)
    later = sealed(register, name="b")
    assert register.circumstances(later).out == Holding("oefen16", "120", "KLM-044", delivery)
    register.returned("oefen16", "120")
    around = register.circumstances(later)
    assert (around.out, around.holdings) == (None, (Holding("oefen16", "120", "KLM-044", delivery, returned=True),))


def test_what_became_of_the_same_bytes(register: Register, delivery: str) -> None:
    second = register.arrive("/in", "copy", "copy", 1, moment())
    sha256 = register.delivery(delivery).sha256
    assert sha256 is not None
    register.seal(second, sha256, second, moment(), register.delivery(delivery).evidence)
    hold(register, delivery)
    assert [each.state for each in register.circumstances(second).same_bytes] == [StateWord.WITH_US]


def test_a_delivery_that_went_and_came_elsewhere_stands_where_it_is_with_us(register: Register, delivery: str) -> None:
    hold(register, delivery)
    register.returned("oefen16", "120")
    hold(register, delivery, target="z-other")
    assert (register.page()[0][0].held_at, register.page()[0][0].state) == ("z-other", StateWord.WITH_US)


def test_a_life_has_few_words(register: Register, delivery: str) -> None:
    with pytest.raises(ValueError, match="gone"):
        register.life(delivery, "gone")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("state:ok", "1"), ("state:with-us", "3"), ("state:returned", "4"), ("state:set-aside", "5"), ("opzij", ""),
        ("state:running", "2"), ("staat:bezig", "2"), ("staat:bij-ons", "3"), ("staat:retour", "4"),
        ("state:r", "42"), ("!state:ok", "5432"), ("!state:running", "5431"), ("!state:with", "5421"),
        ("state:aside", "5"), ("state:gone", ""), ("state:ok !state:running", "1"),
    ],
)  # fmt: skip
def test_the_filter_knows_the_words_that_rows_show(lived: Register, text: str, numbers: str) -> None:
    rows, total = lived.page(text)
    assert ("".join(row.id[-1] for row in rows), total) == (numbers, len(numbers))


@pytest.fixture(scope="module")
def lived(shared: Register) -> Register:
    for at, life in enumerate(("", "", "with-us", "returned", "set-aside")):
        delivery = sealed(shared, name=f"f{at}")
        shared.judge(delivery, None, (), None, StateWord.OK, "f")
        shared.life(delivery, life)
    plan = planned("D-0002")
    shared.order(plan.order, plan, who="jansen")
    return shared
