"""A full back-up expanded into the data files that it was made of: page n at n x 8192, what was not copied zeros."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from core.formats.inside.opening import open_backup
from core.formats.inside.page import PAGE
from core.formats.inside.store import BATCH, PlacedStore


def expand(backup: str | os.PathLike[str], folder: Path) -> list[Path]:
    """Write each data file of the back-up; their paths, the primary one first."""
    with open_backup(backup) as database:
        store = database._store
        assert isinstance(store, PlacedStore)
        return [_file(store, file_id, folder / f"file{file_id}.mdf") for file_id in sorted(store.files)]


def _file(store: PlacedStore, file_id: int, path: Path) -> Path:
    numbers = store.numbers(file_id)
    place = store._places[file_id]
    with path.open("wb") as out:
        out.truncate((int(numbers[-1]) + 1) * PAGE)
        for at in range(0, len(numbers), BATCH):
            part = slice(at, at + BATCH)
            for number, offset, source in zip(
                numbers[part].tolist(), place.offsets[part].tolist(), place.of[part].tolist(), strict=True
            ):
                out.seek(number * PAGE)
                out.write(store._media[source].read_at(offset, PAGE))
    assert np.all(np.diff(numbers) > 0)
    return path
