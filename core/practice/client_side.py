"""The other side of the exchange: what Globe at the client would do with a package that comes back."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from core.administration.embedded import EmbeddedEngine
from core.administration.globe import bedryf, gbkmut, humres, practice_licence
from core.administration.package import read_package
from core.administration.types import compare
from core.errors import Refused, UsageError
from core.practice.package import INTERNAL

LEDGER = ("N", "C", "P", "F")
"""`transtype` of what is ledger and no planning (facts.md section 3.3)."""


@dataclass(frozen=True, slots=True)
class ClientView:
    """What the client's user sees after opening it."""

    number: str
    company: str
    product_update: int
    licence: str
    users: tuple[str, ...]
    """Logins that can work in it."""
    lines: int
    """Of the ledger."""
    debit: Decimal
    credit: Decimal


def open_as_client(
    path: str | os.PathLike[str], *, login: str, product_update: int, sql_release: str, licence: str | None = None
) -> ClientView:
    """Open a practice package as its client: with this login, product update, SQL Server and (if given) licence.

    Raises Refused for what the client's side would refuse, and what reading a package raises; nothing is changed.
    """
    if sql_release not in INTERNAL:
        raise UsageError("client-release-unknown", text=sql_release[:20], known=", ".join(INTERNAL))
    with tempfile.TemporaryDirectory(prefix="wissel-client-") as folder:
        engine = EmbeddedEngine(os.path.join(folder, "globe"), folder)
        copy = engine.draft("client")
        manifest = read_package(os.fspath(path), copy, tick=lambda _done, _total: None)
        _release(manifest.get("internal_version"), str(manifest.get("sql_release")), sql_release)
        with engine.open(copy) as connection:
            return _look(connection, login, product_update, licence)


def _release(version: object, made: str, theirs: str) -> None:
    if not isinstance(version, int) or version > INTERNAL[theirs]:
        raise Refused("client-release", made=made, theirs=theirs)


def _look(connection: sa.Connection, login: str, product_update: int, licence: str | None) -> ClientView:
    company = connection.execute(sa.select(bedryf.c.bedrnr, bedryf.c.bedrnm, bedryf.c.Batchlevel)).one()
    if company.Batchlevel != product_update:
        raise Refused("client-update", made=company.Batchlevel, theirs=product_update)
    working = sa.and_(humres.c.emp_stat == "A", humres.c.blocked == 0, humres.c.BackOfficeBlocked == 0)
    users = connection.execute(sa.select(humres.c.usr_id).where(working).order_by(humres.c.res_id)).scalars().all()
    known = connection.execute(sa.select(humres.c.usr_id).where(humres.c.usr_id == login)).first()
    if known is None:
        raise Refused("client-login-unknown", login=login)
    if not any(compare(user or "", login) == 0 for user in users):
        raise Refused("client-login-inactive", login=login)
    active = sa.select(practice_licence.c.LicNumber).where(practice_licence.c.Active != 0)
    found = connection.execute(active).scalars().all()
    if len(found) != 1 or (licence is not None and compare(found[0], licence) != 0):
        raise Refused("client-licence", found=", ".join(found) or "-", licence=licence or "?")
    cents = sa.func.round(gbkmut.c.bdr_hfl * 100)
    totals = connection.execute(
        sa.select(
            sa.func.count().label("lines"),
            sa.func.sum(sa.case((cents > 0, cents), else_=0)).label("debit"),
            sa.func.sum(sa.case((cents < 0, cents), else_=0)).label("credit"),
        ).where(gbkmut.c.transtype.in_(LEDGER))
    ).one()
    return ClientView(
        company.bedrnr, company.bedrnm, company.Batchlevel, found[0], tuple(user or "" for user in users), totals.lines,
        Decimal(round(totals.debit or 0)).scaleb(-2), Decimal(-round(totals.credit or 0)).scaleb(-2),
    )  # fmt: skip
