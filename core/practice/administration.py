"""The database inside a practice package: one small administration under Globe's table and column names.

Columns follow public scaffolds of live Globe databases (`core.administration.globe`): codes are right-aligned in
fixed width, debit is positive, amounts are floats.
"""

from __future__ import annotations

import hashlib
import sqlite3
from calendar import monthrange
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

from core.administration.globe import code
from core.practice.book import Book, Entry, Line, moment


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the ledger."""

    number: str
    name: str
    kind: str
    """`bal_vw`: B balance, W profit and loss."""
    subtype: str
    """`omzrek`: B bank, C creditor, D debtor, J revenue, K expense, N neutral, S cash, V value added tax."""
    side: str
    """`debcrd`."""
    blocked: bool = False
    cost_centre: bool = False
    """A line on it needs a cost centre."""


ACCOUNTS = (
    Account("500", "Eigen vermogen", "B", "N", "C"),
    Account("1000", "Kas", "B", "S", "D"),
    Account("1100", "Bank", "B", "B", "D"),
    Account("1300", "Debiteuren", "B", "D", "D"),
    Account("1500", "Te betalen btw hoog", "B", "V", "C"),
    Account("1600", "Crediteuren", "B", "C", "C"),
    Account("1900", "Nog te betalen kosten", "B", "N", "C"),
    Account("4300", "Huisvestingskosten", "W", "K", "D"),
    Account("4400", "Autokosten", "W", "K", "D", cost_centre=True),
    Account("4900", "Oude kosten", "W", "K", "D", blocked=True),
    Account("8000", "Omzet hoog", "W", "J", "C"),
)
JOURNALS = (
    ("50", "B", "Bank", "1100"),
    ("60", "I", "Inkoop", "1600"),
    ("70", "V", "Verkoop", "1300"),
    ("90", "M", "Memoriaal", None),
)
"""Number, `type_dgbk`, name, its own account."""
COST_CENTRES = (("100", "Binnendienst"), ("200", "Buitendienst"))
COST_UNITS = (("P1", "Project 1"),)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of `humres`."""

    id: int
    login: str
    name: str
    active: bool = True
    roles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose administration it is: client code, its Windows logins, the number of its licence."""

    code: str
    name: str
    logins: tuple[str, ...]
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """One administration before its first entry."""

    number: str
    name: str
    holder: str
    """Whose licence it is."""
    licence: str
    licence_data: bytes
    product_update: int
    users: tuple[User, ...]
    roles: tuple[tuple[int, str], ...]
    years: tuple[int, ...]
    closed_years: tuple[int, ...] = ()
    servers: tuple[str, ...] = ()
    """Addresses that Globe would exchange data with (`IntegrationServers`)."""


ROLES = ((1, "Administrator"), (2, "Boekhouder"))


def set_up(book: Book, company: Company) -> None:
    """Everything but the entries."""
    number = company.number
    book.add(
        "bedryf", bedrnr=number, bedrnm=company.name, valcode="EUR", landcode="NL", Batchlevel=company.product_update
    )
    for role, name in company.roles:
        book.add("pwrole", RoleID=role, RoleName=name)
    for user in company.users:
        _user(book, user)
    book.add("PracticeLicence", LicNumber=company.licence, Holder=company.holder, Data=company.licence_data, Active=1)
    for journal, kind, name, account in JOURNALS:
        own = None if account is None else code(account, 9)
        book.add(
            "dagbk", dagbknr=code(journal, 3), type_dgbk=kind, oms25_0=name, reknr=own, lbkstnr=None, valcode="EUR"
        )
    for each in ACCOUNTS:
        book.add(
            "grtbk", reknr=code(each.number, 9), oms25_0=each.name, bal_vw=each.kind, omzrek=each.subtype,
            debcrd=each.side, blokkeer=int(each.blocked), kstplrek=int(each.cost_centre), CompanyCode=number,
        )  # fmt: skip
    for centre, name in COST_CENTRES:
        book.add("kstpl", bedrnr=number, kstplcode=code(centre, 8), oms25_0=name)
    for unit, name in COST_UNITS:
        book.add("kstdr", bedrnr=number, kstdrcode=code(unit, 8), oms25_0=name)
    for year in company.years:
        _year(book, number, year, closed=year in company.closed_years)
    book.add(
        "BacoSettings", SettingType="G", SettingGroup="General", SettingName="BaseCurrency", ValueType="S",
        StringValue="EUR",
    )  # fmt: skip
    for address in company.servers:
        book.add("IntegrationServers", InstanceName="ELIS", EndPoint=address, Provider="Elis")


def administration(number: str, name: str, owner: Owner, product_update: int, year: int) -> bytes:
    """The bytes of `administration.sqlite`: a year of sales, purchases and payments that balance."""
    seed = f"{owner.code}|{number}|{name}|{product_update}|{year}"
    users = tuple(
        User(place, login, login.rpartition("\\")[2].title(), roles=(1 if place == 1 else 2,))
        for place, login in enumerate(owner.logins, 1)
    )
    company = Company(
        number, name, owner.name, owner.licence or f"1{number}000", hashlib.shake_256(seed.encode()).digest(64),
        product_update, users, ROLES, (year,),
    )  # fmt: skip
    with closing(sqlite3.connect(":memory:")) as database:
        book = Book(database, number, seed, datetime(year, 1, 1, 9))  # noqa: DTZ001 - Globe keeps no zone
        set_up(book, company)
        book.post(_year_of_business(int(number), year))
        book.close()
        return database.serialize()


def _user(book: Book, user: User) -> None:
    book.add(
        "humres", res_id=user.id, usr_id=user.login, fullname=user.name, emp_stat="A" if user.active else "I",
        blocked=int(not user.active),
    )  # fmt: skip
    for role in user.roles:
        book.add("HRRoles", RoleID=role, EmpID=user.id)


def _year(book: Book, number: str, year: int, *, closed: bool) -> None:
    for month in range(1, 13):
        first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        book.add(
            "perdat", bkjrcode=year, per_fin=month, bgdatum=moment(first), eddatum=moment(last), CompanyCode=number,
            YearPeriodStatus=int(closed),
        )  # fmt: skip


def _year_of_business(number: int, year: int) -> Iterator[Entry]:
    """A sale, its receipt and the rent, each month."""
    for month in range(1, 13):
        net = 100_000 + 3_700 * month + 100 * number
        vat, rent, day = round(net * 0.21), 45_000, date(year, month, 10)
        yield entry("70", day, "Verkoopfactuur", ("1300", net + vat, "A"), ("8000", -net, "B"), ("1500", -vat, "K"))
        yield entry("60", day, "Huur", ("1600", -rent, "A"), ("4300", rent, "B"))
        yield entry("50", day, "Ontvangst", ("1100", net + vat, "A"), ("1300", -net - vat, "B"))


def entry(journal: str, day: date, text: str, *lines: tuple[str, int, str], author: int = 1) -> Entry:
    """An entry of lines in cents."""
    return Entry(journal, day, text, tuple(Line(account, cents / 100, kind) for account, cents, kind in lines), author)
