"""The two sides that the rules compare: the delivery as its evidence shows it, and the target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.model import Circumstances, Claim, Client, Evidence, FactValue, Source, Target
from core.triage.evidence import DATABASE_KINDS, padded, ranked
from core.triage.releases import Release, Tables

UNREADABLE_PACKINGS = frozenset({"packing-unknown", "record-unknown", "zip-encrypted", "cabinet-split", "newer-format"})
"""Findings of a reader that met bytes it cannot unpack: nothing proves them damaged (rule 108)."""
READABLE_KINDS = DATABASE_KINDS | {"practice"}
_RELEASE_FACTS = ("internal_version", "sql_release")


@dataclass(frozen=True, slots=True)
class Case:
    """The client's side: `c` of the rule book. None = not known."""

    evidence: Evidence
    circumstances: Circumstances
    tables: Tables
    known: dict[str, tuple[Claim, ...]]
    """Every claim, those of the register included, the strongest of each fact first."""
    release: Release | None
    online: bool
    """An administration of Exact Online (rule 111): it has no product update, product or number of Globe's."""
    update: int | None
    family: str | None
    """As declared: in the file, by an operator or by the register. Never as concluded from the number."""
    number: str | None
    data_bytes: int | None
    content: str | None
    """`tape compressed data-file practice`: the kind of database inside that we can read."""
    locked: str
    """Why we cannot look inside although we know what it is (rule 108): a finding's code, or empty."""

    @staticmethod
    def of(evidence: Evidence, circumstances: Circumstances, tables: Tables) -> Case:
        """Reads the evidence once, for all targets."""
        client = circumstances.client
        known = ranked(_standing((*evidence.claims, *(_register(client, evidence) if client else ())), circumstances))
        content = evidence.kind if evidence.kind in READABLE_KINDS else _text(known, "content")
        locked = min((each.code for each in evidence.findings if each.code in UNREADABLE_PACKINGS), default="")
        online = _text(known, "product") == "exact-online"
        family = next((str(each.value) for each in known.get("family", ()) if not each.inferred), None)
        return Case(
            evidence=evidence,
            circumstances=circumstances,
            tables=tables,
            known=known,
            release=_release(known, tables),
            online=online,
            update=None if online else _whole(known, "product_update"),
            family=None if online else family,
            number=None if online else padded(_text(known, "administration_number") or ""),
            data_bytes=_whole(known, "data_bytes"),
            content=None if evidence.kind == "unknown" else content,
            locked="" if evidence.kind == "unknown" else locked,
        )

    @property
    def client(self) -> Client | None:
        """The client that the delivery is bound to."""
        return self.circumstances.client

    @property
    def understood(self) -> bool:
        """Rule 100 is silent on the container: we can look inside, or know why not."""
        return self.content is not None or bool(self.locked)

    @property
    def native(self) -> bool:
        """A medium that SQL Server itself wrote: sets, stripes and kinds of back-up exist only there."""
        return self.content in {"tape", "compressed"}

    def claims(self, *facts: str) -> tuple[Claim, ...]:
        """The strongest claim of each of these facts that is known."""
        return tuple(self.known[fact][0] for fact in facts if fact in self.known)

    def text(self, fact: str) -> str | None:
        """The strongest value, if it is text."""
        return _text(self.known, fact)

    def whole(self, fact: str) -> int | None:
        """The strongest value, if it is a whole number."""
        return _whole(self.known, fact)

    def flag(self, fact: str) -> bool:
        """The strongest value is *true*."""
        return fact in self.known and self.known[fact][0].value is True

    def inside(self, fact: str) -> Claim | None:
        """The strongest claim that the bytes make: what the rule book calls the content."""
        return next((each for each in self.known.get(fact, ()) if each.source in INSIDE), None)

    def named(self, fact: str) -> Claim | None:
        """What the file's name claims."""
        return next((each for each in self.known.get(fact, ()) if each.source is Source.NAME), None)


INSIDE = frozenset({Source.PAGES, Source.HEADER, Source.CONTAINER, Source.SERVER})


@dataclass(frozen=True, slots=True)
class Site:
    """The target's side: `t` of the rule book."""

    target: Target
    release: Release | None
    """None: never probed, the probe is too old, or a release that no table knows (rule 206)."""
    others: tuple[Target, ...] = ()

    @staticmethod
    def of(target: Target, tables: Tables, others: tuple[Target, ...] = ()) -> Site:
        """Reads the target once."""
        return Site(target, release_of(target, tables), others)

    @property
    def express(self) -> bool | None:
        """Is it the Express edition? None: not known. The embedded engine knows no such limit."""
        if self.target.engine == "embedded" and self.target.edition is None:
            return False
        return None if self.target.edition is None else is_express(self.target.edition)


def release_of(target: Target, tables: Tables) -> Release | None:
    """The target's release: as the server said it, else as it is declared."""
    if target.stale:
        return None
    if target.internal_version is not None:
        return tables.of_version(target.internal_version)
    return tables.of_label(target.sql_release) if target.sql_release else None


def is_express(edition: str) -> bool:
    """`Express Edition (64-bit)`, `SQL Server Express with Advanced Services`, and `Desktop Engine` before 2005."""
    folded = edition.casefold()
    return any(each in folded for each in ("express", "desktop engine", "msde"))


def _register(client: Client, evidence: Evidence) -> list[Claim]:
    """What the register says of the client: the weakest claims, they count where nothing else is known."""
    facts: dict[str, FactValue | None] = {
        "sql_release": client.sql_release,
        "product_update": client.product_update,
        "service_pack": client.service_pack,
        "family": client.family,
        "edition": client.edition,
    }
    found = [Claim(fact, value, Source.REGISTER) for fact, value in facts.items() if value is not None]
    names = {str(each.value).casefold() for each in evidence.claims if each.fact == "administration_name"}
    numbers = {each.number for each in client.administrations if each.name.casefold() in names}
    if len(numbers) == 1:
        found.append(Claim("administration_number", numbers.pop(), Source.REGISTER, inferred=True))
    return found


def _standing(claims: Iterable[Claim], circumstances: Circumstances) -> list[Claim]:
    """What the register learned of the client's side since the file was made takes the place of what it says."""
    now = circumstances.client_now
    past = {*now, *({"internal_version"} if "sql_release" in now else ())}
    return [
        *(each for each in claims if each.fact not in past),
        *(Claim(fact, value, Source.REGISTER) for fact, value in now.items()),
    ]


def _release(known: dict[str, tuple[Claim, ...]], tables: Tables) -> Release | None:
    """The release by the strongest claim; of one source the internal version says it more exactly."""
    claims = [each for fact in _RELEASE_FACTS for each in known.get(fact, ())]
    for claim in sorted(claims, key=lambda each: (-each.source.strength, each.fact)):
        value = claim.value
        found = tables.of_version(value) if isinstance(value, int) else tables.of_label(value)
        if found is not None:
            return found
    return None


def _text(known: dict[str, tuple[Claim, ...]], fact: str) -> str | None:
    value = known[fact][0].value if fact in known else None
    return value if isinstance(value, str) else None


def _whole(known: dict[str, tuple[Claim, ...]], fact: str) -> int | None:
    value = known[fact][0].value if fact in known else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
