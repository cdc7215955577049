"""What a package is, apart from what the database in it says: its members, and what lies beside what is taken."""

from __future__ import annotations

from collections.abc import Mapping

from core.formats.report import Inspection, Media, Payload
from core.model import Claim, FactValue, Source

DATA = (".mdf", ".ndf")
LOG = (".ldf",)


def claimed(source: Source, facts: Mapping[str, FactValue | None]) -> list[Claim]:
    """One claim for each fact that is known."""
    return [Claim(fact, value, source) for fact, value in facts.items() if value is not None and value != ""]


def suffix(name: str, *endings: str) -> bool:
    """Does a file name end so? Case does not matter."""
    return name.casefold().endswith(endings)


def members(inspection: Inspection) -> dict[str, FactValue | None]:
    """Sizes of the files inside by their names, and those whose meaning we do not know."""
    facts: dict[str, FactValue | None] = {}
    inside = inspection.members
    if inside:
        facts["member_bytes"] = max(member.size for member in inside)
    if inspection.kind in {"cabinet", "zip"}:
        serving = _serving(inspection)
        others = [each.name for each in inside if not suffix(each.name, *DATA, *LOG) and each.name not in serving]
        facts["other_members"] = len(others) or None
        facts["other_member"] = others[0] if others else None
        if not any(payload.media for payload in inspection.payloads):
            facts["data_bytes"] = sum(each.size for each in inside if suffix(each.name, *DATA)) or None
            facts["log_bytes"] = sum(each.size for each in inside if suffix(each.name, *LOG)) or None
    return facts


def content(inspection: Inspection, payload: Payload) -> list[Claim]:
    """Which kind of database is inside, and whether a cabinet holds it, as the wizard's packages do."""
    inside = payload.member or ""
    outer = next((each.name for each in inspection.members if inside.startswith(f"{each.name}/")), "")
    way = [outer, *inside[len(outer) + 1 :].split("/")[:-1]] if outer else []
    nested = any(not suffix(each, ".zip") for each in way)
    wrapped = inspection.kind == "cabinet" or nested
    return claimed(Source.CONTAINER, {"content": payload.kind, "wrapped": wrapped or None})


def beside(payloads: list[Payload], taken: Payload, medium: Media | None, set_guid: str | None) -> list[Claim]:
    """What lies beside the database that is taken: other stripes of its medium, and other databases."""
    guid = medium.guid if medium else None
    kin = [each.media for each in payloads if each.media and guid and each.media.guid == guid]
    ours = [each for each in kin if set_guid in {one.set_guid for one in each.sets}]
    stripes = sorted({each.family_ordinal for each in ours if each.family_ordinal})
    files = sum(1 for each in payloads if each.data_file and each.data_file.primary)
    media = {each.media.guid or each.member for each in payloads if each.media}
    facts: dict[str, FactValue | None] = {"stripes_inside": " ".join(map(str, stripes)) if len(stripes) > 1 else None}
    if files + len(media) > 1:
        facts |= {"backups_inside": files + len(media), "backup_taken": taken.member}
    return claimed(Source.CONTAINER, facts)


def _serving(inspection: Inspection) -> set[str]:
    """Names of members that are a database or a container of one: `a.zip/b.ebu/150.bak` and what leads there."""
    found: set[str] = set()
    for payload in inspection.payloads:
        parts = (payload.member or "").split("/")
        found.update("/".join(parts[: end + 1]) for end in range(len(parts)))
    return found
