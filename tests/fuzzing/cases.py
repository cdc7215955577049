"""One case: a sample spoiled by chance, opened, read, verified, and judged."""

from __future__ import annotations

import random
import traceback
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from fuzzing.changes import Spoiled, spoiled
from fuzzing.samples import MAKERS, Rows, Sample, sample

from core.errors import WisselError
from core.formats.backup import inspect
from core.formats.inside.database import Database
from core.formats.inside.opening import open_backup

MOST_ROWS = 200_000
"""Nothing that is as small as a sample can hold more."""


class Ending(StrEnum):
    """How a case ended."""

    REFUSED = "refused by name"
    DAMAGED = "damage reported"
    EQUAL = "read equal"
    OTHER = "other, nothing covers it"
    SILENT = "wrong in silence"
    CRASHED = "crashed"
    SLOW = "too slow"
    HUNGRY = "too much memory"


BAD = frozenset({Ending.SILENT, Ending.CRASHED, Ending.SLOW, Ending.HUNGRY})


class TooSlow(BaseException):
    """The time of a case is over."""


@dataclass(frozen=True)
class Result:
    """What came of one case."""

    kind: str
    ending: Ending
    how: str = ""
    trace: str = ""


def run(number: int, seed: int, folder: Path) -> Result:
    """Case `number`; `folder` is for its files, and for nothing else."""
    chance = random.Random(f"{seed}/{number}")
    kind = chance.choice(list(MAKERS))
    whole = sample(kind)
    made = spoiled(whole, chance)
    try:
        ending, trace = judged(whole, made, folder, thorough=chance.random() < 0.12), ""
    except TooSlow:
        ending, trace = Ending.SLOW, traceback.format_exc()
    except MemoryError:
        ending, trace = Ending.HUNGRY, traceback.format_exc()
    except Exception:  # noqa: BLE001 - whatever it is, it must not come out of the reader
        ending, trace = Ending.CRASHED, traceback.format_exc()
    return Result(kind, ending, "; ".join(made.how), trace)


def judged(whole: Sample, made: Spoiled, folder: Path, *, thorough: bool) -> Ending:
    """What comes of reading what was made of a sample; `thorough`: of verifying it, too."""
    for name, data in made.files.items():
        (folder / name).write_bytes(data)
    paths, full = whole.paths(folder)
    try:
        opened = open_backup(paths, full=full)
    except WisselError as refused:
        str(refused)
        return Ending.REFUSED
    with opened:
        rows, refused_some = _read(opened)
        equal = rows == whole.rows
        told = bool(opened.damage.found) or refused_some
        seen = told
        if thorough or (made.covered and not equal and not told):
            verified = opened.verify()
            seen |= not verified.good
            for path in (*paths, *([full] if full else ())):
                seen |= inspect(path, whole=True).damaged
    if refused_some:
        return Ending.REFUSED
    if told or (seen and not made.by_page):
        return Ending.DAMAGED
    if equal:
        return Ending.EQUAL
    return Ending.SILENT if made.covered else Ending.OTHER


def _read(opened: Database) -> tuple[Rows, bool]:
    """All rows, and whether some table was refused."""
    rows: Rows = {}
    refused = False
    try:
        tables = opened.tables()
    except WisselError:
        return {}, True
    for table in tables:
        columns: list[list[object]] = [[] for _ in table.columns]
        try:
            count = 0
            for batch in opened.read(table):
                count += batch.rows
                for at, column in enumerate(batch.columns):
                    made = column.to_list()
                    assert len(made) == batch.rows
                    if count <= MOST_ROWS:
                        columns[at] += made
        except WisselError:
            refused = True
        rows[table.full_name] = columns
    return rows, refused
