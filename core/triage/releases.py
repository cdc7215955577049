"""SQL Server releases, limits and product updates: data with sources, which the firm can extend.

`data/*.toml` ship with us; a file of the firm with the same tables adds rows, or replaces those with the same key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from core.errors import SettingsError

_DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
_SHIPPED = ("releases.toml", "limits.toml", "product_updates.toml")
_KEYS = {
    "release": "label",
    "express": "from_release",
    "package": "name",
    "support": "sql_release",
    "minimum": "first_update",
}
"""The tables and the field that makes a row of each unique."""
_FIELDS: dict[str, dict[str, type]] = {
    "release": {"label": str, "internal": object, "engine": str, "prerelease": bool, "source": str},
    "express": {"from_release": str, "bytes": int, "source": str},
    "package": {"name": str, "bytes": int, "source": str},
    "support": {"sql_release": str, "first_update": int, "source": str},
    "minimum": {"first_update": int, "sql_release": str, "source": str},
}
_OPTIONAL = {"engine", "prerelease"}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Release:
    """One SQL Server release: the internal database versions from `low` to `high`."""

    label: str
    low: int
    high: int
    engine: str = ""
    """How its product version begins: `10.50`."""
    prerelease: bool = False
    beyond: bool = False
    """Newer than every release in the table."""
    source: str = ""

    def older_than(self, other: Release) -> bool:
        """By internal version; releases never overlap."""
        return self.high < other.low


@dataclass(frozen=True, slots=True)
class Tables:
    """Everything the rules look up. Releases in order of age."""

    releases: tuple[Release, ...]
    labels: Mapping[str, Release]
    express: tuple[tuple[Release, int], ...]
    """From this release on, the data files of an Express database may hold so many bytes."""
    wizard_bytes: int
    support: tuple[tuple[Release, int], ...]
    """The first product update that supports this release."""
    minimum: tuple[tuple[int, Release], ...]
    """From this product update on, the oldest release that goes with it."""

    def of_version(self, internal: int) -> Release:
        """The release of an internal database version; a number between two rows is a pre-release.

        Microsoft does not document the numbers. MSSQLTips 7261: a number that is not in the list is almost
        certainly from a pre-release version.
        """
        for release in self.releases:
            if internal <= release.high:
                if internal >= release.low:
                    return release
                return Release(f"{release.label} pre-release ({internal})", internal, internal, prerelease=True)
        return Release(f"? ({internal})", internal, internal, beyond=True)

    def of_label(self, label: str) -> Release | None:
        """The release of a label such as `2008 R2`, `SQL2008R2` or `sql server 2016`; None if there is none.

        A year after the newest row's is a release that we do not know yet, newer than all.
        """
        tidy = tidy_label(label)
        found = self.labels.get(tidy)
        newest = self.releases[-1]
        if found is None and tidy.isdecimal() and newest.label[:4].isdecimal() and int(tidy) > int(newest.label[:4]):
            return Release(tidy, newest.high + 1, newest.high + 1, beyond=True)
        return found

    def of_engine(self, version: str) -> Release | None:
        """The release of a product version such as `10.50.1600`; None if there is none."""
        parts = version.split(".")
        for release in self.releases:
            if release.engine and release.engine.split(".") == [parts[0], *parts[1:2]]:
                return release
        return None

    def express_limit(self, release: Release) -> int:
        """Bytes that the data files of one database may hold on the Express edition of this release."""
        limit = self.express[0][1]
        for first, size in self.express:
            if not release.older_than(first):
                limit = size
        return limit

    def goes_with(self, update: int, release: Release) -> bool:
        """False where a source says that this product update and this release do not go together."""
        if any(release.label == row.label and update < first for row, first in self.support):
            return False
        return not any(update >= first and release.older_than(oldest) for first, oldest in self.minimum)


def tidy_label(label: str) -> str:
    """`SQL Server 2008r2` -> `2008 R2`."""
    text = label.upper().replace("SQL SERVER", " ").replace("SQL", " ").replace("R2", " R2")
    return " ".join(text.split())


def load_tables(extra: Path | None = None) -> Tables:
    """The shipped tables, with the rows of the firm's file laid over them.

    Raises SettingsError `tables-file` (`file`, `row`, `why`) where that file cannot be read or a row is wrong.
    """
    return _shipped() if extra is None else _build([*_shipped_rows(), *_read(str(extra))])


@cache
def _shipped() -> Tables:
    return _build(_shipped_rows())


@cache
def _shipped_rows() -> tuple[tuple[str, str, Row], ...]:
    return tuple(row for name in _SHIPPED for row in _read(os.path.join(_DATA, name)))


def _wrong(file: str, row: str, why: str) -> SettingsError:
    return SettingsError("tables-file", file=file, row=row, why=why)


def _read(file: str) -> list[tuple[str, str, Row]]:
    """Rows as (file, table, row), checked field by field."""
    try:
        with open(file, "rb") as stream:
            tables = tomllib.load(stream)
    except (OSError, ValueError) as error:
        raise _wrong(file, "-", str(error)) from error
    found = []
    for table, rows in tables.items():
        if table not in _KEYS:
            raise _wrong(file, table, "unknown table")
        if not isinstance(rows, list):
            raise _wrong(file, table, "write it as [[" + table + "]]")
        for number, row in enumerate(rows, 1):
            _check(file, f"{table} {number}", _FIELDS[table], row)
            found.append((file, table, row))
    return found


def _check(file: str, place: str, fields: Mapping[str, type], row: object) -> None:
    if not isinstance(row, dict):
        raise _wrong(file, place, "not a table")
    for field in row:
        if field not in fields:
            raise _wrong(file, place, f"unknown field {field}")
    for field, kind in fields.items():
        if field not in row:
            if field not in _OPTIONAL:
                raise _wrong(file, place, f"{field} is missing")
            continue
        value = row[field]
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not fits or value == "" or (kind is int and value < 1):
            raise _wrong(file, place, f"{field} = {value!r}")


def _build(rows: Iterable[tuple[str, str, Row]]) -> Tables:
    merged: dict[str, dict[object, tuple[str, Row]]] = {table: {} for table in _KEYS}
    for file, table, row in rows:
        key = row[_KEYS[table]]
        merged[table][tidy_label(key) if isinstance(key, str) else key] = (file, row)
    releases = sorted((_release(*each) for each in merged["release"].values()), key=lambda each: each.low)
    _no_overlap(releases, merged["release"])
    labels = {tidy_label(release.label): release for release in releases}

    def named(table: str, label: str, number: str) -> tuple[tuple[Release, int], ...]:
        pairs = []
        for file, row in merged[table].values():
            wanted = str(row[label])
            found = labels.get(tidy_label(wanted))
            if found is None:
                raise _wrong(file, table, f"{label} = {wanted!r}")
            pairs.append((found, int(str(row[number]))))
        return tuple(sorted(pairs, key=lambda pair: (pair[0].low, pair[1])))

    minimum = tuple((update, release) for release, update in named("minimum", "sql_release", "first_update"))
    return Tables(
        releases=tuple(releases),
        labels=labels,
        express=named("express", "from_release", "bytes"),
        wizard_bytes=int(str(merged["package"]["WIZARD"][1]["bytes"])),
        support=named("support", "sql_release", "first_update"),
        minimum=minimum,
    )


def _release(file: str, row: Row) -> Release:
    internal = row["internal"]
    span = internal if isinstance(internal, list) else [internal, internal]
    whole = [each for each in span if isinstance(each, int) and not isinstance(each, bool) and each > 0]
    if len(span) != 2 or len(whole) != 2 or whole[0] > whole[1]:
        raise _wrong(file, f"release {row['label']}", f"internal = {internal!r}")
    return Release(
        label=str(row["label"]),
        low=whole[0],
        high=whole[1],
        engine=str(row.get("engine", "")),
        prerelease=bool(row.get("prerelease")),
        source=str(row["source"]),
    )


def _no_overlap(releases: list[Release], rows: Mapping[object, tuple[str, Row]]) -> None:
    for first, second in pairwise(releases):
        if first.high >= second.low:
            file = rows[tidy_label(second.label)][0]
            raise _wrong(file, f"release {second.label}", f"overlaps {first.label}")
