"""The swap and the way back: whatever stands in an administration, only the listed rows differ afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from itertools import count

import pytest
import sqlalchemy as sa
from factory.identities import MARK, Stored, driver, empty, opened, put, saved, stored
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.administration import globe, identity, own, proof
from core.administration.globe import gbkmut, hr_roles, humres, practice_licence, pwrole
from core.administration.identity import Back, Dormant, Firm
from core.administration.types import compare
from core.errors import BadFormat, Refused

FIRM = Firm("Oefenkantoor", "9999001", ("KANTOOR\\jansen", "KANTOOR\\devries"), "Accountant")
COLLEAGUE = "KANTOOR\\stagiair"
LOGINS = ("BAKKER\\piet", "bakker\\PIET", "BAKKER\\piet  ", "MOLEN\\els", "jansen", " ", "", None)
FIRMS = (*FIRM.users, "kantoor\\JANSEN ", "kantoor\\devries")
IDENTITY = {"humres", "HRRoles", "pwrole", "PracticeLicence"}


@cache
def blank() -> bytes:
    return empty()


@cache
def few() -> bytes:
    """Enough for many cases."""
    return empty(humres, hr_roles, pwrole, practice_licence, gbkmut)


@dataclass(frozen=True)
class User:
    login: str | None
    status: str
    blocked: int
    roles: tuple[int, ...]


@dataclass(frozen=True)
class Case:
    users: tuple[User, ...]
    names: tuple[tuple[int, str], ...]
    licences: tuple[tuple[str, int, bytes], ...]
    colleagues: tuple[str, ...]
    writers: frozenset[str]
    gap: int


users = st.builds(
    User,
    st.sampled_from((*LOGINS, *FIRMS, COLLEAGUE, COLLEAGUE.upper())),
    st.sampled_from(("A", "A", "A", "a", "I", "H")),
    st.sampled_from((0, 0, 0, 1)),
    st.lists(st.integers(1, 4), max_size=3, unique=True).map(tuple),
)
names = st.tuples(st.integers(1, 4), st.sampled_from(("Verkoop", "accountant ", "Beheer")))
licences = st.tuples(
    st.sampled_from(("1000120", "1000121", "9999001", "9999001 ")), st.integers(0, 1), st.binary(max_size=9)
)
guests = st.sampled_from((COLLEAGUE, "KANTOOR\\invaller", "kantoor\\STAGIAIR", "KANTOOR\\Jansen"))
cases = st.builds(
    Case,
    st.lists(users, max_size=6).map(tuple),
    st.lists(names, max_size=3, unique_by=lambda each: each[0]).map(tuple),
    st.lists(licences, max_size=4).map(tuple),
    st.lists(guests, max_size=2).map(tuple),
    st.frozensets(st.sampled_from((COLLEAGUE, "KANTOOR\\invaller", *FIRM.users))),
    st.integers(1, 40),
)


def fill(connection: sa.Connection, case: Case) -> None:
    numbers = count(case.gap, 3)
    for user in case.users:
        number = next(numbers)
        values = {"res_id": number, "usr_id": user.login, "fullname": "Naam", "ldatuitdienst": None, "mail": "é"}
        values |= {"emp_stat": user.status, "blocked": user.blocked, "BackOfficeBlocked": 0}
        put(connection, humres, **values)
        for role in user.roles:
            put(connection, hr_roles, RoleID=role, EmpID=number, RoleLevel=role % 2)
    for number, name in case.names:
        put(connection, pwrole, RoleID=number, RoleName=name)
    for licence, active, data in case.licences:
        put(connection, practice_licence, LicNumber=licence, Holder="H", Data=data, Active=active)
    put(connection, gbkmut, syscreator=case.gap, bdr_hfl=0.1)
    connection.commit()


def firms(login: object, case: Case) -> bool:
    text = "" if login is None else str(login)
    return bool(text.strip()) and any(compare(text, each) == 0 for each in (*FIRM.users, *case.colleagues))


def column(row: dict[str, object], name: str) -> object:
    kind_and_value = row[name]
    assert isinstance(kind_and_value, tuple)
    return kind_and_value[1]


def works(row: dict[str, object]) -> bool:
    on = str(column(row, "emp_stat")).upper() == "A" and not column(row, "blocked")
    return on and not column(row, "BackOfficeBlocked")


def of(rows: Stored, table: str) -> dict[int, dict[str, object]]:
    return {number: row for (name, number), row in rows.items() if name == table}


def write_as(connection: sa.Connection, record: Dormant, writers: frozenset[str]) -> None:
    for person in record.people:
        if any(compare(person.login, each) == 0 for each in writers):
            put(connection, gbkmut, sysmodifier=person.number)
    connection.commit()


def there_and_back(case: Case, data: bytes) -> tuple[Stored, Stored, Dormant, Back]:
    """Swapped in, worked on, and swapped back in a working copy; the proof agrees with it."""
    with opened(data) as live:
        before = stored(live)
        record = identity.swap_in(live, FIRM, case.colleagues, operation="O-0001")
        live.commit()
        asleep = stored(live)
        working = [str(column(row, "usr_id")) for row in of(asleep, "humres").values() if works(row)]
        for login in (*FIRM.users, *case.colleagues):
            assert sum(compare(login, each) == 0 for each in working) == 1
        for row in of(asleep, "humres").values():
            if str(column(row, "usr_id") or "").strip() and works(row):
                assert firms(column(row, "usr_id"), case)
        assert identity.survey(live).licences in [("9999001",), ("9999001 ",)]
        assert not any(compare(str(row["licnumber"]), FIRM.licence) == 0 for row in record.licences)
        write_as(live, record, case.writers)
        wanted = identity.expected(live, record)
        with opened(saved(live)) as copy:
            back = identity.swap_back(copy, record, operation="O-0002")
            copy.commit()
            after = stored(copy)
            again = identity.swap_back(
                copy, Dormant.from_json(json.loads(json.dumps(record.to_json()))), operation="O-3"
            )
            copy.commit()
            assert (again, stored(copy)) == (back, after)
            assert identity.swapped_back(copy)
            proven = proof.prove(live, copy, wanted)
            assert not proven.count, proven.differences
    return before, after, record, back


def refused(case: Case) -> bool:
    temporary = [each for each in case.colleagues if all(compare(each, firm) for firm in FIRM.users)]
    return any(
        user.status.upper() == "A" and not user.blocked and user.login and compare(user.login, each) == 0
        for user in case.users
        for each in temporary
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(cases)
def test_only_the_listed_rows_differ_after_the_way_back(case: Case) -> None:
    with opened(few()) as connection:
        fill(connection, case)
        data = saved(connection)
    assume(not refused(case))
    before, after, record, back = there_and_back(case, data)

    for table in {name for name, _ in before} - IDENTITY - {"wissel_mark", "gbkmut"}:
        assert of(before, table) == of(after, table)
    assert {name for name, _ in after if name.startswith("wissel_")} == set()
    assert of(before, "gbkmut").items() <= of(after, "gbkmut").items()
    assert of(before, "pwrole") == of(after, "pwrole")
    assert of(before, "HRRoles") == of(after, "HRRoles")

    licences = of(after, "PracticeLicence")
    assert licences.keys() == of(before, "PracticeLicence").keys()
    for number, row in of(before, "PracticeLicence").items():
        firm = compare(str(column(row, "LicNumber")), FIRM.licence) == 0
        assert licences[number] == (row | {"Active": (int, 0)} if firm else row)

    people = of(after, "humres")
    for number, row in of(before, "humres").items():
        off = {"emp_stat": (str, "I"), "blocked": (int, 1), "BackOfficeBlocked": (int, 1)}
        left_on = works(row) and firms(column(row, "usr_id"), case)
        assert people[number] == (row | off if left_on else row)
    new = {str(column(row, "usr_id")): row for number, row in people.items() if number not in of(before, "humres")}
    assert not any(works(row) for row in new.values())
    added = {person.login: person for person in record.people if person.former is None}
    wrote = {login for login in added if any(compare(login, each) == 0 for each in case.writers)}
    assert new.keys() == {login for login, person in added.items() if not person.temporary} | wrote
    assert {*back.removed} == {login for login, person in added.items() if person.temporary} - wrote
    assert {*back.deactivated, *back.kept_colleagues, *back.removed} == {person.login for person in record.people}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases)
def test_twice_is_once_and_a_rollback_leaves_nothing(case: Case) -> None:
    with opened(few()) as connection:
        fill(connection, case)
        before = stored(connection)
        connection.rollback()
        if refused(case):
            with pytest.raises(Refused):
                identity.swap_in(connection, FIRM, case.colleagues, operation="O-0001")
            assert stored(connection) == before
            return
        identity.swap_in(connection, FIRM, case.colleagues, operation="O-0001")
        connection.rollback()
        assert stored(connection) == before

        record = identity.swap_in(connection, FIRM, case.colleagues, operation="O-0001")
        connection.commit()
        once = stored(connection)
        assert identity.swap_in(connection, FIRM, case.colleagues, operation="O-0001") == record
        assert identity.recorded(connection) == record == Dormant.from_json(record.to_json())
        assert stored(connection) == once
        with pytest.raises(Refused, match="identity-swapped"):
            identity.swap_in(connection, FIRM, operation="O-0009")
        identity.swap_back(connection, record, operation="O-0002")
        connection.rollback()
        assert stored(connection) == once


PIET = User("BAKKER\\piet", "A", 0, (1, 2))
ORDINARY = Case(
    (PIET, User("BAKKER\\els", "A", 0, (2,)), User("BAKKER\\oud", "I", 1, (1,))),
    ((1, "Verkoop"), (2, "Inkoop")),
    (("1000120", 1, b"\x00\xff"), ("1000121", 1, b"x"), ("1000122", 0, b"")),
    (COLLEAGUE,),
    frozenset(),
    5,
)


LEFT = 11
"""`res_id` of the client's user who left."""


def filled(case: Case = ORDINARY) -> bytes:
    with opened(blank()) as connection:
        fill(connection, case)
        return saved(connection)


def test_a_survey_says_who_can_work_and_with_which_licence() -> None:
    with opened(filled()) as connection:
        found = identity.survey(connection)
        assert found == identity.Survey(("BAKKER\\piet", "BAKKER\\els"), ("Verkoop", "Inkoop"), ("1000120", "1000121"))
        identity.swap_in(connection, FIRM, [COLLEAGUE], operation="O-0001")
        found = identity.survey(connection)
        assert found.users == (*FIRM.users, COLLEAGUE)
        assert found.licences == (FIRM.licence,)
        assert found.roles[-1] == FIRM.role


def test_the_firm_has_its_role_and_the_client_none() -> None:
    with opened(filled()) as connection:
        record = identity.swap_in(connection, FIRM, [COLLEAGUE], operation="O-0001")
        assert record.role is not None
        asleep = {row["res_id"] for row in record.users}
        grants = connection.execute(sa.select(hr_roles.c.RoleID, hr_roles.c.EmpID)).all()
        assert {person.number for person in record.people} <= {
            who for role, who in grants if role == record.role.number
        }
        assert not asleep & {who for _, who in grants}
        assert (1, LEFT) in {tuple(each) for each in grants}
        assert LEFT not in asleep
        assert [each.temporary for each in record.people] == [False, False, True]


@pytest.mark.parametrize(
    ("key", "colleagues", "firm", "client_logins"),
    [
        ("identity-shared", ["bakker\\PIET "], FIRM, ()),
        ("identity-shared", [], FIRM, ("kantoor\\jansen",)),
        ("identity-nobody", [" "], Firm("x", "1", (), "r"), ()),
    ],
)
def test_what_would_not_come_back_for_certain_is_refused(
    key: str, colleagues: list[str], firm: Firm, client_logins: tuple[str, ...]
) -> None:
    with opened(filled()) as connection:
        before = stored(connection)
        with pytest.raises(Refused, match=key):
            identity.swap_in(connection, firm, colleagues, operation="O-0001", client_logins=client_logins)
        assert stored(connection) == before


def test_without_our_mark_nothing_is_touched() -> None:
    with opened(filled()) as connection:
        own.leave(connection)
        with pytest.raises(Refused, match="identity-no-mark"):
            identity.swap_in(connection, FIRM, operation="O-0001")


def test_without_users_it_is_refused_and_without_the_rest_there_is_less_to_swap() -> None:
    with opened(filled()) as connection:
        for table in (hr_roles, practice_licence):
            table.drop(connection)
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        assert (record.role, record.licence, record.roles, record.licences) == (None, None, (), ())
        assert identity.survey(connection).missing == ("PracticeLicence",)
        live = identity.expected(connection, record)
        assert live.keys() == {"humres", "pwrole"}
        identity.swap_back(connection, record, operation="O-0002")
        humres.drop(connection)
        assert identity.survey(connection).missing == ("humres", "PracticeLicence")
        own.prepare(connection, MARK)
        with pytest.raises(Refused, match="identity-unknown"):
            identity.swap_in(connection, FIRM, operation="O-0003")


def test_without_a_licence_of_the_firm_none_is_touched() -> None:
    with opened(filled()) as connection:
        record = identity.swap_in(connection, Firm("x", "", FIRM.users, "r"), operation="O-0001")
        assert record.licence is None
        assert identity.survey(connection).licences == ("1000120", "1000121")


def test_a_newcomer_never_gets_a_number_that_an_old_row_names() -> None:
    with opened(filled()) as connection:
        rows = [{"syscreator": 12}, {"sysmodifier": 14}, {"res_id": 15}]
        for row in rows:
            put(connection, gbkmut, **row)
        put(connection, hr_roles, RoleID=1, EmpID=13)
        record = identity.swap_in(connection, FIRM, [COLLEAGUE], operation="O-0001")
        assert [person.number for person in record.people] == [16, 17, 18]
        connection.execute(sa.update(humres).where(humres.c.res_id == 18).values(mail="own row"))
        back = identity.swap_back(connection, record, operation="O-0002")
        assert back.removed == (COLLEAGUE,)


def test_the_highest_number_there_is_is_no_obstacle() -> None:
    with opened(filled()) as connection:
        connection.execute(sa.update(humres).where(humres.c.usr_id == "BAKKER\\oud").values(res_id=2**31 - 1))
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        assert all(0 < person.number < 2**31 for person in record.people)
        assert len({person.number for person in record.people} | {5, 8}) == 4


def test_a_colleague_who_was_there_before_is_never_removed() -> None:
    """From an earlier exchange: the row goes back as it was."""
    data = filled(replace(ORDINARY, users=(PIET, User("kantoor\\Stagiair ", "I", 1, (2,)))))
    with opened(data) as connection:
        before = stored(connection)
        record = identity.swap_in(connection, FIRM, [COLLEAGUE], operation="O-0001")
        back = identity.swap_back(connection, record, operation="O-0002")
        assert (back.removed, back.kept_colleagues) == ((), ("kantoor\\Stagiair ",))
        after = stored(connection)
        assert of(before, "humres").items() <= of(after, "humres").items()
        assert of(before, "HRRoles") == of(after, "HRRoles")


def test_roles_given_meanwhile_leave_with_the_firm() -> None:
    with opened(filled()) as connection:
        before = stored(connection)
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        assert record.role is not None
        put(connection, hr_roles, RoleID=record.role.number, EmpID=LEFT)
        put(connection, hr_roles, RoleID=1, EmpID=record.people[0].number)
        connection.commit()
        wanted = identity.expected(connection, record)
        with opened(saved(connection)) as copy:
            identity.swap_back(copy, record, operation="O-0002")
            assert not proof.differences(connection, copy, wanted)
            assert of(before, "HRRoles") == of(stored(copy), "HRRoles")


@pytest.mark.parametrize("name", ["Approver", "Journalizer", "HumanResourceID"])
def test_who_is_named_anywhere_has_written_something(name: str) -> None:
    transactions = globe.table("BankTransactions")
    with opened(filled()) as connection:
        record = identity.swap_in(connection, FIRM, [COLLEAGUE], operation="O-0001")
        values = {name: record.people[-1].number, "Type": "W", "IsUrgent": 0}
        put(connection, transactions, **values)
        wanted = identity.expected(connection, record)
        connection.commit()
        with opened(saved(connection)) as copy:
            back = identity.swap_back(copy, record, operation="O-0002")
            assert (back.removed, back.kept_colleagues) == ((), (COLLEAGUE,))
            assert not proof.differences(connection, copy, wanted)


def test_what_the_client_lost_or_gained_meanwhile_is_as_it_was() -> None:
    """Rows of the sleeping client that somebody changed, deleted or added in Globe."""
    data = filled()
    with opened(data) as connection:
        before = stored(connection)
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        connection.execute(sa.delete(humres).where(humres.c.res_id == 5))
        connection.execute(sa.update(humres).where(humres.c.res_id == 8).values(mail="other", emp_stat="H"))
        put(connection, hr_roles, RoleID=9, EmpID=8)
        connection.execute(
            sa.update(practice_licence).where(practice_licence.c.LicNumber == "1000120").values(Data=b"!")
        )
        connection.execute(sa.delete(practice_licence).where(practice_licence.c.LicNumber == "1000121"))
        connection.commit()
        wanted = identity.expected(connection, record)
        with opened(saved(connection)) as copy:
            identity.swap_back(copy, record, operation="O-0002")
            assert not proof.differences(connection, copy, wanted)
            copy.commit()
            after = stored(copy)
    for table in IDENTITY - {"humres"}:
        assert of(before, table) == of(after, table)
    assert of(before, "humres").items() <= of(after, "humres").items()


def test_a_role_that_stands_where_one_of_the_client_was_is_never_overwritten() -> None:
    with opened(filled()) as connection:
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        place = record.roles[0]["id"]
        put(connection, hr_roles, ID=place, RoleID=9, EmpID=77)
        with pytest.raises(Refused, match="identity-role-taken"):
            identity.swap_back(connection, record, operation="O-0002")


def test_a_copy_with_another_record_is_refused() -> None:
    with opened(filled()) as connection:
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        other = Dormant((), record.roles, record.licences, record.people, record.role, record.licence)
        before = stored(connection)
        with pytest.raises(Refused, match="identity-other-record"):
            identity.swap_back(connection, other, operation="O-0002")
        assert stored(connection) == before


def test_moments_are_put_back_in_the_very_form_they_were_stored() -> None:
    with opened(filled()) as connection:
        driver(connection).execute("update humres set ldatuitdienst = '2020-01-01', mail = 7.5, sysguid = 'lower-case'")
        before = stored(connection)
        record = identity.swap_in(connection, FIRM, operation="O-0001")
        identity.swap_back(connection, Dormant.from_json(json.loads(json.dumps(record.to_json()))), operation="O-0002")
        assert of(before, "humres").items() <= of(stored(connection), "humres").items()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 9},
        {"profile": None},
        {"profile": {"blocked": [], "licence": 1, "values": {}}},
        {"users": None},
        {"people": [[1]]},
        {"role": ["x"]},
        {"role": [1, True, ["x"]]},
        {"licence": [1]},
        {"users": [{"a": {"bytes": "%"}}]},
        {"users": ["x"]},
        {"users": [{"a": []}]},
    ],
)
def test_a_damaged_record_is_not_believed(change: dict[str, object]) -> None:
    with opened(filled()) as connection:
        data = identity.swap_in(connection, FIRM, operation="O-0001").to_json()
    with pytest.raises(BadFormat, match="dormant-record"):
        Dormant.from_json(data | change)
