"""An exchange office with a SQL Server target: real register, vault and outbox, the test server over a real driver."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import tomli_w
from factory import compressed
from factory.cabinet import packed
from factory.instances import TARGET
from factory.journey import FIRM, Office
from factory.servers import WINDOWS, Served, served
from factory.sqlserver.backup import media_of
from factory.sqlserver.globe import company, globe
from factory.sqlserver.kinds import Value
from factory.sqlserver.model import Column, Database, Table, columns
from factory.sqlserver.write import write_database
from fakes.sqlserver.ground import PASSWORD, USER, Driver

from core.administration.engine import Mark
from core.formats.inside.opening import open_backup
from core.intake.judging import Judge
from core.intake.rooms import firm_of, tables_of, targets_of
from core.model import Administration, Client
from core.model.profile import IdentityProfile, LicencePlace
from core.operations.engines import engine_of
from core.operations.servers import ask
from core.settings import TargetSettings

Shape = Literal["mszip", "stored", "bak", "compressed", "files"]
"""`mszip`, `stored`: a cabinet with a back-up; `bak`: a bare one; `compressed`: the same in its compressed container;
`files`: a stored cabinet with data file and log."""
PROFILE = IdentityProfile(
    licence=LicencePlace("Licentie", "LicNr", "Actief", "Naam"), values={"Licentie": {"Bestand": "0x3000"}}
)
LICENCE = "1234567"
LOGINS = ("KLANT\\jan", "KLANT\\sofie")
ENTRY = """
[[entry]]
journal = "90"
year = 2024
period = 11
date = 2024-11-20
description = "Afschrijving november"

[[entry.line]]
account = "4000"
amount = 125.50

[[entry.line]]
account = "1100"
amount = -125.50
"""
TABLES = (
    "amutak", "amutas", "bedryf", "dagbk", "gbkmut", "grtbk", "HRRoles", "humres", "kstdr", "kstpl", "perdat", "pwrole",
)  # fmt: skip
"""What an administration cannot do without, and its roles: enough, where it has to be quick."""
STRANGERS = ("200", "wissel-O-9999-draft", "wissel-aside-200", "Voorraad")
"""Databases of others, two of which look like ours."""


def books(number: str, name: str, *, entries: int = 3) -> dict[str, list[dict[str, Value]]]:
    """An administration that a client works in: users with roles, one of them gone; a general journal to book in."""
    made: dict[str, Any] = {table: list(rows) for table, rows in company(number, name, entries=entries).items()}
    made["bedryf"][0] |= {"Batchlevel": 421}
    made["humres"] = [
        {"res_id": 1, "usr_id": LOGINS[0], "fullname": "Jan", "emp_stat": "A"},
        {"res_id": 2, "usr_id": "KLANT\\piet", "fullname": "Piet", "emp_stat": "I"},
        {"res_id": 3, "usr_id": LOGINS[1], "fullname": "Sofie", "emp_stat": "A", "mail": "sofie@klant.example"},
    ]
    made["pwrole"] = [{"RoleID": 7, "RoleName": "Boekhouder"}]
    made["HRRoles"] = [{"RoleID": 7, "EmpID": 1}, {"RoleID": 7, "EmpID": 3}]
    made["dagbk"].append({"dagbknr": " 90", "type_dgbk": "M", "oms25_0": "Memoriaal", "valcode": "EUR"})
    return made


def database(number: str = "120", name: str = "Bakker Metaal", *, entries: int = 3, keyed: bool = True) -> Database:
    """The same as a database, with a table of licences and one of an add-on."""
    made = globe(books(number, name, entries=entries), only=TABLES, database=Database(name=number))
    licences = Table(
        "Licentie",
        (
            Column("LicNr", "varchar(20)", nullable=False),
            Column("Naam", "varchar(60)"),
            Column("Actief", "tinyint", nullable=False),
            Column("Bestand", "image", nullable=False),
        ),
        [(LICENCE, name, 1, b"\x30\x82licentie"), ("0000001", "Vorige eigenaar", 0, b"oud")],
        clustered=("LicNr",) if keyed else (),
    )
    moment = datetime(2024, 3, 1, 9, 30)  # noqa: DTZ001 - Globe keeps no zone
    own = Table(
        "_Koppeling",
        columns(Sleutel="int", Tekst="nvarchar(200)", Wanneer="datetime", Vrij="decimal(19,4)"),
        [(at, f"regel {at} \N{EURO SIGN} \N{GREEK SMALL LETTER OMEGA}", moment, None) for at in range(20)],
    )
    return replace(made, tables=(*made.tables, licences, own))


@cache
def _backup(number: str, name: str, entries: int, keyed: bool) -> bytes:
    return media_of([database(number, name, entries=entries, keyed=keyed)])[0]


class Exchange(Office):
    """An office with one target on the test server, its instance probed."""

    def __init__(self, folder: Path, server: Served, **changes: object) -> None:
        self.server = server
        secret = folder / "sql.secret"
        secret.write_text(PASSWORD, "utf-8")
        secret.chmod(0o600)
        super().__init__(folder, _target(server, secret, **changes))
        self.settings = self.settings.model_copy(update={"practice": False})
        self.probe()

    def probe(self) -> None:
        """Ask the instance about itself, as the worker does."""
        for each in self.settings.targets:
            self.register.save_probe(each.name, each.instance or "", ask(self.settings, each.name))

    def retarget(self, **changes: object) -> None:
        """The same office under other settings of its target."""
        values = self.settings.targets[0].model_dump() | changes
        self.settings = self.settings.model_copy(update={"targets": (TargetSettings.model_validate(values),)})

    @property
    def judge(self) -> Judge:
        tables = tables_of(self.settings)
        return Judge(self.register, targets_of(self.settings, self.register, tables), tables, firm_of(self.settings))

    def known(self, code: str = "BAK-001", number: str = "120", name: str = "Bakker Metaal") -> None:
        """The client in the register."""
        self.register.save_client(
            Client(
                code=code, name=name, family="next", product_update=421, service_pack=0, sql_release="2016",
                edition="standard", administrations=(Administration(number, name),), logins=LOGINS, licence=LICENCE,
            )
        )  # fmt: skip

    def came(
        self,
        shape: Shape = "mszip",
        *,
        code: str = "BAK-001",
        number: str = "120",
        name: str = "Bakker Metaal",
        entries: int = 3,
        keyed: bool = True,
    ) -> str:
        """A client's administration, delivered in this shape."""
        if code not in {each.code for each in self.register.clients()}:
            self.known(code, number, name)
        suffix = "bak" if shape in {"bak", "compressed"} else "ebu"
        path = self.folder / f"20261119-421-SQL2016-{name}.{suffix}"
        path.write_bytes(package(shape, self.folder, number=number, name=name, entries=entries, keyed=keyed))
        return self.deliver(path, client=code)

    def original(self, delivery: str) -> str:
        return self.vault.path(delivery)

    def mark(self, number: str = "120") -> Mark | None:
        return engine_of(self.settings, TARGET).occupied(number)

    def states(self) -> dict[str, str]:
        """Every database but the strangers'."""
        return {name: state for name, state in self.server.states().items() if name not in STRANGERS}

    def left(self) -> set[str]:
        """Files that are still there of what was worked on."""
        exchange = {f"exchange/{each.name}" for each in self.server.exchange.iterdir()}
        work = self.folder / "office" / "work"
        return exchange | ({f"work/{each.name}" for each in work.iterdir()} if work.is_dir() else set())

    def configured(self, **more: object) -> Path:
        """The settings as a file, for processes."""
        inbox = self.folder / "inbox"
        target = self.settings.targets[0].model_dump(mode="json", exclude_none=True)
        values: dict[str, Any] = {
            "office": str(self.settings.office), "outbox": str(self.settings.outbox), "language": "en",
            "settle_seconds": 0.3, "rescan_seconds": 0.3, "look_inside_seconds": 0,
            "inboxes": [{"path": str(inbox), "client": "BAK-001"}],
            "firm": {"name": FIRM.name, "licence": FIRM.licence, "users": list(FIRM.users)}, "targets": [target],
        }  # fmt: skip
        path = self.folder / "wissel.toml"
        path.write_text(tomli_w.dumps(values | more), "utf-8")
        path.chmod(0o600)
        return path


def _target(server: Served, secret: Path, **changes: object) -> TargetSettings:
    values: dict[str, object] = {
        "name": TARGET, "engine": "sqlserver", "family": "next", "product_update": 421, "service_pack": 0,
        "accountancy": True, "isolated": True, "instance": f"127.0.0.1,{server.server.port}",
        "driver": server.driver.path, "authentication": "sql", "user": USER, "password": {"file": str(secret)},
        "encrypt": "no", "exchange_here": str(server.exchange), "exchange_there": WINDOWS, "profile": PROFILE,
    }  # fmt: skip
    return TargetSettings.model_validate(values | changes)


def package(
    shape: Shape, folder: Path, *, number: str = "120", name: str = "Bakker Metaal", entries: int = 3,
    keyed: bool = True,
) -> bytes:  # fmt: skip
    """A client's package in this shape."""
    if shape == "files":
        path = folder / "data.mdf"
        write_database(path, database(number, name, entries=entries, keyed=keyed))
        data = path.read_bytes()
        path.unlink()
        return packed([(f"{number}.mdf", data), (f"{number}_log.ldf", _log())], "stored")
    media = _backup(number, name, entries, keyed)
    if shape == "compressed":
        return compressed.compress(media, 1)
    return media if shape == "bak" else packed([(f"{number}.bak", media)], shape)


def _log() -> bytes:
    return bytes(8192) + struct.pack("<I", 7) * 4096


@contextmanager
def office(folder: Path, driver: Driver, **changes: object) -> Iterator[Exchange]:
    """An exchange office, and strangers beside it whose databases must stay as they are."""
    with served(folder, driver) as server:
        for name in STRANGERS:
            server.stranger(name)
        made = Exchange(folder, server, **changes)
        try:
            yield made
        finally:
            made.close()


def inside(path: str | Path, only: Sequence[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of a package, as our reader of deliveries sees it: whole, in no order."""
    with open_backup(str(path)) as opened:
        made: dict[str, list[dict[str, Any]]] = {}
        for table in opened.tables():
            if table.ms_shipped or (only and table.name not in only):
                continue
            rows = made.setdefault(table.name, [])
            for batch in opened.read(table):
                lists = {column.name: each.to_list() for column, each in zip(table.columns, batch.columns, strict=True)}
                rows += [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
        return made
