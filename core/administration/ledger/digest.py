"""Rows as bytes, exactly: 1 is not 1.0, `a` is not `A`, and a trailing blank counts."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from core.administration import catalog
from core.administration.catalog import Line

_FORMAT = 2
"""Of marshal: without references, so equal rows are equal bytes; it tells types apart and is as fast as copying."""
_HEAD = 5
"""Bytes that say that a list follows and how long it is: how rows were batched must not count."""
_WIDTH = 64
"""Bytes of a row's own digest, and of their sum."""
_MODULUS = 1 << 8 * _WIDTH


@dataclass(frozen=True, slots=True)
class Digest:
    """One table: how many rows, and the SHA-256 of them all in the order of their key.

    Where the engine promises no order, each row has its own, and what is told is their sum: in any order the same.
    """

    rows: int
    sha256: str


def packed(rows: Sequence[Line]) -> memoryview:
    """These rows as bytes."""
    try:
        data = marshal.dumps(list(rows), _FORMAT)
    except ValueError:
        # A driver's own types: moments, decimals, guids.
        data = marshal.dumps([tuple(map(_plain, row)) for row in rows], _FORMAT)
    return memoryview(data)[_HEAD:]


def _plain(value: object) -> object:
    if value is None or isinstance(value, (int, float, str, bytes)):
        return value
    return (type(value).__name__, str(value))


def digests(
    connection: sa.Connection, check: Callable[[], None] = lambda: None, *, but: Collection[str] = ()
) -> dict[str, Digest]:
    """Of every table in the catalog but ours and these, in small letters. `check`: between small pieces of work."""
    found = {}
    for shape in catalog.shapes(connection).values():
        if catalog.ours(shape.name) or shape.name.casefold() in but:
            continue
        count, sha = 0, hashlib.sha256(repr([column.name for column in shape.columns]).encode())
        ordered, total = bool(shape.key) or connection.dialect.name == "sqlite", 0
        check()
        for rows in catalog.batches(connection, shape):
            check()
            count += len(rows)
            if ordered:
                sha.update(packed(rows))
            else:
                total += sum(_number(row) for row in rows)
        if not ordered:
            sha.update((total % _MODULUS).to_bytes(_WIDTH, "big"))
        found[shape.name] = Digest(count, sha.hexdigest())
    return found


def _number(row: Line) -> int:
    return int.from_bytes(hashlib.sha512(packed([row])).digest(), "big")
