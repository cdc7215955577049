"""The system views and functions that may be asked: documented columns, in part, and where rows come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fakes.sqlserver import inside_views
from fakes.sqlserver.answers import error
from fakes.sqlserver.conversion import Kept
from fakes.sqlserver.databases import ACCESS, STATES, Database
from fakes.sqlserver.rights import GIVEN, SERVER_ROLES
from fakes.sqlserver.seam import Value

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

_OPTIONS = (
    "TRUSTWORTHY", "DB_CHAINING", "BROKER", "ENCRYPTION", "AUTO_CLOSE", "AUTO_SHRINK", "READ_COMMITTED_SNAPSHOT",
)  # fmt: skip
Rows = Iterable[tuple[Value, ...]]
Give = Callable[["FakeSession", Database, tuple[Kept, ...]], Rows]


@dataclass(frozen=True, slots=True)
class View:
    """`since`: major version of the first release that has it."""

    columns: tuple[tuple[str, str], ...]
    rows: Give
    called: bool = False
    since: int = 9
    stable: bool = False
    """Depends on tables and what is defined alone."""


def columns(text: str) -> tuple[tuple[str, str], ...]:
    """`name sysname, size int`."""
    parts = (each.strip().partition(" ") for each in text.replace("\n", " ").split(";"))
    return tuple((name, kind.strip()) for name, _, kind in parts if name)


def _databases(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    for each in session.instance.all():
        on = {name: int(each.options.get(name, False)) for name in _OPTIONS}
        yield (
            each.name, each.number, each.owner_sid, each.created, each.level,
            each.collation if each.state == "ONLINE" else None, ACCESS[each.access], each.access, int(each.read_only),
            STATES[each.state], each.state, 0, {"FULL": 1, "BULK_LOGGED": 2, "SIMPLE": 3}[each.recovery], each.recovery,
            {"NONE": 0, "TORN_PAGE_DETECTION": 1, "CHECKSUM": 2}[each.page_verify], each.page_verify, on["TRUSTWORTHY"],
            on["DB_CHAINING"], on["BROKER"], on["ENCRYPTION"], on["AUTO_CLOSE"], on["AUTO_SHRINK"],
            on["READ_COMMITTED_SNAPSHOT"], 0, None, 0, each.fork,
        )  # fmt: skip


def _files(of: Database) -> Rows:
    for each in of.files:
        number, name = (0, "ROWS") if each.kind == "D" else (1, "LOG")
        yield (of.number, each.file_id, number, name, int(each.kind == "D"), each.logical, each.physical,
               STATES[of.state], of.state, each.size // 8192, -1, 8192, int(of.read_only), 0)  # fmt: skip


def _master_files(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    login = session.login
    sees = any(map(login.may, ("CREATE ANY DATABASE", "ALTER ANY DATABASE", "VIEW ANY DEFINITION")))
    for each in session.instance.all():
        if sees or session.rights.owns(login, each):
            yield from _files(each)


def _database_files(_: FakeSession, database: Database, __: tuple[Kept, ...]) -> Rows:
    return (row[1:] for row in _files(database))


def _volumes(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    if not session.rights.see_state(session):
        raise error(300)
    disk = session.instance.disk
    for database in session.instance.all():
        for each in database.files:
            volume = disk.volume(each.physical)
            yield (
                database.number,
                each.file_id,
                volume,
                "{volume}",
                "data",
                "NTFS",
                disk.total,
                disk.left(),
                0,
                0,
                0,
                0,
            )


def _requests(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    for each in session.instance.sessions():
        if each.running and (each is session or session.rights.see_state(session)):
            yield (
                each.number,
                0,
                each.since,
                "running",
                each.command,
                each.home.number,
                0,
                each.percent,
                0,
                each.sql_text,
            )


def _sessions(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    for each in session.instance.sessions():
        if each is session or session.rights.see_state(session):
            status = "running" if each.running else "sleeping"
            yield (each.number, each.since, "CONSOLE", each.app, each.login.name, status,
                   each.isolation, int(each.trancount > 0), 1, each.home.number, each.trancount)  # fmt: skip


def _configurations(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    for number, (name, value) in enumerate(session.instance.configuration.items(), 100):
        yield number, name, value, 0, 1, value, name, 1, 1


def _principals(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    for number, each in enumerate(session.instance.logins.values(), 1):
        kind, name = ("U", "WINDOWS_LOGIN") if each.windows else ("S", "SQL_LOGIN")
        yield each.name, number, each.sid, kind, name, int(each.disabled), "master"
    for number, role in enumerate(sorted(SERVER_ROLES), 1000):
        yield role, number, b"", "R", "SERVER_ROLE", 0, None


def _server_members(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    roles = {role: number for number, role in enumerate(sorted(SERVER_ROLES), 1000)}
    for number, each in enumerate(session.instance.logins.values(), 1):
        for role in sorted(each.roles):
            yield roles[role], number


def _permissions(session: FakeSession, _: Database, args: tuple[Kept, ...]) -> Rows:
    if str(args[1]).upper() != "SERVER":
        raise error(102, "fn_my_permissions")
    for name in sorted({each for given in GIVEN.values() for each in given} | session.login.permissions):
        if session.login.may(name):
            yield "server", "", name


def _services(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    if not session.rights.see_state(session, "SECURITY"):
        raise error(300)
    yield (f"SQL Server ({session.instance.service or 'MSSQLSERVER'})", 2, "Automatic", 4, "Running", 1234,
           session.instance.account, "sqlservr.exe", "N")  # fmt: skip


def _host(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    windows = session.instance.disk.shape == "windows"
    yield ("Windows", "Windows Server 2019 Standard", "10.0") if windows else ("Linux", "Ubuntu", "22.04")


def _exists(session: FakeSession, _: Database, args: tuple[Kept, ...]) -> Rows:
    real = session.instance.disk.here(str(args[0]))
    yield int(real.is_file()), int(real.is_dir()), int(real.parent.is_dir())


def _recovery(session: FakeSession, _: Database, __: tuple[Kept, ...]) -> Rows:
    for each in session.instance.all():
        if each.state == "ONLINE":
            yield each.number, each.family, each.fork


def _system_views(_: FakeSession, __: Database, ___: tuple[Kept, ...]) -> Rows:
    return ((name.partition(".")[2], -number, "V ") for number, name in enumerate(VIEWS, 1))


_FILE = """database_id int; file_id int; type tinyint; type_desc nvarchar(60); data_space_id int; name sysname;
physical_name nvarchar(260); state tinyint; state_desc nvarchar(60); size int; max_size int; growth int;
is_read_only bit; is_percent_growth bit"""
VIEWS: Final[dict[str, View]] = {
    "sys.databases": View(columns("""name sysname; database_id int; owner_sid varbinary(85); create_date datetime;
        compatibility_level tinyint; collation_name sysname; user_access tinyint; user_access_desc nvarchar(60);
        is_read_only bit; state tinyint; state_desc nvarchar(60); is_in_standby bit; recovery_model tinyint;
        recovery_model_desc nvarchar(60); page_verify_option tinyint; page_verify_option_desc nvarchar(60);
        is_trustworthy_on bit; is_db_chaining_on bit; is_broker_enabled bit; is_encrypted bit; is_auto_close_on bit;
        is_auto_shrink_on bit; is_read_committed_snapshot_on bit; is_cdc_enabled bit; source_database_id int;
        is_published bit; service_broker_guid uniqueidentifier"""), _databases),
    "sys.master_files": View(columns(_FILE), _master_files),
    "sys.database_files": View(columns(_FILE)[1:], _database_files),
    "sys.dm_os_volume_stats": View(columns("""database_id int; file_id int; volume_mount_point nvarchar(512);
        volume_id nvarchar(512); logical_volume_name nvarchar(512); file_system_type nvarchar(512); total_bytes bigint;
        available_bytes bigint; supports_compression bit; supports_alternate_streams bit; supports_sparse_files bit;
        is_read_only bit"""), _volumes, called=True, since=10),
    "sys.dm_exec_requests": View(columns("""session_id smallint; request_id int; start_time datetime;
        status nvarchar(30); command nvarchar(32); database_id smallint; blocking_session_id smallint;
        percent_complete real; wait_time int;
        sql_text nvarchar(4000)"""), _requests),
    "sys.dm_exec_sessions": View(columns("""session_id smallint; login_time datetime; host_name nvarchar(128);
        program_name nvarchar(128); login_name nvarchar(128); status nvarchar(30); transaction_isolation_level smallint;
        is_in_transaction bit; is_user_process bit; database_id smallint; open_transaction_count int"""), _sessions),
    "sys.configurations": View(columns("""configuration_id int; name nvarchar(35); value sql_variant;
        minimum sql_variant; maximum sql_variant; value_in_use sql_variant; description nvarchar(255);
        is_dynamic bit; is_advanced bit"""),
        _configurations),
    "sys.server_principals": View(columns("""name sysname; principal_id int; sid varbinary(85); type char(1);
        type_desc nvarchar(60); is_disabled bit; default_database_name sysname"""), _principals),
    "sys.server_role_members": View(columns("role_principal_id int; member_principal_id int"), _server_members),
    "sys.fn_my_permissions": View(columns("entity_name sysname; subentity_name sysname; permission_name nvarchar(60)"),
        _permissions, called=True),
    "sys.dm_server_services": View(columns("""servicename nvarchar(256); startup_type int;
        startup_type_desc nvarchar(256); status int; status_desc nvarchar(256); process_id int;
        service_account nvarchar(256); filename nvarchar(256);
        is_clustered nvarchar(1)"""), _services, since=10),
    "sys.dm_os_host_info": View(columns("""host_platform nvarchar(256); host_distribution nvarchar(256);
        host_release nvarchar(256)"""), _host, since=14),
    "sys.dm_os_file_exists": View(columns("file_exists int; file_is_a_directory int; parent_directory_exists int"),
        _exists, called=True, since=14),
    "sys.database_recovery_status": View(columns("""database_id int; family_guid uniqueidentifier;
        recovery_fork_guid uniqueidentifier"""), _recovery),
    "sys.system_views": View(columns("name sysname; object_id int; type char(2)"), _system_views),
    **{
        name: View(columns(text), give, called, stable=name in inside_views.STABLE)
        for name, (text, give, called) in inside_views.VIEWS.items()
    },
}  # fmt: skip
