"""A desk without an office: frozen deliveries, an answer for every call, a list of what was ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from fakes.inside import FakeLooking
from fakes.operations import QUEUED, RUNNING, SHA, WAITING, FakeOperations
from fakes.samples import CLAIMS, CLIENTS, MB, ROWS, TARGETS, claims_of, log_detail, smit_verdicts, verdicts_of

from core.errors import NotFound
from core.model import (
    Check,
    Claim,
    Client,
    CustodyLine,
    DeliveryDetail,
    DeliveryRow,
    Finding,
    StateWord,
    Target,
    Verdict,
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
            claims=self.claims.get(delivery, claims_of(found)),
            findings=self.findings.get(delivery, ()),
            verdicts=self.verdicts.get(delivery, verdicts_of(found)),
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
                lines.append(CustodyLine(0, at, "worker", "srv1", what, each.id, each.client, log_detail(what, each)))
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


def _fits(each: DeliveryRow, word: str) -> bool:
    if word.startswith("state:"):
        return str(each.state) == word[6:]
    words = f"{each.id} {each.client} {each.file} {each.administration_name}".casefold()
    return (word[1:].casefold() not in words) if word.startswith("!") else (word.casefold() in words)
