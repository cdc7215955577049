"""Sparse columns: those of a row that have a value stand together behind its other columns.

*Built from documentation*: OrcaMDF and its author's "Sparse Column Storage & the Sparse Vector". No sample of our own.
The vector: u16 5, u16 number of values, for each u16 column number, for each u16 end (from the start of the vector;
0x8000: what stands there points to the value), the values as an uncompressed row stores them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from core.formats.inside.cells import Cell, Pointer
from core.formats.inside.records import COMPLEX, Records

VECTOR: Final = 5
_HEADER: Final = 4
_ENTRY: Final = 4


class BadVector(Exception):
    """The bytes contradict each other."""


def values_of(vector: bytes) -> dict[int, bytes]:
    """Column number -> bytes of its value, or `Pointer`. Absent columns are NULL. Raises BadVector."""
    count = int.from_bytes(vector[2:4], "little")
    data = _HEADER + _ENTRY * count
    if len(vector) < data or int.from_bytes(vector[:2], "little") != VECTOR:
        raise BadVector
    words = np.frombuffer(vector, dtype="<u2", count=2 * count, offset=_HEADER).tolist()
    found: dict[int, bytes] = {}
    before = data
    for number, raw in zip(words[:count], words[count:], strict=True):
        end = raw & ~COMPLEX
        if not before <= end <= len(vector) or number in found:
            raise BadVector
        found[number] = (Pointer if raw & COMPLEX else bytes)(vector[before:end])
        before = end
    return found


class SparseValues:
    """The sparse values of some records, taken apart when first asked for."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._made: list[dict[int, bytes] | None] | None = None

    def of(self, number: int) -> tuple[list[Cell], list[int]]:
        """(rows) bytes of a column's value, `Pointer`, None for NULL; and the rows whose vector is broken."""
        made = self._vectors()
        return (
            [None if row is None else row.get(number) for row in made],
            [at for at, row in enumerate(made) if row is None],
        )

    def _vectors(self) -> list[dict[int, bytes] | None]:
        if self._made is None:
            spans, memory = self._records.vector(), self._records.memory
            places = zip(spans.start.tolist(), spans.end.tolist(), spans.broken.tolist(), strict=True)
            self._made = [None if broken else _safely(memory[start:end]) for start, end, broken in places]
        return self._made


def _safely(vector: bytes) -> dict[int, bytes] | None:
    try:
        return values_of(vector) if vector else {}
    except BadVector:
        return None
