"""What can expand the records of a compressed back-up, record after record on one core: expanded MB/s of each."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from pathlib import Path

from core.formats.compressed import records_of
from core.formats.inside.medium import FileMedium
from core.formats.inside.unpacking import LARGEST, libwim, with_libfwnt, with_libwim
from core.formats.xpress import Expander

Decoder = Callable[[bytes, int], bytes]
_MOST = 1000
"""Records of one file."""
_SLOW = 8
"""Every so many-th record goes to a decoder in Python."""


def decoders() -> dict[str, tuple[Decoder, int]]:
    """Name -> decoder, and of how many records it gets one."""
    found: dict[str, tuple[Decoder, int]] = {}
    if libwim() is not None:
        found["libwim (C, of the system)"] = (with_libwim, 1)
    try:
        import pyfwnt  # noqa: F401 - only whether it is there

        found["libfwnt-python (C, comes along)"] = (with_libfwnt, 1)
    except ImportError:
        pass
    found["core.formats.xpress (Python)"] = (lambda raw, size: bytes(Expander(raw, size).upto(size)), _SLOW)
    try:
        dissect = importlib.import_module("dissect.util.compression.lzxpress_huffman")
        found["dissect.util (Python)"] = (lambda raw, _size: bytes(dissect.decompress(raw)), _SLOW)
    except ImportError:
        pass
    return found


def speeds(paths: list[Path]) -> tuple[float, dict[str, str]]:
    """How many times smaller the records are, and what each decoder does with them: expanded MB/s."""
    records = [each for path in paths for each in _records(path)]
    made = {}
    for name, (decode, every) in decoders().items():
        some = records[::every]
        start = time.process_time()
        try:
            done = [len(decode(raw, size)) for raw, size in some]
        except (ValueError, EOFError) as error:
            made[name] = f"fails: {error}"[:60]
            continue
        seconds = time.process_time() - start
        whole = sum(size for _, size in some)
        short = "" if sum(done) >= whole else ", not all of it"
        made[name] = f"{whole / seconds / 1e6:,.0f}{short}"
    return sum(size for _, size in records) / sum(len(raw) for raw, _ in records), made


def _records(path: Path) -> list[tuple[bytes, int]]:
    with path.open("rb") as file:
        medium = FileMedium(file)
        found = [each for each in records_of(medium) if each[1] and each[2] <= LARGEST]
        step = max(1, len(found) // _MOST)
        return [(medium.read_at(at, packed), size) for at, packed, size, _ in found[::step]]
