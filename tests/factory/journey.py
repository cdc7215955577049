"""An office in which deliveries make their whole journey: real register, vault, engine and outbox; no worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from factory.administrations import Shape, random_administration

from core.administration.embedded import EmbeddedEngine
from core.administration.package import write_package
from core.administration.types import COLLATION, compare
from core.errors import WisselError
from core.files import private_dir
from core.intake.inbox import found
from core.intake.judging import Judge
from core.intake.reading import whole
from core.intake.rooms import open_register, tables_of, vault_of
from core.model import Administration, Client, Kind, OperationDetail, OperationState, Order, Params, Plan, Step
from core.operations.dispatch import bench_maker
from core.operations.engines import engine_of
from core.operations.facts import gather
from core.operations.plan import plan
from core.operations.recorder import Recorder
from core.operations.runner import Leg, Word
from core.operations.step import Bench, Steps, StepWork
from core.operations.steps import STEPS
from core.practice.package import INTERNAL
from core.register.register import Register
from core.settings import Firm, Settings, TargetSettings

FIRM = Firm(name="Voorbeeld Accountants", licence="9999001", users=("KANTOOR\\jansen", "KANTOOR\\devries"))
ENTRY = """
[[entry]]
journal = "90"
year = 2026
period = 11
date = 2026-11-20
description = "Afschrijving november"

[[entry.line]]
account = "4300"
amount = 125.50

[[entry.line]]
account = "1900"
amount = -125.50
"""


def target(name: str = "oefen16", /, **changes: object) -> TargetSettings:
    values: dict[str, object] = {
        "name": name, "engine": "embedded", "family": "next", "product_update": 421, "service_pack": 0,
        "sql_release": "2016", "edition": "standard", "accountancy": True,
    }  # fmt: skip
    return TargetSettings.model_validate(values | changes)


class Office:
    """One office. `again` is the same one under other settings, as after a restart of the worker."""

    def __init__(self, folder: Path, *targets: TargetSettings, firm: Firm = FIRM) -> None:
        self.folder = folder
        self.settings = Settings(
            office=folder / "office", outbox=folder / "outbox", practice=True, firm=firm, language="en",
            targets=targets or (target(),),
        )  # fmt: skip
        for name in ("office", "outbox", "inbox"):
            private_dir(folder / name)
        self.register = open_register(self.settings, who="jansen", create=True)
        self.vault = vault_of(self.settings)
        self.steps: dict[tuple[Kind, str], StepWork] = dict(STEPS)
        self.before: Callable[[Bench], None] | None = None
        """Happens before each step of the next operation that was not begun."""

    def close(self) -> None:
        self.register.close()

    def again(self, *targets: TargetSettings, **changes: object) -> Office:
        self.close()
        made = Office(self.folder, *targets or self.settings.targets)
        made.settings = made.settings.model_copy(update=changes)
        return made

    @property
    def judge(self) -> Judge:
        return Judge(self.register, self.settings.all_targets(), tables_of(self.settings))

    def client(
        self, code: str = "BAK-001", number: str = "120", name: str = "Bakker Metaal", **changes: object
    ) -> None:
        known = Client(
            code=code, name=name, family="next", product_update=421, service_pack=0, sql_release="2016",
            edition="standard", administrations=(Administration(number, name),),
        )  # fmt: skip
        self.register.save_client(replace(known, **changes))  # type: ignore[arg-type]

    def administration(self, **shape: object) -> Shape:
        """A small one, beside the office."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}.sqlite"
        return random_administration(path, **({"lines": 60} | shape))  # type: ignore[arg-type]

    def package(self, shape: Shape, *, sql_release: str = "2016", service_pack: int = 0, **more: str | int) -> Path:
        """A delivery of the client's."""
        path = self.folder / f"20261119-{shape.product_update}-SQL{sql_release}-{shape.name}-{shape.client}.ebu"
        path = path.with_name(f"{len(list(self.folder.iterdir()))}-{path.name}")
        manifest: dict[str, str | int] = {
            "client": shape.client, "administration_number": shape.number, "administration_name": shape.name,
            "database": shape.number, "product_update": shape.product_update, "service_pack": service_pack,
            "family": "next", "sql_release": sql_release, "internal_version": INTERNAL[sql_release],
            "backup_date": "2026-11-19", "started_at": "2026-11-19T17:32:05",
        }  # fmt: skip
        write_package(str(path), shape.path, manifest | more, tick=lambda _done, _of: None)
        return path

    def deliver(self, package: Path, *, client: str | None = "BAK-001") -> str:
        """Arrived, sealed and judged."""
        look = found(package.name, package.stat())
        at = datetime.now(UTC)
        delivery = self.register.arrive(str(package.parent), package.name, package.name, look.look.size, at)
        if client is not None:
            self.register.bind(delivery, client, "jansen", at, how="inbox")
        sealed = self.vault.seal(delivery, str(package), look, whole(package.name))
        read = self.judge.read(sealed.inspection)
        self.register.seal(
            delivery, sealed.sha256, sealed.path, at, read.evidence, members=read.members, size=sealed.size
        )
        self.judge.judge(delivery, read)
        return delivery

    def delivery(self, **shape: object) -> tuple[str, Shape]:
        """A client's administration, delivered."""
        made = self.administration(**shape)
        if made.client not in {each.code for each in self.register.clients()}:
            self.client(made.client, made.number, made.name)
        return self.deliver(self.package(made), client=made.client), made

    def plan(self, order: Order) -> Plan:
        return plan(order, gather(order, self.register, self.judge, self.settings))

    def refused(self, order: Order) -> str:
        """The rule, or the word of the refusal."""
        reason = self.plan(order).refusal
        if reason is None:
            return ""
        return str(reason.rule) if reason.rule else reason.variant

    def order(self, order: Order) -> str:
        made = self.plan(order)
        assert made.refusal is None, made.refusal
        return self.register.order(made.order, made, who="jansen")

    def run(self, operation: str) -> OperationDetail:
        """One leg."""
        self.leg(operation)
        return self.register.operation(operation)

    def leg(self, operation: str) -> Word:
        make = bench_maker(self.register, self.settings)

        def bench(detail: OperationDetail, step: Step, recorder: Recorder) -> Bench:
            made = make(detail, step, recorder)
            if self.before is not None:
                self.before(made)
            return made

        steps: Steps = self.steps
        leg = Leg(self.register, steps, bench, lambda: False, lambda _seconds: None, _explained)
        return leg.run(operation)

    def done(self, order: Order) -> OperationDetail:
        """Ordered and carried out."""
        detail = self.run(self.order(order))
        assert detail.row.state is OperationState.DONE, (detail.row, detail.log[-3:])
        return detail

    def restore(self, delivery: str, **order: object) -> str:
        return self.done(Order(Kind.RESTORE, delivery, **order)).row.id  # type: ignore[arg-type]

    def correct(self, delivery: str, entry: str = ENTRY) -> str:
        return self.done(Order(Kind.CORRECT, delivery, entry=entry, entry_name="november.toml")).row.id

    def engine(self, name: str = "oefen16") -> EmbeddedEngine:
        made = engine_of(self.settings, name)
        assert isinstance(made, EmbeddedEngine)
        return made

    def place(self, number: str = "120", name: str = "oefen16") -> Path:
        return self.folder / "office" / "administrations" / name / f"{number}.sqlite"

    def files(self) -> set[str]:
        """Every file of administrations, work and outbox, relative to the folder."""
        roots = (self.folder / "office" / "administrations", self.folder / "office" / "work", self.folder / "outbox")
        return {str(path.relative_to(self.folder)) for root in roots for path in root.rglob("*") if path.is_file()}

    def story(self, delivery: str) -> list[str]:
        return [line.what for line in reversed(self.register.custody(delivery=delivery))]


class Killed(BaseException):
    """The process is gone, with everything that it had in memory."""


@dataclass
class Noted:
    """A step that cannot keep one of its notes, the first time."""

    work: StepWork
    name: str
    problem: BaseException

    def did(self, bench: Bench) -> bool:
        return self.work.did(bench)

    def do(self, bench: Bench) -> Params:
        first, self.name = self.name, ""
        return self.work.do(replace(bench, register=_Forgetful(bench.register, first, self.problem)))

    def undo(self, bench: Bench) -> None:
        self.work.undo(bench)


class _Forgetful(Register):
    """The same register, but for one note."""

    def __init__(self, register: Register, name: str, problem: BaseException) -> None:
        self.__dict__.update(vars(register))
        self._name, self._problem = name, problem

    def keep(self, operation: str, name: str, value: Mapping[str, Any]) -> None:
        if name == self._name:
            raise self._problem
        super().keep(operation, name, value)


def _explained(error: WisselError) -> str:
    return str(error)


@contextmanager
def opened(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Straight to the file: what a meddler, or an accountant in Globe, would do."""
    with closing(sqlite3.connect(path)) as connection:
        connection.create_collation(COLLATION, compare)
        yield connection
        connection.commit()


def rows(path: str | Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with opened(path) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return {name: connection.execute(f"select * from {name} order by rowid").fetchall() for name in names}
