"""The settings file as data: reading it, who may write it, and on which line each key stands."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from core.errors import NotFound, SettingsError, Unreadable

PREFIX = "WISSEL_"
PATHS = (
    "office", "outbox", "tables", "inboxes.path", "register_password.file",
    "targets.exchange_here", "targets.password.file",
)  # fmt: skip
"""The keys that hold a path: in the file, a relative one starts at the file's folder."""
OPTIONS = {"language": "--lang"}
"""The keys whose option has another name."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The three places of settings, strongest first, as nested tables; and the file's text for line numbers."""

    command_line: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, object] = field(default_factory=dict)
    file: Mapping[str, object] = field(default_factory=dict)
    path: Path | None = None
    text: str = ""

    def place(self, key: str) -> str | None:
        """Where `key` (dotted) comes from: `--key`, the variable's name, or `FILE:LINE`. None: from nowhere."""
        if self._has(self.command_line, key):
            return OPTIONS.get(key) or "--" + key.replace("_", "-")
        if self._has(self.environment, key):
            return variable_of(key)
        line = lines_of(self.text).get(key) if self._has(self.file, key) else None
        return f"{self.path}:{line}" if line else None

    @staticmethod
    def _has(data: Mapping[str, object], key: str) -> bool:
        return any(known == key or known.startswith((f"{key}.", f"{key}[")) for known, _ in flat(data))


def variable_of(key: str) -> str:
    """The environment variable that holds `key`: its own, or that of the table or list around it."""
    names = {name.upper() for name in os.environ}
    parts = key.partition("[")[0].split(".")
    for end in range(len(parts), 0, -1):
        name = PREFIX + "__".join(parts[:end]).upper()
        if name in names:
            return name
    return PREFIX + parts[0].upper()


def read_file(path: Path) -> tuple[str, dict[str, object]]:
    """The file's text, and its tables with relative paths anchored at its folder.

    Raises NotFound, Unreadable, or SettingsError (not TOML, or others may write it).
    """
    text = text_of(path)
    data = _parsed(path, text)
    for key in PATHS:
        _anchor(data, key.split("."), path.absolute().parent)
    return text, data


def text_of(path: Path) -> str:
    """The file's text, after the look at its owner and its mode."""
    try:
        with open(path, encoding="utf-8", opener=_at_once) as file:
            _guard(path, os.fstat(file.fileno()))
            return file.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFound("config", path=str(path)) from None
    except UnicodeDecodeError:
        raise SettingsError("config-syntax", place=str(path), reason="not UTF-8") from None
    except OSError as problem:
        raise Unreadable("file-unreadable", path=str(path), reason=os.strerror(problem.errno or 0)) from problem


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe would wait for its writer


def _guard(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotFound("config", path=str(path))
    if os.name == "nt":
        return
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise SettingsError("config-writable", path=str(path), mode=f"{stat.S_IMODE(found.st_mode):04o}")
    if found.st_uid not in {os.geteuid(), 0}:
        raise SettingsError("config-foreign", path=str(path), owner=found.st_uid)


def _parsed(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise SettingsError("config-syntax", place=f"{path}:1", reason="nested too deeply") from None
    except tomllib.TOMLDecodeError as problem:
        what, _, where = str(problem).rpartition(" (at line ")
        line = where.split(",")[0] if what else "?"
        line = line if line.isdigit() else str(text.count("\n") + 1)
        raise SettingsError("config-syntax", place=f"{path}:{line}", reason=what or str(problem)) from None


def _anchor(data: object, key: list[str], base: Path) -> None:
    if isinstance(data, list):
        for item in data:
            _anchor(item, key, base)
    elif isinstance(data, dict) and key[0] in data:
        if len(key) > 1:
            _anchor(data[key[0]], key[1:], base)
        elif isinstance(data[key[0]], str) and data[key[0]] and not data[key[0]].startswith("~"):
            data[key[0]] = str(base / data[key[0]])


def flat(data: object, at: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys and values of nested tables: `targets[0].name`. Empty tables and lists count as values."""
    if isinstance(data, Mapping) and (data or not at):
        for key, value in data.items():
            yield from flat(value, f"{at}.{key}" if at else str(key))
    elif isinstance(data, list | tuple) and data and isinstance(data[0], Mapping):
        for number, value in enumerate(data):
            yield from flat(value, f"{at}[{number}]")
    else:
        yield at, data


@lru_cache(maxsize=1)
def lines_of(text: str) -> Mapping[str, int]:
    """Dotted key -> line, counted from 1. Text must be TOML.

    Whatever beginning of the file is TOML by itself ends with a whole statement; the keys that are new
    since the one before stand on its first line.
    """
    lines: dict[str, int] = {}
    kept = [f"{line}\n" for line in text.split("\n")]
    start = 0
    for end, line in enumerate(kept, 1):
        if start == end - 1 and (not line.strip() or line.lstrip().startswith("#")):
            start = end
            continue
        try:
            data = tomllib.loads("".join(kept[:end]))
        except tomllib.TOMLDecodeError:
            continue
        for key, _ in flat(data):
            for name in _with_parents(key):
                lines.setdefault(name, start + 1)
        start = end
    return lines


def _with_parents(key: str) -> Iterator[str]:
    yield key
    while cut := max(key.rfind("."), key.rfind("[")):
        if cut < 0:
            return
        key = key[:cut]
        yield key
