"""The outbox: where a return back-up lies ready for its client, with what it is and what changed.

<outbox>/<client>/.<delivery>-<operation>/     hidden while it is filled and proven
<outbox>/<client>/<delivery>-<operation>/      released: renamed in one step, never over anything
    <name by convention>.ebu  manifest.json  letter.json
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.errors import Refused
from core.files import Folder, atomic_write, copy_new, private_dir, rename_aside, sha256_of_file, speaking, sync_folder

MANIFEST, LETTER = "manifest.json", "letter.json"
_FORBIDDEN = frozenset('\\/:*?"<>|')
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{name}{at}" for name in ("com", "lpt") for at in range(1, 10))})
_PART_BYTES = 100

Paper = Mapping[str, object]


def tidy(text: str, most: int = _PART_BYTES) -> str:
    """Text from outside as one part of a path: nothing in it leads elsewhere, or is refused by Windows."""
    plain = "".join(each if each.isprintable() and each not in _FORBIDDEN else "_" for each in text)
    cut = plain.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").strip(" .")
    if cut.partition(".")[0].casefold() in _DEVICES:
        return f"_{cut}"
    return cut or "_"


@dataclass(frozen=True, slots=True)
class Lot:
    """One return in the outbox."""

    folder: str
    """Of the client."""
    name: str
    file: str
    """Name of the package in it."""

    @classmethod
    def of(cls, outbox: str, client: str, delivery: str, operation: str, file: str) -> Lot:
        """The place of this return."""
        return cls(os.path.join(outbox, tidy(client)), f"{delivery}-{operation}", file)

    @property
    def draft(self) -> str:
        """The hidden folder."""
        return os.path.join(self.folder, f".{self.name}")

    @property
    def visible(self) -> str:
        """The folder that the client's people see."""
        return os.path.join(self.folder, self.name)

    @property
    def package(self) -> str:
        """Where the released package is."""
        return os.path.join(self.visible, self.file)

    def released(self) -> bool:
        """Was it made visible? Beside the hidden folder, what has that name is somebody else's."""
        return self._taken() and not os.path.lexists(self.draft)

    def _taken(self) -> bool:
        return os.path.lexists(self.visible)

    def fill(self, package: str, papers: Mapping[str, Paper], check: Callable[[], None]) -> dict[str, str]:
        """Copy the package and write the papers into the hidden folder; SHA-256 of each file, by its name.

        What a killed process left of it is thrown away first. Raises Refused where something visible is in the way.
        """
        if self._taken():
            raise Refused("exists", path=self.visible)
        self.discard()
        if not os.path.isdir(self.folder) or os.path.islink(self.folder):
            private_dir(self.folder)
        private_dir(self.draft)

        def stop() -> bool:
            check()
            return False

        found = {self.file: copy_new(package, os.path.join(self.draft, self.file), cancel=stop)}
        for name, paper in papers.items():
            data = json.dumps(paper, indent=1, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
            atomic_write(os.path.join(self.draft, name), data)
            found[name] = hashlib.sha256(data).hexdigest()
        with speaking(self.folder):
            sync_folder(self.draft)
            sync_folder(self.folder)
        return found

    def proven(self, sums: Mapping[str, str], *, draft: bool) -> str:
        """The name of the first file that is not what was proven, is missing, or does not belong; empty: all are."""
        place = self.draft if draft else self.visible
        with speaking(place), Folder(place) as folder:
            strange = sorted(set(folder.names()) ^ set(sums))
            return strange[0] if strange else next((each for each in sums if _sum(folder, each) != sums[each]), "")

    def release(self) -> None:
        """Make it visible. Raises Refused when something else has that name."""
        if self._taken():
            raise Refused("exists", path=self.visible)
        with speaking(self.visible):
            rename_aside(self.draft, self.visible)
            sync_folder(self.folder)

    def discard(self) -> None:
        """Remove the hidden folder; harmless when it is gone. What was released is never touched."""
        with speaking(self.draft):
            if os.path.islink(self.draft) or os.path.isfile(self.draft):
                os.unlink(self.draft)
                return
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self.draft)


def _sum(folder: Folder, name: str) -> str:
    if not stat.S_ISREG(folder.look(name).st_mode):
        return ""
    with folder.open(name) as file:
        return sha256_of_file(file)
