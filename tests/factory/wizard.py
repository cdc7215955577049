"""A person with Globe's wizard at the test server: what wissel does not do itself on the guided route.

Works without the wire: what the server hears over it is wissel's alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from factory.cabinet import packed
from factory.exchange import LOGINS, Exchange, package
from factory.journey import FIRM, Killed
from factory.talking import Talk, talk
from fakes.sqlserver.disk import Disk
from fakes.sqlserver.seam import Value

from core.model import Claim, FactValue, Kind, OperationDetail, OperationState, Order, Step, StepState

READS = re.compile(
    r"\s*(SELECT|SET (XACT_ABORT|TRANSACTION|LOCK_TIMEOUT)|BEGIN TRANSACTION|ROLLBACK|LOGIN|RESTORE LABELONLY)\b"
)
"""All that wissel says to a server on this route; the last when it asks whether both see one exchange folder."""
FILE = "20261119-421-SQL2016-Bakker Metaal.ebu"
TOLD: dict[str, FactValue] = {
    "sql_release": "2016", "product_update": 421, "administration_number": "120", "data_bytes": 8 << 20,
}  # fmt: skip
"""What an operator says of a delivery that nobody here can read."""
INSIDE = r"C:\Globe\klant.bak"
MADE = r"C:\Globe\retour.bak"
_PERSON = "INSERT INTO humres (res_id, usr_id, fullname, emp_stat) VALUES ({number}, N'{login}', N'{login}', 'A')"


@dataclass
class Wizard:
    """Installs a client's database, and makes the client's back-up."""

    office: Exchange
    restored: int = 0
    said: list[str] = field(default_factory=list)
    """What a person reads beside a step whose answer did not hold, oldest first."""

    @contextmanager
    def inside(self, database: str = "") -> Iterator[Talk]:
        """A session at the server, in a database; wissel's own are over by then."""
        self.office.server.server.quiet()
        found = talk(self.office.server.instance, database=database)
        try:
            yield found
        finally:
            found.session.close()

    def server(self, sql: str) -> list[tuple[Value, ...]]:
        """One statement."""
        with self.inside() as found:
            return found(sql)

    @property
    def _disk(self) -> Disk:
        return self.office.server.instance.disk

    def folder(self, operation: str) -> Path:
        """The one in the exchange folder that an operation made for it."""
        return self.office.server.exchange / operation

    def restore(self, number: str = "120", *, content: bytes | None = None) -> None:
        """A plain restore: nobody is swapped. `content`: of the back-up, where it is not the usual one."""
        path = self._disk.here(INSIDE)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content or package("bak", self.office.folder))
        files = self.server(f"RESTORE FILELISTONLY FROM DISK = N'{INSIDE}'")
        moves = ", ".join(f"MOVE N'{each[0]!s}' TO N'C:\\SQL\\data\\{number}-{at}'" for at, each in enumerate(files))
        self.server(f"RESTORE DATABASE [{number}] FROM DISK = N'{INSIDE}' WITH {moves}")
        self.restored += 1
        # The test server counts seconds, and gives a number again that is free.
        self.office.server.instance.database(number).created += timedelta(seconds=self.restored)

    def install(self, number: str = "120", *, content: bytes | None = None) -> None:
        """*Database van een klant installeren*: restored, the client asleep, the firm awake."""
        self.restore(number, content=content)
        self.firm_in(number)

    def firm_in(self, number: str = "120") -> None:
        """The firm's users work here; the client's do not."""
        with self.inside(number) as inside:
            inside("UPDATE humres SET emp_stat = 'I' WHERE emp_stat = 'A'")
            for at, login in enumerate(FIRM.users, 900):
                if not inside.count(f"UPDATE humres SET emp_stat = 'A' WHERE usr_id = N'{login}'"):
                    inside(_PERSON.format(number=at, login=login))

    def client_in(self, number: str = "120") -> None:
        """The other way round."""
        with self.inside(number) as inside:
            inside("UPDATE humres SET emp_stat = 'I' WHERE emp_stat = 'A'")
        for login in LOGINS:
            self.person(login, "A", number)

    def person(self, login: str, status: str, number: str = "120") -> None:
        """One of them is let in (`A`) or is gone (`I`)."""
        with self.inside(number) as inside:
            inside(f"UPDATE humres SET emp_stat = '{status}' WHERE usr_id = N'{login}'")

    def remove(self, number: str = "120") -> None:
        """Deleted in Globe."""
        self.server(f"DROP DATABASE [{number}]")

    def backup(self, number: str = "120", *, swap: bool = True) -> bytes:
        """The back-up for the client; without `swap` a plain one."""
        if swap:
            self.client_in(number)
        self.server(f"BACKUP DATABASE [{number}] TO DISK = N'{MADE}' WITH COPY_ONLY, INIT")
        if swap:
            self.firm_in(number)
        return self._disk.here(MADE).read_bytes()

    def ebu(self, number: str = "120", *, swap: bool = True) -> bytes:
        """The same in a cabinet, as the client's own came."""
        return packed([(f"{number}.bak", self.backup(number, swap=swap))], "mszip")

    def lay(self, operation: str, content: bytes, name: str = "retour.ebu") -> Path:
        """Into the folder that wissel made for it."""
        path = self.folder(operation) / name
        path.write_bytes(content)
        return path

    def answer(self, operation: str, words: str = "done") -> OperationDetail:
        """A person says that it is done; the worker goes on. What does not hold is noted in `said`."""
        register = self.office.register
        register.answer(operation, words, who="anja")
        detail = self.office.run(operation)
        if any(step.state is StepState.WAITING for step in detail.steps):
            self.said.append(detail.log[-1].text)
        return detail


def states(detail: OperationDetail) -> dict[str, str]:
    return {step.name: str(step.state) for step in detail.steps}


def waiting(detail: OperationDetail) -> Step:
    return next(step for step in detail.steps if step.state is StepState.WAITING)


def asked(desk: Exchange, order: Order) -> str:
    """Ordered, and run to where a person is asked."""
    operation = desk.order(order)
    detail = desk.run(operation)
    assert detail.row.state is OperationState.WAITING, detail.log[-2:]
    return operation


def keys(wizard: Wizard) -> list[str]:
    """Why the answers did not hold."""
    found = [each.split(" ")[0] for each in wizard.said]
    wizard.said.clear()
    return found


def installed(desk: Exchange, wizard: Wizard) -> str:
    """A delivery that the wizard brought in."""
    delivery = desk.came()
    operation = asked(desk, Order(Kind.RESTORE, delivery))
    wizard.install()
    detail = wizard.answer(operation)
    assert detail.row.state is OperationState.DONE, wizard.said
    return delivery


def again(desk: Exchange, operation: str) -> OperationDetail | None:
    try:
        return desk.run(operation)
    except Killed:
        return None


def looked(desk: Exchange, delivery: str, *found: Claim) -> None:
    """As if somebody had looked into the delivery and found this."""
    record = desk.register.delivery(delivery)
    evidence = replace(record.evidence, claims=(*record.evidence.claims, *found))
    judged = desk.judge.judgement(record)
    desk.register.judge(delivery, evidence, judged.verdicts, judged.best, judged.word, judged.fingerprint)
