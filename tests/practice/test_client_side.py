"""The other side of the practice office: what comes back opens there, or is refused as Globe would."""

from __future__ import annotations

import contextlib
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest
from factory.administrations import Shape, package_manifest, random_administration

from core.administration.package import write_package
from core.administration.types import COLLATION, compare
from core.errors import BadFormat, Refused, UsageError
from core.practice.client_side import ClientView, open_as_client
from core.practice.samples import CLIENTS, samples


@pytest.fixture
def shape(tmp_path: Path) -> Shape:
    return random_administration(tmp_path / "a.sqlite", lines=500, firm_users=2, colleagues=1)


def sent(shape: Shape, *statements: str, release: str = "2016") -> Path:
    """The package, after somebody changed the administration."""
    with contextlib.closing(sqlite3.connect(shape.path)) as database:
        database.create_collation(COLLATION, compare)
        for statement in statements:
            database.execute(statement)
        database.commit()
    path = Path(shape.path).with_name("a.ebu")
    write_package(str(path), shape.path, package_manifest(shape, release), tick=lambda _done, _total: None)
    return path


def opened(
    package: Path, shape: Shape, login: str | None = None, update: int = 421, release: str = "2016"
) -> ClientView:
    login = shape.client_logins[0] if login is None else login
    return open_as_client(package, login=login, product_update=update, sql_release=release, licence=shape.licence)


def test_the_client_sees_its_own_administration(shape: Shape) -> None:
    package = sent(shape)
    before = package.read_bytes()
    amount = Decimal(shape.debit).scaleb(-2)
    assert opened(package, shape) == ClientView(
        "120", "Bakker Metaal", 421, shape.licence, shape.client_logins, shape.lines, amount, amount
    )
    assert package.read_bytes() == before
    assert {each.name for each in package.parent.iterdir()} == {"a.ebu", "a.sqlite"}


def test_logins_and_licences_compare_as_sql_server_does(shape: Shape) -> None:
    package = sent(shape)
    assert opened(package, shape, shape.client_logins[1].upper() + "  ").number == "120"


def test_a_newer_sql_server_at_the_client_takes_it_an_older_one_does_not(shape: Shape) -> None:
    package = sent(shape)
    assert opened(package, shape, release="2019").number == "120"
    with pytest.raises(Refused) as caught:
        opened(package, shape, release="2014")
    assert caught.value.key == "client-release"


@pytest.mark.parametrize("update", [420, 422])
def test_another_product_update_is_refused_either_way(shape: Shape, update: int) -> None:
    with pytest.raises(Refused) as caught:
        opened(sent(shape), shape, update=update)
    assert caught.value.key == "client-update"


def test_who_is_not_there_or_not_active_does_not_get_in(shape: Shape) -> None:
    package = sent(shape)
    for login, key in (
        ("BAKKER\\nobody", "client-login-unknown"),
        ("", "client-login-unknown"),
        (shape.inactive_logins[0], "client-login-inactive"),
        (shape.firm_logins[0], "client-login-inactive"),
        (shape.colleague_logins[0], "client-login-inactive"),
    ):
        with pytest.raises(Refused) as caught:
            opened(package, shape, login)
        assert caught.value.key == key


@pytest.mark.parametrize("column", ["emp_stat = 'I'", "blocked = 1", "BackOfficeBlocked = 1"])
def test_each_way_of_not_being_active_counts(shape: Shape, column: str) -> None:
    package = sent(shape, f"update humres set {column} where usr_id = '{shape.client_logins[0]}'")
    with pytest.raises(Refused) as caught:
        opened(package, shape)
    assert caught.value.key == "client-login-inactive"


@pytest.mark.parametrize(
    "statement",
    [
        "update PracticeLicence set Active = 0",
        "update PracticeLicence set LicNumber = '9999001'",
        "insert into PracticeLicence (LicNumber, Holder, Data, Active) values ('9999001', 'Kantoor', x'00', 1)",
        "delete from PracticeLicence",
    ],
)
def test_a_foreign_or_inactive_licence_does_not_start(shape: Shape, statement: str) -> None:
    with pytest.raises(Refused) as caught:
        opened(sent(shape, statement), shape)
    assert caught.value.key == "client-licence"


def test_without_a_known_licence_any_one_will_do_but_only_one(shape: Shape) -> None:
    package = sent(shape, "update PracticeLicence set LicNumber = '77'")
    view = open_as_client(package, login=shape.client_logins[0], product_update=421, sql_release="2016")
    assert view.licence == "77"


def test_what_is_no_package_and_what_is_no_release(shape: Shape, tmp_path: Path) -> None:
    (tmp_path / "x.ebu").write_bytes(b"no package")
    with pytest.raises(BadFormat):
        opened(tmp_path / "x.ebu", shape)
    with pytest.raises(UsageError):
        opened(sent(shape), shape, release="2099")


def test_the_practice_office_s_own_samples_open_at_their_clients(tmp_path: Path) -> None:
    from datetime import datetime

    client = CLIENTS[0]
    sample = next(each for each in samples(datetime(2026, 11, 21, 18)) if each.client == client.code)  # noqa: DTZ001
    (tmp_path / sample.file).write_bytes(sample.data)
    view = open_as_client(
        tmp_path / sample.file, login=client.logins[0], product_update=421, sql_release=client.sql_release or ""
    )
    assert (view.number, view.lines, view.debit) == ("120", 84, view.credit)
