"""What the readers report: frozen values, straight from the bytes. None = the bytes do not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader noticed. `proves_damage`: a checksum, a length or a missing end proves it."""

    code: str
    detail: Mapping[str, str | int] = field(default_factory=dict)
    proves_damage: bool = False


@dataclass(frozen=True, slots=True)
class DatabaseFile:
    """One file of the database as the back-up header lists it (RESTORE FILELISTONLY)."""

    logical: str
    physical: str
    kind: str
    """`data`, `log` or `other`."""
    file_id: int
    size_bytes: int
    pages: int
    """Page images of this file in the back-up."""


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One back-up set on a medium (RESTORE HEADERONLY). Times are local to the server, without zone."""

    position: int
    name: str = ""
    description: str = ""
    backup_type: str | None = None
    """`full`, `differential` or `log`."""
    database: str | None = None
    server: str | None = None
    user: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    database_created_at: datetime | None = None
    engine_version: str | None = None
    """`13.0.5081`: the engine that wrote the back-up."""
    internal_version: int | None = None
    """Version of the database inside, which decides where it can be restored."""
    compatibility_level: int | None = None
    collation: str | None = None
    lcid: int | None = None
    checksums: bool = False
    password: bool = False
    encrypted: bool = False
    files: tuple[DatabaseFile, ...] = ()
    set_guid: str | None = None
    base_guid: str | None = None
    """Set of the full that a differential needs."""
    previous_full_guid: str | None = None
    family_guid: str | None = None
    recovery_fork: str | None = None
    first_lsn: str | None = None
    last_lsn: str | None = None
    checkpoint_lsn: str | None = None
    database_lsn: str | None = None
    backup_bytes: int | None = None
    status: int | None = None
    ended: bool = False
    """The closing configuration and the end-of-set block were seen."""


@dataclass(frozen=True, slots=True)
class Media:
    """A back-up medium (RESTORE LABELONLY) and the sets on it."""

    guid: str | None = None
    family_count: int | None = None
    """Number of stripes."""
    family_ordinal: int | None = None
    """Which stripe this is, from 1."""
    mirrors: int | None = None
    password: bool = False
    software: str | None = None
    name: str = ""
    description: str = ""
    block_size: int | None = None
    container_version: int | None = None
    """1 or 2 for compressed media."""
    sets: tuple[BackupSet, ...] = ()


@dataclass(frozen=True, slots=True)
class DataFile:
    """A database file: its boot page and file header."""

    internal_version: int | None = None
    creation_version: int | None = None
    compatibility_level: int | None = None
    database: str | None = None
    database_id: int | None = None
    created_at: datetime | None = None
    size_bytes: int | None = None
    """The size that the file header states."""
    collation: str | None = None
    family_guid: str | None = None
    recovery_fork: str | None = None
    encrypted: bool = False
    primary: bool = True
    """Has a boot page; a secondary file or a log has none."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a container. The name is data, never a path."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Payload:
    """A database inside: the file itself (`member` None) or one member that was looked through."""

    kind: str
    member: str | None = None
    size: int | None = None
    media: Media | None = None
    data_file: DataFile | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything that one file says of itself."""

    file: str
    size: int
    kind: str
    """`cabinet tape compressed data-file zip practice unknown` or a stranger's name."""
    stranger: bool = False
    packing: str | None = None
    """`stored`, `mszip`, `lzx`, `quantum`, `deflate`, `mixed` or None."""
    members: tuple[Member, ...] = ()
    payloads: tuple[Payload, ...] = ()
    manifest: Mapping[str, object] | None = None
    """Of a practice package."""
    notes: tuple[Note, ...] = ()
    complete: bool = False
    """Read to the end; every checksum on the way was compared."""
    sha256: str | None = None
    checked: Mapping[str, int] = field(default_factory=dict)
    """How many of what were compared: `blocks streams records checksums ...`."""

    @property
    def damaged(self) -> bool:
        """Something proves that bytes are missing or changed."""
        return any(note.proves_damage for note in self.notes)
