"""Every message of a server that an operator may meet: where it comes, and what wissel makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from factory.cabinet import packed
from factory.engines import Watched
from factory.servers import Served, package
from factory.sqlserver.globe import globe
from factory.sqlserver.model import Database
from factory.sqlserver.write import write_database
from fakes.sqlserver.answers import DENIED, ERRORS, FULL, NO_PATH, NOT_FOUND, SEVERITIES
from fakes.sqlserver.faults import Faults

from core.administration.sqlserver import running
from core.administration.sqlserver.connecting import Connector
from core.errors import WisselError
from core.texts import say

BUSY = "32(The process cannot access the file because it is being used by another process.)"
CRC = "23(Data error (cyclic redundancy check).)"
UNSEEN = "53(The network path was not found.)"
MDF, BAK = r"C:\SQL\data\120.mdf", r"C:\Uitwisseling\wissel-O-0001-draft-1.bak"
LIMIT = "10240"
Step = Callable[["Ground"], None]


@dataclass
class Ground:
    """A server, and packages to restore there."""

    served: Served
    folder: Path

    def __post_init__(self) -> None:
        package(self.folder / "in.bak", only=("bedryf",))
        made = write_database(self.folder / "120.mdf", globe({}, only=("bedryf",), database=Database(name="120")))
        (self.folder / "in.ebu").write_bytes(packed([("120.mdf", made[0].read_bytes())], "mszip"))

    @property
    def connector(self) -> Connector:
        return Connector(self.served.engine._access)

    def clean(self) -> None:
        self.served.server.faults.clear()
        for each in ("O-0001", "O-0002"):
            self.served.engine.discard(self.served.engine.draft(each), Watched().work)


def restore(ground: Ground) -> None:
    ground.served.engine.bring_in(str(ground.folder / "in.bak"), ground.served.engine.draft("O-0001"), Watched().work)


def attach(ground: Ground) -> None:
    ground.served.engine.bring_in(str(ground.folder / "in.ebu"), ground.served.engine.draft("O-0001"), Watched().work)


def pack(ground: Ground) -> None:
    restore(ground)
    original, out = str(ground.folder / "in.bak"), str(ground.folder / "out.bak")
    ground.served.engine.pack(ground.served.engine.draft("O-0001"), out, {}, Watched().work, like=original)


def look(ground: Ground) -> None:
    with closing(ground.connector.connect(seconds=1)) as connection:
        running.rows(connection, "SELECT 1", target=ground.connector.target)


def enter(ground: Ground) -> None:
    ground.connector.connect("999").close()


@dataclass(frozen=True)
class Case:
    """A message at the first statement that matches `where` while `step` is done. Without `number` it comes by itself.

    `how`: `drop` cuts the line after some messages, `hold` never answers.
    """

    title: str
    key: str
    step: Step
    where: str = ""
    number: int = 0
    words: tuple[str, ...] = ()
    how: str = "fail"

    def happen(self, faults: Faults) -> None:
        if self.how == "drop":
            faults.drop(text=self.where, after=2)
        elif self.how == "hold":
            faults.hold(text=self.where)
        elif self.number:
            text = ERRORS.get(self.number, "{0}").format(*self.words)
            faults.fail(self.number, text, severity=min(SEVERITIES.get(self.number, 16), 16), text=self.where)


RESTORING, READING, ATTACHING, BACKING_UP = "^RESTORE DATABASE", "LABELONLY", "FOR ATTACH", "^BACKUP"
CASES = (
    Case("948", "server-newer", attach, ATTACHING, 948, ("120", "904", "852")),
    Case("1105", "server-full", restore, RESTORING, 1105,
         ("Could not allocate space for object 'dbo.gbkmut' because the 'PRIMARY' filegroup is full.",)),
    Case("1205", "server-deadlock", look, "SELECT 1", 1205, ("54",)),
    Case("1222", "server-locked", look, "SELECT 1", 1222),
    Case("1801", "server-database-exists", restore, RESTORING, 1801, ("120",)),
    Case("1827", "server-size-limit", restore, RESTORING, 1827, (LIMIT,)),
    Case("1834", "server-file-used", restore, RESTORING, 1834, (MDF, "Verkoop")),
    Case("1844", "server-compression", pack, BACKING_UP, 1844, ("Express Edition (64-bit)",)),
    Case("3101", "server-database-in-use", restore, RESTORING, 3101),
    Case("3154", "server-other-database", restore, RESTORING, 3154, ("120",)),
    Case("3156", "server-file-used", restore, RESTORING, 3156, ("120", MDF)),
    Case("3159", "server-tail", restore, RESTORING, 3159, ("120",)),
    Case("3169", "server-newer", restore, RESTORING, 3169, ("15.00.2000", "13.00.5081")),
    Case("3183", "server-damaged", restore, RESTORING, 3183, ("1", "200", "120")),
    Case("3189", "server-damaged", restore, "VERIFYONLY", 3189),
    Case("3201, system 2", "server-file-missing", restore, READING, 3201, (BAK, NOT_FOUND)),
    Case("3201, system 3", "server-file-missing", restore, READING, 3201, (BAK, NO_PATH)),
    Case("3201, system 5", "server-file-denied", restore, READING, 3201, (BAK, DENIED)),
    Case("3201, system 32", "server-file-busy", restore, READING, 3201, (BAK, BUSY)),
    Case("3201, system 53", "server-file-missing", restore, READING, 3201, (BAK, UNSEEN)),
    Case("3202, system 112", "server-full", pack, BACKING_UP, 3202, (BAK, FULL)),
    Case("3203, system 23", "server-disk", restore, RESTORING, 3203, (BAK, CRC)),
    Case("3241", "server-not-a-backup", restore, READING, 3241, (BAK,)),
    Case("3242", "server-not-a-backup", restore, READING, 3242, (BAK,)),
    Case("3257", "server-full", restore, RESTORING, 3257, ("E:\\", "9000000000", "1000000")),
    Case("4060", "server-database-closed", enter),
    Case("5120, system 5", "server-file-denied", attach, ATTACHING, 5120, (MDF, '5: "5(Access is denied.)".')),
    Case("5133, system 3", "server-file-missing", restore, RESTORING, 5133, (MDF, NO_PATH)),
    Case("5170", "server-file-exists", restore, RESTORING, 5170, (MDF,)),
    Case("911", "server-database-missing", pack, BACKING_UP, 911, ("120",)),
    Case("927", "server-database-restoring", pack, BACKING_UP, 927, ("120",)),
    Case("942", "server-database-offline", pack, BACKING_UP, 942, ("120",)),
    Case("9002", "server-log-full", restore, RESTORING, 9002,
         ("The transaction log for database '120' is full due to 'ACTIVE_TRANSACTION'.",)),
    Case("18456", "server-login", look, "^LOGIN", 18456, ("wissel",)),
    Case("262", "server-rights", restore, READING, 262, ("CREATE DATABASE", "master")),
    Case("a number that nobody knows", "server-said", restore, RESTORING, 55555, ("Something new.",)),
    Case("the line drops in the middle of a restore", "connection-lost", restore, RESTORING, how="drop"),
    Case("the line drops at a question", "connection-lost", look, "SELECT 1", how="drop"),
    Case("a question is not answered", "server-timeout", look, "SELECT 1", how="hold"),
)  # fmt: skip


def met(ground: Ground, case: Case) -> WisselError:
    """What comes of it; everything is as before afterwards."""
    case.happen(ground.served.server.faults)
    try:
        case.step(ground)
    except WisselError as problem:
        return problem
    finally:
        ground.clean()
    raise AssertionError(f"{case.title}: nothing happened")


def shown(case: Case, problem: WisselError) -> Iterator[str]:
    """What the operator reads, in both languages. The words of a driver differ from driver to driver."""
    params = problem.params | ({} if case.number else {"text": "(the driver's words)"})
    yield f"{case.title} -> {type(problem).__name__} {problem.exit_code}, {problem.key}"
    for language in ("en", "nl"):
        sentence, hint = (say(f"{part}.{problem.key}", language, **params) for part in ("error", "hint"))
        yield f"  {language}  {sentence}"
        yield f"      {hint}"
        assert not re.search(r"[{}<]|Traceback", sentence + hint)
