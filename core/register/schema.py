"""The register's tables: one schema for SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    event,
)
from sqlalchemy.types import TypeDecorator

from core.register.chain import FIRST_HASH

VERSION = 3
"""Of the schema. A register with a higher one is left alone, one with a lower one is brought up (migrate.py)."""

OPEN_STAGES = ("arriving", "reading", "unreadable")
"""Stages in which a file of the same name in the same inbox is still the same delivery."""


class Utc(TypeDecorator[datetime]):
    """A moment: aware outside, UTC inside."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a moment without zone: nobody knows which one it is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment with its zone again."""
        return None if value is None else value.replace(tzinfo=UTC)


Number = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only in a column that is called INTEGER."""

metadata = MetaData()

state = Table(
    "state",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("pulse", BigInteger, nullable=False),
    Column("custody_seq", BigInteger, nullable=False),
    Column("custody_hash", Text, nullable=False),
)
"""One row: schema version, the counter of all writing, and the head of the custody chain."""

clients = Table(
    "clients",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("family", Text),
    Column("product_update", Integer),
    Column("service_pack", Integer),
    Column("sql_release", Text),
    Column("edition", Text),
    Column("company_number", Text),
    Column("licence", Text),
    Column("search", Text, nullable=False),
)

administrations = Table(
    "administrations",
    metadata,
    Column("client", ForeignKey("clients.code"), primary_key=True),
    Column("number", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("search", Text, nullable=False),
    Index("administrations_number", "number"),
)

logins = Table(
    "logins",
    metadata,
    Column("client", ForeignKey("clients.code"), primary_key=True),
    Column("login", Text, primary_key=True),
    Column("place", Integer, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("inbox", Text, nullable=False),
    Column("file_name", LargeBinary, nullable=False),
    Column("file_shown", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("arrived_at", Utc, nullable=False),
    Column("sealed_at", Utc),
    Column("gone_at", Utc),
    Column("client", ForeignKey("clients.code")),
    Column("bound_how", Text),
    Column("bound_by", Text),
    Column("bound_at", Utc),
    Column("sha256", Text),
    Column("vault", Text),
    Column("kind", Text, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("damaged", Boolean, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("opened", Integer, nullable=False),
    Column("administration_number", Text),
    Column("administration_name", Text),
    Column("product_update", Integer),
    Column("product_update_source", Text),
    Column("sql_release", Text),
    Column("best_target", Text),
    Column("work", Text),
    Column("back", Text),
    Column("rule", Integer),
    Column("more", Integer, nullable=False),
    Column("rules", Text, nullable=False),
    Column("media_guid", Text),
    Column("set_guid", Text),
    Column("base_guid", Text),
    Column("family_ordinal", Integer),
    Column("backup_at", Text),
    Column("search", Text, nullable=False),
    Column("life", Text, nullable=False, server_default=""),
    Index("deliveries_word", "word", "number"),
    Index("deliveries_stage", "stage", "fingerprint"),
    Index("deliveries_client", "client", "administration_number", "number"),
    Index("deliveries_number", "administration_number", "number"),
    Index("deliveries_target", "best_target", "number"),
    Index("deliveries_update", "product_update", "number"),
    Index("deliveries_sha256", "sha256"),
    Index("deliveries_media", "media_guid"),
    Index("deliveries_set", "set_guid"),
    Index("deliveries_base", "base_guid"),
    Index("deliveries_file", "inbox", "file_name"),
    sqlite_autoincrement=True,
)
"""One row each, small: lists and filters walk over it. The papers are beside it.

`word` is what was judged; `life` what was done since, and goes before it: `with-us`, `returned`, `set-aside`.
"""

papers = Table(
    "papers",
    metadata,
    Column("delivery", ForeignKey("deliveries.number"), primary_key=True),
    Column("evidence", Text, nullable=False),
    Column("members", Text, nullable=False),
    Column("verdicts", Text, nullable=False),
)
"""What was read and judged of a delivery, as JSON of codec.py."""

told = Table(
    "told",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("delivery", ForeignKey("deliveries.number"), nullable=False, index=True),
    Column("fact", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Utc, nullable=False),
)
"""Facts that an operator told, each a claim; the later one outranks the earlier."""

holdings = Table(
    "holdings",
    metadata,
    Column("target", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("client", ForeignKey("clients.code"), nullable=False),
    Column("delivery", ForeignKey("deliveries.number"), nullable=False),
    Column("since", Utc, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("operation", Number),
    Column("returned_at", Utc),
    Index("holdings_client", "client", "number"),
    Index("holdings_delivery", "delivery", "target"),
)
"""Administrations that are at a target now: with us, or returned and still standing there."""

custody = Table(
    "custody",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Utc, nullable=False),
    Column("who", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("delivery", Text),
    Column("client", Text),
    Column("detail", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("custody_delivery", "delivery", "seq"),
    Index("custody_client", "client", "seq"),
)
"""Only ever added to: the triggers below refuse anything else, the chain shows what got past them."""

worker = Table(
    "worker",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("doing", Text, nullable=False),
)

seen = Table(
    "seen",
    metadata,
    Column("who", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("at", Utc, nullable=False),
)
"""How far in the custody log each person has looked."""


probes = Table(
    "probes",
    metadata,
    Column("target", Text, primary_key=True),
    Column("instance", Text, nullable=False),
    Column("at", Utc),
    Column("probe", Text),
    Column("tried_at", Utc, nullable=False),
    Column("problem", Text, nullable=False),
    Column("params", Text, nullable=False),
)
"""What each target's instance last said of itself, as JSON of probes.py, and what went wrong since."""


def after(table: Table, statement: str, dialect: str | None = None) -> None:
    """Run a statement right after the table was made, on one kind of database if so said."""
    made = DDL(statement)  # type: ignore[no-untyped-call] # the library's own gap
    event.listen(table, "after_create", made.execute_if(dialect=dialect) if dialect else made)


# As text: an Index with conditions for two dialects would load both at every start.
after(
    deliveries,
    "CREATE UNIQUE INDEX deliveries_open ON deliveries (inbox, file_name) WHERE stage IN "
    f"({', '.join(repr(stage) for stage in OPEN_STAGES)})",
)
for action in ("UPDATE", "DELETE"):
    after(
        custody,
        f"CREATE TRIGGER custody_no_{action.lower()} BEFORE {action} ON custody "
        "BEGIN SELECT RAISE(ABORT, 'custody is only added to'); END",
        "sqlite",
    )
after(
    custody,
    "CREATE FUNCTION custody_only_added_to() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'custody is only added to'; END $$",
    "postgresql",
)
after(
    custody,
    "CREATE TRIGGER custody_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON custody "
    "FOR EACH STATEMENT EXECUTE FUNCTION custody_only_added_to()",
    "postgresql",
)

FIRST_STATE = {"id": 1, "version": VERSION, "pulse": 0, "custody_seq": 0, "custody_hash": FIRST_HASH}
