"""Random administrations in Globe's shape, small or of a million ledger lines, and practice packages of them."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core.administration.package import write_package
from core.practice.administration import Company, Owner, User, set_up
from core.practice.book import Book, Entry, Line
from core.practice.package import INTERNAL, Package, manifest

FIRM_LOGINS = ("KANTOOR\\jansen", "KANTOOR\\devries")
COLLEAGUES = ("KANTOOR\\stagiair", "KANTOOR\\invaller")
_DOMAINS = ("BAKKER", "MOLEN", "Klomp")
_PLAIN = ("500", "1000", "1900", "4300", "8000")
_TEXTS = ("Verkoopfactuur", "Inkoopfactuur", "Ontvangst", "Betaling", "Memoriaal", "Caf\u00e9 't Hoekje; 3% \u20ac")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a random administration holds, for tests to compare with."""

    path: str
    number: str
    name: str
    client: str
    product_update: int
    open_year: int
    closed_year: int
    lines: int
    """Ledger lines (transtype N C P F)."""
    rows: int
    """Rows of `gbkmut`, budgets included."""
    debit: int
    """Cents of all ledger lines that are debit; the credit is as much."""
    client_logins: tuple[str, ...]
    """Active ones."""
    inactive_logins: tuple[str, ...]
    """The client's own who left."""
    roles: tuple[tuple[int, str], ...]
    licence: str
    licence_data: bytes
    firm_logins: tuple[str, ...]
    """Of the firm, inactive: from an earlier exchange."""
    colleague_logins: tuple[str, ...]
    """The same, of colleagues."""
    journal: str = "90"
    """Of type M."""
    plain_accounts: tuple[str, ...] = _PLAIN
    """Can be booked on without more."""
    cost_account: str = "4400"
    """Needs a cost centre."""
    blocked_account: str = "4900"
    control_accounts: tuple[str, ...] = ("1300", "1600")
    """Of debtors and creditors: a line on them needs a relation."""
    cost_centres: tuple[str, ...] = ("100", "200")
    cost_units: tuple[str, ...] = ("P1",)


def random_administration(
    path: str | Path,
    *,
    lines: int = 50_000,
    seed: int | None = None,
    client_users: int = 3,
    left_users: int = 1,
    roles: int = 2,
    firm_users: int = 0,
    colleagues: int = 0,
    number: str = "120",
    name: str = "Bakker Metaal",
    client: str = "BAK-001",
    licence: str = "1000120",
    product_update: int = 421,
    year: int = 2026,
    servers: int = 1,
) -> Shape:
    """A new administration file: fresh each time, unless `seed` is given."""
    chance = random.Random(seed)
    people, logins = _people(chance, (client_users, left_users, firm_users, colleagues), roles)
    data = chance.randbytes(256)
    granted = tuple((place, f"Rol {place}") for place in range(1, roles + 1))
    made = datetime(year, 7, 1, 9, 30, 12, 345_000)  # noqa: DTZ001 - Globe keeps no zone
    addresses = tuple(f"https://elis{place}.bakker.example/" for place in range(servers))
    company = Company(
        number, name, name, licence, data, product_update, people, granted, (year - 1, year), (year - 1,), addresses
    )
    totals = _Totals()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -64000"):
            database.execute(f"pragma {pragma}")
        database.execute("begin")
        book = Book(database, number, str(chance.getrandbits(64)), made)
        set_up(book, company)
        _relations(book, chance, number)
        authors = [user.id for user in people if user.roles]
        book.post(_business(chance, lines, year, authors, totals))
        book.post(_budgets(chance, year, authors))
        rows = book.lines
        book.close()
        database.execute("pragma journal_mode = delete")
    return Shape(
        path=str(path),
        number=number,
        name=name,
        client=client,
        product_update=product_update,
        open_year=year,
        closed_year=year - 1,
        lines=lines,
        rows=rows,
        debit=totals.debit,
        client_logins=logins[0],
        inactive_logins=logins[1],
        roles=granted,
        licence=licence,
        licence_data=data,
        firm_logins=logins[2],
        colleague_logins=logins[3],
    )


class _Totals:
    def __init__(self) -> None:
        self.debit = 0


def _people(
    chance: random.Random, counts: tuple[int, int, int, int], roles: int
) -> tuple[tuple[User, ...], tuple[tuple[str, ...], ...]]:
    domain = chance.choice(_DOMAINS)
    client, left, firm, colleagues = counts
    groups = (
        [f"{domain}\\gebruiker{place}" for place in range(1, client + 1)],
        [f"{domain}\\vertrokken{place}" for place in range(1, left + 1)],
        # As somebody typed them once: SQL Server finds them all the same.
        [login.upper() + " " * chance.randrange(2) for login in FIRM_LOGINS[:firm]],
        [*COLLEAGUES[:colleagues]],
    )
    people = []
    identity = chance.randrange(10, 50)
    for group, logins in enumerate(groups):
        for place, login in enumerate(logins):
            granted = tuple({1 + place % roles, chance.randint(1, roles)}) if group == 0 and roles else ()
            people.append(User(identity, login, f"Gebruiker {identity}", active=group == 0, roles=granted))
            identity += chance.randrange(1, 4)
    return tuple(people), tuple(map(tuple, groups))


def _relations(book: Book, chance: random.Random, number: str) -> None:
    for place in range(1, 6):
        book.add(
            "cicmpy", cmp_code=f"{place:>20}", cmp_name=f"Relatie {place} \u00eb", cmp_type="C", cmp_status="A",
            debnr=f"{place:>6}", debcode=f"{place:>20}", Administration=number,
            Balance=f"{chance.randrange(10**12)}.{chance.randrange(100):02d}",
        )  # fmt: skip


def _business(chance: random.Random, lines: int, year: int, authors: list[int], totals: _Totals) -> Iterator[Entry]:
    """Entries of two to five lines each, exactly as many lines as asked."""
    days = [date(year - place, month, day) for place in (1, 0) for month in range(1, 13) for day in (1, 9, 17, 25)]
    left, made, expected = lines, 0, max(1, lines * 2 // 5)
    while left >= 2:
        size = min(chance.randrange(2, 5), left)
        if left - size == 1:
            size = left
        yield _entry(
            chance, size, days[min(made * len(days) // expected, len(days) - 1)], chance.choice(authors), totals
        )
        left -= size
        made += 1


def _entry(chance: random.Random, size: int, day: date, author: int, totals: _Totals) -> Entry:
    pick = chance.random()
    amounts = [round(chance.lognormvariate(9.5, 1.6)) + 1 for _ in range(size - 1)]
    total = sum(amounts)
    totals.debit += total
    text = f"{_TEXTS[int(pick * 6)]} {author}"
    if pick < 0.3:
        rest = [Line("8000", _float(each, pick), "B") for each in amounts]
        kinds = [line._replace(amount=-line.amount) for line in rest]
        return Entry("70", day, text, (Line("1300", _float(total, pick), "A"), *kinds), author)
    if pick < 0.6:
        costs = [Line("4300", _float(each, pick)) for each in amounts]
        return Entry("60", day, text, (Line("1600", -_float(total, pick), "A"), *costs), author)
    if pick < 0.8:
        paid = [Line("1600", _float(each, pick)) for each in amounts]
        return Entry("50", day, text, (Line("1100", -_float(total, pick), "A"), *paid), author)
    moved = [Line("4400", _float(each, pick), "B", "100", "P1") for each in amounts]
    transtype = "NNNNNNNCPF"[int(pick * 1000) % 10]
    return Entry("90", day, text, (*moved, Line("1900", -_float(total, pick))), author, transtype)


def _float(cents: int, pick: float) -> float:
    """As Globe keeps amounts; some carry what floating arithmetic left behind."""
    return cents / 100 if int(pick * 100) % 20 else cents / 100 + 1e-9


def _budgets(chance: random.Random, year: int, authors: list[int]) -> Iterator[Entry]:
    """Planning, which does not balance and is no ledger."""
    for month in range(1, 13):
        amount = chance.randrange(1, 10**7) / 100
        yield Entry("90", date(year, month, 1), "Budget", (Line("4300", amount),), authors[0], "BX"[month % 2])


def random_package(path: str | Path, *, sql_release: str = "2016", **shape: Any) -> Shape:
    """A practice package of a random administration, as its client would send it. `Shape.path` is the package."""
    database = f"{path}.sqlite"
    made = random_administration(database, **shape)
    write_package(str(path), database, package_manifest(made, sql_release), tick=lambda _done, _total: None)
    os.unlink(database)
    return replace(made, path=str(path))


def package_manifest(shape: Shape, sql_release: str = "2016") -> dict[str, str | int]:
    """What its client says of it."""
    owner = Owner(shape.client, shape.name, shape.client_logins, shape.licence)
    made = datetime(shape.open_year, 11, 19, 17, 32, 5)  # noqa: DTZ001 - the sender's local time
    update, version = shape.product_update, INTERNAL[sql_release]
    return manifest(Package(owner, shape.number, shape.name, update, sql_release, version, made))
