"""Whole databases: data files with file header and boot page."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from factory.sqlserver.catalog import Catalog, moment
from factory.sqlserver.model import Database
from factory.sqlserver.page import BOOT, FILE_HEADER, Page
from factory.sqlserver.space import ALLOCATED, FULL, MIXED, DataFile
from factory.sqlserver.tables import Laid, lay_table

BOOT_PAGE = 9


@dataclass
class Layout:
    """A database laid down: its files, and where its tables are."""

    database: Database
    files: dict[int, DataFile]
    tables: dict[str, Laid]

    @property
    def primary(self) -> DataFile:
        """The file with the boot page."""
        return self.files[1]


def lay(database: Database) -> Layout:
    """Put everything in its place."""
    wanted = {1} | {file_id for table in database.tables for file_id, _ in table.places}
    files = {file_id: DataFile(file_id, database.protection) for file_id in sorted(wanted)}
    primary = files[1]
    primary.taken.add(1)
    primary.mixed[1] = set(range(10, 16))
    primary.state[BOOT_PAGE] = ALLOCATED | MIXED | FULL
    tables = [lay_table(table, at, files, database.protection) for at, table in enumerate(database.tables)]
    catalog = Catalog(database, files, tables)
    primary.pages[BOOT_PAGE] = _boot(database, catalog.first)
    for file in files.values():
        file.finish(leftovers=database.leftovers)
        file.pages[0] = _file_header(file, database)
    return Layout(database, files, {laid.table.name: laid for laid in tables})


def write_database(path: Path, database: Database) -> list[Path]:
    """The data files of a database: `path`, and beside it one for each further file. Returns them all."""
    return write_layout(path, lay(database))


def write_layout(path: Path, layout: Layout) -> list[Path]:
    """The same of a database that is already laid down."""
    paths = []
    for file_id, file in layout.files.items():
        target = path if file_id == 1 else path.with_name(f"{path.stem}_{file_id}.ndf")
        file.write(target)
        paths.append(target)
    return paths


def _boot(database: Database, first: tuple[int, int]) -> Page:
    page = Page(BOOT, 1, BOOT_PAGE)
    page.add(bytes(1620))
    data = page.data
    struct.pack_into("<HHHH", data, 0x60, 0, 1620, database.version, database.creation or database.version)
    struct.pack_into("<I", data, 0x84, 8 | {"checksum": 0x10000, "torn": 0x10, "none": 0}[database.protection])
    data[0x8C:0x94] = moment(database.created)
    name = database.name.encode("utf-16-le")
    data[0x94:0x194] = name.ljust(256, b" ")
    struct.pack_into("<HHHH", data, 0x194, len(name), 0, 7, database.level)
    struct.pack_into("<IIH", data, 0x1BC, 34, 542, 37)
    struct.pack_into("<I", data, 0x1E8, database.collation)
    data[0x1F8:0x208] = database.family.bytes_le
    data[0x228:0x238] = database.fork.bytes_le
    struct.pack_into("<IH", data, 0x264, first[1], first[0])
    return page


def _file_header(file: DataFile, database: Database) -> Page:
    """One record; its slot does not stand right behind the header."""
    count = 23 if database.version < 655 else 47 if database.version < 684 else 49
    values = [database.family.bytes_le, b"", struct.pack("<H", file.file_id), struct.pack("<H", 1)]
    values += [struct.pack("<I", file.size), b"\xff" * 4, struct.pack("<I", 0x2000)]
    start = 8 + 2 + (count + 7) // 8 + 2 + 2 * len(values)
    ends = []
    for value in values:
        start += len(value)
        ends.append(start)
    record = struct.pack("<BBHIH", 0x30, 0, 8, 0, count) + bytes((count + 7) // 8)
    record += struct.pack(f"<H{len(ends)}H", len(ends), *ends) + b"".join(values)
    page = Page(FILE_HEADER, file.file_id, 0)
    page.used = 1175
    page.add(record)
    return page
