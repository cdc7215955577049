"""What a file is, by its first bytes. Its name is never asked.

A stranger is named only where its bytes say so; everything else is `unknown`.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

HEAD = 4096
"""Bytes that `sniff` wants to see."""

DATABASES = frozenset({"tape", "compressed", "data-file"})
CONTAINERS = frozenset({"cabinet", "zip"})
OWN = DATABASES | CONTAINERS | {"practice", "unknown"}


class Sniffed(NamedTuple):
    """A kind, and whether it is positively something that we never take."""

    kind: str
    stranger: bool = False


_MAGIC: tuple[tuple[str, int, bytes], ...] = (
    # archives and disks: file(1) Magdir/archive, compress, msdos; APPNOTE for zip stands in `_zip`
    ("7z", 0, b"7z\xbc\xaf\x27\x1c"),
    ("gzip", 0, b"\x1f\x8b\x08"),
    ("rar", 0, b"Rar!\x1a\x07"),
    ("bzip2", 4, b"1AY&SY"),
    ("xz", 0, b"\xfd7zXZ\x00"),
    ("zstd", 0, b"\x28\xb5\x2f\xfd"),
    ("tar", 257, b"ustar"),
    ("disk-image", 0, b"MSWIM\x00\x00\x00"),
    ("disk-image", 0, b"vhdxfile"),
    ("disk-image", 0, b"conectix"),
    ("disk-image", 0, b"KDMV"),
    # documents and pictures: ISO 32000-1 7.5.2; [MS-CFB] 2.2; PNG 5.2; JFIF; GIF89a; TIFF 6.0; file(1) Magdir/images
    ("pdf", 0, b"%PDF-"),
    ("office-document", 0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("picture", 0, b"\x89PNG\r\n\x1a\n"),
    ("picture", 0, b"\xff\xd8\xff"),
    ("picture", 0, b"GIF87a"),
    ("picture", 0, b"GIF89a"),
    ("picture", 0, b"II*\x00"),
    ("picture", 0, b"MM\x00*"),
    ("picture", 0, b"8BPS"),
    ("picture", 8, b"WEBP"),
    ("picture", 4, b"ftyphei"),
    ("film-or-sound", 8, b"AVI "),
    ("film-or-sound", 8, b"WAVE"),
    ("film-or-sound", 4, b"ftyp"),
    ("film-or-sound", 0, b"ID3"),
    ("film-or-sound", 0, b"OggS"),
    ("film-or-sound", 0, b"\x1aE\xdf\xa3"),
    # a drawing saved as .bak: file(1) Magdir/cad
    ("autocad", 0, b"AC10"),
    # other databases and mail stores: SQLite file format 1.3; [MS-XLDM] 2.1; [MS-PST] 2.2.2.6; Jet; pg_dump; xbstream
    ("sqlite", 0, b"SQLite format 3\x00"),
    ("analysis-services", 0, b"\xff\xfe" + "STREAM_STORAGE_SIGNATURE_".encode("utf-16-le")),
    ("outlook", 0, b"!BDN"),
    ("access", 4, b"Standard Jet DB\x00"),
    ("access", 4, b"Standard ACE DB\x00"),
    ("postgresql-dump", 0, b"PGDMP"),
    ("mysql-dump", 0, b"XBSTCK01"),
    # [MS-SHLLINK] 2.1; [MS-OXTNEF] 2.1.1; ELF; u-boot image.h; squashfs; UBI
    ("shortcut", 0, b"L\x00\x00\x00\x01\x14\x02\x00"),
    ("mail", 0, b"\x78\x9f\x3e\x22"),
    ("program", 0, b"\x7fELF"),
    ("firmware", 0, b"\x27\x05\x19\x56"),
    ("firmware", 0, b"hsqs"),
    ("firmware", 0, b"UBI#"),
)

_VENDORS = (
    # Layouts that nobody publishes: the maker's own name in a binary head is what there is to go by.
    ("litespeed", ("LiteSpeed",)),
    ("redgate", ("Red Gate", "RedGate", "SQLBackup")),
    ("sqlsafe", ("SQLsafe", "SQL Safe")),
    ("ewon-firmware", ("eWON", "Ewon")),
)

_TEXTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The order note of Autopart is one line of fields parted by `~~`, as public client code writes it.
    ("autopart-order", ("email~~",)),
    ("mysql-dump", ("-- mysql dump", "-- mariadb dump", "/*m!999999", "/*!40")),
    ("postgresql-dump", ("--\n-- postgresql database", "--\r\n-- postgresql database")),
    ("mail", ("return-path:", "received:", "mime-version:", "delivered-to:", "message-id:", "from: ", "x-")),
    ("pgp", ("-----begin pgp",)),
    ("shortcut", ("[internetshortcut]",)),
)

STRANGERS = frozenset(
    {kind for kind, _, _ in _MAGIC}
    | {kind for kind, _ in _VENDORS}
    | {kind for kind, _ in _TEXTS}
    | {"text", "exact-xml", "java-archive", "bacpac"},
)
"""Every stranger's name."""


def sniff(head: bytes, size: int | None = None) -> Sniffed:
    """The kind of a file from its first `HEAD` bytes (fewer if it is shorter) and its size."""
    own = _own(head)
    text = _text(head)
    if text is not None and (own is None or len(head) > 64):  # a mail may begin with the word TAPE
        return _sniff_text(text)
    if own is not None:
        return own
    for kind, at, magic in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return Sniffed(kind, stranger=True)
    if _program(head, size):
        return Sniffed("program", stranger=True)
    if _bitmap(head, size):
        return Sniffed("picture", stranger=True)
    for kind, names in _VENDORS:
        if any(name.encode() in head or name.encode("utf-16-le") in head for name in names):
            return Sniffed(kind, stranger=True)
    return Sniffed("unknown")


def _own(head: bytes) -> Sniffed | None:
    if head[:4] == b"MSCF":  # [MS-CAB] 2.1
        return Sniffed("cabinet")
    if head[:4] == b"TAPE":  # MTF 1.00a 3.1
        return Sniffed("tape")
    if head[:8] == b"MSSQLBAK":  # [observed]
        return Sniffed("compressed")
    if _data_file(head):
        return Sniffed("data-file")
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):  # APPNOTE 4.3.7, 4.3.16, 8.5.4
        return _zip(head)
    return None


def _data_file(head: bytes) -> bool:
    """Page 0 of a data file or a log: header version 1, type 15, page id 0, whatever the file id [observed]."""
    return len(head) >= 96 and head[:2] == b"\x01\x0f" and head[32:36] == bytes(4) and head[38:40] == bytes(2)


def _zip(head: bytes) -> Sniffed:
    """A zip, unless its first entry says that it is a document of a program."""
    name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
    if head[:4] == b"PK\x03\x04":
        if name == b"mimetype" or (name in (b"[Content_Types].xml", b"_rels/.rels") and not _bacpac(head)):
            return Sniffed("office-document", stranger=True)
        if name.startswith(b"META-INF/"):
            return Sniffed("java-archive", stranger=True)
        if _bacpac(head):
            return Sniffed("bacpac", stranger=True)
    return Sniffed("zip")


def _bacpac(head: bytes) -> bool:
    """A data-tier package: [MS-DPDP] 2.1 lists its parts."""
    return b"model.xml" in head and (b"Origin.xml" in head or b"DacMetadata.xml" in head)


def _program(head: bytes, size: int | None) -> bool:
    """`MZ` with the address of a new header inside the file: PE format, MS-DOS stub."""
    if head[:2] != b"MZ" or len(head) < 64:
        return False
    (at,) = struct.unpack_from("<I", head, 60)
    return head[at : at + 2] in (b"PE", b"NE", b"LE") if at + 2 <= len(head) else size is not None and at < size


def _bitmap(head: bytes, size: int | None) -> bool:
    """`BM`, its own length, a known header: BITMAPFILEHEADER."""
    if head[:2] != b"BM" or len(head) < 18:
        return False
    length, _, _, header = struct.unpack_from("<IIII", head, 2)
    return header in (12, 40, 52, 56, 64, 108, 124) and size in (None, length)


def _text(head: bytes) -> str | None:
    """The head as text when there is nothing but text in it."""
    if not head:
        return None
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = head[: len(head) & ~1].decode("utf-16", "replace")
        readable = sum(char.isprintable() or char in "\r\n\t" for char in text)
        return text.lstrip("\ufeff") if readable > 0.97 * len(text) and not text.startswith("STREAM_STORAGE") else None
    if any(byte < 32 and byte not in (9, 10, 12, 13, 26, 27) for byte in set(head)):
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start >= len(head) - 3 and len(head) >= HEAD:  # the cut went through a character
            return head[: error.start].decode("utf-8-sig")
    text = head.decode("cp1252", "replace")
    letters = sum(char.isascii() for char in text)
    return text if letters > 0.8 * len(text) else None


def _sniff_text(text: str) -> Sniffed:
    start = text.lstrip()[:400].lower()
    for kind, beginnings in _TEXTS:
        if start.startswith(beginnings) and (kind != "mail" or _mail(text)):
            return Sniffed(kind, stranger=True)
    if start.startswith("%pdf-"):
        return Sniffed("pdf", stranger=True)
    if "<eexact" in start:
        return Sniffed("exact-xml", stranger=True)
    return Sniffed("text", stranger=True)


def _mail(text: str) -> bool:
    """Header fields in front: RFC 5322 2.2."""
    lines = [line for line in text.splitlines()[:12] if line.strip() and not line.startswith((" ", "\t"))]
    return len(lines) > 1 and all(":" in line for line in lines[:2])
