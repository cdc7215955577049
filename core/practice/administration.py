"""The database inside a practice package: one small administration under Globe's table and column names.

Columns follow public scaffolds of live Globe databases: codes are right-aligned in fixed width, debit is
positive. Amounts are exact text here; SQLite would lose digits of a NUMERIC.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

_SCHEMA = """
create table bedryf (bedrnr char(3) primary key, bedrnm text not null, valcode char(3) not null,
  landcode char(3) not null, Batchlevel integer not null);
create table humres (res_id integer primary key, usr_id text not null, fullname text not null,
  emp_stat char(1) not null, blocked integer not null);
create table licence (owner text primary key, active integer not null);
create table dagbk (dagbknr char(3) primary key, type_dgbk char(1) not null, oms25_0 text not null, reknr char(9));
create table grtbk (reknr char(9) primary key, oms25_0 text not null, bal_vw char(1) not null,
  omzrek char(1) not null, debcrd char(1) not null, blokkeer integer not null);
create table perdat (bkjrcode integer not null, per_fin integer not null, bgdatum text not null,
  eddatum text not null, YearPeriodStatus integer not null, primary key (bkjrcode, per_fin));
create table gbkmut (ID integer primary key, bkjrcode integer not null, periode char(3) not null,
  dagbknr char(10) not null, bkstnr text not null, regel char(4) not null, reknr char(9) not null,
  datum text not null, oms25 text not null, bdr_hfl text not null, transtype char(1) not null,
  EntryGuid text not null);
"""

_ACCOUNTS = (
    ("1000", "Kas", "B", "S", "D"),
    ("1100", "Bank", "B", "B", "D"),
    ("1300", "Debiteuren", "B", "D", "D"),
    ("1500", "Te betalen btw hoog", "B", "V", "C"),
    ("1600", "Crediteuren", "B", "C", "C"),
    ("0500", "Eigen vermogen", "B", "N", "C"),
    ("4300", "Huisvestingskosten", "W", "K", "D"),
    ("8000", "Omzet hoog", "W", "J", "C"),
)
_JOURNALS = (
    ("50", "B", "Bank", "1100"),
    ("60", "I", "Inkoop", "1600"),
    ("70", "V", "Verkoop", "1300"),
    ("90", "M", "Memoriaal", None),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose administration it is: client code, its Windows logins, its licence name."""

    code: str
    name: str
    logins: tuple[str, ...]


def administration(number: str, name: str, owner: Owner, product_update: int, year: int) -> bytes:
    """The bytes of `administration.sqlite`: a year of sales, purchases and payments that balance."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(_SCHEMA)
        database.execute("insert into bedryf values (?,?,'EUR','NL',?)", (number, name, product_update))
        users = [
            (place, login, login.rpartition("\\")[2].title(), "A", 0) for place, login in enumerate(owner.logins, 1)
        ]
        database.executemany("insert into humres values (?,?,?,?,?)", users)
        database.execute("insert into licence values (?, 1)", (owner.name,))
        database.executemany(
            "insert into dagbk values (?,?,?,?)",
            [(f"{j:>3}", kind, what, r and f"{r:>9}") for j, kind, what, r in _JOURNALS],
        )
        database.executemany("insert into grtbk values (?,?,?,?,?,0)", [(f"{a[0]:>9}", *a[1:]) for a in _ACCOUNTS])
        for month in range(1, 13):
            start, end = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
            last = date.fromordinal(end.toordinal() - 1)
            database.execute(
                "insert into perdat values (?,?,?,?,0)", (year, month, start.isoformat(), last.isoformat())
            )
            _month(database, year, month, number)
        database.commit()
        return database.serialize()
    finally:
        database.close()


def _month(database: sqlite3.Connection, year: int, month: int, number: str) -> None:
    net = Decimal(1000 + 37 * month + int(number)).quantize(Decimal("0.01"))
    vat = (net * Decimal("0.21")).quantize(Decimal("0.01"))
    rent = Decimal("450.00")
    entries = (
        ("70", "Verkoopfactuur", (("1300", net + vat), ("8000", -net), ("1500", -vat))),
        ("60", "Huur", (("4300", rent), ("1600", -rent))),
        ("50", "Ontvangst", (("1100", net + vat), ("1300", -net - vat))),
    )
    for journal, text, lines in entries:
        entry = f"{year % 100:02d}{journal}{month:04d}"
        when = date(year, month, 10).isoformat()
        rows = [
            (
                year,
                f"{month:>3}",
                f"{journal:>10}",
                entry,
                f"{line:>4}",
                f"{account:>9}",
                when,
                text,
                str(amount),
                "N",
                f"{number}-{entry}",
            )
            for line, (account, amount) in enumerate(lines, 1)
        ]
        database.executemany(
            "insert into gbkmut (bkjrcode,periode,dagbknr,bkstnr,regel,reknr,datum,oms25,bdr_hfl,transtype,EntryGuid)"
            " values (?,?,?,?,?,?,?,?,?,?,?)",
            rows,
        )
