"""Back-ups of databases that were laid down: full and differential ones, on one device or several, plain or compressed.

The tape around the pages comes from `factory.tape`; which extents go in, and in what order, is decided here.
"""

from __future__ import annotations

import random
import struct
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from factory import compressed, tape
from factory.sqlserver.model import Database
from factory.sqlserver.page import DATA, SIZE, Page, sealed
from factory.sqlserver.space import DataFile
from factory.sqlserver.write import Layout, lay

FULL_GUID = uuid.UUID(int=0xF0)
FILLER = bytes([1, 0x65]) + bytes(SIZE - 2)
_ENGINES = {
    611: (9, 0, 5000), 612: (9, 0, 5000), 655: (10, 0, 5500), 660: (10, 50, 1600), 661: (10, 50, 4000),
    706: (11, 0, 7001), 782: (12, 0, 6024), 852: (13, 0, 5081), 869: (14, 0, 2027), 904: (15, 0, 2000),
    957: (16, 0, 1000),
}  # fmt: skip
Extents = list[tuple[int, int]]
"""(file id, extent)"""


@dataclass(frozen=True)
class Backup:
    """One back-up set."""

    of: Layout
    base: Layout | None = None
    """A differential back-up: the database as its full back-up has it."""
    guid: uuid.UUID = FULL_GUID
    base_guid: uuid.UUID = FULL_GUID
    again: Mapping[int, Iterable[int]] = field(default_factory=dict)
    """File id -> extents that were copied once more; the first copy of their data pages lacks rows."""
    checksums: bool = False
    filler: int = 0
    """Pages behind the last real one, in the last region."""
    name: str = "full"
    log_pages: int = 1


def write_backup(
    path: Path,
    *sets: Backup | Layout | Database,
    stripes: int = 1,
    container: int = 0,
    dense: bool = False,
    packer: compressed.Packer | None = None,
    block: int = 512,
    password: bool = False,
    media: uuid.UUID = tape.MEDIA_GUID,
    seed: int = 1,
) -> list[Path]:
    """A medium with these sets; the files, one for each stripe. `container`: 1 or 2 for a compressed one."""
    paths = []
    for number, data in enumerate(media_of(sets, stripes, block=block, password=password, media=media, seed=seed), 1):
        target = path if stripes == 1 else path.with_name(f"{path.stem}_{number}{path.suffix}")
        if container:
            data = compressed.compress(data, container, dense=dense, packer=packer)  # noqa: PLW2901
        target.write_bytes(data)
        paths.append(target)
    return paths


def media_of(
    sets: Sequence[Backup | Layout | Database],
    stripes: int = 1,
    *,
    block: int = 512,
    password: bool = False,
    media: uuid.UUID = tape.MEDIA_GUID,
    seed: int = 1,
) -> list[bytes]:
    """The bytes of each stripe."""
    backups = [_backup(each) for each in sets]
    made = []
    for stripe in range(1, stripes + 1):
        medium = tape.Medium(media, stripes, stripe, password=password, block=block)
        builder = _Builder(medium, seed)
        builder.header()
        for position, each in enumerate(backups, 1):
            builder.payloads = _regions(each, stripes, stripe, seed)
            builder.backup(_set(each, builder.payloads), position)
        made.append(b"".join(bytes(part) if isinstance(part, int) else part for part in builder.parts))
    return made


def _backup(what: Backup | Layout | Database) -> Backup:
    if isinstance(what, Backup):
        return what
    return Backup(what if isinstance(what, Layout) else lay(what))


class _Builder(tape.Builder):
    """Puts real pages into the data streams."""

    payloads: list[list[bytes]]

    def data(self, one: tape.Set, block: bytes, kind: bytes, pages: int, number: int) -> None:
        if kind != b"MQDA":
            super().data(one, block, kind, pages, number)
            return
        self.next_block(block, bytearray(60))
        self.stream(b"APAD", [bytes(-(self.at + 22 + 24) % self.medium.block)], media=0x80)
        payload: list[tape.Piece] = [*self.payloads[number]]
        self.stream(kind, [bytes(2), *payload], media=0x102 if one.checksums else 2)
        if one.checksums:
            whole = b"".join(self.payloads[number])
            self.stream(b"CSUM", [struct.pack("<I", tape.sector_sum(whole))])
        self.stream(kind, [], media=6)
        self.end_block()


def _set(backup: Backup, payloads: list[list[bytes]]) -> tape.Set:
    layout = backup.of
    database = layout.database
    extents = _extents(backup)
    files = []
    for file_id, file in layout.files.items():
        pages = 8 * sum(own == file_id for own, _ in extents)
        again = 8 * len(set(backup.again.get(file_id, ())))
        name = database.name if file_id == 1 else f"{database.name}_{file_id}"
        files.append(tape.File(name, f"C:\\Data\\{name}.mdf", 1, file_id, file.size, pages, again))
    status = 8 | {"checksum": 0x10000, "torn": 0x10, "none": 0}[database.protection]
    return _Counted(
        database=database.name,
        internal=database.version,
        engine=_ENGINES.get(database.version, (13, 0, 5081)),
        level=database.level,
        letter="D" if backup.base is None else "I",
        checksums=backup.checksums,
        files=(*files, tape.LOG),
        log_pages=backup.log_pages,
        set_guid=backup.guid,
        base_guid=None if backup.base is None else backup.base_guid,
        family_guid=database.family,
        fork_guid=database.fork,
        created=database.created,
        status=status,
        name=backup.name,
        stored=tuple(map(len, payloads)),
    )


@dataclass(frozen=True)
class _Counted(tape.Set):
    """A set whose streams are as long as they are, whatever the header counts (stripes, filler)."""

    stored: tuple[int, ...] = ()

    @property
    def regions(self) -> tuple[int, ...]:
        return self.stored


def _extents(backup: Backup) -> Extents:
    """Those of the first region, file after file, ascending."""
    made: Extents = []
    for file_id, file in backup.of.files.items():
        own = file.present() if backup.base is None else _changed(file, backup.base.files.get(file_id))
        made += [(file_id, extent) for extent in sorted(own)]
    return made


def _changed(now: DataFile, before: DataFile | None) -> set[int]:
    """Extents with a page that differs; the first one always goes along."""
    if before is None:
        return now.present()
    numbers = set(now.pages) | set(before.pages)
    changed = {0} | {number // 8 for number in numbers if now.image(number) != before.image(number)}
    now.changed = changed
    return changed & now.present()


def _regions(backup: Backup, stripes: int, stripe: int, seed: int) -> list[list[bytes]]:
    """The pages of each region on this stripe."""
    order = _extents(backup)
    again = {(file_id, extent) for file_id, own in backup.again.items() for extent in own}
    regions = [order, sorted(again)] if again else [order]
    made = []
    for number, extents in enumerate(regions):
        mine = _dealt(extents, stripes, stripe, seed + number)
        pages = []
        for file_id, extent in mine:
            stale = number == 0 and (file_id, extent) in again
            for page in range(extent * 8, extent * 8 + 8):
                file = backup.of.files[file_id]
                pages.append(_earlier(file, page) if stale else file.image(page))
        made.append(pages)
    made[-1] += [FILLER] * backup.filler
    return made


def _dealt(extents: Extents, stripes: int, stripe: int, seed: int) -> Extents:
    """Which device takes an extent is chance, and neighbours change places now and then."""
    if stripes == 1:
        return extents
    chance = random.Random(seed)
    order = list(extents)
    for at in range(0, len(order) - 1, 2):
        if chance.random() < 0.2:
            order[at], order[at + 1] = order[at + 1], order[at]
    devices = [*range(1, stripes + 1), *(chance.randint(1, stripes) for _ in order)][: len(order)]
    return [each for each, device in zip(order, devices, strict=True) if device == stripe]


def _earlier(file: DataFile, number: int) -> bytes:
    """A data page as it was before its last rows came."""
    page = file.pages.get(number)
    if not isinstance(page, Page) or page.kind != DATA:
        return file.image(number)
    old = bytearray(page.data)
    struct.pack_into("<H", old, 22, page.count // 2)
    return sealed(old, file.protection)
