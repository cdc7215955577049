"""What the register says of clients, and which client a delivery could belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from operator import attrgetter

import sqlalchemy as sa

from core.errors import NotFound, Refused
from core.model import Administration as Company
from core.model import Client
from core.register.engine import Writing
from core.register.filters import like
from core.register.schema import administrations, clients, deliveries, logins, papers
from core.texts.shown import shown

PLAIN_FIELDS = (
    "name",
    "family",
    "product_update",
    "service_pack",
    "sql_release",
    "edition",
    "company_number",
    "licence",
)
"""Fields of a client that are columns of their own."""
_WEIGHED = attrgetter("product_update", "family", "administrations")
"""What makes a client one of those that an update of a target affects (rule 301)."""
SUGGESTIONS = 5
"""More than these are no help."""
_CODE = re.compile(r"[^\s:\"!][^\s\"]{0,39}")
_LEGAL_FORMS = re.compile(r"\b(b\.? ?v\.?|n\.? ?v\.?|v\.? ?o\.? ?f\.?|holding|stichting|st)(?=\W|$)")


def all_clients(connection: sa.Connection, code: str | None = None) -> tuple[Client, ...]:
    """All clients in the order of their codes, or the one with `code`."""
    only = [] if code is None else [code]

    def asked(
        table: sa.Table, column: sa.Column[str], *order: sa.Column[str] | sa.Column[int]
    ) -> sa.Select[tuple[str]]:
        query = sa.select(table).order_by(column, *order)
        return query.where(column == only[0]) if only else query

    companies, people = defaultdict(list), defaultdict(list)
    for row in connection.execute(asked(administrations, administrations.c.client, administrations.c.number)):
        companies[row.client].append(Company(row.number, row.name))
    for row in connection.execute(asked(logins, logins.c.client, logins.c.place)):
        people[row.client].append(row.login)
    return tuple(
        Client(
            **{name: getattr(row, name) for name in ("code", *PLAIN_FIELDS)},
            logins=tuple(people[row.code]),
            administrations=tuple(companies[row.code]),
        )
        for row in connection.execute(asked(clients, clients.c.code))
    )


def client(connection: sa.Connection, code: str) -> Client:
    """One client. Raises NotFound."""
    found = all_clients(connection, code)
    if not found:
        raise NotFound("client", code=shown(code))
    return found[0]


def save(work: Writing, noted: Client, who: str, at: datetime) -> bool:
    """Note a client as a whole. False: it stood so already.

    The deliveries of the client are marked to be judged again, and those whose rule 301 counts the clients that an
    update would affect. Raises Refused for a code or an administration number that cannot be one.
    """
    if not _CODE.fullmatch(noted.code) or shown(noted.code) != noted.code:
        raise Refused("client-code", code=shown(noted.code))
    for company in noted.administrations:
        if not (company.number.isascii() and company.number.isdigit() and len(company.number) == 3):
            raise Refused("administration-number", text=shown(company.number))
    before = next(iter(all_clients(work.connection, noted.code)), None)
    if before == noted:
        return False
    values = {name: getattr(noted, name) for name in PLAIN_FIELDS}
    values["search"] = f"{noted.code}\n{noted.name}".casefold()
    if before is None:
        work.execute(sa.insert(clients).values(code=noted.code, **values))
    else:
        work.execute(sa.update(clients).where(clients.c.code == noted.code).values(values))
        for table in (administrations, logins):
            work.execute(sa.delete(table).where(table.c.client == noted.code))
    for company in {each.number: each for each in noted.administrations}.values():
        row = {"client": noted.code, "number": company.number, "name": company.name, "search": plain(company.name)}
        work.execute(sa.insert(administrations).values(row))
    for place, login in enumerate(dict.fromkeys(noted.logins)):
        work.execute(sa.insert(logins).values(client=noted.code, login=login, place=place))
    work.execute(sa.update(deliveries).where(deliveries.c.client == noted.code).values(fingerprint=work.again))
    if before is None or _WEIGHED(before) != _WEIGHED(noted):
        named = sa.select(papers.c.delivery).where(papers.c.verdicts.like('%"rule":301,%'))
        work.execute(sa.update(deliveries).where(deliveries.c.number.in_(named)).values(fingerprint=work.again))
    detail: dict[str, str | int] = {"name": shown(noted.name), "administrations": len(noted.administrations)}
    work.record("client" if before is None else "client-changed", at, who=who, client=noted.code, detail=detail)
    return True


def suggest(connection: sa.Connection, number: str | None, name: str | None) -> tuple[str, ...]:
    """Codes of the clients whose administrations fit, best first: name and number, name, number alone."""
    bare = plain(name or "")
    tests = [administrations.c.number == number] if number else []
    if len(bare) >= 3:
        tests.append(like(administrations.c.search, bare))
        # The other way round: what we noted is shorter than what the file says.
        whole = sa.literal(bare).contains(administrations.c.search)
        tests.append(sa.and_(sa.func.length(administrations.c.search) >= 4, whole))
    if not tests:
        return ()
    scores: dict[str, int] = defaultdict(int)
    for row in connection.execute(sa.select(administrations).where(sa.or_(*tests))):
        alike = len(bare) >= 3 and (bare in row.search or (len(row.search) >= 4 and row.search in bare))
        score = (4 if alike else 0) + (2 if row.search == bare and bare else 0) + (1 if row.number == number else 0)
        scores[row.client] = max(scores[row.client], score)
    best = sorted(scores, key=lambda code: (-scores[code], code))
    named = [code for code in best if scores[code] >= 4]
    return tuple((named or best)[:SUGGESTIONS])


def plain(name: str) -> str:
    """A company name for comparing: folded, without legal forms, marks and blanks."""
    return re.sub(r"[\W_]+", "", _LEGAL_FORMS.sub(" ", name.casefold()))
