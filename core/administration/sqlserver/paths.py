"""Paths at the server, which may be of the other kind than ours; and one folder that both sides see.

`os.path` knows only the console's own kind. Server paths keep the separator that the server's own folders have.
"""

from __future__ import annotations

import ntpath
import os
import re
from dataclasses import dataclass

from core.errors import Refused, SettingsError
from core.texts.shown import shown

WINDOWS, LINUX = "\\", "/"
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?")
"""Device names of Windows, whatever their suffix."""
_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\ud800-\udfff]')
LONGEST = 200
"""Characters of a plain file name; a folder comes before it."""


def separator_of(path: str) -> str:
    r"""`\` or `/`: the one that the server uses in this path of its own. Raises SettingsError (`server-path`)."""
    drive = re.match(r"(?:[A-Za-z]:[\\/]|\\\\)", path)
    if drive is None and not path.startswith("/"):
        raise SettingsError("server-path", path=shown(path))
    return WINDOWS if drive else LINUX


def plain(name: str) -> str:
    """The name again, if it is one plain file name on every system. Raises Refused (`server-file-name`)."""
    bad = _UNFIT.search(name) or name.strip() != name or name.endswith(".") or _RESERVED.fullmatch(name)
    if not name or bad or len(name) > LONGEST:
        raise Refused("server-file-name", name=shown(name))
    return name


def join(folder: str, name: str) -> str:
    """A plain name in a folder of the server, whether the folder's path ends in a separator or not.

    Raises Refused (`server-file-name`) for what would leave the folder, SettingsError (`server-path`).
    """
    separator = separator_of(folder)
    return folder.rstrip("\\/" if separator == WINDOWS else "/") + separator + plain(name)


def base(path: str) -> str:
    r"""The last part of a path of any server: of a back-up's file list, say. Split at `\` and `/` alike."""
    return ntpath.basename(path)


def folder(path: str) -> str:
    """The folder of a path of the server, without a separator at its end (a root keeps its own)."""
    found = path[: len(path) - len(base(path))]
    bare = found.rstrip("\\/")
    return found if bare in {"", found[:2]} and len(bare) <= 2 else bare


def inside(folder_path: str, path: str, *, fold: bool) -> bool:
    r"""Is the path in this folder of the server, or deeper? Paths with a part `..` are nowhere.

    `fold`: letters of either case are the same, as Windows and servers with such a collation have it.
    """
    parts, above = _parts(path, fold=fold), _parts(folder_path, fold=fold)
    return ".." not in parts and len(parts) > len(above) and parts[: len(above)] == above


@dataclass(frozen=True, slots=True)
class Exchange:
    """One folder under its two names. Only plain files lie in it, each under a name of our own."""

    here: str
    """As the console sees it."""
    there: str
    """As the service of SQL Server sees it."""

    def path_here(self, name: str) -> str:
        """A file of it, for us. Raises Refused (`server-file-name`)."""
        return os.path.join(self.here, plain(name))

    def path_there(self, name: str) -> str:
        """The same file, for the server. Raises Refused (`server-file-name`), SettingsError (`server-path`)."""
        return join(self.there, name)

    def seen_here(self, path: str, *, fold: bool) -> str | None:
        """Our path of a file at the server; None: it lies outside the folder."""
        if not inside(self.there, path, fold=fold):
            return None
        return os.path.join(self.here, *_split(path)[len(_split(self.there)) :])


def _split(path: str) -> list[str]:
    marks = r"[\\/]+" if separator_of(path) == WINDOWS else "/+"
    return [part for part in re.split(marks, path) if part not in {"", "."}]


def _parts(path: str, *, fold: bool) -> list[str]:
    return [part.casefold() if fold else part for part in _split(path)]
