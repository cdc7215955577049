from __future__ import annotations

import pytest
import sqlalchemy as sa
from factory.records import evidence, moment, verdict

from core.model import Administration, Answer, Client, Evidence, FactValue, Finding, Holding, StateWord, Target
from core.register import engine
from core.register.register import Register
from core.register.schema import holdings


def sealed(
    register: Register, sha: str = "", *, client: str | None = None, damaged: bool = False, **facts: FactValue
) -> str:
    name = f"f{register.pulse()}"
    delivery = register.arrive("/in", name, name, 1, moment(register.pulse()), client=client)
    read = evidence("tape", **facts)
    if damaged:
        read = Evidence(read.kind, read.claims, (Finding("truncated", proves_damage=True),))
    register.seal(delivery, (sha or name).rjust(64, "0"), delivery, moment(), read)
    return delivery


@pytest.fixture
def clients(register: Register) -> None:
    for code, family, update, numbers in (
        ("A", "next", 400, ("007",)), ("B", "next", 418, ("001",)), ("C", "next", 400, ()),
        ("D", "plus", 400, ("001",)), ("E", None, 400, ("001",)), ("F", "next", None, ("001",)),
        ("G", "next", 421, ("001",)),
    ):  # fmt: skip
        companies = tuple(Administration(number) for number in numbers)
        register.save_client(Client(code, family=family, product_update=update, administrations=companies))


def test_an_unknown_file_has_no_circumstances(register: Register) -> None:
    delivery = register.arrive("/in", "a", "1", 1, moment())
    around = register.circumstances(delivery, [Target("t", product_update=400)], "restore")
    assert (around.moment, around.stage, around.delivery, around.client) == ("restore", "arriving", delivery, None)
    assert (around.base_full, around.stripes_here, around.same_bytes, around.later) == (None, frozenset(), (), ())
    assert around.affected == {}


def test_the_full_of_a_differential(register: Register) -> None:
    different = sealed(register, base_guid="g1", set_guid="g2")
    assert register.circumstances(different).base_full is None
    sealed(register, damaged=True, set_guid="g1")
    assert register.circumstances(different).base_full is None
    full = sealed(register, set_guid="g1")
    assert register.circumstances(different).base_full == full
    assert register.related_ids(full) == (different,)


@pytest.mark.usefixtures("clients")
def test_news_of_a_later_copy_reaches_only_those_who_have_not_heard_of_one(register: Register) -> None:
    first, second, third = (
        sealed(register, client="A", administration_number="007", finished_at=f"2026-01-0{day}T12:00:00")
        for day in (1, 2, 3)
    )
    old = verdict("sql16a", Answer.CONDITIONAL, Answer.CONDITIONAL, 507)
    register.judge(first, None, (old,), "sql16a", StateWord.WARN, "f")
    register.judge(second, None, (verdict(),), "sql16a", StateWord.OK, "f")
    assert register.related_ids(third) == (first, second)
    assert register.related_ids(third, news=True) == (second,)


def test_a_medium_used_every_night_relates_only_the_stripes_of_one_back_up(register: Register) -> None:
    tonight = sealed(register, media_guid="m", set_guid="s1", stripe="1/2")
    sealed(register, media_guid="m", set_guid="s0", stripe="1/1")
    other = sealed(register, media_guid="m", set_guid="s1", stripe="2/2")
    assert register.related_ids(tonight) == (other,)


def test_a_full_in_the_inbox_counts_the_sealed_one_first(register: Register) -> None:
    different = sealed(register, base_guid="g1", set_guid="g2")
    arriving = register.arrive("/in", "x", "x", 1, moment())
    register.provisional(arriving, evidence(set_guid="g1"), (), None, register.delivery(arriving).row.state)
    assert register.circumstances(different).base_full == arriving
    full = sealed(register, set_guid="g1")
    assert register.circumstances(different).base_full == full
    register.gone(arriving, moment())
    assert register.circumstances(different).base_full == full


def test_the_stripes_that_are_here(register: Register) -> None:
    first = sealed(register, media_guid="m", set_guid="s", stripe="1/4")
    assert register.circumstances(first).stripes_here == {1}
    third = sealed(register, media_guid="m", set_guid="s", stripe="3/4")
    sealed(register, media_guid="m", set_guid="other", stripe="2/4")
    sealed(register, media_guid="n", set_guid="s", stripe="2/4")
    sealed(register, damaged=True, media_guid="m", set_guid="s", stripe="4/4")
    assert register.circumstances(first).stripes_here == {1, 3}
    assert third in register.related_ids(first)


def test_a_full_in_stripes_is_here_when_all_stripes_are(register: Register) -> None:
    different = sealed(register, base_guid="g1", set_guid="g2")
    first = sealed(register, stripe="1/2", media_guid="m", set_guid="g1", family_count=2)
    assert register.circumstances(different).base_full is None
    second = sealed(register, stripe="2/2", media_guid="m", set_guid="g1", family_count=2)
    assert register.circumstances(different).base_full == first
    assert {different, first} <= set(register.related_ids(second))
    zipped = sealed(register, base_guid="g3", set_guid="g4")
    package = sealed(register, stripe="1/2", stripes_inside="1 2", media_guid="n", set_guid="g3", family_count=2)
    assert register.circumstances(zipped).base_full == package


def arriving(register: Register, word: StateWord = StateWord.ARRIVING, **facts: FactValue) -> str:
    delivery = register.arrive("/in", "full", "1", 1, moment())
    register.provisional(delivery, evidence("tape", **facts), (), None, word)
    return delivery


def test_who_waits_for_a_full_is_judged_again_when_it_comes_and_when_it_goes(register: Register) -> None:
    waiting = [sealed(register, base_guid="g1", set_guid="g2"), sealed(register, media_guid="m", set_guid="g1")]
    other = sealed(register, base_guid="g9", set_guid="g4", media_guid="m")

    def settle() -> None:
        for each in (*waiting, other):
            register.judge(each, None, (), None, StateWord.NO, "f1")
        assert register.stale("f1") == ()

    settle()
    delivery = arriving(register, set_guid="g1", media_guid="m")
    assert set(register.stale("f1")) == set(waiting)
    settle()
    arriving(register, set_guid="g1", media_guid="m")
    assert register.stale("f1") == ()
    register.stage(delivery, "unreadable", reason="rights")
    assert set(register.stale("f1")) == set(waiting)
    settle()
    register.stage(delivery, "arriving")
    assert set(register.stale("f1")) == set(waiting)
    settle()
    register.gone(delivery, moment())
    assert set(register.stale("f1")) == set(waiting)


def test_the_same_bytes_came_before(register: Register) -> None:
    first, second = sealed(register, "aa"), sealed(register, "aa")
    assert register.circumstances(first).same_bytes == ()
    assert [each.delivery for each in register.circumstances(second).same_bytes] == [first]
    assert (register.related_ids(first), register.related_ids(second)) == ((second,), ())


def test_a_later_copy(register: Register, clients: None) -> None:
    def copy(started_at: str, number: str = "007", client: str = "A") -> str:
        return sealed(register, client=client, administration_number=number, started_at=started_at)

    old = copy("2020-01-01T10:00:00")
    copy("2019-01-01T10:00:00")
    copy("2021-01-01T10:00:00", number="008")
    copy("2021-01-01T10:00:00", client="B")
    new = copy("2021-01-01T10:00:00")
    assert [each.delivery for each in register.circumstances(old).later] == [new]
    assert register.circumstances(new).later == ()
    assert old in register.related_ids(new)
    assert register.related_ids(old) == ()


def test_a_later_copy_by_the_number_that_only_the_register_has(register: Register) -> None:
    """A package of Globe's own does not show its number; its name and the register do."""
    companies = (Administration("007", "Klomp Metaal"), Administration("008", "Klomp Beheer"))
    register.save_client(Client("A", administrations=companies))

    def copy(day: str, name: str) -> str:
        return sealed(register, client="A", administration_name=name, backup_date=day)

    old = copy("2026-11-01", "Klomp Metaal")
    copy("2026-11-02", "Klomp Beheer")
    copy("2026-11-02", "Klomp")
    new = copy("2026-11-03", "KLOMP METAAL")
    numbered = sealed(register, client="A", administration_number="007", backup_date="2026-11-04")
    assert [each.delivery for each in register.circumstances(old).later] == [new, numbered]
    assert set(register.related_ids(numbered)) == {old, new}
    with engine.writing(register._engine, "w", "h") as work:
        row = {"target": "t", "number": "007", "client": "A", "delivery": 5, "since": moment()}
        work.execute(sa.insert(holdings).values(row))
    assert register.circumstances(old).out == Holding("t", "007", "A", numbered)


def test_a_day_alone_is_compared_as_a_day(register: Register, clients: None) -> None:
    by_name = sealed(register, client="A", administration_number="007", backup_date="2026-11-01")
    sealed(register, client="A", administration_number="007", started_at="2026-11-01T10:00:00")
    assert register.circumstances(by_name).later == ()
    later = sealed(register, client="A", administration_number="007", started_at="2026-11-02T10:00:00")
    assert [each.delivery for each in register.circumstances(by_name).later] == [later]


def test_who_is_stranded_by_an_update_of_a_target(register: Register, clients: None) -> None:
    delivery = sealed(register, client="G", product_update=421)
    targets = [
        Target("low", family="next", product_update=400), Target("mid", family="next", product_update=418),
        Target("same", family="next", product_update=421), Target("any", product_update=400), Target("unknown"),
    ]  # fmt: skip
    assert register.circumstances(delivery, targets).affected == {
        "low": ("A", "E"), "mid": ("A", "B", "E"), "any": ("A", "D", "E"),
    }  # fmt: skip


def test_what_is_out(register: Register, clients: None) -> None:
    delivery = sealed(register, client="A", administration_number="007")
    with engine.writing(register._engine, "w", "h") as work:
        row = {"target": "t", "number": "007", "client": "A", "delivery": 1, "since": moment()}
        work.execute(sa.insert(holdings).values(row))
    around = register.circumstances(delivery)
    assert around.out == Holding("t", "007", "A", "D-0001")
    assert around.holdings == (around.out,)
    earlier = sealed(register)
    with engine.writing(register._engine, "w", "h") as work:
        work.execute(sa.insert(holdings).values({**row, "target": "u", "delivery": 2}))
    assert register.circumstances(delivery).out == Holding("u", "007", "A", earlier), "its own is in nobody's way"


def test_who_bound_it(register: Register, clients: None) -> None:
    delivery = sealed(register, client="A")
    assert not register.circumstances(delivery).bound_by_hand
    register.bind(delivery, "B", "jansen", moment())
    assert register.circumstances(delivery).bound_by_hand
    delivery = sealed(register, client="B")
    assert register.bind(delivery, "B", "jansen", moment()), "confirmed by name: rule 502 is settled"
    assert not register.bind(delivery, "B", "jansen", moment())
    assert not register.bind(delivery, "B", "wissel", moment(), how="inbox")
    around = register.circumstances(delivery)
    assert around.bound_by_hand
    assert around.client == register.client("B")
