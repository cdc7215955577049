"""Column types that keep their value on SQLite as SQL Server keeps it: exact decimals, moments, guids, comparison."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.dialects import mssql
from sqlalchemy.types import TypeDecorator

COLLATION = "Latin1_General_CI_AS"
"""SQL Server's name; on SQLite `compare` below answers to it."""


def compare(left: str, right: str) -> int:
    """As SQL Server compares: without case, trailing blanks ignored, leading ones not (facts.md section 3.1)."""
    first, second = left.rstrip(" ").casefold(), right.rstrip(" ").casefold()
    return (first > second) - (first < second)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal that loses no digit: text on SQLite, whose NUMERIC is a float."""

    impl = sa.VARCHAR
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """DECIMAL where the server has one."""
        return dialect.type_descriptor(sa.Numeric(16, 2) if dialect.name == "mssql" else sa.VARCHAR())

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> object:
        """The text of it, or itself."""
        return value if value is None or dialect.name == "mssql" else str(value)

    def process_result_value(self, value: object, dialect: sa.Dialect) -> Decimal | None:  # noqa: ARG002
        """A decimal again."""
        return None if value is None else Decimal(str(value))


class Moment(TypeDecorator[datetime]):
    """SQL Server's `datetime`: without zone, to the thousandth. `YYYY-MM-DD HH:MM:SS.mmm` on SQLite."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Text on SQLite."""
        return dialect.type_descriptor(mssql.DATETIME() if dialect.name == "mssql" else sa.VARCHAR(23))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> object:
        """The text of it, or itself."""
        if value is None or dialect.name == "mssql":
            return value
        return value.isoformat(" ", "milliseconds")

    def process_result_value(self, value: object, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """A moment again."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]


class Guid(TypeDecorator[str]):
    """A uniqueidentifier as SQL Server shows it: capital letters, with dashes."""

    impl = sa.CHAR(36)
    cache_ok = True
    NEW: ClassVar[str] = (
        "upper(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8'"
        " || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
    )
    """What `newid()` is on SQLite."""

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """The server's own type."""
        return dialect.type_descriptor(mssql.UNIQUEIDENTIFIER(as_uuid=False) if dialect.name == "mssql" else self.impl)

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Capital letters."""
        return None if value is None else value.upper()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Capital letters."""
        return None if value is None else str(value).upper()
