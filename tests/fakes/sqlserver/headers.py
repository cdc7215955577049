"""The rows of RESTORE HEADERONLY, LABELONLY and FILELISTONLY, column by column as documented, by release."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fakes.sqlserver.databases import LATIN
from fakes.sqlserver.seam import Value

from core.formats.report import BackupSet, Inspection, Media

KINDS = {"full": "Database", "log": "Transaction Log", "differential": "Database Differential"}
TYPES = {"full": 1, "log": 2, "differential": 5}
Cells = list[tuple[str, str, int, Value]]
"""Name, type, major version that has it first, value."""


@dataclass(frozen=True)
class Medium:
    """The devices of one medium, read."""

    devices: Sequence[str]
    found: Sequence[Inspection]
    media: Media

    @property
    def damaged(self) -> bool:
        return any(each.damaged for each in self.found)


def collation_of(one: BackupSet) -> str:
    """By the locale and sort order of the header: the few that are met."""
    head, _, order = (one.collation or "").partition("/")
    if order in {"34", ""}:
        return LATIN
    return "Latin1_General_CI_AS" if head[2:4].lower() == "d0" else "Latin1_General_CS_AS"


def header(one: BackupSet, medium: Medium) -> Cells:
    big, when, guid = "numeric(25,0)", "datetime", "uniqueidentifier"
    major, minor, build = (int(each) for each in [*(one.engine_version or "0.0.0").split("."), "0", "0"][:3])
    packed = medium.found[0].kind == "compressed"
    size = one.backup_bytes or 0
    small = sum(each.size for each in medium.found) if packed else size
    return [
        ("BackupName", "nvarchar(128)", 9, one.name or None), ("BackupDescription",
        "nvarchar(255)", 9, one.description or None),
        ("BackupType", "smallint", 9, TYPES[one.backup_type or "full"]), ("ExpirationDate", when, 9, None),
        ("Compressed", "tinyint", 9, int(packed)), ("Position", "smallint", 9, one.position),
        ("DeviceType", "tinyint", 9, 2), ("UserName", "nvarchar(128)", 9, one.user), ("ServerName",
        "nvarchar(128)", 9, one.server),
        ("DatabaseName", "nvarchar(128)", 9, one.database), ("DatabaseVersion", "int", 9, one.internal_version),
        ("DatabaseCreationDate", when, 9, one.database_created_at), ("BackupSize", "numeric(20,0)", 9, size),
        ("FirstLSN", big, 9, _lsn(one.first_lsn)), ("LastLSN", big, 9, _lsn(one.last_lsn)),
        ("CheckpointLSN", big, 9, _lsn(one.checkpoint_lsn)), ("DatabaseBackupLSN", big, 9, _lsn(one.database_lsn)),
        ("BackupStartDate", when, 9, one.started_at), ("BackupFinishDate", when, 9, one.finished_at),
        ("SortOrder", "smallint", 9, 52), ("CodePage", "smallint", 9, 0), ("UnicodeLocaleId", "int", 9, one.lcid),
        ("UnicodeComparisonStyle", "int", 9, 196609), ("CompatibilityLevel", "tinyint", 9, one.compatibility_level),
        ("SoftwareVendorId", "int", 9, 4608), ("SoftwareVersionMajor", "int", 9, major),
        ("SoftwareVersionMinor", "int", 9, minor), ("SoftwareVersionBuild", "int", 9, build),
        ("MachineName", "nvarchar(128)", 9, (one.server or "").partition("\\")[0]), ("Flags",
        "int", 9, 512 | 16 * one.checksums),
        ("BindingID", guid, 9, one.family_guid), ("RecoveryForkID", guid, 9, one.recovery_fork),
        ("Collation", "nvarchar(128)", 9, collation_of(one)), ("FamilyGUID", guid, 9, one.family_guid),
        ("HasBulkLoggedData", "bit", 9, 0), ("IsSnapshot", "bit", 9, 0), ("IsReadOnly", "bit", 9, 0),
        ("IsSingleUser", "bit", 9, 0), ("HasBackupChecksums", "bit", 9, int(one.checksums)),
        ("IsDamaged", "bit", 9, int(medium.damaged)), ("BeginsLogChain", "bit", 9, 0), ("HasIncompleteMetaData",
        "bit", 9, 0),
        ("IsForceOffline", "bit", 9, 0), ("IsCopyOnly", "bit", 9, 0),
        ("FirstRecoveryForkID", guid, 9, one.recovery_fork),
        ("ForkPointLSN", big, 9, None), ("RecoveryModel", "nvarchar(60)", 9, "SIMPLE"),
        ("DifferentialBaseLSN", big, 9, None), ("DifferentialBaseGUID", guid, 9, one.base_guid),
        ("BackupTypeDescription", "nvarchar(60)", 9, KINDS[one.backup_type or "full"]),
        ("BackupSetGUID", guid, 9, one.set_guid), ("CompressedBackupSize", "bigint", 10, small),
        ("Containment", "tinyint", 11, 0), ("KeyAlgorithm", "nvarchar(32)", 12, None),
        ("EncryptorThumbprint", "varbinary(20)", 12, None), ("EncryptorType", "nvarchar(32)", 12, None),
        ("LastValidRestoreTime", when, 16, None), ("TimeZone", "smallint", 16, None),
        ("CompressionAlgorithm", "nvarchar(32)", 16, None),
    ]  # fmt: skip


def _lsn(text: str | None) -> str | None:
    """`36:3528:37` as one number."""
    if not text:
        return None
    vlf, block, slot = map(int, text.split(":"))
    return f"{vlf * 10**15 + block * 10**5 + slot}"


def label(medium: Medium) -> Cells:
    media = medium.media
    return [
        ("MediaName", "nvarchar(128)", 9, media.name or None), ("MediaSetId", "uniqueidentifier", 9, media.guid),
        ("FamilyCount", "int", 9, media.family_count), ("FamilySequenceNumber", "int", 9, media.family_ordinal),
        ("MediaFamilyId", "uniqueidentifier", 9, str(uuid.UUID(int=(media.family_ordinal or 1) + 0xFA))),
        ("MediaSequenceNumber", "int", 9, 1), ("MediaLabelPresent", "tinyint", 9, 0),
        ("MediaDescription", "nvarchar(255)", 9, media.description or None), ("SoftwareName",
        "nvarchar(128)", 9, media.software),
        ("SoftwareVendorId", "int", 9, 4608), ("MediaDate", "datetime", 9, media.sets[0].started_at),
        ("MirrorCount", "int", 9, media.mirrors), ("IsCompressed",
        "bit", 10, int(medium.found[0].kind == "compressed")),
    ]  # fmt: skip


def files(one: BackupSet) -> list[Cells]:
    big, guid, null = "numeric(25,0)", "uniqueidentifier", "00000000-0000-0000-0000-000000000000"
    made: list[Cells] = []
    for each in one.files:
        data = each.kind == "data"
        made.append([
            ("LogicalName", "nvarchar(128)", 9, each.logical), ("PhysicalName", "nvarchar(260)", 9, each.physical),
            ("Type", "char(1)", 9, {"data": "D", "log": "L"}.get(each.kind, "S")),
            ("FileGroupName", "nvarchar(128)", 9, "PRIMARY" if data else None), ("Size",
            "numeric(20,0)", 9, each.size_bytes),
            ("MaxSize", "numeric(20,0)", 9, 35184372080640), ("FileId", "bigint", 9, each.file_id),
            ("CreateLSN", big, 9, 0),
            ("DropLSN", big, 9, 0), ("UniqueId", guid, 9, str(uuid.UUID(int=each.file_id))), ("ReadOnlyLSN", big, 9, 0),
            ("ReadWriteLSN", big, 9, 0), ("BackupSizeInBytes", "bigint", 9, each.pages * 8192),
            ("SourceBlockSize", "int", 9, 512), ("FileGroupId", "int", 9, int(data)), ("LogGroupGUID", guid, 9, None),
            ("DifferentialBaseLSN", big, 9, 0), ("DifferentialBaseGUID", guid, 9, null), ("IsReadOnly", "bit", 9, 0),
            ("IsPresent", "bit", 9, 1), ("TDEThumbprint", "varbinary(32)", 10, None), ("SnapshotUrl",
            "nvarchar(360)", 13, None),
        ])  # fmt: skip
    return made
