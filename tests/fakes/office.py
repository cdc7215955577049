"""An office for the command line's tests: canned values, and a note of every order given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from fakes.inside import FakeInside
from fakes.orders import FakeOrders

from core.errors import NotFound
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
    TargetView,
    Verdict,
)
from core.model.profile import ProfileView

AT = datetime(2026, 3, 2, 13, 1, 5, tzinfo=UTC)
LISTED = {
    "id",
    "file",
    "state",
    "client",
    "administration_number",
    "administration_name",
    "size",
    "arrived_at",
    "verdicts",
    "best_target",
}
"""The fields of a row of `list --json`: a fixed contract."""
HOSTILE = "a\x1b]0;owned\x07\u202egpj.\nexe [red]\udc80"

OLDER = Reason(201, Severity.BLOCK, Answer.NO, Answer.NO, params={"client": "2019", "target": "2016"})
SAME = Reason(202, Severity.INFO, Answer.YES, Answer.YES)
VERDICTS = (
    Verdict("sql19", Answer.YES, Answer.YES, (SAME, Reason(302, Severity.INFO, Answer.YES, Answer.YES))),
    Verdict("sql16", Answer.NO, Answer.NO, (OLDER, OLDER)),
)


def row(number: int, **changes: object) -> DeliveryRow:
    """A line of the list, judged."""
    fine = DeliveryRow(
        id=f"D-{number:04d}",
        file=f"20260302 bank {number}.bak",
        state=StateWord.OK,
        size=310_000_000,
        arrived_at=AT,
        client="ABC-012",
        administration_number="120",
        administration_name="Bakker BV",
        product_update=421,
        sql_release="2019",
        best_target="sql19",
        work=Answer.YES,
        back=Answer.YES,
    )
    return replace(fine, **changes)  # type: ignore[arg-type]  # a test names fields that exist


@dataclass
class SinceLeft:
    """Nobody left."""

    at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    view: str = ""


@dataclass
class FakeOffice(FakeOrders):
    """What the command line asks of an office, answered from lists."""

    rows: list[DeliveryRow] = field(default_factory=lambda: [row(2), row(1)])
    known: list[Client] = field(
        default_factory=lambda: [
            Client("ABC-012", "Bakker BV", product_update=421, sql_release="2019", logins=("K\\jan",))
        ]
    )
    checks: list[Check] = field(default_factory=lambda: [Check("register", ok=True, text="fine")])
    broken: int | None = None
    language: str = "en"
    practice: bool = True
    firm_name: str = "Voorbeeld Accountants"
    config_path: str | None = None
    alive: bool = True
    originals: dict[str, str] = field(default_factory=dict)
    choices: dict[str, tuple[int | None, str | None]] = field(default_factory=dict)
    """Delivery -> path."""
    lines: list[CustodyLine] = field(
        default_factory=lambda: [
            CustodyLine(2, AT, "jan", "desk", "bound", "D-0001", "ABC-012"),
            CustodyLine(1, AT, HOSTILE, "desk", "arrived", "D-0001"),
        ]
    )

    def deliveries(self, filter_text: str = "", offset: int = 0, limit: int = 100) -> tuple[Sequence[DeliveryRow], int]:
        """Filters on the state, or on a word of the file name."""
        word = filter_text.removeprefix("state:")
        found = [each for each in self.rows if word in (each.state if word != filter_text else each.file)]
        return tuple(found[offset : offset + limit]), len(found)

    def export(
        self, filter_text: str = "", offset: int = 0, limit: int | None = None
    ) -> Iterator[tuple[DeliveryRow, Sequence[Verdict]]]:
        """The same rows with two verdicts each."""
        for each in self.deliveries(filter_text, offset, len(self.rows) if limit is None else limit)[0]:
            yield each, VERDICTS

    def delivery(self, delivery: str, /) -> DeliveryDetail:
        """A detail around the row."""
        found = next((each for each in self.rows if each.id == delivery), None)
        if found is None:
            raise NotFound("delivery", id=delivery)
        return DeliveryDetail(
            row=found,
            inbox="/inbox",
            kind="tape",
            members=((found.file, 12),),
            sha256="3f" * 32,
            sealed_at=AT,
            complete=True,
            claims=(
                Claim("sql_release", "2019", Source.HEADER),
                Claim("product_update", 421, Source.OPERATOR, by="jan", at=AT),
                Claim("administration_name", found.administration_name or "", Source.NAME, inferred=True),
            ),
            findings=(Finding("no-sentence-for-this"),),
            verdicts=VERDICTS,
            custody=(CustodyLine(1, AT, "jan", "desk", "arrived", found.id, detail={"file": found.file}),),
            suggestions=("ABC-012",),
            operations=tuple(self.operations(delivery=found.id)[0]),
            held=next((each for each in self.stood if each.delivery == found.id), None),
        )

    def clients(self) -> Sequence[Client]:
        """The known ones."""
        return tuple(self.known)

    def save_client(self, client: Client, /) -> None:
        """Keeps it."""
        self._order("save", client)

    def targets(self) -> Sequence[Target]:
        """Two."""
        return (Target("sql19", sql_release="2019", product_update=421, free_bytes=10**12), Target("sql16"))

    def target(self, name: str, /) -> TargetView:
        """Known as it stands in the settings; nobody was ever asked."""
        found = next((each for each in self.targets() if each.name == name), None)
        if found is None:
            raise NotFound("target", name=name)
        return TargetView(found)

    def probe_target(self, name: str, /) -> TargetView:
        """The same: there is nobody to ask."""
        return self.target(name)

    def profile_at(self, name: str, number: str, /, *, trial: bool = False) -> ProfileView:
        """There is no administration to look into."""
        raise NotFound("administration-none", target=name, number=number)

    def bind(self, delivery: str, code: str, /) -> DeliveryDetail:
        """Refused where only looking is allowed."""
        self._order("bind", delivery, code)
        return self.delivery(delivery)

    def tell(self, delivery: str, fact: str, value_text: str, /) -> DeliveryDetail:
        """The same."""
        self._order("tell", delivery, fact, value_text)
        return self.delivery(delivery)

    def reopen(self, delivery: str, /) -> DeliveryDetail:
        """The same."""
        self._order("reopen", delivery)
        return self.delivery(delivery)

    def custody(
        self,
        limit: int = 200,
        before: int | None = None,
        delivery: str | None = None,
        client: str | None = None,
    ) -> Sequence[CustodyLine]:
        """The lines, newest first."""
        self.orders.append(("custody", limit, delivery, client))
        return [line for line in self.lines if before is None or line.seq < before][:limit]

    def original(self, delivery: str, /) -> str:
        """A file that a test put there."""
        self.orders.append(("original", delivery))
        if delivery not in self.originals:
            raise NotFound("delivery", id=delivery)
        return self.originals[delivery]

    def taken(self, delivery: str, /) -> tuple[int | None, str | None]:
        """As the test says."""
        return self.choices.get(delivery, (None, None))

    def look(self, delivery: str, /, *, cancel: object = None) -> FakeInside:
        """The command line never asks."""
        self.original(delivery)
        return FakeInside()

    def verify_custody(self) -> int | None:
        """As the test says."""
        return self.broken

    def check(self) -> Sequence[Check]:
        """As the test says."""
        return tuple(self.checks)

    def since_left(self) -> SinceLeft:
        """Nothing."""
        return SinceLeft()

    def leave(self, view: str = "") -> None:
        """Nothing."""

    def pulse(self) -> int:
        """At rest, but for the operations that are looked at."""
        return 1 + self.looks

    def worker_alive(self) -> bool:
        """As the test says."""
        return self.alive

    def ensure_worker(self) -> None:
        """Notes that it was asked."""
        self.orders.append(("ensure_worker",))

    def close(self) -> None:
        """Nothing."""

    def work(self) -> int:
        """Ends at once."""
        self.orders.append(("work",))
        return 0


BAKKER = Administration("120", "Bakker BV")
