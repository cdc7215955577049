"""A declared profile: the same swap on tables that are called otherwise; what does not fit changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from factory.identities import MARK, driver, opened, saved, stored
from hypothesis import given
from hypothesis import strategies as st

from core.administration import identity, own, proof
from core.administration.identity import Dormant, Firm
from core.administration.identity.profile import from_record, missing, record
from core.administration.identity.suggestion import suggest
from core.administration.identity.trial import tried
from core.errors import Refused
from core.model.profile import PRACTICE, IdentityProfile, LicencePlace

FIRM = Firm("Oefenkantoor met een erg lange naam", "9999001", ("KANTOOR\\jansen", "KANTOOR\\devries"), "Accountant")
COLLEAGUE = "KANTOOR\\stagiair"
PLACE = LicencePlace("Licenties", "LicNr", "Actief", "Houder")
OTHER = IdentityProfile(
    users="Gebruikers", number="GebrNr", login="WindowsNaam", status="Stand", active="1", gone="9",
    blocked=("Dicht",), left="", name="Naam", kind="", role_names="Rollen", role_number="RolNr", role_name="RolNaam",
    grants="RolVan", grant_role="RolNr", grant_user="GebrNr", licence=PLACE,
    values={"gebruikers": {"KOSTENPLAATS": "00"}, "Licenties": {"Bestand": b"\0"}},
)  # fmt: skip
TABLES = """
create table Gebruikers (ID integer primary key, GebrNr int not null, WindowsNaam varchar(60), Naam varchar(12),
    Stand char(1) not null, Dicht bit not null default 0, kostenplaats char(2) not null, syscreator int not null,
    sysguid char(36) not null);
create table Rollen (RolNr int not null primary key, RolNaam varchar(30) not null);
create table RolVan (RolNr int not null, GebrNr int not null, primary key (RolNr, GebrNr));
create table Licenties (LicNr varchar(20) not null primary key, Houder varchar(10), Bestand image not null,
    Actief bit not null);
create table Boekingen (ID integer primary key, bedrag float, syscreator int);
insert into Gebruikers values (1, 4, 'BAKKER\\piet', 'Piet', '1', 0, '10', 4, 'A');
insert into Gebruikers values (2, 5, 'BAKKER\\oud', 'Oud', '9', 1, '10', 4, 'B');
insert into Rollen values (1, 'Verkoop');
insert into RolVan values (1, 4), (1, 5);
insert into Licenties values ('1000120', 'Bakker', x'0102', 1);
insert into Boekingen values (1, 10.0, 4), (2, 20.0, 5);
"""


@pytest.fixture
def live() -> Iterator[sa.Connection]:
    with opened() as connection:
        driver(connection).executescript(TABLES)
        own.prepare(connection, MARK)
        connection.commit()
        yield connection


def rows(connection: sa.Connection, query: str) -> list[tuple[Any, ...]]:
    return driver(connection).execute(query).fetchall()


def contents(connection: sa.Connection) -> dict[str, set[str]]:
    """Table -> its rows, in whatever order."""
    found: dict[str, set[str]] = {}
    for (table, _), row in stored(connection).items():
        found.setdefault(table, set()).add(repr({name: value for name, value in row.items() if name != "rowid"}))
    return found


def swapped(connection: sa.Connection, profile: IdentityProfile = OTHER) -> Dormant:
    return identity.swap_in(connection, FIRM, [COLLEAGUE], operation="O-0001", profile=profile)


def test_there_and_back_on_tables_of_other_names(live: sa.Connection) -> None:
    before = contents(live)
    dormant = swapped(live)
    found = identity.survey(live, OTHER)
    assert (found.users, found.licences) == ((*FIRM.users, COLLEAGUE), ("9999001",))
    assert rows(live, "select Stand, Dicht from Gebruikers where ID = 1") == [("9", 1)]
    new = rows(
        live, "select GebrNr, WindowsNaam, Naam, kostenplaats, syscreator, length(sysguid) from Gebruikers where ID = 3"
    )
    assert new == [(6, "KANTOOR\\jansen", "jansen", "00", 6, 36)]
    assert rows(live, "select Houder, Bestand from Licenties where LicNr = '9999001'") == [("Oefenkanto", b"\0")]
    assert swapped(live) == dormant
    live.commit()

    again = Dormant.from_json(json.loads(json.dumps(dormant.to_json())))
    assert again == dormant == identity.recorded(live)
    wanted = identity.expected(live, again)
    assert wanted.keys() == {"Gebruikers", "Rollen", "RolVan", "Licenties"}
    with opened(saved(live)) as copy:
        back = identity.swap_back(copy, again, operation="O-0002")
        assert (back.removed, len(back.deactivated)) == ((COLLEAGUE,), 2)
        assert not proof.prove(live, copy, wanted).differences
        after = contents(copy)
        assert {name: rows for name, rows in after.items() if name != "Gebruikers"} == {
            name: rows for name, rows in before.items() if name != "Gebruikers" and not name.startswith("wissel_")
        }
        assert before["Gebruikers"] < after["Gebruikers"]
        assert len(after["Gebruikers"]) == 4
        assert identity.survey(copy, OTHER).users == ("BAKKER\\piet",)


def test_the_way_back_is_the_way_in_whatever_is_declared_by_then(live: sa.Connection) -> None:
    dormant = swapped(live)
    assert dormant.profile == OTHER
    assert dormant.to_json()["version"] == 2
    old = {**dormant.to_json(), "version": 1}
    assert Dormant.from_json(old).profile == PRACTICE


@pytest.mark.parametrize(
    ("profile", "key", "told"),
    [
        (replace(OTHER, values={}), "identity-required", "kostenplaats"),
        (replace(OTHER, values={"Gebruikers": {"kostenplaats": "1"}}), "identity-required", "Bestand"),
        (replace(OTHER, licence=None), "identity-undeclared", ""),
        (replace(OTHER, users="Niets"), "identity-unknown", "Niets"),
        (replace(OTHER, login="niets"), "identity-unknown", "niets"),
        (replace(OTHER, role_name="niets"), "identity-columns", "niets"),
        (replace(OTHER, licence=replace(PLACE, table="Niets")), "identity-columns", "Niets"),
        (replace(OTHER, licence=replace(PLACE, active="niets")), "identity-columns", "niets"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_before_anything_changes(
    profile: IdentityProfile, key: str, told: str, live: sa.Connection
) -> None:
    before = stored(live)
    with pytest.raises(Refused, match=key) as refused:
        swapped(live, profile)
    assert told in str(refused.value)
    assert stored(live) == before


@pytest.mark.parametrize("table", ["Rollen", "RolVan"])
def test_a_required_column_that_nobody_knows_is_refused_in_every_table(table: str, live: sa.Connection) -> None:
    driver(live).executescript(
        f"drop table {table}; create table {table} (RolNr int, RolNaam text, GebrNr int, x int not null)"
    )
    with pytest.raises(Refused, match="identity-required") as refused:
        swapped(live)
    assert (refused.value.params["table"], refused.value.params["columns"]) == (table, "x")


def test_who_is_there_already_needs_no_new_row(live: sa.Connection) -> None:
    driver(live).executescript("""
        insert into Gebruikers values (10, 20, 'kantoor\\JANSEN ', '', '9', 1, '', 0, '');
        insert into Gebruikers values (11, 21, 'KANTOOR\\devries', '', '9', 1, '', 0, '');
    """)
    profile = replace(OTHER, values={"Licenties": {"Bestand": b""}})
    dormant = identity.swap_in(live, FIRM, operation="O-0001", profile=profile)
    assert all(person.former is not None for person in dormant.people)


def test_where_there_is_no_licence_none_is_touched(live: sa.Connection) -> None:
    dormant = swapped(live, replace(OTHER, licence="none"))
    assert (dormant.licence, dormant.licences) == (None, ())
    assert rows(live, "select LicNr, Actief from Licenties") == [("1000120", 1)]
    assert identity.expected(live, dormant).keys() == {"Gebruikers", "Rollen", "RolVan"}


def test_without_tables_of_roles_there_is_less_to_swap(live: sa.Connection) -> None:
    driver(live).executescript("drop table Rollen; drop table RolVan")
    dormant = swapped(live)
    assert (dormant.role, dormant.roles) == (None, ())
    assert not identity.swap_back(live, dormant, operation="O-2").kept_colleagues


def test_who_wrote_is_known_by_the_profiles_own_columns(live: sa.Connection) -> None:
    dormant = swapped(live)
    wrote = dormant.people[-1].number
    driver(live).execute("insert into Boekingen values (3, 1.0, ?)", (wrote,))
    back = identity.swap_back(live, dormant, operation="O-0002")
    assert (back.removed, back.kept_colleagues) == ((), (COLLEAGUE,))


words = st.text(max_size=8)
profiles = st.builds(
    IdentityProfile,
    users=words, number=words, login=words, active=words, left=words, blocked=st.lists(words, max_size=3).map(tuple),
    licence=st.one_of(st.none(), st.just("none"), st.builds(LicencePlace, words, words, words, words)),
    values=st.dictionaries(words, st.dictionaries(words, st.one_of(words, st.integers(), st.binary(max_size=3)))),
)  # fmt: skip


@given(profiles)
def test_a_profile_is_kept_as_it_was(profile: IdentityProfile) -> None:
    assert from_record(json.loads(json.dumps(record(profile)))) == profile


@pytest.mark.parametrize(
    "change",
    [{"licence": 1}, {"licence": "nee"}, {"blocked": [1]}, {"values": {"a": {"b": None}}}, {"x": "y"}, {"users": 1}],
)
def test_a_damaged_profile_is_not_believed(change: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_record(record(OTHER) | change)


def test_a_suggestion_tells_what_is_there_and_what_is_missing(live: sa.Connection) -> None:
    driver(live).executescript(
        "create table LicenseUserLog (LicNumber text, LogStatus int); create table gbkmut (id int)"
    )
    before = stored(live)
    found = suggest(live, IdentityProfile())
    assert dict(found.missing)["humres"] == ("res_id", "usr_id", "emp_stat")
    assert [each.table for each in found.users] == ["Gebruikers"]
    assert found.survey.missing == ("humres", "pwrole")
    assert [(each.table, each.rows, each.log) for each in found.licences] == [
        ("Licenties", 1, False), ("LicenseUserLog", 0, True),
    ]  # fmt: skip
    assert found.licences[0].numbers == ("LicNr",)
    assert (found.licences[0].active, found.licences[0].data) == (("Actief",), ("Bestand",))
    assert stored(live) == before

    fits = suggest(live, OTHER)
    assert (fits.missing, fits.wanted, fits.users) == ((), (), ())
    assert fits.survey.users == ("BAKKER\\piet",)
    lacking = suggest(live, replace(OTHER, values={}))
    assert dict(lacking.wanted) == {"Gebruikers": ("kostenplaats",), "Licenties": ("Bestand",)}
    assert missing(live, OTHER) == {}


def test_a_profile_is_tried_on_a_scratch_copy(live: sa.Connection) -> None:
    own.leave(live)
    live.commit()
    with opened(saved(live)) as copy:
        found = tried(copy, FIRM, OTHER)
        assert (found.good, found.touched, found.proof.differences) == (True, (), ())
        assert (found.before.users, found.during.users) == (("BAKKER\\piet",), FIRM.users)
        assert found.after.licences == ("1000120",)


def test_a_trial_tells_what_a_trigger_did_elsewhere(live: sa.Connection) -> None:
    driver(live).execute(
        "create trigger t after update on Gebruikers begin update Boekingen set bedrag = bedrag + 1 where ID = 1; end"
    )
    found = tried(live, FIRM, OTHER)
    assert (found.good, found.touched) == (False, ("Boekingen",))


def test_a_trial_never_touches_a_client_who_sleeps(live: sa.Connection) -> None:
    swapped(live)
    with pytest.raises(Refused, match="identity-swapped"):
        tried(live, FIRM, OTHER)
