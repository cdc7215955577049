"""A back-up as the server reads it, compared with what our own reader found in the same bytes: by column name, always.

LABELONLY, HEADERONLY and FILELISTONLY gain columns with each release (Microsoft Learn, *RESTORE HEADERONLY* and its
like). What one side does not say is not compared; where both speak and differ, nothing is restored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.administration.engine import Work
from core.administration.sqlserver import statements
from core.administration.sqlserver.instance import Line
from core.errors import BadFormat, Refused
from core.formats.backup import inspect
from core.formats.report import BackupSet, DatabaseFile, Media
from core.texts.shown import shown

KINDS = {1: "full", 2: "log", 5: "differential"}
"""`BackupType` of HEADERONLY -> our word."""
_TYPES = {"D": "data", "L": "log"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the database, as FILELISTONLY says."""

    logical: str
    physical: str
    type: str
    """D data, L log, S filestream, F full text."""
    file_id: int
    size: int
    """Bytes it takes once it is restored."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A back-up that both sides read alike."""

    paths: tuple[str, ...]
    """At the server."""
    position: int
    """Of the set that is restored."""
    checksums: bool
    version: int
    """Internal version of the database in it."""
    files: tuple[Listed, ...]
    family: str = ""
    """GUID that a database keeps all its life."""

    @property
    def need(self) -> int:
        """Bytes that the restored database takes."""
        return sum(each.size for each in self.files)


def examined(line: Line, here: Sequence[str], there: Sequence[str], work: Work) -> Medium:
    """Read the labels, headers and file list at the server, and compare. The same files, seen from `here` and `there`.

    The last full set counts. Raises BadFormat (`media-differs`: one of both is not what it seems; `media-none`),
    Refused (`server-encrypted`), and what the server and the reader say.
    """
    known = [_read(path, work) for path in here]
    chosen = _chosen(known[0], here[0])
    for path, media in zip(there, known, strict=True):
        label = _first(line.run(statements.label_only(path), work).rows, path)
        _compare(path, _label(label, media))
    headers = line.run(statements.header_only(there), work).rows
    header = next((row for row in headers if row.get("position") == chosen.position), None)
    if header is None:
        raise BadFormat("media-differs", path=there[0], fact="position", said="-", found=chosen.position)
    _compare(there[0], _header(header, chosen))
    listed = line.run(statements.file_list_only(there, chosen.position), work).rows
    files = tuple(_listed(row) for row in listed)
    _compare(there[0], _file_list(files, chosen))
    return Medium(
        tuple(there),
        chosen.position,
        bool(header.get("hasbackupchecksums")),
        int(header.get("databaseversion") or 0),
        files,
        chosen.family_guid or "",
    )


def verify(line: Line, medium: Medium, work: Work) -> None:
    """Is it whole and readable to the end? Of the database in it that says nothing."""
    line.run(statements.verify_only(medium.paths, medium.position, checksum=medium.checksums), work)


def _read(path: str, work: Work) -> Media:
    payloads = inspect(path, whole=False, cancel=work.stopping).payloads
    media = payloads[0].media if payloads else None
    if media is None:
        raise BadFormat("media-none", path=path)
    return media


def _chosen(media: Media, path: str) -> BackupSet:
    full = [each for each in media.sets if each.backup_type == "full"]
    if not full:
        raise BadFormat("media-none", path=path)
    if full[-1].encrypted:
        raise Refused("server-encrypted", target=path, number=33111, text="")
    return full[-1]


def _first(rows: Sequence[dict[str, Any]], path: str) -> dict[str, Any]:
    if not rows:
        raise BadFormat("media-none", path=path)
    return rows[0]


Fact = tuple[str, object, object]
"""What it is, what the server says, what our reader found."""


def _label(row: dict[str, Any], media: Media) -> Iterator[Fact]:
    yield "MediaSetId", row.get("mediasetid"), media.guid
    yield "FamilyCount", row.get("familycount"), media.family_count
    yield "FamilySequenceNumber", row.get("familysequencenumber"), media.family_ordinal


def _header(row: dict[str, Any], known: BackupSet) -> Iterator[Fact]:
    yield "BackupType", KINDS.get(row.get("backuptype") or 0, row.get("backuptype")), known.backup_type
    yield "DatabaseName", row.get("databasename"), known.database
    yield "DatabaseVersion", row.get("databaseversion"), known.internal_version
    yield "BackupSetGUID", row.get("backupsetguid"), known.set_guid
    yield "FamilyGUID", row.get("familyguid"), known.family_guid
    yield "RecoveryForkID", row.get("recoveryforkid"), known.recovery_fork
    yield "DatabaseCreationDate", row.get("databasecreationdate"), known.database_created_at
    yield "HasBackupChecksums", row.get("hasbackupchecksums"), known.checksums
    engine = [row.get(f"softwareversion{part}") for part in ("major", "minor", "build")]
    yield "SoftwareVersion", None if None in engine else ".".join(map(str, engine)), known.engine_version


def _file_list(files: Sequence[Listed], known: BackupSet) -> Iterator[Fact]:
    if not known.files:
        return
    yield "files", len(files), len(known.files)
    mine = {(each.kind, each.file_id): each for each in known.files}
    for each in files:
        other = mine.get((_TYPES.get(each.type, "other"), each.file_id), _NO_FILE)
        yield f"LogicalName {each.file_id}", each.logical, other.logical
        yield f"PhysicalName {each.file_id}", each.physical, other.physical


_NO_FILE = DatabaseFile("", "", "", 0, 0, 0)


def _listed(row: dict[str, Any]) -> Listed:
    return Listed(
        str(row["logicalname"]),
        str(row["physicalname"]),
        str(row["type"]),
        int(row.get("fileid") or 0),
        int(row.get("size") or 0),
    )


def _compare(path: str, facts: Iterator[Fact]) -> None:
    for fact, said, found in facts:
        if said is not None and found is not None and _plain(said) != _plain(found):
            raise BadFormat("media-differs", path=path, fact=fact, said=shown(str(said)), found=shown(str(found)))


def _plain(value: object) -> object:
    """A time to the second, which is what the tape keeps; a GUID in one way of writing; a yes as a number."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0, tzinfo=None)
    if isinstance(value, bool):
        return int(value)
    text = str(value).strip()
    return text.strip("{}").upper() if len(text.strip("{}")) == 36 else text
