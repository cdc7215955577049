"""Microsoft cabinets ([MS-CAB]): what is inside, and a stream over each member.

Nothing in the header is believed before it is checked; nothing is ever written to disk.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from core.errors import BadFormat
from core.formats.folder import BLOCK, FolderReader, MemberStream
from core.formats.limits import Budget, Limits
from core.formats.notes import NoteBook
from core.formats.report import Note
from core.formats.source import FileStream, PeekStream, ReadableFile, Stream

PACKINGS = ("stored", "mszip", "quantum", "lzx")
"""[MS-CAB] 2.2 typeCompress, low four bits."""
MAX_MEMBER = 65_535 * BLOCK
"""Blocks of a folder are counted in 16 bits: 2,147,450,880 bytes."""

_PREVIOUS, _NEXT, _RESERVE = 1, 2, 4
_FROM_PREVIOUS, _TO_NEXT, _BOTH = 0xFFFD, 0xFFFE, 0xFFFF
_UTF8_NAME = 0x80
_REGION = 4096


@dataclass(frozen=True, slots=True)
class Folder:
    """One run of data blocks; members lie in it one after another."""

    offset: int
    blocks: int
    packing: str
    """`stored`, `mszip`, `quantum`, `lzx` or `unknown`."""


@dataclass(frozen=True, slots=True)
class CabinetMember:
    """A file in a cabinet. The name is data, never a path."""

    name: str
    size: int
    folder: int | None
    """None: in a folder that does not exist, or goes on in another cabinet of a set."""
    offset: int


class Cabinet:
    """A cabinet read from a stream. What is wrong with it is in `notes`; the constructor never raises BadFormat."""

    def __init__(self, stream: Stream, *, limits: Limits | None = None, budget: Budget | None = None) -> None:
        self.limits = limits or Limits()
        self.members: tuple[CabinetMember, ...] = ()
        self.folders: tuple[Folder, ...] = ()
        self.sound = False
        """The header and both tables could be read."""
        self.size: int | None = None
        """Length that the header states."""
        self.blocks_checked = 0
        self._stream = stream if isinstance(stream, PeekStream) else PeekStream(stream)
        self._origin = self._stream.tell()
        self._budget = budget or Budget(self.limits, None, head_only=False)
        self._data_reserve = 0
        self._open: set[int] = set()
        self._notes = NoteBook()
        try:
            self._read_header()
            self.sound = True
        except EOFError:
            self._notes.add("truncated", proves_damage=True, what="cabinet", at=self._stream.tell() - self._origin)
        except BadFormat as error:
            self._notes.add(error.key, proves_damage=error.key == "structure", **error.params)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was noticed so far."""
        return self._notes.all()

    @property
    def packing(self) -> str | None:
        """How the members are packed; `mixed` where folders differ."""
        kinds = {folder.packing for folder in self.folders}
        return "mixed" if len(kinds) > 1 else next(iter(kinds), None)

    def open(self, member: CabinetMember) -> MemberStream:
        """The bytes of one member, checked block by block. Needs a file that can go back.

        Raises BadFormat where the packing is not ours or the folder is not there.
        """
        if member.folder is None or self.folders[member.folder].packing not in ("stored", "mszip"):
            raise BadFormat("packing-unknown", member=member.name)
        stream = MemberStream(self._reader(member.folder, jump=False), member.name, member.size)
        if not stream.start(member.offset):
            raise BadFormat("structure", member=member.name, what="folder")
        return stream

    def walk(self, wanted: Collection[CabinetMember] | None = None) -> Iterator[MemberStream]:
        """Each member's stream in the order of the data, in one forward pass.

        Without `wanted` every block of every folder is checked, read by the caller or not. With it
        only those members are offered, what lies between is passed over as cheaply as it can be, and
        the decoding stops where the budget of the head phase ends.
        """
        end = 0
        reader: FolderReader | None = None
        inside: dict[int, list[CabinetMember]] = {}
        for member in self.members if wanted is None else wanted:
            if member.folder is not None:
                inside.setdefault(member.folder, []).append(member)
        for number in sorted(range(len(self.folders)), key=lambda n: self.folders[n].offset):
            folder = self.folders[number]
            members = sorted(inside.get(number, ()), key=lambda member: (member.offset, member.size))
            reader = None
            if not folder.blocks or number in self._open or folder.packing not in ("stored", "mszip"):
                continue
            if wanted is not None and not members:
                continue
            if folder.offset < end:
                self._notes.add("structure", proves_damage=True, what="overlap", folder=number)
                continue
            reader = self._reader(number, jump=wanted is not None)
            yield from self._walk_folder(reader, members, whole=wanted is None)
            if wanted is None:
                reader.drain()
            self.blocks_checked += reader.checked
            end = reader.end - self._origin
        if wanted is None and reader is not None and reader.full:
            self._look_behind(end)

    def _walk_folder(
        self, reader: FolderReader, members: list[CabinetMember], *, whole: bool
    ) -> Iterator[MemberStream]:
        for member in members:
            stream = MemberStream(reader, member.name, member.size)
            reader.member = member.name
            if member.size and member.offset < reader.tell():
                self._notes.add("structure", proves_damage=True, what="overlap", member=member.name)
                continue
            if not member.size or stream.start(member.offset):
                yield stream
            if not whole:
                continue
            stream.drain()
            if not (stream.whole or reader.stopped or reader.broken):
                self._short(member, stream.delivered)

    def _short(self, member: CabinetMember, delivered: int) -> None:
        """Fewer bytes than the file table states; told apart from a count that went round its 16 bits."""
        code = "wrapped-2gb" if self._wrapped(member) else "member-size"
        self._notes.add(code, proves_damage=True, member=member.name, stated=member.size, delivered=delivered)

    def _reader(self, number: int, *, jump: bool) -> FolderReader:
        folder = self.folders[number]
        return FolderReader(
            self._stream,
            offset=self._origin + folder.offset,
            blocks=folder.blocks,
            mszip=folder.packing == "mszip",
            reserve=self._data_reserve,
            notes=self._notes,
            budget=self._budget,
            jump=jump,
        )

    def _exactly(self, n: int) -> bytes:
        data = self._stream.read(n)
        if len(data) < n:
            raise EOFError
        return data

    def _name(self) -> bytes:
        """A string up to its NUL; at most `name_bytes` with it."""
        seen = self._stream.peek(self.limits.name_bytes)
        end = seen.find(b"\0")
        if end < 0:
            if len(seen) < self.limits.name_bytes:
                raise EOFError
            raise BadFormat("structure", what="name")
        self._stream.skip(end + 1)
        return seen[:end]

    def _read_header(self) -> None:
        header = struct.unpack("<4sIIIIIBBHHHHH", self._exactly(36))
        magic, _, self.size, _, files_at, _, minor, major, folders, files, flags, set_id, index = header
        if magic != b"MSCF":
            raise BadFormat("structure", what="signature")
        if (major, minor) != (1, 3):
            self._notes.add("newer-format", what="cabinet", version=f"{major}.{minor}")
        header_reserve = folder_reserve = 0
        if flags & _RESERVE:
            header_reserve, folder_reserve, self._data_reserve = struct.unpack("<HBB", self._exactly(4))
            self._exactly(header_reserve)
        self._read_set(flags, set_id, index)
        self._check_size()
        if not self._budget.meet(files):
            raise BadFormat("limit", what="members", found=self._budget.members)
        table = []
        for _ in range(folders):
            offset, blocks, packing = struct.unpack("<IHH", self._exactly(8 + folder_reserve)[:8])
            kind = PACKINGS[packing & 15] if packing & 15 < len(PACKINGS) else "unknown"
            table.append(Folder(offset, blocks, kind))
        self.folders = tuple(table)
        if not self._stream.go(self._origin + files_at):
            raise BadFormat("structure", what="file table")
        self._read_members(files)
        for kind in sorted({folder.packing for folder in table} - {"stored", "mszip"}):
            self._notes.add("packing-unknown", packing=kind)

    def _read_set(self, flags: int, set_id: int, index: int) -> None:
        if flags & (_PREVIOUS | _NEXT):
            pairs = bool(flags & _PREVIOUS) + bool(flags & _NEXT)
            names = [self._decode(self._name(), 0) for _ in range(2 * pairs)]
            self._notes.add("cabinet-split", part=index + 1, set=set_id, other=names[0])

    def _check_size(self) -> None:
        actual = self._stream.size
        if actual is None or self.size is None:
            return
        actual -= self._origin
        if self.size > actual:
            self._notes.add("truncated", proves_damage=True, what="cabinet", stated=self.size, at=actual)
        elif self.size < actual:
            self._notes.add("trailing", bytes=actual - self.size)

    def _read_members(self, files: int) -> None:
        members: list[CabinetMember] = []
        try:
            members.extend(self._read_member() for _ in range(files))
        finally:
            self.members = tuple(members)

    def _read_member(self) -> CabinetMember:
        size, offset, folder, _, _, attributes = struct.unpack("<IIHHHH", self._exactly(16))
        name = self._decode(self._name(), attributes)
        if unsafe_name(name):
            self._notes.add("unsafe-name", member=name)
        place: int | None = folder
        if folder in (_FROM_PREVIOUS, _TO_NEXT, _BOTH):
            place = None
            self._open.add(len(self.folders) - 1 if folder == _TO_NEXT else 0)
            if not self._notes.has("cabinet-split"):
                self._notes.add("cabinet-split", member=name)
        elif folder >= len(self.folders):
            place = None
            self._notes.add("structure", proves_damage=True, what="folder", member=name)
        elif self.folders[folder].blocks * BLOCK < offset + size:
            delivered = max(0, self.folders[folder].blocks * BLOCK - offset)
            self._short(CabinetMember(name, size, folder, offset), delivered)
        return CabinetMember(name, size, place, offset)

    def _wrapped(self, member: CabinetMember) -> bool:
        """More blocks are needed than 16 bits count, the count is what is left of them, and so much can be here."""
        end = member.offset + member.size
        needed = -(-end // BLOCK)
        blocks = self.folders[member.folder].blocks if member.folder is not None else needed
        packed = self._stream.size or self.size or 0
        return needed > 0xFFFF and needed & 0xFFFF == blocks and packed * self.limits.ratio >= end

    def _look_behind(self, end: int) -> None:
        """A full block right after the last counted one: a count that went round its 16 bits."""
        if self._notes.has("wrapped-2gb") or not self._stream.go(self._origin + end):
            return
        if FolderReader.loose_block(self._stream, self._data_reserve):
            self._notes.add("wrapped-2gb", proves_damage=True, at=end)

    @staticmethod
    def _decode(raw: bytes, attributes: int) -> str:
        """UTF-8 where the entry says so or it fits; else the code page of Western Windows."""
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("utf-8" if attributes & _UTF8_NAME else "cp1252", "backslashreplace")


def open_cabinet(file: ReadableFile, *, limits: Limits | None = None) -> Cabinet:
    """A cabinet that fills a file from its start."""
    return Cabinet(FileStream(file), limits=limits)


def unsafe_name(name: str) -> bool:
    """Would this name leave its folder, or play a trick on who reads it? We use no name as a path."""
    parts = name.replace("\\", "/").split("/")
    return (
        not name
        or ".." in parts
        or name[0] in "/\\"
        or ":" in name
        or not name.isprintable()
        or any(part != part.rstrip(" .") and part.strip(".") for part in parts)
    )
