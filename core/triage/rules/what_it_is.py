"""1xx: what it is. Rules that end the matter are marked: nothing beyond this chapter speaks after them."""

from __future__ import annotations

from core.triage.rules.book import CONDITIONAL, NO, SILENT, UNKNOWN, AtTarget, Found, Hit, OfFile, Params
from core.triage.rules.case import Case, Site

_DAMAGE = frozenset({"truncated", "checksum"})
"""Findings with a sentence of their own; the others share one."""
_SHOWN = 8
"""Missing stripes named in the sentence; a hostile header may claim thousands."""


def not_recognised(c: Case) -> Found:
    """The container, or what is in it, or the kind of back-up. While it arrives, rule 103 says enough."""
    if c.circumstances.stage == "arriving" or c.evidence.stranger:
        return None
    if c.evidence.kind == "unknown":
        return Hit(evidence=c.claims("size"))
    if not c.understood:
        return Hit("inside", {"kind": c.evidence.kind}, c.claims("size"))
    return Hit("kind", {}, c.claims("content")) if c.native and c.text("backup_type") is None else None


def stranger(c: Case) -> Found:
    """Its first bytes are those of something else."""
    return Hit("", {"kind": c.evidence.kind}, c.claims("size")) if c.evidence.stranger else None


def damaged(c: Case) -> Found:
    """A checksum, a length or a missing end proves it. The 2 GB limit has its own rule, 401."""
    codes = [each.code for each in c.evidence.findings if each.proves_damage and each.code != "wrapped-2gb"]
    if not codes:
        return None
    worst = min(codes, key=lambda code: (code not in _DAMAGE, code))
    return Hit(worst if worst in _DAMAGE else "", {"problem": worst}, c.claims("size"))


def not_there_yet(c: Case) -> Found:
    """Whatever else is said is provisional."""
    stage = c.circumstances.stage
    return Hit(stage, {}, c.claims("size")) if stage in {"arriving", "reading", "unreadable"} else None


def part_with_full(c: Case) -> Found:
    """A differential or log back-up is nothing without its full."""
    kind, base = c.text("backup_type"), c.circumstances.base_full
    if not c.native or kind in {None, "full"} or base is None:
        return None
    return Hit(str(kind), {"base": base}, c.claims("backup_type", "base_guid"))


def part_without_rest(c: Case) -> Found:
    """No full here, or stripes missing, or the file of a database that all others hang on."""
    found = []
    kind = c.text("backup_type")
    if c.native and kind not in {None, "full"} and c.circumstances.base_full is None:
        found.append(Hit(str(kind), {}, c.claims("backup_type", "base_guid")))
    if c.content == "data-file" and c.flag("primary_missing"):
        found.append(Hit("primary", {}, c.claims("content", "primary_missing")))
    count, missing = _stripes(c)
    if missing:
        shown = ", ".join(str(each) for each in missing[:_SHOWN]) + (" ..." if len(missing) > _SHOWN else "")
        found.append(Hit("stripes", {"missing": shown, "count": count}, c.claims("stripe", "media_guid")))
    return tuple(found)


def special_medium(c: Case) -> Found:
    """Restorable, but not by naming one file and nothing else."""
    found = []
    count, missing = _stripes(c)
    if count > 1 and not missing:
        found.append(Hit("stripes", {"count": count}, c.claims("stripe", "media_guid")))
    inside = c.whole("backups_inside") or 0
    if inside > 1:
        taken: Params = {"count": inside, "member": c.text("backup_taken") or "?"}
        found.append(Hit("inside", taken, c.claims("backups_inside", "backup_taken")))
    sets = c.whole("sets") or 0
    if sets > 1:
        found.append(Hit("sets", {"set": c.whole("set_number") or 1, "sets": sets}, c.claims("sets", "set_number")))
    if c.flag("password"):
        found.append(Hit("password", {}, c.claims("password")))
    return tuple(found)


def locked(c: Case) -> Found:
    """Encrypted, or packed in a way that our reader does not know."""
    found = []
    if c.flag("encrypted") or any(each.code == "encrypted" for each in c.evidence.findings):
        found.append(Hit("encrypted", {}, c.claims("encrypted")))
    if c.locked:
        found.append(Hit(c.locked, {"packing": c.text("packing") or "?"}, c.claims("packing")))
    return tuple(found)


def practice_on_real(c: Case, t: Site) -> Found:
    """What makes a target real is its engine: a practice package is no SQL Server database."""
    if c.content != "practice" or t.target.engine == "embedded":
        return None
    return Hit("", {"target": t.target.name}, c.claims("content"))


def real_on_embedded(c: Case, t: Site) -> Found:
    """The embedded engine restores practice packages only."""
    if not c.understood or c.content == "practice" or t.target.engine != "embedded":
        return None
    return Hit("", {"target": t.target.name}, c.claims("content"))


def exact_online(c: Case) -> Found:
    """Told by an operator, or seen from its Division columns once pages are read."""
    return Hit("", {}, c.claims("product")) if c.online else None


def native_backup(c: Case) -> Found:
    """Not in a cabinet, so not made by the wizard: Globe will not swap users and licence by itself."""
    if c.flag("wrapped") or c.online:
        return None
    if c.native:
        return Hit("", {}, c.claims("content"))
    return Hit("files", {}, c.claims("content")) if c.content == "data-file" else None


def _stripes(c: Case) -> tuple[int, list[int]]:
    """How many stripes the medium has, and which are not here."""
    count = c.whole("family_count") or 1
    own = [(c.text("stripe") or "").partition("/")[0], *(c.text("stripes_inside") or "").split()]
    here = c.circumstances.stripes_here | {int(each) for each in own if each.isdecimal()}
    return count, [each for each in range(1, count + 1) if each not in here] if count > 1 else []


WHAT_IT_IS = (
    # rule       work         back
    OfFile(100, UNKNOWN, UNKNOWN, not_recognised),
    OfFile(101, NO, NO, stranger, ends=True),
    OfFile(102, NO, NO, damaged, ends=True),
    OfFile(103, UNKNOWN, UNKNOWN, not_there_yet),
    OfFile(104, CONDITIONAL, CONDITIONAL, part_with_full),
    OfFile(105, NO, NO, part_without_rest),
    OfFile(106, CONDITIONAL, SILENT, special_medium),
    OfFile(108, CONDITIONAL, UNKNOWN, locked),
    AtTarget(109, NO, NO, practice_on_real, ends=True),
    AtTarget(110, NO, NO, real_on_embedded, ends=True),
    OfFile(111, SILENT, NO, exact_online),
    OfFile(112, CONDITIONAL, CONDITIONAL, native_backup),
)
