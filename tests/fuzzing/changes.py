"""How a sample is spoiled: bits, runs, ends, and numbers that lie, where the format keeps its numbers."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from factory import compressed as container
from factory import tape
from factory.cabinet import checksum as cabinet_sum
from factory.sqlserver.page import SIZE, checksum, sealed
from fuzzing.samples import MEDIUM, Sample

from core.formats.inside.expanded import _checksum as record_sum

Spot = tuple[int, int]
"""Place in a page or a block, and bytes that belong to the number there."""
HEADER_SPOTS: tuple[Spot, ...] = (
    (0, 1), (1, 1), (2, 1), (3, 1), (4, 2), (5, 1), (6, 2), (8, 4), (12, 2), (14, 2), (16, 4), (20, 2), (22, 2),
    (24, 4), (28, 2), (30, 2), (32, 4), (36, 2), (60, 4),
)  # fmt: skip
BOOT_SPOTS: tuple[Spot, ...] = ((0x64, 2), (0x66, 2), (0x84, 4), (0x194, 2), (0x1E8, 4), (0x264, 4), (0x268, 2))
DATA, TEXTS, IAM, BOOT = 1, (3, 4), 10, 13
NUMBERS = (0, 1, 2, 3, 4, 5, 8, 9, 95, 96, 0x7F, 0x80, 0xFF, 0x100, 0xFFF, 8191, 8192, 0x7FFF, 0x8000, 0x8001, 0xFFFF)
LARGE = (0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


@dataclass
class Spoiled:
    """A sample after the changes."""

    files: dict[str, bytearray]
    covered: bool = False
    """Some checksum covers every change, and does not hold any more."""
    by_page: bool = False
    """Reading alone has to see it: the checksum of a page, or of a record of a compressed medium."""
    how: list[str] = field(default_factory=list)


def spoiled(sample: Sample, chance: random.Random) -> Spoiled:
    """One to three changes of one sample."""
    made = Spoiled({name: bytearray(data) for name, data in sample.files.items()})
    if chance.random() < 0.06:
        _cut(made, chance)
    elif sample.inner and chance.random() < 0.6:
        _inside(sample, made, chance)
    elif sample.pages and chance.random() < 0.85:
        _pages(sample, made, chance)
    else:
        _anywhere(sample, made, chance)
    return made


def _cut(made: Spoiled, chance: random.Random) -> None:
    name = chance.choice(list(made.files))
    size = len(made.files[name])
    end = chance.choice(
        [chance.randrange(size), size - chance.randrange(1, 5000), 8192 * chance.randrange(size // 8192 + 1)]
    )
    del made.files[name][max(0, end) :]
    made.covered = len(made.files[name]) < size and b"MSCF" not in made.files[name][:4]
    made.how.append(f"{name} cut at {end}")


def _pages(sample: Sample, made: Spoiled, chance: random.Random) -> None:
    """Pages as they stand in a file."""
    own: dict[str, list[int]] = {}
    for name, at in sample.pages:
        own.setdefault(name, []).append(at)
    name = chance.choice(list(own))
    held = _change_pages(made.files[name], own[name], made, chance)
    made.covered = made.by_page = bool(held) and all(held)
    if sample.summed and made.files[name] != sample.files[name]:
        whole = [b"".join(data[at : at + SIZE] for at in own[name]) for data in (sample.files[name], made.files[name])]
        made.covered |= _stream_sum(whole[0]) != _stream_sum(whole[1])


def _stream_sum(data: bytes) -> int:
    """As `tape.sector_sum` has it: that of a record, over the XOR of each sector."""
    return record_sum(np.bitwise_xor.reduce(np.frombuffer(data, "<u4").reshape(-1, 128), axis=1).tobytes())


def _inside(sample: Sample, made: Spoiled, chance: random.Random) -> None:
    """Pages of the tape inside a compressed medium, whose own checksums are right again."""
    inner = bytearray(sample.inner)
    held = _change_pages(inner, list(sample.inner_pages), made, chance)
    made.covered = made.by_page = bool(held) and all(held)
    version = made.files[MEDIUM][8]
    made.files[MEDIUM] = bytearray(_swapped(sample, bytes(inner)) or container.compress(bytes(inner), version))


def _swapped(sample: Sample, inner: bytes) -> bytes | None:
    """The compressed medium with the records that changed: much faster than to compress all of it."""
    made = bytearray(sample.files[MEDIUM])
    for at, place, size in _records(bytes(made)):
        old, new = sample.inner[place : place + size], inner[place : place + size]
        if old != new:
            packed = container.literals(new)
            length = int.from_bytes(made[at + 2 : at + 4], "little")
            if len(packed) != length:
                return None
            header = 8 if made[8] == 1 else 28
            made[at + header : at + header + length] = packed
            struct.pack_into("<I", made, at + header - 4, record_sum(packed))
    return bytes(made)


def _records(medium: bytes) -> list[tuple[int, int, int]]:
    """(place of the header, place in the tape, expanded bytes) of every data record of a whole compressed medium."""
    first, short, header = (0x10, 4, 8) if medium[8] == 1 else (0x1E0, 24, 28)
    kinds = (0x81, 0x84, 0x8C) if medium[8] == 1 else (0x21, 0x24, 0x2C)
    at, done, found = first, 0, []
    while at < len(medium):
        packed = int.from_bytes(medium[at + 2 : at + 4], "little")
        if medium.startswith(b"SFMB", at):
            size = int.from_bytes(medium[at + 8 : at + 10], "little")
            at, done = at + size, done + size
        elif medium[at] == kinds[0]:
            found.append((at, done, medium[at + 1] * 512))
            at, done = at + header + packed, done + medium[at + 1] * 512
        elif medium[at] == kinds[1]:
            at += short + packed
        else:
            at += short + int.from_bytes(medium[at + short + 8 : at + short + 12], "little")
    return found


def _change_pages(data: bytearray, places: list[int], made: Spoiled, chance: random.Random) -> list[bool]:
    """Change one page or two; for each whether its own checksum does not hold any more."""
    kinds: dict[int, list[int]] = {}
    for at in places:
        kinds.setdefault(data[at + 1], []).append(at)
    weights = {DATA: 10, 3: 4, 4: 4, IAM: 3, BOOT: 1, 11: 2, 8: 1, 9: 1}
    own = list(kinds)
    reseal = chance.random() < 0.5
    held = []
    for _ in range(chance.choice([1, 1, 1, 2])):
        (kind,) = chance.choices(own, [weights.get(each, 0.3) for each in own])
        at = chance.choice(kinds[kind])
        before = bytes(data[at : at + SIZE])
        page = bytearray(before)
        for _ in range(chance.choice([1, 1, 2, 3])):
            spots = _spots(before, kind, chance)
            if chance.random() < 0.03:
                page[:] = data[(other := chance.choice(places)) : other + SIZE]
            else:
                # Most of a page is often free: what is changed there changes nothing.
                used = int.from_bytes(before[30:32], "little")
                _change(page, spots, made, chance, min(used, SIZE) if chance.random() < 0.9 and used > 96 else SIZE)
                if chance.random() < 0.03:
                    page[5] &= ~3  # says that it carries no check
        if page == before:
            continue
        protection = "checksum" if before[5] & 2 else "torn" if before[5] & 1 else "none"
        if reseal and (protection != "none" or chance.random() < 0.5):
            page[:] = sealed(page, protection)
        # A page that says that it carries no check is believed: real ones do, with something in the field.
        held.append(not reseal and bool(page[5] & 2) and checksum(page) != int.from_bytes(page[60:64], "little"))
        data[at : at + SIZE] = page
        made.how.append(f"page at {at} kind {kind}{' resealed' if reseal else ''}")
    return held


def _spots(page: bytes, kind: int, chance: random.Random) -> list[Spot]:
    """Where this page keeps numbers."""
    spots = list(HEADER_SPOTS) if chance.random() < 0.25 else []
    count = min(int.from_bytes(page[22:24], "little"), 300)
    if kind == BOOT:
        return [*spots, *BOOT_SPOTS]
    if kind == IAM:
        spots += [(136, 4), (140, 2), *((142 + 6 * at, 4) for at in range(8)), *((146 + 6 * at, 2) for at in range(8))]
        return [*spots, *((chance.randrange(194, 240), 1) for _ in range(4))]
    if kind not in (DATA, *TEXTS) or not count:
        return spots
    slot = chance.randrange(count)
    start = int.from_bytes(page[8190 - 2 * slot : 8192 - 2 * slot], "little")
    if start >= SIZE or chance.random() < 0.2:
        return [*spots, (8190 - 2 * slot, 2)]
    if kind in TEXTS:
        return [
            *spots,
            *((start + at, size) for at, size in ((0, 1), (2, 2), (4, 8), (12, 2), (14, 2), (16, 2), (18, 2))),
        ] + [(start + chance.choice([20, 24]) + 4 * chance.randrange(16), chance.choice([2, 4])) for _ in range(3)]
    if page[2] & 0x80 or page[start] & 1:
        return [*spots, *((96 + each, 1) for each in range(8)), *((start + chance.randrange(60), 1) for _ in range(6))]
    fixed = int.from_bytes(page[start + 2 : start + 4], "little")
    columns = int.from_bytes(page[start + fixed : start + fixed + 2], "little") if start + fixed < SIZE else 0
    after = start + fixed + 2 + (columns + 7) // 8
    return [
        *spots, (start, 1), (start + 2, 2), (start + fixed, 2), (start + fixed + 2, 1), (after, 2),
        *((after + 2 + 2 * each, 2) for each in range(4)),
        *((start + 4 + chance.randrange(max(1, fixed)), chance.choice([1, 2, 4, 8])) for _ in range(3)),
        *((after + 2 + chance.randrange(80), chance.choice([1, 2, 4])) for _ in range(3)),
    ]  # fmt: skip


def _change(data: bytearray, spots: list[Spot], made: Spoiled, chance: random.Random, used: int | None = None) -> None:
    """Bits, a run of bytes, or a number where one stands; bits and runs begin in the first `used` bytes."""
    if not data:
        return
    if spots and chance.random() < 0.65:
        at, size = chance.choice(spots)
        if at + size <= len(data):
            old = int.from_bytes(data[at : at + size], "little")
            new = _number(old, size, chance) % (1 << 8 * size)
            data[at : at + size] = new.to_bytes(size, "little")
            made.how.append(f"{size} bytes at {at}: {old:x} to {new:x}")
        return
    at = chance.randrange(min(used or len(data), len(data)))
    if chance.random() < 0.5:
        data[at] ^= 1 << chance.randrange(8)
        made.how.append(f"a bit at {at}")
        return
    size = min(chance.choice([1, 2, 4, 8, 30, 100, 512, 3000]), len(data) - at)
    other = chance.randrange(max(1, len(data) - size))
    run = chance.choice([bytes(size), b"\xff" * size, chance.randbytes(size), bytes(data[other : other + size])])
    data[at : at + size] = run
    made.how.append(f"{size} bytes at {at}")


def _number(old: int, size: int, chance: random.Random) -> int:
    ways: list[Callable[[], int]] = [
        lambda: chance.choice(NUMBERS),
        lambda: chance.choice(NUMBERS if size < 4 else LARGE),
        lambda: old + chance.choice([-16, -8, -2, -1, 1, 2, 8, 16, 100]),
        lambda: chance.getrandbits(8 * size),
        lambda: old ^ 1 << chance.randrange(8 * size),
        lambda: chance.randrange(8192),
    ]
    return chance.choice(ways)()


def _anywhere(sample: Sample, made: Spoiled, chance: random.Random) -> None:
    """The bytes of the container: headers of blocks, streams, records, folders; whatever lies between."""
    name = chance.choice(list(made.files))
    data = made.files[name]
    before = bytes(data)
    stretches = _stretches(before)
    reseal = chance.random() < 0.4
    held = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        start, end, sums = chance.choice(stretches) if chance.random() < 0.8 else (0, len(data), None)
        end = min(end, len(data))
        part = data[start:end]
        spots = [(chance.randrange(max(1, end - start)), chance.choice([1, 2, 4, 8])) for _ in range(3)]
        _change(part, spots, made, chance)
        if part == data[start:end]:
            continue
        if reseal and sums is not None:
            sums.reseal(part)
        held.append(sums is not None and not sums.holds(part))
        data[start:end] = part
        made.how.append(f"{name} in {start}-{end}{' resealed' if reseal else ''}")
    made.covered = bool(held) and all(held)


@dataclass(frozen=True)
class _Sums:
    """How a stretch of bytes is covered."""

    reseal: Callable[[bytearray], None]
    holds: Callable[[bytearray], bool]


def _stretches(data: bytes) -> list[tuple[int, int, _Sums | None]]:
    if data.startswith(b"TAPE"):
        return _tape_stretches(data)
    if data.startswith(b"MSSQLBAK"):
        header = 8 if data[8] == 1 else 28
        own = [(at, at + header + int.from_bytes(data[at + 2 : at + 4], "little")) for at, _, _ in _records(data)]
        return [(start, start + header, None) for start, _ in own] + [(*each, _record_sums(header)) for each in own]
    if data.startswith(b"MSCF"):
        return [(0, 100, None), *_cabinet_stretches(data)]
    return [(0, 120, None), (max(0, len(data) - 150), len(data), None)]


def _tape_stretches(data: bytes) -> list[tuple[int, int, _Sums | None]]:
    """Headers of blocks and of streams; the configuration of the back-up."""
    found: list[tuple[int, int, _Sums | None]] = []
    at = 0
    while at + 52 <= len(data):
        first = int.from_bytes(data[at + 8 : at + 10], "little")
        found += [(at, at + 52, _tape_sums(50)), (at, at + first, None)]
        if data.startswith(b"SFMB", at):
            at += first
            continue
        place = at + first
        while True:
            kind, length = struct.unpack_from("<4s4xQ", data, place)
            found.append((place, place + 22, _tape_sums(20)))
            if kind in (b"MQCI", b"RAID"):
                found.append((place + 22, place + 22 + length, None))
            place += 22 + length
            if kind == b"SPAD":
                break
            place += -place % 4
        at = place
    return found


def _tape_sums(at: int) -> _Sums:
    def said(part: bytearray) -> int:
        return int.from_bytes(part[at : at + 2], "little")

    def right(part: bytearray) -> int:
        return tape.header_sum(bytes(part[:at]))

    return _Sums(lambda part: struct.pack_into("<H", part, at, right(part)), lambda part: said(part) == right(part))


def _record_sums(header: int) -> _Sums:
    """Of the packed bytes alone: the header of the record is not covered."""

    def reseal(part: bytearray) -> None:
        struct.pack_into("<I", part, header - 4, record_sum(bytes(part[header:])))

    def holds(part: bytearray) -> bool:
        return record_sum(bytes(part[header:])) == int.from_bytes(part[header - 4 : header], "little")

    return _Sums(reseal, holds)


def _cabinet_stretches(data: bytes) -> list[tuple[int, int, _Sums | None]]:
    first, blocks = struct.unpack_from("<IH", data, 36)
    found: list[tuple[int, int, _Sums | None]] = []
    for _ in range(blocks):
        (size,) = struct.unpack_from("<H", data, first + 4)
        found.append((first, first + 8 + size, _CABINET))
        first += 8 + size
    return found


def _cabinet_right(part: bytearray) -> int:
    return cabinet_sum(bytes(part[4:8]), cabinet_sum(bytes(part[8:])))


_CABINET = _Sums(
    lambda part: struct.pack_into("<I", part, 0, _cabinet_right(part)),
    lambda part: int.from_bytes(part[:4], "little") in (0, _cabinet_right(part)),
)
