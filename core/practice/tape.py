"""A small, genuine SQL Server back-up for the practice office: one full set of one small database.

Layout: Microsoft Tape Format 1.00a with the streams of SQL Server [observed]. All checksums are right and
the closing blocks are there, so the readers have everything to prove that it is whole.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime

from core.formats.xor import SectorChecksum, rol32, xor16

PAGE = 8192
_FLB = 1024
"""Format logical block: blocks of a set start at multiples of it, counted from its SSET."""
_SOFT = 512
"""Size of a soft filemark."""
_SCIN_STRINGS = 400
"""Where the strings of a SCIN record begin, SQL Server 2012 and later [observed]."""


@dataclass(frozen=True, slots=True)
class SampleBackup:
    """What the sample says of itself. Times are local to the server."""

    database: str
    server: str
    internal_version: int
    engine: tuple[int, int, int]
    """Major, minor, build."""
    compatibility_level: int
    started_at: datetime
    finished_at: datetime
    user: str = "OEFEN\\beheer"
    pages: int = 24
    """Page images inside: a multiple of eight, at least 16."""


def tape(sample: SampleBackup) -> bytes:
    """The whole medium: TAPE, one set, its end."""
    seed = f"{sample.database}|{sample.server}|{sample.started_at.isoformat()}"
    out = _Tape(sample, seed)
    out.block(b"TAPE", _tape_body(out), [(b"RAID", 0, _raid(seed))], attributes=0x30000, words=2)
    out.filemark(0)
    out.start = len(out.data)
    out.block(b"SSET", _sset_body(out), [], words=2)
    out.block(b"VOLB", _volb_body(out), [], words=2)
    out.block(b"MSCI", bytes(4), [(b"MQCI", 0, _mqci(sample, seed, closing=False))], words=2)
    out.data_block(_pages(sample, seed))
    out.block(b"MSLS", bytes(4), [(b"MQCI", 0, _mqci(sample, seed, closing=True))], words=2)
    out.filemark(1)
    out.block(b"ESET", _eset_body(out), [(b"TSMP", 0, bytes(204))])
    out.block(b"ESET", _eset_body(out), [])
    out.filemark(2)
    return bytes(out.data)


class _Tape:
    """Blocks written one behind the other."""

    def __init__(self, sample: SampleBackup, seed: str) -> None:
        self.sample = sample
        self.seed = seed
        self.data = bytearray()
        self.start = 0
        self.control = 0

    def block(
        self,
        kind: bytes,
        body: bytes,
        streams: list[tuple[bytes, int, bytes]],
        *,
        attributes: int = 0,
        words: int = 0,
    ) -> None:
        first = (52 + len(body) + 3) // 4 * 4
        raw = bytearray(self._head(kind, attributes, first, words) + body)
        raw += bytes(first - len(raw))
        for name, media, data in streams:
            raw += stream(name, data, media)
            raw += bytes(-len(raw) % 4)
        gap = -(len(raw) + 22) % _FLB
        raw += stream(b"SPAD", bytes(gap))
        self.data += raw

    def data_block(self, pages: bytes) -> None:
        """MSDA: alignment, the pages behind two zero bytes, their checksum, the empty terminator."""
        body = struct.pack("<II", 0, 0x10000)
        first = 52 + len(body)
        at = len(self.data) + first + 22
        fill = -(at + 24) % _SOFT
        while (at + fill) % 4:
            fill += _SOFT
        payload = SectorChecksum()
        payload.update(pages)
        streams = [
            (b"APAD", 0x80, bytes(fill)),
            (b"MQDA", 0x102, bytes(2) + pages),
            (b"CSUM", 0, struct.pack("<I", payload.value)),
            (b"MQDA", 6, b""),
        ]
        self.block(b"MSDA", body, streams)

    def filemark(self, used: int) -> None:
        head = bytearray(self._head(b"SFMB", 0x80000000, _SOFT, 0))
        self.data += head + struct.pack("<II", 0x37, used) + bytes(_SOFT - 60)

    def _head(self, kind: bytes, attributes: int, first: int, words: int) -> bytes:
        inside = kind not in {b"TAPE", b"SFMB", b"ESET"}
        address = (len(self.data) - self.start) // _FLB if inside else 0
        control = self.control if inside else 0
        self.control += inside
        os_data = (21, 100) if kind == b"SSET" else (0, 0)
        head = struct.pack(
            "<4sIHBBQQQI4xHHBB", kind, attributes, first, 14, 1, 0, address, 0, control, *os_data, words, 0
        )
        return head + struct.pack("<H", xor16(head))


def stream(name: bytes, data: bytes, media: int = 0) -> bytes:
    """A stream header with its checksum, and the data."""
    head = struct.pack("<4sHHQHH", name, 0, media, len(data), 0, 0)
    return head + struct.pack("<H", xor16(head)) + data


def date5(when: datetime) -> bytes:
    """The five-byte date of MTF 1.00a: big-endian bit fields, to the second."""
    bits = when.year
    for value, width in ((when.month, 4), (when.day, 5), (when.hour, 5), (when.minute, 6), (when.second, 6)):
        bits = bits << width | value
    return bits.to_bytes(5, "big")


def guid(seed: str, what: str) -> bytes:
    """Sixteen bytes that are always the same for the same sample."""
    return hashlib.sha256(f"{seed}|{what}".encode()).digest()[:16]


def _text(value: str) -> bytes:
    return value.encode("utf-16-le")


def _tape_body(out: _Tape) -> bytes:
    software = _text("Microsoft SQL Server")
    fixed = struct.pack("<IIHHHHH", 0x5AB32648, 5, 1, 0, 1, 3, 0) + bytes(10)
    fixed += struct.pack("<HHHH", len(software), 94, _FLB, 0x1200) + date5(out.sample.started_at) + b"\x01"
    return fixed + software


def _raid(seed: str) -> bytes:
    return guid(seed, "media") + struct.pack("<IHHHIH", 0xF00000AD, 1, 1, 1, 0, 1)


def _sset_body(out: _Tape) -> bytes:
    user = _text(out.sample.user)
    major, minor, _ = out.sample.engine
    body = struct.pack("<IHHHH", 4, 0, 0, 0x1200, 1) + bytes(12) + struct.pack("<HHQ", len(user), 122, len(out.data))
    body += date5(out.sample.finished_at) + bytes([major, minor, 0, 0, 2]) + bytes(2)
    return body + guid(out.seed, "set") + bytes(5) + b"\0" + user


def _volb_body(out: _Tape) -> bytes:
    device, machine = _text("C:"), _text(out.sample.server.partition("\\")[0])
    places = struct.pack("<HHHHHH", len(device), 74, 0, 78, len(machine), 78)
    return struct.pack("<I", 2) + places + date5(out.sample.started_at) + b"\0" + device + machine


def _eset_body(out: _Tape) -> bytes:
    return struct.pack("<I", 4) + bytes(20) + struct.pack("<HH", 0, 1) + date5(out.sample.started_at) + bytes(3)


def _mqci(sample: SampleBackup, seed: str, *, closing: bool) -> bytes:
    folder = "D:\\SQL\\Data\\"
    data = _sfin(1, sample.pages, folder, sample.database + ".mdf", sample.database)
    log = _sfin(2, 0, folder, sample.database + "_log.ldf", sample.database + "_log")
    return _scin(sample, seed, closing=closing) + _sfgi() + data + log


def _scin(sample: SampleBackup, seed: str, *, closing: bool) -> bytes:
    name, server = _text(sample.database), _text(sample.server)
    major, minor, build = sample.engine
    size = sample.pages * PAGE
    raw = bytearray(_SCIN_STRINGS) + name + server
    struct.pack_into("<4sII", raw, 0, b"SCIN", len(raw), 0x210)
    struct.pack_into("<II", raw, 12, 1, 1)
    struct.pack_into("<HBB", raw, 24, build, minor, major)
    for at, block in ((32, 3528), (42, 3545), (52, 3528), (62, 3430)):
        struct.pack_into("<IIH", raw, at, 36, block, 1)
    raw[72:77] = raw[77:82] = date5(sample.started_at)
    if closing:
        raw[82:87] = date5(sample.finished_at)
    raw[87:89] = b"D\x34"
    raw[91] = sample.compatibility_level
    struct.pack_into("<HHQ", raw, 92, 5, sample.internal_version, size)
    struct.pack_into("<HHHH", raw, 104, len(name), _SCIN_STRINGS, len(server), _SCIN_STRINGS + len(name))
    struct.pack_into("<II", raw, 116, 1033, 0x30001)
    raw[124:140] = guid(seed, "binding")
    raw[156:172] = guid(seed, "fork")
    struct.pack_into("<II", raw, 216, 0x00D00409, 0x34)
    raw[224:240] = guid(seed, "family")
    struct.pack_into("<I", raw, 244, 0x10008)
    struct.pack_into("<Q", raw, 344, size)
    return bytes(raw)


def _sfgi() -> bytes:
    name = _text("PRIMARY")
    raw = bytearray(224) + name
    struct.pack_into("<4sIIIHH", raw, 0, b"SFGI", len(raw), 0x10, 1, len(name), 224)
    return bytes(raw)


def _sfin(file_id: int, pages: int, folder: str, physical: str, logical: str) -> bytes:
    name, path = _text(logical), _text(folder + physical)
    kind = 1 if file_id == 1 else 2
    raw = bytearray(1046) + name + path
    size = pages * PAGE if kind == 1 else 1 << 20
    struct.pack_into("<4sII", raw, 0, b"SFIN", len(raw), 0x84)
    struct.pack_into("<IIIIIIQ", raw, 16, PAGE, file_id, pages, kind, 512, 1 if kind == 1 else 0, size)
    struct.pack_into("<HHHH", raw, 48, len(name), 1046, len(path), 1046 + len(name))
    return bytes(raw)


def _pages(sample: SampleBackup, seed: str) -> bytes:
    kinds = {0: 15, 1: 11, 2: 8, 3: 9, 6: 16, 7: 17, 9: 13}
    return b"".join(
        _page(number, kinds.get(number, 1), _boot(sample, seed) if number == 9 else b"")
        for number in range(sample.pages)
    )


def _page(number: int, kind: int, body: bytes) -> bytes:
    raw = bytearray(PAGE)
    struct.pack_into("<BBBBH", raw, 0, 1, kind, 0, 0, 0x200)
    struct.pack_into("<IH", raw, 32, number, 1)
    raw[96 : 96 + len(body)] = body
    if body:
        struct.pack_into("<H", raw, 22, 1)
        struct.pack_into("<H", raw, PAGE - 2, 96)
    struct.pack_into("<I", raw, 60, _page_checksum(raw))
    return bytes(raw)


def _boot(sample: SampleBackup, seed: str) -> bytes:
    raw = bytearray(0x600)
    name = _text(sample.database)
    struct.pack_into("<HH", raw, 4, sample.internal_version, sample.internal_version)
    struct.pack_into("<I", raw, 0x84 - 96, 0x10008)
    days = (sample.started_at.replace(hour=0, minute=0, second=0) - datetime(1900, 1, 1)).days  # noqa: DTZ001 - the server's local time
    struct.pack_into("<II", raw, 0x8C - 96, 0, days)
    raw[0x94 - 96 : 0x194 - 96] = name.ljust(256, b"\x20")
    struct.pack_into("<H", raw, 0x194 - 96, len(name))
    struct.pack_into("<HH", raw, 0x198 - 96, 5, sample.compatibility_level)
    raw[0x1F8 - 96 : 0x208 - 96] = guid(seed, "family")
    raw[0x228 - 96 : 0x238 - 96] = guid(seed, "fork")
    return bytes(raw)


def _page_checksum(page: bytes | bytearray) -> int:
    """XOR of the dwords of each of 16 sectors, rotated by 15 less the sector's number [observed]."""
    total = 0
    for sector in range(16):
        words = struct.unpack_from("<128I", page, sector * 512)
        value = 0
        for word in words:
            value ^= word
        total ^= rol32(value, 15 - sector)
    return total
