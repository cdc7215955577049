"""Builds small, valid back-up media: every checksum and address is computed here, independently of the readers."""

from __future__ import annotations

import random
import struct
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

PAGE = 8192
UNIT = 1024
STARTED = datetime.fromisoformat("2017-06-01T12:59:12")
FINISHED = datetime.fromisoformat("2017-06-01T12:59:13")
CREATED = datetime.fromisoformat("2016-01-02T03:04:06")
SET_GUID = uuid.UUID(int=0x51)
FAMILY_GUID = uuid.UUID(int=0x52)
FORK_GUID = uuid.UUID(int=0x53)
MEDIA_GUID = uuid.UUID(int=0x99)

Piece = bytes | int
"""Bytes, or a number of zeros that need not be held in memory."""


@dataclass(frozen=True)
class File:
    logical: str = "150"
    physical: str = "C:\\Exact\\150.mdf"
    kind: int = 1
    file_id: int = 1
    size_pages: int = 640
    pages: int = 2
    again: int = 0
    """Page images in the second region."""


LOG = File("150_log", "C:\\Exact\\150_log.ldf", kind=2, file_id=2, size_pages=128, pages=0)


@dataclass(frozen=True)
class Set:
    database: str = "150"
    server: str = "KLANT\\EXACT"
    letter: str = "D"
    internal: int = 852
    engine: tuple[int, int, int] = (13, 0, 4001)
    level: int = 130
    started: datetime | None = STARTED
    finished: datetime | None = FINISHED
    created: datetime | None = CREATED
    collation: tuple[int, int] = (0x00D00409, 0x34)
    lcid: int = 0x409
    name: str = "150-Full Database Backup"
    description: str = "nightly"
    user: str = "KLANT\\beheer"
    password: bool = False
    checksums: bool = False
    files: tuple[File, ...] = (File(), LOG)
    log_pages: int = 1
    status: int = 0x10008
    backup_bytes: int = 123_456
    set_guid: uuid.UUID = SET_GUID
    base_guid: uuid.UUID | None = None
    previous_guid: uuid.UUID | None = None
    family_guid: uuid.UUID = FAMILY_GUID
    fork_guid: uuid.UUID = FORK_GUID
    ended: bool = True
    encryption: int = 0
    filler: int = 0
    """Page images beyond those that the header counts."""

    @property
    def regions(self) -> tuple[int, ...]:
        first = sum(file.pages for file in self.files if file.kind == 1)
        again = sum(file.again for file in self.files if file.kind == 1)
        return (first + self.filler, again) if again else (first + self.filler,)


@dataclass(frozen=True)
class Medium:
    guid: uuid.UUID = MEDIA_GUID
    stripes: int = 1
    stripe: int = 1
    mirrors: int = 1
    password: bool = False
    name: str = ""
    description: str = ""
    software: str = "Microsoft SQL Server"
    block: int = 512
    version: int = 1


def tape(*sets: Set, medium: Medium = Medium(), seed: int = 1) -> bytes:
    """A whole medium in memory."""
    return b"".join(bytes(piece) if isinstance(piece, int) else piece for piece in pieces(sets, medium, seed=seed))


def write_sparse(path: Path, *sets: Set, medium: Medium = Medium()) -> int:
    """A medium whose pages are holes: gigabytes that take no room. Returns its size."""
    with path.open("wb") as out:
        _pour(out, pieces(sets, medium, seed=None))
        return out.tell()


def _pour(out: BinaryIO, parts: Iterable[Piece]) -> None:
    for part in parts:
        if isinstance(part, int):
            out.seek(part, 1)
        else:
            out.write(part)


def pieces(sets: Iterable[Set], medium: Medium = Medium(), *, seed: int | None = 1) -> list[Piece]:
    """The parts of a medium; with `seed` None all pages are zeros."""
    builder = Builder(medium, seed)
    builder.header()
    for position, one in enumerate(sets or (Set(),), 1):
        builder.backup(one, position)
    return builder.parts


def date5(moment: datetime | None) -> bytes:
    if moment is None:
        return bytes(5)
    bits = moment.year << 26 | moment.month << 22 | moment.day << 17
    return (bits | moment.hour << 12 | moment.minute << 6 | moment.second).to_bytes(5, "big")


def header_sum(data: bytes) -> int:
    value = 0
    for at in range(0, len(data), 2):
        value ^= data[at] | data[at + 1] << 8
    return value


def sector_sum(data: bytes) -> int:
    value = 0
    for at in range(0, len(data), 512):
        value = (value << 1 | value >> 31) & 0xFFFFFFFF
        for word in struct.unpack_from("<128I", data, at):
            value ^= word
    return value


def lsn(vlf: int, block: int, slot: int) -> bytes:
    return struct.pack("<IIH", vlf, block, slot)


class _Strings:
    """Appends texts behind a fixed part and puts their (size, offset) pairs in."""

    def __init__(self, fixed: bytearray) -> None:
        self.data = fixed

    def put(self, at: int, text: str | bytes) -> None:
        raw = text.encode("utf-16-le") if isinstance(text, str) else text
        if raw:
            struct.pack_into("<HH", self.data, at, len(raw), len(self.data))
            self.data += raw


@dataclass
class Builder:
    """Puts a medium together part by part, the impossible ones too."""

    medium: Medium
    seed: int | None
    parts: list[Piece] = field(default_factory=list)
    at: int = 0
    start: int = 0
    block_at: int = 0
    control: int = 0

    def add(self, part: Piece) -> None:
        self.parts.append(part)
        self.at += part if isinstance(part, int) else len(part)

    # blocks

    def block(self, kind: bytes, body: bytearray, *, addressed: bool = False, system: tuple[int, int] = (0, 0)) -> None:
        """`body` counts from the block's start; its first 52 bytes are filled in here."""
        body += bytes(-len(body) % 4)
        self.block_at = self.at
        address = (self.at - self.start) // UNIT if addressed else 0
        struct.pack_into("<4sIHBB8xQ8xI4xHHB", body, 0, kind, 0, len(body), 14, 1, address, self.control, *system, 2)
        struct.pack_into("<H", body, 50, header_sum(bytes(body[:50])))
        self.add(bytes(body))

    def stream(self, kind: bytes, data: list[Piece], *, media: int = 0, encryption: int = 0) -> None:
        length = sum(part if isinstance(part, int) else len(part) for part in data)
        head = struct.pack("<4sHHQHH", kind, 0, media, length, encryption, 0)
        self.add(head + struct.pack("<H", header_sum(head)))
        for part in data:
            self.add(part)
        if kind != b"SPAD":
            self.add(bytes(-self.at % 4))

    def end_block(self, unit: int = UNIT) -> None:
        room = -(self.at + 22 - self.block_at) % unit
        self.stream(b"SPAD", [bytes(room)])

    def filemark(self, size: int | None = None) -> None:
        body = bytearray(size or self.medium.block)
        struct.pack_into("<4sIHBB", body, 0, b"SFMB", 0x80000000, len(body), 14, 1)
        struct.pack_into("<H", body, 50, header_sum(bytes(body[:50])))
        self.add(bytes(body))

    # the medium

    def header(self) -> None:
        medium = self.medium
        fixed = bytearray(94)
        password = medium.password
        struct.pack_into("<IIHHHH", fixed, 52, 0x1234, 0, 1, 5 if password else 0, medium.block // 512, 3)
        struct.pack_into("<HH", fixed, 84, UNIT, 0x1200)
        fixed[88:93] = date5(STARTED)
        fixed[93] = medium.version
        texts = _Strings(fixed)
        texts.put(68, medium.name)
        texts.put(72, medium.description)
        texts.put(76, bytes(range(16)) if password else b"")
        texts.put(80, medium.software)
        self.block(b"TAPE", texts.data)
        raid = medium.guid.bytes_le + struct.pack(
            "<IHHHIH", 0xF00000AD, medium.stripes, medium.mirrors, medium.stripe, 0, 1
        )
        self.stream(b"RAID", [raid])
        self.end_block(max(UNIT, medium.block))
        self.filemark()

    def backup(self, one: Set, position: int) -> None:
        self.start, self.control = self.at, 0
        self.label(one, position)
        volume = bytearray(96)
        self.next_block(b"VOLB", volume)
        self.end_block()
        self.configuration(b"MSCI", one, closing=False)
        if one.letter != "L":
            for number, pages in enumerate(one.regions):
                self.data(one, b"MSDA", b"MQDA", pages, number)
        self.data(one, b"MSTL", b"MQTL", one.log_pages, 7)
        self.next_block(b"MSTL", bytearray(596))
        self.end_block()
        if not one.ended:
            return
        self.configuration(b"MSLS", one, closing=True)
        self.filemark()
        for streams in ((b"OTCP", b"TSMP"), ()):
            self.block(b"ESET", bytearray(88))
            for kind in streams:
                self.stream(kind, [bytes(204)])
            self.end_block(max(UNIT, self.medium.block))
        self.filemark()

    def next_block(self, kind: bytes, body: bytearray) -> None:
        self.control += 1
        self.block(kind, body, addressed=True)

    def label(self, one: Set, position: int) -> None:
        fixed = bytearray(122)
        struct.pack_into("<IHHHH", fixed, 52, 4, 5 if one.password else 0, 0, 0x1200, position)
        struct.pack_into("<Q", fixed, 80, self.at)
        fixed[88:93] = date5(one.started)
        fixed[93], fixed[94] = one.engine[:2]
        fixed[100:116] = one.set_guid.bytes_le
        texts = _Strings(fixed)
        texts.put(64, one.name)
        texts.put(68, one.description)
        texts.put(72, bytes(16) if one.password else b"")
        texts.put(76, one.user)
        self.block(b"SSET", texts.data, system=(21, 100))
        self.end_block()

    def configuration(self, kind: bytes, one: Set, *, closing: bool) -> None:
        self.next_block(kind, bytearray(56))
        regions = len(one.regions)
        files = b"".join(file_record(file, regions, closing=closing) for file in one.files)
        self.stream(b"MQCI", [header_record(one, closing=closing) + group_record() + files])
        self.end_block()

    def data(self, one: Set, block: bytes, kind: bytes, pages: int, number: int) -> None:
        self.next_block(block, bytearray(60 if block == b"MSDA" else 596))
        room = -(self.at + 22 + 24) % self.medium.block
        self.stream(b"APAD", [bytes(room)], media=0x80)
        summed = 0x100 if one.checksums else 0
        payload: Piece = pages * PAGE
        if self.seed is not None:
            payload = random.Random(f"{self.seed} {self.at} {number}").randbytes(pages * PAGE)
        media = (2 if kind == b"MQDA" else 0) | summed
        self.stream(kind, [bytes(2), payload], media=media, encryption=one.encryption)
        if summed:
            value = sector_sum(payload) if isinstance(payload, bytes) else 0
            self.stream(b"CSUM", [struct.pack("<I", value)])
        if kind == b"MQDA":
            self.stream(kind, [], media=6)
        self.end_block()


def header_record(one: Set, *, closing: bool) -> bytes:
    """SCIN."""
    fixed = bytearray(400)
    fixed[:4] = b"SCIN"
    kinds = [file.kind for file in one.files]
    flags = 0x200 | (0x10 if one.checksums else 0) | (0x800 if one.letter == "I" else 0)
    struct.pack_into("<III", fixed, 8, flags, kinds.count(1), kinds.count(2))
    major, minor, build = one.engine
    struct.pack_into("<HBB", fixed, 24, build, minor, major)
    fixed[32:42] = lsn(36, 3528, 37)
    fixed[42:52] = lsn(36, 3545, 1 + closing)
    fixed[52:62] = lsn(36, 3528, 37)
    fixed[62:72] = lsn(36, 3430, 210)
    fixed[72:77] = date5(one.created)
    fixed[77:82] = date5(one.started)
    fixed[82:87] = date5(one.finished if closing else None)
    fixed[87:88] = one.letter.encode()
    fixed[88] = 52
    fixed[91] = one.level
    struct.pack_into("<HHQ", fixed, 92, 9, one.internal, one.backup_bytes)
    struct.pack_into("<II", fixed, 116, one.lcid, 0x30001)
    fixed[156:172] = one.fork_guid.bytes_le
    if one.previous_guid is not None:
        fixed[200:216] = one.previous_guid.bytes_le
    struct.pack_into("<II", fixed, 216, *one.collation)
    fixed[224:240] = one.family_guid.bytes_le
    struct.pack_into("<I", fixed, 244, one.status)
    if one.base_guid is not None:
        fixed[272:288] = one.base_guid.bytes_le
    texts = _Strings(fixed)
    texts.put(104, one.database)
    texts.put(108, one.server)
    struct.pack_into("<I", texts.data, 4, len(texts.data))
    return bytes(texts.data)


def group_record() -> bytes:
    """SFGI of PRIMARY."""
    texts = _Strings(bytearray(44))
    texts.data[:4] = b"SFGI"
    struct.pack_into("<I", texts.data, 12, 1)
    texts.put(16, "PRIMARY")
    struct.pack_into("<I", texts.data, 4, len(texts.data))
    return bytes(texts.data)


def file_record(file: File, regions: int, *, closing: bool) -> bytes:
    """SFIN: with two regions the closing copy counts the second one."""
    texts = _Strings(bytearray(100))
    texts.data[:4] = b"SFIN"
    pages = file.again if closing and regions == 2 else file.pages
    fields = (4, 0, PAGE, file.file_id, pages, file.kind, 512, 1, file.size_pages * PAGE)
    struct.pack_into("<IIIIIIIIQ", texts.data, 8, *fields)
    texts.put(48, file.logical)
    texts.put(52, file.physical)
    struct.pack_into("<I", texts.data, 4, len(texts.data))
    return bytes(texts.data)
