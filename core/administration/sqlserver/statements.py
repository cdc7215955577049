"""Every T-SQL text there is: constants, and small functions that set names from names.py into constants.

A test reads the whole room's source: no other module of core holds T-SQL. `SERVERPROPERTY` and its like are
sql_variant, which FreeTDS cannot take (HY091): always CAST.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.administration.sqlserver.names import device, identifier, literal

SESSION = "SET XACT_ABORT ON; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647"
"""For each connection: an error undoes its whole transaction; a lock is waited for 30 s (1222); texts come whole."""

SQLALCHEMY_START = (
    "SELECT CAST(SERVERPROPERTY('ProductVersion') AS VARCHAR)",
    "SELECT schema_name()",
    "SELECT name FROM sys.system_views WHERE name IN ('dm_exec_sessions', 'dm_pdw_nodes_exec_sessions')",
    (
        "SELECT CASE transaction_isolation_level WHEN 0 THEN NULL WHEN 1 THEN 'READ UNCOMMITTED' WHEN 2 THEN "
        "'READ COMMITTED' WHEN 3 THEN 'REPEATABLE READ' WHEN 4 THEN 'SERIALIZABLE' WHEN 5 THEN 'SNAPSHOT' END AS "
        "TRANSACTION_ISOLATION_LEVEL FROM sys.dm_exec_sessions where session_id = @@SPID"
    ),
    "SELECT CAST('test max support' AS NVARCHAR(max))",
    "SELECT 1 FROM fn_listextendedproperty(default, default, default, default, default, default, default)",
)
"""What SQLAlchemy asks by itself at its first connection, blanks made one. A test compares it with what was heard."""

SESSION_ID = "SELECT @@SPID AS id"
PERCENT = "SELECT percent_complete FROM sys.dm_exec_requests WHERE session_id = ?"

# What stands at the instance.

_STANDING = """
SELECT d.name, d.database_id, d.state_desc, d.user_access_desc, d.is_read_only, d.is_in_standby, d.is_trustworthy_on,
       d.is_db_chaining_on, d.is_broker_enabled, d.is_encrypted, SUSER_SNAME(d.owner_sid) AS owner_name
FROM sys.databases AS d WHERE """
DATABASE = _STANDING + "d.name = ?"
"""Named as the server's collation compares: the name that comes back may be written otherwise."""
DATABASE_BY_ID = _STANDING + "d.database_id = ?"
"""The number stays the same when a database is renamed."""
DATABASES_MADE = """
SELECT d.name, d.database_id, d.create_date FROM sys.databases AS d WHERE d.database_id > 4 ORDER BY d.name"""
"""All but the server's own four. A rename counts as made."""
FILES_OF = """
SELECT f.name, f.physical_name, f.type_desc, f.file_id, CAST(f.size AS bigint) * 8192 AS bytes
FROM sys.master_files AS f WHERE f.database_id = ? ORDER BY f.file_id"""
FREE_BYTES = """
SELECT DISTINCT v.volume_mount_point, v.available_bytes
FROM sys.master_files AS f CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v"""
"""Needs VIEW SERVER STATE. Volumes on which no database has a file are not in it."""


def single_user(name: str) -> str:
    """Everybody else out, at once; their open transactions are undone."""
    return f"ALTER DATABASE {identifier(name)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE"


def multi_user(name: str) -> str:
    """Open for everybody with a right to it."""
    return f"ALTER DATABASE {identifier(name)} SET MULTI_USER"


def rename(name: str, new: str) -> str:
    """Refused by the server (1801) when the new name is in use."""
    return f"ALTER DATABASE {identifier(name)} MODIFY NAME = {identifier(new)}"


def read_only(name: str) -> str:
    """From here on nobody writes in it."""
    return f"ALTER DATABASE {identifier(name)} SET READ_ONLY"


def read_write(name: str) -> str:
    """The other way round."""
    return f"ALTER DATABASE {identifier(name)} SET READ_WRITE"


def offline(name: str) -> str:
    """Shut down cleanly: its files can be fetched then."""
    return f"ALTER DATABASE {identifier(name)} SET OFFLINE WITH ROLLBACK IMMEDIATE"


def online(name: str) -> str:
    """Up again."""
    return f"ALTER DATABASE {identifier(name)} SET ONLINE"


def trustworthy_off(name: str) -> str:
    """Code inside it reaches no further than the database."""
    return f"ALTER DATABASE {identifier(name)} SET TRUSTWORTHY OFF"


def chaining_off(name: str) -> str:
    """Owners of its objects own nothing in other databases."""
    return f"ALTER DATABASE {identifier(name)} SET DB_CHAINING OFF"


def broker_off(name: str) -> str:
    """No message wakes a procedure in it."""
    return f"ALTER DATABASE {identifier(name)} SET DISABLE_BROKER WITH ROLLBACK IMMEDIATE"


def drop(name: str) -> str:
    """With its files, unless it is offline."""
    return f"DROP DATABASE {identifier(name)}"


# Back-ups and data files.


def _disks(paths: Sequence[str]) -> str:
    return ", ".join(f"DISK = {device(path)}" for path in paths)


def label_only(path: str) -> str:
    """The medium's label."""
    return f"RESTORE LABELONLY FROM DISK = {device(path)}"


def header_only(paths: Sequence[str]) -> str:
    """A row for each back-up set."""
    return f"RESTORE HEADERONLY FROM {_disks(paths)}"


def file_list_only(paths: Sequence[str], position: int) -> str:
    """A row for each file of the database in this set."""
    return f"RESTORE FILELISTONLY FROM {_disks(paths)} WITH FILE = {int(position)}"


def verify_only(paths: Sequence[str], position: int, *, checksum: bool) -> str:
    """Is the set whole and readable? Not: is the database in order."""
    checking = ", CHECKSUM" if checksum else ""
    return f"RESTORE VERIFYONLY FROM {_disks(paths)} WITH FILE = {int(position)}{checking}, STATS = 5"


def restore(name: str, paths: Sequence[str], position: int, moves: Sequence[tuple[str, str]], *, checksum: bool) -> str:
    """As a new database. `moves`: logical name of each file and its path at the server. Nothing is ever replaced."""
    files = "".join(f", MOVE {literal(logical)} TO {device(path)}" for logical, path in moves)
    checking = ", CHECKSUM" if checksum else ""
    return (
        f"RESTORE DATABASE {identifier(name)} FROM {_disks(paths)} "
        f"WITH FILE = {int(position)}{files}{checking}, RECOVERY, STATS = 5"
    )


def backup(name: str, path: str, *, compress: bool) -> str:
    """A full back-up as a new medium, beside the chain of the others."""
    packing = ", COMPRESSION" if compress else ""
    how = f"COPY_ONLY, CHECKSUM, INIT{packing}, STATS = 5"
    return f"BACKUP DATABASE {identifier(name)} TO DISK = {device(path)} WITH {how}"


def attach(name: str, paths: Sequence[str], *, rebuild_log: bool) -> str:
    """Data files as a new database; without a log only from files that were shut down cleanly."""
    files = ", ".join(f"(FILENAME = {device(path)})" for path in paths)
    how = "ATTACH_REBUILD_LOG" if rebuild_log else "ATTACH"
    return f"CREATE DATABASE {identifier(name)} ON {files} FOR {how}"


def check_database(name: str, *, physical: bool) -> str:
    """Any fault is an error; without one there is no answer."""
    more = ", PHYSICAL_ONLY" if physical else ""
    return f"DBCC CHECKDB ({identifier(name)}) WITH NO_INFOMSGS, ALL_ERRORMSGS{more}"


# Inside an administration. Plain joins only: the same question suits every release from 2008 on.

TABLE_COLUMNS = """
SELECT s.name AS schema_name, t.name AS table_name, c.name AS column_name, y.name AS type_name, b.name AS base_name,
       c.max_length, c.precision, c.scale, c.collation_name, c.is_nullable, c.is_identity, c.is_computed,
       d.definition AS default_text
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.columns AS c ON c.object_id = t.object_id
JOIN sys.types AS y ON y.user_type_id = c.user_type_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, c.column_id"""
"""`base_name` is empty for types of the CLR; for a type that somebody defined it is what it is made of."""
TABLE_INDEXES = """
SELECT s.name AS schema_name, t.name AS table_name, i.name AS index_name, i.type_desc, i.is_unique, i.is_primary_key,
       c.name AS column_name, k.key_ordinal, k.is_descending_key, k.is_included_column
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
JOIN sys.indexes AS i ON i.object_id = t.object_id
JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name, i.index_id, k.key_ordinal, k.index_column_id"""
TABLE_NAMES = """
SELECT s.name AS schema_name, t.name AS table_name
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_ms_shipped = 0
ORDER BY s.name, t.name"""
OBJECTS = """
SELECT s.name AS schema_name, o.name AS object_name, o.type_desc, p.name AS parent_name, m.definition
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.objects AS p ON p.object_id = o.parent_object_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
WHERE o.is_ms_shipped = 0
ORDER BY s.name, o.name"""
"""Everything that is defined: views, procedures, triggers and constraints too."""

# What in a stranger's database could act by itself.

ASSEMBLIES = "SELECT a.name, a.permission_set_desc FROM sys.assemblies AS a WHERE a.is_user_defined = 1"
DATABASE_TRIGGERS = "SELECT g.name FROM sys.triggers AS g WHERE g.parent_class = 0 AND g.is_disabled = 0"
TABLE_TRIGGERS = """
SELECT g.name, o.name AS table_name
FROM sys.triggers AS g
JOIN sys.objects AS o ON o.object_id = g.parent_id
WHERE g.is_disabled = 0 AND g.is_ms_shipped = 0"""
ORPHANS = """
SELECT u.name
FROM sys.database_principals AS u
LEFT JOIN sys.server_principals AS l ON l.sid = u.sid
WHERE u.type IN ('S', 'U', 'G') AND u.principal_id > 4 AND l.sid IS NULL"""
"""Users of the database without a login here: nobody comes in as one. Numbers up to 4 are the server's own."""

# A transaction on an administration.

WRITING = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
"""What was read to write by it stays so until the end: entry numbers, a user's row."""
READING = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"

# What an instance says of itself.

SERVER = """
SELECT CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)) AS version,
       CAST(SERVERPROPERTY('Edition') AS nvarchar(128)) AS edition,
       CAST(SERVERPROPERTY('EngineEdition') AS int) AS engine_edition,
       CAST(SERVERPROPERTY('Collation') AS nvarchar(128)) AS collation,
       CAST(SERVERPROPERTY('InstanceDefaultDataPath') AS nvarchar(4000)) AS data_path,
       CAST(SERVERPROPERTY('InstanceDefaultLogPath') AS nvarchar(4000)) AS log_path,
       CAST(SERVERPROPERTY('InstanceDefaultBackupPath') AS nvarchar(4000)) AS backup_path,
       CAST(DATABASEPROPERTYEX('model', 'Version') AS int) AS internal_version,
       SUSER_SNAME() AS login"""
"""The paths are NULL before 2012, the one of back-ups before 2019. The version is that of a database made there."""
RIGHTS = """
SELECT IS_SRVROLEMEMBER('sysadmin') AS sysadmin,
       IS_SRVROLEMEMBER('dbcreator') AS dbcreator,
       HAS_PERMS_BY_NAME(NULL, NULL, 'CREATE ANY DATABASE') AS create_any_database,
       HAS_PERMS_BY_NAME(NULL, NULL, 'ALTER ANY DATABASE') AS alter_any_database,
       HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER STATE') AS view_server_state,
       HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW SERVER PERFORMANCE STATE') AS view_server_performance_state,
       HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DEFINITION') AS view_any_definition"""
"""NULL for a right that this release does not know: the one to see performance is there since 2022."""
DATABASES = """
SELECT d.name, d.database_id, d.state_desc, HAS_DBACCESS(d.name) AS may_look
FROM sys.databases AS d ORDER BY d.name"""
OPTIONS = "SELECT o.name, CAST(o.value_in_use AS int) AS value FROM sys.configurations AS o"
SERVICES = "SELECT s.servicename, s.service_account, s.filename FROM sys.dm_server_services AS s"
"""Needs VIEW SERVER STATE; 2008 R2 SP1 and later, on Windows."""
FIXED_DRIVES = "EXEC master.sys.xp_fixeddrives"
"""Windows drives and their free megabytes, for every login. Undocumented, there since 7.0; asked only where the volumes
may not be."""


_GLOBE = "(N'bedryf', N'humres', N'grtbk', N'gbkmut')"


def globe_tables(name: str) -> str:
    """How many of the four tables that every administration of Globe has are in this database."""
    return f"SELECT COUNT(*) AS tables_found FROM {identifier(name)}.sys.tables AS t WHERE t.name IN {_GLOBE}"  # noqa: S608
