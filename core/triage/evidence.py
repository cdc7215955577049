"""From what a file says of itself to claims with sources: the evidence that the rules judge.

A claim is never thrown away because a stronger one contradicts it: the rules compare (rule 601), and of each
fact the strongest is believed. Bytes outrank people, people outrank the name, the name outranks the register.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from core.errors import NotFound
from core.formats import filename
from core.formats.report import BackupSet, DataFile, Inspection, Media, Payload
from core.model import Claim, Evidence, FactValue, Finding, Source
from core.triage.package import LOG, beside, claimed, content, members, suffix
from core.triage.releases import Tables

FACTS = (
    "sql_release", "engine_version", "internal_version", "database", "server", "backup_type", "started_at",
    "finished_at", "compatibility_level", "sets", "stripe", "checksums", "password", "encrypted", "data_bytes",
    "product_update", "service_pack", "family", "administration_number", "administration_name", "backup_date",
    "edition",
)  # fmt: skip
"""The facts that are shown, in order. Others serve the rules: `content wrapped packing media_guid ...`."""

DATABASE_KINDS = frozenset({"tape", "compressed", "data-file"})
FAMILIES = frozenset({"next", "plus"})
_GUESSES = frozenset({Source.NAME, Source.REGISTER})
BATCHES = range(300, 600)
"""What of `bedryf.Batchlevel` can be a product update: those seen are 360 to 507. Globe's own table list shows a batch
number; that it stands in this column is not documented (facts.md sections 3.2, 3.5 and 4.2): inferred."""
PLUS_FROM = 500
"""Product updates from here on are Globe+'s; Exact's own texts are not a reliable discriminator (inferred)."""
_NUMBER = re.compile(r"[0-9]{1,3}")
_MANIFEST: Mapping[str, type] = {
    "database": str,
    "sql_release": str,
    "internal_version": int,
    "product_update": int,
    "service_pack": int,
    "family": str,
    "administration_number": str,
    "administration_name": str,
    "company_number": str,
    "licence": str,
    "client": str,
    "backup_date": str,
    "started_at": str,
    "data_bytes": int,
}


def evidence_of(
    inspection: Inspection, tables: Tables, told: Iterable[Claim] = (), set_number: int | None = None
) -> Evidence:
    """Everything claimed of one file; `told` is what operators said of it.

    `set_number` chooses a back-up set by its position; else the last full one, else the first.
    Raises NotFound `backup-set` (`set`, `sets`) for a position that is not there.
    """
    claims = [*_container(inspection), *_inside(inspection, tables, set_number), *_name(inspection.file), *told]
    return Evidence(
        kind=inspection.kind,
        claims=(*claims, *_concluded(claims)),
        findings=tuple(Finding(note.code, note.detail, note.proves_damage) for note in inspection.notes),
        stranger=inspection.stranger,
        complete=inspection.complete,
    )


def with_told(evidence: Evidence, told: Iterable[Claim]) -> Evidence:
    """Evidence as it was read, with what operators said of it since: conclusions are drawn anew from both."""
    stated = [claim for claim in evidence.claims if claim.source is not Source.OPERATOR and not _is_concluded(claim)]
    claims = [*stated, *told]
    return replace(evidence, claims=(*claims, *_concluded(claims)))


def ranked(claims: Iterable[Claim]) -> dict[str, tuple[Claim, ...]]:
    """Claims by fact, the strongest first, whatever order they came in.

    Of equal sources the one told later, then what is stated before what is concluded.
    """
    found: dict[str, list[Claim]] = {}
    for claim in claims:
        found.setdefault(claim.fact, []).append(claim)
    return {fact: tuple(each if len(each) == 1 else sorted(each, key=_weight)) for fact, each in found.items()}


def facts_of(evidence: Evidence) -> dict[str, FactValue]:
    """The strongest value of each known fact, in the order of `FACTS`."""
    known = ranked(evidence.claims)
    return {fact: known[fact][0].value for fact in FACTS if fact in known}


def padded(number: str) -> str | None:
    """An administration number as three digits; None where it is none (000-999)."""
    text = number.strip()
    return text.zfill(3) if _NUMBER.fullmatch(text) else None


def _weight(claim: Claim) -> tuple[int, float, bool, str]:
    at = claim.at or datetime.min.replace(tzinfo=UTC)
    told = at if at.tzinfo else at.replace(tzinfo=UTC)
    age = -(told - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    return (-claim.source.strength, age, claim.inferred, str(claim.value))


def _container(inspection: Inspection) -> list[Claim]:
    facts: dict[str, FactValue | None] = {"size": inspection.size, "packing": inspection.packing}
    facts |= members(inspection)
    if inspection.kind == "practice" or any(payload.kind == "practice" for payload in inspection.payloads):
        facts["content"] = "practice"
        facts.update(_manifest(inspection.manifest or {}))
    return claimed(Source.CONTAINER, facts)


def _manifest(manifest: Mapping[str, object]) -> dict[str, FactValue | None]:
    """What a practice package says of itself; a value of the wrong type says nothing."""
    facts: dict[str, FactValue | None] = {}
    for name, kind in _MANIFEST.items():
        value = manifest.get(name)
        if isinstance(value, str | int) and isinstance(value, kind) and not isinstance(value, bool):
            facts[name] = value
    facts["administration_number"] = padded(str(facts.get("administration_number", "")))
    facts["family"] = facts.get("family") if facts.get("family") in FAMILIES else None
    return facts


def _inside(inspection: Inspection, tables: Tables, set_number: int | None) -> list[Claim]:
    """What the database inside says: the header of a back-up, or the pages of a data file."""
    payloads = [payload for payload in inspection.payloads if payload.kind in DATABASE_KINDS]
    chosen = _choose(payloads, set_number)
    if chosen is not None:
        payload, media, backup = chosen
        claims = [*content(inspection, payload), *_header(media, backup, tables)]
        return [*claims, *beside(payloads, payload, media, backup.set_guid)]
    files = [payload for payload in payloads if payload.data_file]
    first = next((each for each in files if each.data_file and each.data_file.primary), next(iter(payloads), None))
    if first is None:
        return []
    claims = [*content(inspection, first), *beside(payloads, first, first.media, None)]
    if inspection.complete and files and not any(each.data_file and each.data_file.primary for each in files):
        claims += claimed(Source.CONTAINER, {"primary_missing": True})
    if first.media:
        claims += _medium(first.media)
    if first.data_file:
        claims += _pages(first.data_file, files, tables)
    return claims


def _choose(payloads: list[Payload], number: int | None) -> tuple[Payload, Media, BackupSet] | None:
    sets = [(payload, payload.media, each) for payload in payloads if payload.media for each in payload.media.sets]
    if number is not None:
        found = next((each for each in sets if each[2].position == number), None)
        if found is None:
            raise NotFound("backup-set", set=number, sets=len(sets))
        return found
    full = [each for each in sets if each[2].backup_type == "full"]
    return full[-1] if full else next(iter(sets), None)


def _medium(media: Media) -> list[Claim]:
    count, ordinal = media.family_count, media.family_ordinal
    facts: dict[str, FactValue | None] = {
        "media_guid": media.guid,
        "family_count": count,
        "stripe": f"{ordinal}/{count}" if count and ordinal else None,
        "password": media.password or any(each.password for each in media.sets),
    }
    return claimed(Source.HEADER, facts)


def _header(media: Media, backup: BackupSet, tables: Tables) -> list[Claim]:
    facts: dict[str, FactValue | None] = {
        "engine_version": backup.engine_version,
        "internal_version": backup.internal_version,
        "database": backup.database,
        "server": backup.server,
        "backup_type": backup.backup_type,
        "started_at": _iso(backup.started_at),
        "finished_at": _iso(backup.finished_at),
        "compatibility_level": backup.compatibility_level,
        "collation": backup.collation,
        "sets": len(media.sets),
        "set_number": backup.position,
        "checksums": backup.checksums,
        "encrypted": backup.encrypted,
        "data_bytes": sum(each.size_bytes for each in backup.files if each.kind == "data") or None,
        "log_bytes": sum(each.size_bytes for each in backup.files if each.kind == "log") or None,
        "set_guid": backup.set_guid,
        "base_guid": None if backup.backup_type == "full" else backup.base_guid or backup.previous_full_guid,
    }
    claims = [
        *claimed(Source.HEADER, facts),
        *_medium(media),
        *_release(Source.HEADER, backup.internal_version, tables),
    ]
    if backup.internal_version is None and backup.engine_version:
        engine = tables.of_engine(backup.engine_version)
        claims += [Claim("sql_release", engine.label, Source.HEADER, inferred=True)] if engine else []
    return claims


def _pages(file: DataFile, files: list[Payload], tables: Tables) -> list[Claim]:
    sizes = [
        (each.data_file.size_bytes if each.data_file else None) or each.size or 0
        for each in files
        if not suffix(each.member or "", *LOG)
    ]
    facts: dict[str, FactValue | None] = {
        "internal_version": file.internal_version,
        "database": file.database,
        "compatibility_level": file.compatibility_level,
        "collation": file.collation,
        "encrypted": file.encrypted,
        "data_bytes": sum(sizes) or None,
    }
    return [*claimed(Source.PAGES, facts), *_release(Source.PAGES, file.internal_version, tables)]


def _release(source: Source, internal: int | None, tables: Tables) -> list[Claim]:
    """The release of an internal version; one beyond the table has no name yet (rule 207)."""
    release = tables.of_version(internal) if internal else None
    return [] if release is None or release.beyond else [Claim("sql_release", release.label, source)]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _name(file: str) -> list[Claim]:
    parsed = filename.parse(file)
    facts: dict[str, FactValue | None] = {
        "backup_date": parsed.backup_date.isoformat() if parsed.backup_date else None,
        "product_update": parsed.product_update,
        "service_pack": parsed.service_pack,
        "sql_release": parsed.sql_release,
        "administration_name": parsed.administration_name,
        "by_convention": parsed.by_convention,
    }
    return claimed(Source.NAME, facts)


def _concluded(claims: list[Claim]) -> list[Claim]:
    """What follows from other claims: a database called `150` is administration 150, update 503 is Globe+'s.

    Of the update only where neither the bytes state it nor somebody told it: more than the name it is worth.
    """
    known = ranked(claims)
    found = []
    for claim in known.get("database", ()):
        number = padded(str(claim.value))
        if number is not None:
            found.append(Claim("administration_number", number, claim.source, inferred=True))
    concluded = _update_of(known)
    found += [concluded] if concluded else []
    update = concluded or next(iter(known.get("product_update", ())), None)
    if update and isinstance(update.value, int) and update.value >= PLUS_FROM:
        found.append(Claim("family", "plus", update.source, inferred=True, by=update.by, at=update.at))
    return found


def _update_of(known: Mapping[str, tuple[Claim, ...]]) -> Claim | None:
    """The product update by what the company's own table calls its batch."""
    if any(each.source not in _GUESSES for each in known.get("product_update", ())):
        return None
    batch = next((each for each in known.get("batch_level", ()) if each.source is Source.PAGES), None)
    if batch is None or batch.value not in BATCHES:
        return None
    return Claim("product_update", batch.value, Source.PAGES, inferred=True)


def _is_concluded(claim: Claim) -> bool:
    return claim.inferred and claim.fact in {"administration_number", "family", "product_update"}
