"""Kinds by bytes: ours, strangers by name, and nothing claimed of what nobody knows."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
from factory.datafile import data_file
from factory.tape import tape
from hypothesis import given
from hypothesis import strategies as st

from core.formats.sniff import OWN, STRANGERS, sniff

UTF16 = "De administratie staat klaar.\r\n".encode("utf-16")


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 50)
    return out.getvalue()


def padded(start: bytes, at: int = 0) -> bytes:
    return (bytes(at) + start + random.Random(1).randbytes(5000))[:4096]


OURS = {
    "cabinet": b"MSCF" + bytes(60),
    "tape": tape()[:4096],
    "compressed": b"MSSQLBAK" + bytes([2, 0, 0, 0]) + bytes(500),
    "data-file": data_file()[:4096],
    "zip": zipped("150.bak"),
}
STRANGE = [
    ("autopart-order", b"EMAIL~~parts@example.com~~Purchase Order 20114~~~~~OW20114-1.xml"),
    ("ewon-firmware", padded(b"\x01\x02eWON Flexy\x00")),
    ("litespeed", padded(b"\x02\x00" + "LiteSpeed for SQL Server".encode("utf-16-le"))),
    ("redgate", padded(b"\x05\x00Red Gate SQL Backup\x00")),
    ("sqlsafe", padded(b"\x05\x00SQLsafe\x00")),
    ("7z", padded(b"7z\xbc\xaf\x27\x1c")),
    ("gzip", padded(b"\x1f\x8b\x08\x00")),
    ("rar", padded(b"Rar!\x1a\x07\x01\x00")),
    ("bzip2", padded(b"BZh91AY&SY")),
    ("tar", padded(b"ustar\x0000", 257)),
    ("pdf", padded(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3")),
    ("pdf", b"%PDF-1.4\nonly text so far"),
    ("picture", padded(b"\x89PNG\r\n\x1a\n")),
    ("picture", padded(b"\xff\xd8\xff\xe0")),
    ("picture", padded(b"BM" + (4096).to_bytes(4, "little") + bytes(4) + bytes([54, 0, 0, 0, 40, 0, 0, 0]))),
    ("office-document", padded(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    ("office-document", zipped("[Content_Types].xml", "word/document.xml")),
    ("office-document", zipped("mimetype", "content.xml")),
    ("bacpac", zipped("model.xml", "DacMetadata.xml", "Origin.xml")),
    ("java-archive", zipped("META-INF/MANIFEST.MF")),
    ("sqlite", padded(b"SQLite format 3\x00")),
    ("access", padded(b"Standard Jet DB\x00", 4)),
    ("analysis-services", padded(b"\xff\xfe" + "STREAM_STORAGE_SIGNATURE_)!@#$%^&*(".encode("utf-16-le"))),
    ("autocad", padded(b"AC1032\x00\x00")),
    ("program", padded(b"MZ" + bytes(58) + (128).to_bytes(4, "little") + bytes(64) + b"PE\0\0")),
    ("program", padded(b"\x7fELF\x02\x01\x01\x00")),
    ("firmware", padded(b"\x27\x05\x19\x56")),
    ("shortcut", padded(b"L\x00\x00\x00\x01\x14\x02\x00")),
    ("shortcut", b"[InternetShortcut]\r\nURL=https://example.com\r\n"),
    ("mysql-dump", b"-- MySQL dump 10.13  Distrib 5.7\n--\n"),
    ("postgresql-dump", b"--\n-- PostgreSQL database dump\n--\n"),
    ("mail", b"Return-Path: <a@example.com>\r\nSubject: order\r\n\r\nHello"),
    ("exact-xml", b'<?xml version="1.0"?>\n<eExact xsi:noNamespaceSchemaLocation="eExact-Schema.xsd">'),
    ("text", b"TAPE measure, 5 m, for the warehouse; MSCF is a word too. " * 3),
    ("text", "Beste collega, de administratie is weg. Groeten, Renée".encode()),
    ("text", "Beste collega, groeten van Renée uit België".encode("cp1252")),
    ("text", UTF16),
]


@pytest.mark.parametrize(("kind", "head"), OURS.items())
def test_ours(kind: str, head: bytes) -> None:
    assert sniff(head, 100_000) == (kind, False)


@pytest.mark.parametrize(("kind", "head"), STRANGE)
def test_strangers_by_name(kind: str, head: bytes) -> None:
    assert sniff(head, len(head)) == (kind, True)
    assert kind in STRANGERS


def test_every_kind_of_page_zero_is_a_data_file() -> None:
    for file_id in (1, 2, 3, 200):  # a log has file id 2
        page = bytearray(data_file()[:4096])
        page[36:38] = file_id.to_bytes(2, "little")
        assert sniff(bytes(page)).kind == "data-file"


def test_another_page_is_no_data_file() -> None:
    assert sniff(data_file()[9 * 8192 :][:4096]).kind == "unknown"


@pytest.mark.parametrize("head", [b"", bytes(4096), b"\x00\x01", padded(b"MZ"), padded(b"BM"), padded(b"Ewo")])
def test_nothing_is_claimed_of_what_nobody_knows(head: bytes) -> None:
    assert sniff(head, 10) == ("unknown", False)


def test_a_character_cut_in_two_is_still_text() -> None:
    assert sniff(("x" * 4095 + "é").encode()[:4096]).kind == "text"


@pytest.mark.parametrize("magic", [b"TAPE", b"MSCF", b"MSSQLBAK"])
def test_the_first_bytes_of_an_upload_are_not_taken_for_text(magic: bytes) -> None:
    assert not sniff(magic, len(magic)).stranger


@given(st.binary(max_size=600))
def test_any_bytes_have_a_kind(head: bytes) -> None:
    kind, stranger = sniff(head, len(head))
    assert kind in (STRANGERS if stranger else OWN)
