"""A desk without an office: frozen deliveries, an answer for every call, a list of what was ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fakes import operations
from fakes.inside import FakeLooking
from fakes.operations import QUEUED, RUNNING, SHA, WAITING, FakeOperations

from core.errors import NotFound, WisselError
from core.model import (
    Administration,
    Answer,
    Check,
    Claim,
    Client,
    CustodyLine,
    DeliveryDetail,
    DeliveryRow,
    Finding,
    Reason,
    Severity,
    Source,
    StateWord,
    Target,
    Verdict,
)

NOW = operations.NOW

TARGETS = (
    Target("sql14", sql_release="2014", product_update=421, family="next", edition="standard", instance="SRV1\\SQL14"),
    Target(
        "sql16a",
        sql_release="2016",
        product_update=421,
        service_pack=2,
        family="next",
        edition="standard",
        instance="SRV1\\SQL16A",
        isolated=True,
        accountancy=True,
        free_bytes=228_000_000_000,
    ),
    Target("sql19", sql_release="2019", product_update=424, family="next", edition="express"),
)

CLIENTS = (
    Client(
        "ABC-012",
        "Bakkerij Smit",
        family="next",
        product_update=418,
        sql_release="2014",
        edition="express",
        logins=("SMIT\\anja",),
        administrations=(Administration("007", "Bakkerij Smit"),),
    ),
    Client("ABC-013", "Smit Beheer B.V.", family="next", product_update=421, service_pack=1, sql_release="2014"),
    Client("DEF-201", "De Fietshoek", family="next", product_update=424, sql_release="2019"),
    Client("GHI-310", "Hofman Groen"),
    Client(
        "KLM-044",
        "Kalma Transport",
        product_update=421,
        service_pack=2,
        sql_release="2016",
        edition="standard",
        administrations=(Administration("120", "Kalma Transport"), Administration("121", "Kalma Vastgoed")),
    ),
)

YES, IF, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
MB = 1024 * 1024


def row(
    number: int,
    state: StateWord,
    file: str = "20261103 421 2016 x.ebu",
    size: int = 310 * MB,
    **more: object,
) -> DeliveryRow:
    """One line of the list."""
    arrived = NOW - timedelta(minutes=3 * (2420 - number))
    return DeliveryRow(f"D-{number:04d}", file, state, size, arrived, **more)  # type: ignore[arg-type]


ROWS = (
    row(
        2419,
        StateWord.READING,
        "20261103 421 2016 Van Xanten.ebu",
        980 * MB,
        client="XYZ-100",
        administration_number="055",
        administration_name="Van Xanten",
        product_update=421,
        product_update_source=Source.NAME,
        sql_release="2016",
        rule=103,
        work=UNKNOWN,
        back=UNKNOWN,
    ),
    row(
        2418,
        StateWord.OK,
        client="KLM-044",
        administration_number="120",
        administration_name="Kalma Transport",
        product_update=421,
        product_update_source=Source.PAGES,
        sql_release="2016",
        best_target="sql16a",
        work=YES,
        back=YES,
    ),
    row(
        2417,
        StateWord.WARN,
        "20261102 418 2014 Bakkerij Smit.ebu",
        812 * MB,
        client="ABC-012",
        administration_number="007",
        administration_name="Bakkerij Smit",
        product_update=418,
        product_update_source=Source.NAME,
        sql_release="2014",
        best_target="sql14",
        work=YES,
        back=IF,
        rule=303,
        more=1,
    ),
    row(
        2416,
        StateWord.ONEWAY,
        size=1229 * MB,
        client="ABC-013",
        administration_number="031",
        administration_name="Smit Beheer B.V.",
        product_update=421,
        product_update_source=Source.PAGES,
        sql_release="2008 R2",
        best_target="sql16a",
        work=IF,
        back=NO,
        rule=203,
        more=1,
    ),
    row(
        2414,
        StateWord.NO,
        size=260 * MB,
        client="DEF-201",
        administration_number="112",
        administration_name="De Fietshoek",
        product_update=424,
        product_update_source=Source.PAGES,
        sql_release="2019",
        work=NO,
        back=NO,
        rule=201,
    ),
    row(2413, StateWord.UNKNOWN, "backup van vrijdag.ebu", 44 * MB, work=UNKNOWN, back=UNKNOWN, rule=100, more=3),
    row(2412, StateWord.NO, "ewon_fw.ebu", 9 * MB, work=NO, back=NO, rule=101),
    row(2411, StateWord.ARRIVING, "bank (1).ebu", 640 * MB, rule=103),
    row(
        2410,
        StateWord.OK,
        client="GHI-310",
        size=71 * MB,
        administration_number="003",
        administration_name="Hofman Groen",
        product_update=421,
        product_update_source=Source.PAGES,
        sql_release="2016",
        best_target="sql16a",
        work=YES,
        back=YES,
    ),
)


def smit_verdicts() -> tuple[Verdict, ...]:
    """The story of the documents: our product update is newer than the client's."""
    update = Claim("product_update", 418, Source.NAME)
    release = Claim("sql_release", "2014", Source.HEADER)

    def newer(target: str, ours: int) -> Reason:
        params: dict[str, str | int] = {"target": target, "ours": ours, "theirs": 418}
        return Reason(303, Severity.WARNING, YES, IF, params=params, evidence=(update,))

    isolation = Reason(
        211, Severity.WARNING, work=IF, whole_target=True, params={"target": "sql14"}, override="not-isolated"
    )
    return (
        Verdict(
            "sql14",
            YES,
            IF,
            (
                Reason(202, Severity.INFO, YES, YES, params={"target": "sql14", "theirs": "2014"}),
                newer("sql14", 421),
                isolation,
            ),
        ),
        Verdict(
            "sql16a",
            IF,
            NO,
            (
                Reason(
                    203,
                    Severity.BLOCK,
                    IF,
                    NO,
                    params={"target": "sql16a", "theirs": "2014", "ours": "2016"},
                    evidence=(release,),
                    override="one-way",
                ),
                newer("sql16a", 421),
            ),
        ),
        Verdict(
            "sql19",
            IF,
            NO,
            (
                Reason(
                    203,
                    Severity.BLOCK,
                    IF,
                    NO,
                    params={"target": "sql19", "theirs": "2014", "ours": "2019"},
                    evidence=(release,),
                    override="one-way",
                ),
                newer("sql19", 424),
                replace(isolation, params={"target": "sql19"}),
            ),
        ),
    )


CLAIMS = (
    Claim("sql_release", "2014", Source.HEADER),
    Claim("internal_version", 782, Source.HEADER),
    Claim("engine_version", "12.0.6024", Source.HEADER),
    Claim("database", "007", Source.HEADER),
    Claim("server", "SMIT-SRV\\EXACT", Source.HEADER),
    Claim("started_at", "2026-11-02T16:41:05", Source.HEADER),
    Claim("finished_at", "2026-11-02T16:43:51", Source.HEADER),
    Claim("data_bytes", 2_900_000_000, Source.HEADER),
    Claim("checksums", value=True, source=Source.HEADER),
    Claim("sql_release", "2014", Source.NAME),
    Claim("product_update", 418, Source.NAME),
    Claim("administration_number", "007", Source.HEADER, inferred=True),
    Claim("administration_name", "Bakkerij Smit", Source.OPERATOR, by="anja", at=NOW),
)


@dataclass(frozen=True)
class Since:
    """What happened while the operator was away."""

    at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    view: str = ""


class FakeDesk(FakeLooking, FakeOperations):
    """Fits `tui.desk.Desk`. `fail` maps a method's name to the error it raises."""

    def __init__(self, rows: Sequence[DeliveryRow] = ROWS, language: str = "nl") -> None:
        super().__init__()
        self.rows = list(rows)
        self.language = language
        self.read_only = False
        self.practice = False
        self.firm_name = "Kantoor Van Dam"
        self.config_path: str | None = "/srv/wissel.toml"
        self.fail: dict[str, Exception] = {}
        self.ordered: list[tuple[str, ...]] = []
        self.asked: list[str] = []
        self.beat = 1
        self.alive = True
        self.left = Since()
        self.suggestions: tuple[str, ...] = ()
        self.verdicts: dict[str, tuple[Verdict, ...]] = {"D-2417": smit_verdicts()}
        self.claims: dict[str, tuple[Claim, ...]] = {"D-2417": CLAIMS}
        self.findings: dict[str, tuple[Finding, ...]] = {}
        self.members: tuple[tuple[str, int], ...] = (("007.bak", 850 * MB),)
        self.all_clients: tuple[Client, ...] = CLIENTS

    def _call(self, name: str) -> None:
        self.asked.append(name)
        if name in self.fail:
            raise self.fail[name]

    def deliveries(self, filter_text: str = "", offset: int = 0, limit: int = 100) -> tuple[Sequence[DeliveryRow], int]:
        """Words are looked for in everything a row says; `state:` in its state."""
        self._call("deliveries")
        found = [each for each in self.rows if all(_fits(each, word) for word in filter_text.split())]
        return tuple(found[offset : offset + limit]), len(found)

    def delivery(self, delivery: str, /) -> DeliveryDetail:
        """Details that fit the row."""
        self._call("delivery")
        found = next((each for each in self.rows if each.id == delivery), None)
        if found is None:
            raise NotFound("delivery", id=delivery)
        sealed = found.state not in {StateWord.ARRIVING, StateWord.READING, StateWord.GONE}
        return DeliveryDetail(
            row=found,
            inbox="inbox",
            kind="cabinet",
            members=self.members,
            sha256=SHA if sealed else None,
            sealed_at=found.arrived_at + timedelta(minutes=1) if sealed else None,
            complete=sealed,
            claims=self.claims.get(delivery, _claims(found)),
            findings=self.findings.get(delivery, ()),
            verdicts=self.verdicts.get(delivery, _verdicts(found)),
            custody=tuple(line for line in self.log() if line.delivery == delivery),
            suggestions=self.suggestions,
            operations=tuple(row for row in self.rows_of_operations if row.delivery == delivery),
            held=next((each for each in self.held_ones if each.delivery == delivery), None),
        )

    def work(self) -> None:
        """From now on there is something of everything: under way, with us, returned."""
        super().work()
        changes: dict[str, dict[str, object]] = {
            "D-2418": {"state": StateWord.WITH_US, "held_at": "sql16a"},
            "D-2417": {"state": StateWord.RUNNING, "operation": RUNNING},
            "D-2416": {"state": StateWord.RUNNING, "operation": QUEUED},
            "D-2410": {"state": StateWord.RETURNED, "held_at": "sql16a", "operation": WAITING},
        }
        self.rows = [replace(each, **changes.get(each.id, {})) for each in self.rows]  # type: ignore[arg-type]

    def _whose(self, delivery: str) -> tuple[str, str, str]:
        found = next(each for each in self.rows if each.id == delivery)
        return found.client or "", found.administration_name or "", found.administration_number or ""

    def _verdict(self, delivery: str, target: str) -> Verdict | None:
        found = self.delivery(delivery)
        wanted = target or found.row.best_target
        return next((each for each in found.verdicts if each.target == wanted), None)

    def log(self) -> list[CustodyLine]:
        """Three lines for each delivery, newest first."""
        lines = []
        for each in self.rows:
            for place, what in enumerate(("judged", "sealed", "arrived")):
                at = each.arrived_at + timedelta(minutes=2 - place)
                lines.append(CustodyLine(0, at, "worker", "srv1", what, each.id, each.client, _log_detail(what, each)))
        return [replace(line, seq=len(lines) - place) for place, line in enumerate(lines)]

    def clients(self) -> Sequence[Client]:
        """The register's."""
        self._call("clients")
        return self.all_clients

    def targets(self) -> Sequence[Target]:
        """The settings'."""
        self._call("targets")
        return TARGETS

    def _change(self, delivery: str, **changes: object) -> DeliveryDetail:
        self.rows = [replace(each, **changes) if each.id == delivery else each for each in self.rows]  # type: ignore[arg-type]
        self.beat += 1
        return self.delivery(delivery)

    def bind(self, delivery: str, code: str, /) -> DeliveryDetail:
        """Noted."""
        self._call("bind")
        self.ordered.append(("bind", delivery, code))
        return self._change(delivery, client=code)

    def tell(self, delivery: str, fact: str, value_text: str, /) -> DeliveryDetail:
        """Noted."""
        self._call("tell")
        self.ordered.append(("tell", delivery, fact, value_text))
        return self._change(delivery, state=StateWord.OK)

    def reopen(self, delivery: str, /) -> DeliveryDetail:
        """Noted."""
        self._call("reopen")
        self.ordered.append(("reopen", delivery))
        return self._change(delivery)

    def custody(
        self,
        limit: int = 200,
        before: int | None = None,
        delivery: str | None = None,
        client: str | None = None,
    ) -> Sequence[CustodyLine]:
        """Newest first."""
        self._call("custody")
        lines = [line for line in self.log() if before is None or line.seq < before]
        lines = [line for line in lines if client in {None, line.client}]
        return tuple(line for line in lines if delivery in {None, line.delivery})[:limit]

    def check(self) -> Sequence[Check]:
        """One of each kind."""
        self._call("check")
        return (
            Check("register", ok=True, text="4 MB, 12 deliveries"),
            Check("worker", ok=False, text="not running", hint="start it with: wissel worker"),
            Check("targets", ok=None, text="sql19 was never asked"),
        )

    def since_left(self) -> Since:
        """As set."""
        return self.left

    def leave(self, view: str = "", /) -> None:
        """Noted."""
        self.ordered.append(("leave", view))

    def pulse(self) -> int:
        """As set."""
        self._call("pulse")
        return self.beat

    def worker_alive(self) -> bool:
        """As set."""
        return self.alive

    def ensure_worker(self) -> None:
        """Noted."""
        self.asked.append("ensure_worker")


def _log_detail(what: str, each: DeliveryRow) -> dict[str, str | int]:
    match what:
        case "arrived":
            return {"file": each.file, "inbox": "inbox", "size": each.size}
        case "sealed":
            return {"size": each.size, "sha256": SHA}
        case _:
            answers = {"work": str(each.work), "back": str(each.back)}
            return {"word": str(each.state), "best_target": each.best_target or "", "rule": each.rule or "", **answers}


def _fits(each: DeliveryRow, word: str) -> bool:
    if word.startswith("state:"):
        return str(each.state) == word[6:]
    words = f"{each.id} {each.client} {each.file} {each.administration_name}".casefold()
    return (word[1:].casefold() not in words) if word.startswith("!") else (word.casefold() in words)


def _claims(each: DeliveryRow) -> tuple[Claim, ...]:
    claims = []
    if each.sql_release:
        claims.append(Claim("sql_release", each.sql_release, Source.HEADER))
    if each.product_update:
        claims.append(Claim("product_update", each.product_update, each.product_update_source or Source.NAME))
    return tuple(claims)


def _verdicts(each: DeliveryRow) -> tuple[Verdict, ...]:
    if each.work is None or each.back is None:
        return ()
    reason = Reason(each.rule, Severity.NOTE, each.work, each.back) if each.rule else None
    return tuple(Verdict(target.name, each.work, each.back, (reason,) if reason else ()) for target in TARGETS)


def many(count: int) -> list[DeliveryRow]:
    """A long list, newest first."""
    states = (StateWord.OK, StateWord.WARN, StateWord.NO, StateWord.UNKNOWN)
    return [
        row(
            number,
            states[number % 4],
            client=f"CLI-{number % 97:03d}",
            administration_number=f"{number % 1000:03d}",
            administration_name=f"Administratie {number}",
            product_update=421,
            product_update_source=Source.PAGES,
            sql_release="2016",
            best_target="sql16a",
            work=YES,
            back=YES,
        )
        for number in range(count, 0, -1)
    ]


def broken(key: str = "register") -> WisselError:
    """An error of the house."""
    return WisselError(key)
