"""Everything of a database checked: the containers around it, every allocated page, every row of every table."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from core.formats.backup import inspect
from core.model.evidence import Finding
from core.model.inside import Verified
from core.office.inside.views import COUNTED, damage_inside, table_inside

if TYPE_CHECKING:
    from core.office.inside.opened import Readable

Cancel = Callable[[], bool]
Progress = Callable[[int, int], None]


def verify(database: Readable, paths: tuple[str, ...], progress: Progress | None, stopped: Cancel) -> Verified:
    """Check all of it. Raises Cancelled and Unreadable.

    Of the containers everything is compared that they hold checksums of; of the database every allocated page,
    indexes and large objects included; of every user table each row is decoded and counted.
    """
    checked: Counter[str] = Counter()
    findings: list[Finding] = []
    broken = False
    for path in paths:
        seen = inspect(path, whole=True, cancel=stopped, progress=_bytes_of(path, progress))
        checked.update({name.replace("-", "_"): count for name, count in seen.checked.items()})
        findings += [Finding(note.code, dict(note.detail)) for note in seen.notes]
        broken |= seen.damaged
    if progress is not None:
        progress(0, 0)
    found = database.verify(stopped, progress)
    del checked["pages"]  # of the first ones; all of them were looked at now
    records = {"rows" if name == "records" else name: count for name, count in found.checked.items()}
    checked.update({"pages": found.pages, "page_checksums": found.summed, "unallocated": found.unallocated, **records})
    checked["tables"] = len(found.tables)
    checked["rows"] = sum(each.rows or 0 for each in found.tables)
    checked["undecoded"] = sum(each.undecoded for each in found.tables)
    tables = [replace(table_inside(each.table), rows=each.rows) for each in found.tables]
    damage = tuple(damage_inside(each) for each in found.damage if each.code != COUNTED)
    return Verified(
        dict(checked),
        damage,
        found.findings - len(found.damage),
        tuple(each for each in tables if each.differs),
        tuple(each for each in tables if each.rows is None),
        tuple(findings),
        broken,
    )


def _bytes_of(path: str, progress: Progress | None) -> Callable[[int], None] | None:
    if progress is None:
        return None
    size = os.path.getsize(path)
    return lambda done: progress(done, size)
