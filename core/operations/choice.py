"""What an order to correct or to reverse is about, found in the administration itself."""

from __future__ import annotations

import sqlalchemy as sa

from core.administration import corrections
from core.administration.corrections.entries import EntrySet, parse
from core.model import Kind, Order


def chosen(connection: sa.Connection, order: Order) -> tuple[EntrySet | None, str]:
    """The entry set of an order, and the correction that it reverses. None: there is nothing to reverse.

    Raises UsageError for an entry file that cannot be read.
    """
    if order.kind is Kind.CORRECT:
        return parse(order.entry, order.entry_name), ""
    standing = [each.operation for each in corrections.standing(connection) if not each.reversed_by]
    wanted = order.operation or next(reversed(standing), "")
    if wanted not in standing:
        return None, ""
    return corrections.reversal(connection, wanted), wanted
