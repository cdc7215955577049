"""Tables as row and page compression would store them. Shares nothing with `core.formats.inside`.

Built from documentation, as the reader is: BusinessCentral.BakReader, mssqlbak, OrcaMDF, Kalen Delaney's "SQL Server
Internals". What two sources tell differently can be written both ways (`trim`).
"""

from __future__ import annotations

import random
import struct
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from factory.sqlserver.kinds import Kind, Raw, Value, encode
from factory.sqlserver.model import Prepared, Table
from factory.sqlserver.page import DATA, ROOM, Page, sealed
from factory.sqlserver.rows import RowLayout, Spot
from factory.sqlserver.scsu import unicode_compressed

CLUSTER = 30
PRIMARY, STUB, GHOST, FORWARDED = 0, 2, 3, 4
VERSION_TAG = b"\x5a" * 14


@dataclass(frozen=True)
class Far(Raw):
    """What stands in the row of a value that stands outside; marked as such."""


@dataclass(frozen=True)
class Symbol:
    """A number of the dictionary."""

    number: int


@dataclass(frozen=True)
class Style:
    """How to write what may be written in several ways."""

    trim: bool = False
    """Dates and times lose zero bytes at their end."""
    tagged: bool = False
    """Every second record has a versioning tag."""
    ghosts: int = 0
    """Deleted records on each page."""
    seed: int = 0
    """Of the choices in SCSU."""
    anchors: bool = True
    dictionary: bool = True
    moved: frozenset[int] = field(default_factory=frozenset)
    """Rows that were forwarded: a stub, and a record that says where it is."""


Cell = bytes | bool | Far | Symbol | None
"""True: a bit that is one; bytes as they stand in the row."""


def compressed(table: Table, level: int, style: Style | None = None) -> Table:
    """The table with its rows on compressed pages; values outside the row only where they are given as `Far`."""
    style = style or Style()
    layout, chance = RowLayout(table), random.Random(style.seed)
    rows: list[list[Cell]] = []
    previous, same = None, 0
    visible = [column.name for column in table.visible]
    for index, row in enumerate(table.rows):
        key = [row[visible.index(name)] for name in table.clustered]
        same = same + 1 if key == previous and not table.unique else 0
        previous = key
        values = layout._values(index, row, same)
        rows.append([_cell(spot, values[spot.number], style, chance) for spot in layout.spots[: layout.known(index)]])
    prepared = _pages(list(enumerate(rows)), level, style)
    return replace(table, compression=level, prepared=prepared, forwarded=frozenset(), ghosts=0)


def _cell(spot: Spot, value: Value | Raw, style: Style, chance: random.Random) -> Cell:
    kind = spot.column.kind
    if value is None or isinstance(value, Far):
        return value
    if kind.name == "bit":
        return bool(value.data[0] if isinstance(value, Raw) else value) or b""
    if isinstance(value, Raw):
        return value.data if not kind.fixed else deflate(kind, value.data, style, chance)
    return deflate(kind, encode(kind, value, spot.column.encoding), style, chance)


def deflate(kind: Kind, stored: bytes, style: Style, chance: random.Random) -> bytes:
    """From the bytes of an uncompressed row to those of a compressed one."""
    name = kind.name
    if name in {"nchar", "nvarchar"} and kind.length > 0:
        text = stored.decode("utf-16-le")
        return unicode_compressed(text.rstrip(" ") if name == "nchar" else text, chance)
    if name in {"decimal", "numeric"}:
        whole = int.from_bytes(stored[1:], "little")
        return packed_decimal(whole if stored[0] else -whole, kind.scale)
    if name == "datetime":
        ticks, days = struct.unpack("<Ii", stored)
        return shortest((days << 32) + ticks)
    if name in {"smallint", "int", "bigint", "money", "smallmoney"}:
        return shortest(int.from_bytes(stored, "little", signed=True))
    if name in {"tinyint", "real", "float", "timestamp"} or (style.trim and name == "smalldatetime"):
        return stored.lstrip(b"\0")
    if name == "binary" or (style.trim and name in {"date", "time", "datetime2", "datetimeoffset"}):
        return stored.rstrip(b"\0")
    return stored.rstrip(b" ") if name == "char" else stored


def shortest(number: int) -> bytes:
    """A signed number in as few bytes as it needs, moved up so that bytes sort as numbers do."""
    if not number:
        return b""
    width = 1
    while not -(1 << 8 * width - 1) <= number < 1 << 8 * width - 1:
        width += 1
    return (number + (1 << 8 * width - 1)).to_bytes(width, "big")


def packed_decimal(whole: int, scale: int) -> bytes:
    """vardecimal: 0.digits x 10**(exponent - 63), three digits in ten bits."""
    if not whole:
        return b""
    digits = str(abs(whole))
    exponent = len(digits) - scale + 63
    digits = digits.rstrip("0")
    digits += "0" * (-len(digits) % 3)
    bits = "".join(f"{int(digits[at : at + 3]):010b}" for at in range(0, len(digits), 3))
    bits += "0" * (-len(bits) % 8)
    mantissa = int(bits, 2).to_bytes(len(bits) // 8, "big").rstrip(b"\0")
    return bytes([exponent | (0x80 if whole > 0 else 0)]) + mantissa


# -- records ---------------------------------------------------------------------------------------------------


def record(cells: Sequence[Cell], *, kind: int = PRIMARY, tag: bool = False, home: bytes | None = None) -> bytes:
    """One record. `home`: where its stub is, for one that moved."""
    codes, short, long = [], b"", list[tuple[int, bytes, bool]]()
    sizes, counts = Counter[int](), Counter[int]()
    for column, cell in enumerate(cells):
        cluster = column // CLUSTER
        if cell is None:
            codes.append(0)
        elif cell is True:
            codes.append(11)
        elif isinstance(cell, Symbol):
            codes.append(12)
            short += bytes([cell.number])
            sizes[cluster] += 1
        elif isinstance(cell, Far) or (isinstance(cell, bytes) and len(cell) > 8):
            codes.append(10)
            counts[cluster] += 1
            long.append((column, cell.data if isinstance(cell, Far) else cell, isinstance(cell, Far)))
        else:
            codes.append(1 + len(bytes(cell)))
            short += bytes(cell)
            sizes[cluster] += len(bytes(cell))
    clusters = max(0, (len(cells) - 1) // CLUSTER)
    if home is not None:
        long.append((-1, home, True))
    head = bytes([1 | tag << 1 | kind << 2 | bool(long) << 5])
    head += bytes([len(cells)]) if len(cells) < 128 else (len(cells) | 0x8000).to_bytes(2, "big")
    padded = [*codes, 0][: len(codes) + len(codes) % 2]
    head += bytes(padded[at] | padded[at + 1] << 4 for at in range(0, len(padded), 2))
    made = head + bytes(sizes[cluster] for cluster in range(clusters)) + short
    if long:
        made += struct.pack("<BH", 1 | any(far for _, _, far in long) << 1, len(long))
        end = 0
        for _, data, far in long:
            end += len(data)
            made += struct.pack("<H", end | far << 15)
        made += bytes(counts[cluster] for cluster in range(clusters)) + b"".join(data for _, data, _ in long)
    return made + (VERSION_TAG if tag else b"")


# -- pages -----------------------------------------------------------------------------------------------------


def _pages(rows: list[tuple[int, list[Cell]]], level: int, style: Style) -> list[Prepared]:
    """As many pages as they need: halves until they fit."""
    if not rows:
        return []
    head, cells = page_compressed([row for _, row in rows], style) if level == 2 else (b"", [row for _, row in rows])
    records = [record([b"ghost"], kind=GHOST) for _ in range(style.ghosts)]
    for (index, _), row in zip(rows, cells, strict=True):
        if index in style.moved:
            records.append(bytes([1 | STUB << 2]) + bytes(8))
            home = struct.pack("<HIHH", 0x400, 99, 1, 3)
            records.append(record(row, kind=FORWARDED, tag=style.tagged and index % 2 == 1, home=home))
        else:
            records.append(record(row, tag=style.tagged and index % 2 == 1))
    if len(head) + sum(len(each) + 2 for each in records) <= ROOM:
        return [Prepared(records, head)]
    if len(rows) == 1:
        raise ValueError("the row is too long")
    half = len(rows) // 2
    return _pages(rows[:half], level, style) + _pages(rows[half:], level, style)


def page_compressed(rows: list[list[Cell]], style: Style) -> tuple[bytes, list[list[Cell]]]:
    """What the rows share, and what is left of them; nothing shared: no bytes."""
    width = max(map(len, rows))
    anchors = [_anchor([row[at] for row in rows if at < len(row)]) if style.anchors else None for at in range(width)]
    left = [[prefixed(cell, anchors[at]) for at, cell in enumerate(row)] for row in rows]
    symbols: dict[bytes, int] = {}
    if style.dictionary:
        seen = Counter(cell for row in left for cell in row if isinstance(cell, bytes) and len(cell) > 1)
        symbols = {cell: number for number, (cell, times) in enumerate(seen.most_common(250)) if times > 1}
        left = [[Symbol(symbols[cell]) if cell in symbols else cell for cell in row] for row in left]
    if not symbols and not any(anchors):
        return b"", left
    return shared(anchors, list(symbols)), left


def _anchor(cells: list[Cell]) -> bytes | None:
    """The longest value of those that begin like another one."""
    values = sorted({cell for cell in cells if isinstance(cell, bytes)}, key=len)
    if any(cell is True for cell in cells) or not values or len(values[-1]) < 2:
        return None
    return values[-1]


def prefixed(cell: Cell, anchor: bytes | None) -> Cell:
    """What stands in the row of a value under this anchor."""
    if anchor is None or not isinstance(cell, bytes):
        return cell
    if cell == anchor:
        return b""
    length = next(
        (at for at, (a, b) in enumerate(zip(cell, anchor, strict=False)) if a != b), min(len(cell), len(anchor))
    )
    return (bytes([length]) if length < 128 else (length | 0x8000).to_bytes(2, "big")) + cell[length:]


def shared(anchors: Sequence[bytes | None] | None, symbols: Sequence[bytes]) -> bytes:
    """What stands before the records of a page; neither anchors nor symbols is no such thing."""
    parts = [] if anchors is None else [record(anchors)]
    if symbols:
        ends, at = [], 2 + 2 * len(symbols)
        for symbol in symbols:
            at += len(symbol)
            ends.append(at)
        parts.append(struct.pack(f"<H{len(ends)}H", len(symbols), *ends) + b"".join(symbols))
    flags = (0 if anchors is None else 2) | (4 if symbols else 0)
    start = 3 + 2 * len(parts)
    ends = [start + sum(map(len, parts[: at + 1])) for at in range(len(parts))]
    return struct.pack(f"<BH{len(ends)}H", flags, 15, *ends) + b"".join(parts)


def page_of(records: Sequence[bytes], head: bytes = b"") -> bytes:
    """A page of these records alone."""
    page = Page(DATA, 1, 77)
    page.data[2] |= 0x80 if head else 0
    page.data[page.used : page.used + len(head)] = head
    page.used += len(head)
    for each in records:
        page.add(each)
    return sealed(page.data, "checksum")
