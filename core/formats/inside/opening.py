"""From files to a database: data files, full back-ups, all stripes of one, a differential on its full."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.errors import BadFormat
from core.formats.compressed import read_compressed
from core.formats.inside.damage import Damage, DamageBook
from core.formats.inside.database import Database
from core.formats.inside.expanded import ExpandedMedium
from core.formats.inside.extents import Found, extents_in, place_of
from core.formats.inside.medium import Medium, MediumStream
from core.formats.inside.payloads import Payload, Progress, payloads_of
from core.formats.inside.records import records_of
from core.formats.inside.store import EMPTY, Place, PlacedStore, backup_place, data_file_place, overlaid
from core.formats.media import SetPages
from core.formats.report import BackupSet, Media
from core.formats.tape import TapeResult, read_tape

AnyPath = str | bytes | os.PathLike[str]
MEMORY = 64 << 20
"""Bytes kept of expanded records."""


@dataclass(frozen=True, slots=True)
class _Tape:
    """One medium, or one stripe of it, walked."""

    medium: Medium
    report: TapeResult

    @property
    def media(self) -> Media:
        """Its label and sets."""
        return self.report.media or Media()


def open_backup(
    paths: AnyPath | Sequence[AnyPath],
    *,
    position: int | None = None,
    full: AnyPath | None = None,
    member: str | None = None,
    memory: int = MEMORY,
    scratch: str | None = None,
    cancel: Callable[[], bool] | None = None,
    progress: Progress | None = None,
) -> Database:
    """Open what lies in these files as one database; close it again.

    Several paths: all stripes of a back-up, or all data files of a database. `position` chooses a set on the
    medium (default: the last full one, else the last), `full` is the back-up under a differential, `member` the
    one of several databases in a container. `progress` hears how many bytes of a packed one are unpacked, of how
    many; what is not packed opens at once. Raises Unreadable, Cancelled, NoSpace, and BadFormat: `inside-none`,
    `inside-many`, `inside-no-set`, `inside-stripes`, `inside-log`, `inside-needs-full`, `inside-wrong-full`,
    `inside-no-pages`, `inside-encrypted`, `inside-boot`, `inside-2000`, `inside-foreign-stripe`,
    `inside-foreign-file`.
    """
    several = [paths] if isinstance(paths, str | bytes | os.PathLike) else list(paths)
    with contextlib.ExitStack() as stack:
        found = [each for path in several for each in payloads_of(path, stack, scratch, cancel, progress)]
        below = [] if full is None else payloads_of(full, stack, scratch, cancel, progress)
        wanted = _wanted(found, member)
        store = _store(wanted, below, position, memory)
        if not all(each.packed_well for each in (*wanted, *below)):
            store.damage.add(Damage("package", 0, 0))
        database = Database(store)
        database.at_close(stack.pop_all().close)
        return database


def _wanted(found: list[Payload], member: str | None) -> list[Payload]:
    if member is not None:
        found = [each for each in found if each.name == member]
    if not found:
        raise BadFormat("inside-none")
    kinds = {"data-file" if each.kind == "data-file" else "tape" for each in found}
    if len(kinds) > 1:
        raise BadFormat("inside-many", names=", ".join(each.name for each in found)[:200])
    return found


def _store(found: list[Payload], below: list[Payload], position: int | None, memory: int) -> PlacedStore:
    if found[0].kind == "data-file":
        return _of_data_files([each.medium for each in found])
    tapes = [_walked(each, memory) for each in found]
    chosen = _chosen(tapes[0].media.sets, position)
    if chosen.encrypted:
        raise BadFormat("inside-encrypted")
    if chosen.backup_type == "log":
        raise BadFormat("inside-log", position=chosen.position)
    if chosen.backup_type != "differential":
        return _of_full(_family(tapes, chosen), chosen)
    base = [_walked(each, memory) for each in below]
    return _of_differential(_family(tapes, chosen), chosen, base or tapes, given=bool(base))


def _walked(payload: Payload, memory: int) -> _Tape:
    if payload.kind == "compressed":
        expanded = ExpandedMedium(payload.medium, memory)
        walked = read_tape(MediumStream(expanded), whole=False)
        if walked.media is None:  # the framing says what is wrong
            walked = read_compressed(MediumStream(payload.medium), whole=False)
        return _Tape(expanded, walked)
    return _Tape(payload.medium, read_tape(MediumStream(payload.medium), whole=False))


def _chosen(sets: tuple[BackupSet, ...], position: int | None) -> BackupSet:
    fitting = [each for each in sets if position in (None, each.position)]
    if not fitting:
        raise BadFormat("inside-no-set", position=position or 0, count=len(sets))
    return next((each for each in reversed(fitting) if each.backup_type == "full"), fitting[-1])


def _family(tapes: list[_Tape], chosen: BackupSet) -> list[_Tape]:
    """All stripes of the set, in order."""
    own = [
        tape
        for tape in tapes
        if tape.media.guid == tapes[0].media.guid and any(each.set_guid == chosen.set_guid for each in tape.media.sets)
    ]
    count = tapes[0].media.family_count or 1
    by_ordinal = {tape.media.family_ordinal or 1: tape for tape in own}
    missing = [str(each) for each in range(1, count + 1) if each not in by_ordinal]
    if missing:
        raise BadFormat("inside-stripes", missing=", ".join(missing), count=count)
    if len(tapes) > len(by_ordinal):
        raise BadFormat("inside-foreign-stripe", count=len(tapes) - len(by_ordinal))
    return [by_ordinal[each] for each in sorted(by_ordinal)]


def _of_data_files(media: list[Medium]) -> PlacedStore:
    places: dict[int, Place] = {}
    for source, medium in enumerate(media):
        file_id = int.from_bytes(medium.read_at(36, 2), "little")
        if not file_id or file_id in places:
            raise BadFormat("inside-many", names=f"file id {file_id}")
        own = data_file_place(medium)
        places[file_id] = replace(own, sources=np.full(len(own.numbers), source, dtype=np.int64))
    store = PlacedStore(media, places)
    bindings = {each for each in (_binding(store, file_id) for file_id in store.files) if each}
    if len(bindings) > 1:
        raise BadFormat("inside-foreign-file")
    return store


def _binding(store: PlacedStore, file_id: int) -> bytes:
    """What all files of one database have in common; nothing where page 0 does not hold.

    The first variable column of that page ([observed] in 35 databases, one of them with two files).
    """
    numbers = np.zeros(1, dtype=np.int64)
    pages, whole = store.pages(file_id, numbers)
    records = records_of(pages[whole], DamageBook(), file_id, numbers[whole])
    if not records.count:
        return b""
    place = records.variable(1)
    return records.memory[place.start[0] : place.end[0]]


def _pages_of(tape: _Tape, chosen: BackupSet) -> SetPages:
    own = (
        each for each, said in zip(tape.report.pages, tape.media.sets, strict=True) if said.set_guid == chosen.set_guid
    )
    pages = next(own, None)
    if pages is None or not any(pages.regions):
        raise BadFormat("inside-no-pages")
    return pages


def _of_full(family: list[_Tape], chosen: BackupSet) -> PlacedStore:
    media, damage = [tape.medium for tape in family], DamageBook()
    if len(family) > 1:
        return PlacedStore(media, _self_told(family, chosen, 0, damage), damage)
    pages = _pages_of(family[0], chosen)
    if not pages.regions[0]:
        raise BadFormat("inside-no-pages")
    places: dict[int, Place] = {}
    start = pages.regions[0][0][0]
    for file_id, count in pages.counts:
        places[file_id] = place = backup_place(media[0], start, count)
        start += 8192 * len(place.numbers)
    for file_id, over in _self_told(family, chosen, 1, damage).items():
        places[file_id] = overlaid(places.get(file_id, EMPTY), over)
    return PlacedStore(media, places, damage)


def _of_differential(family: list[_Tape], chosen: BackupSet, below: list[_Tape], *, given: bool) -> PlacedStore:
    fulls = [each for tape in below for each in tape.media.sets if each.backup_type == "full"]
    base = next((each for each in fulls if each.set_guid == chosen.base_guid), None)
    if base is None:
        named = fulls[-1].database or "?" if fulls else "?"
        raise BadFormat("inside-wrong-full", database=named) if given and fulls else BadFormat("inside-needs-full")
    under = _family([tape for tape in below if any(each is base for each in tape.media.sets) or given], base)
    store = _of_full(under, base)
    return store.over([tape.medium for tape in family], _self_told(family, chosen, 0, store.damage))


def _self_told(family: list[_Tape], chosen: BackupSet, from_region: int, damage: DamageBook) -> dict[int, Place]:
    """Places by what the extents say of themselves, a later region over an earlier one.

    What stands in a later region replaces what was copied before, so an extent there that does not say where it
    belongs is damage `extent`: older rows would be shown. In the first region a page that is missed says so itself.
    """
    places: dict[int, Place] = {}
    regions = [_pages_of(tape, chosen).regions[from_region:] for tape in family]
    for number in range(max(map(len, regions), default=0)):
        for source, (tape, own) in enumerate(zip(family, regions, strict=True)):
            found: list[Found] = []
            for start, count in own[number] if number < len(own) else ():
                told, untold = extents_in(tape.medium, start, count)
                found += told
                if untold and from_region + number > 0:
                    damage.add(Damage("extent", 0, 0))
            for file_id in sorted({each.file_id for each in found}):
                own_place = place_of(found, file_id, source)
                places[file_id] = overlaid(places.get(file_id, EMPTY), own_place)
    return places
