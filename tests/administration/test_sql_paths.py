"""Paths of servers of both kinds, and the folder that console and server both see."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.administration.sqlserver import paths
from core.administration.sqlserver.paths import Exchange
from core.errors import Refused, SettingsError


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("E:\\exchange", "E:\\exchange\\120.bak"),
        ("E:\\exchange\\", "E:\\exchange\\120.bak"),
        ("E:\\", "E:\\120.bak"),
        ("\\\\srv\\share\\", "\\\\srv\\share\\120.bak"),
        ("/var/opt/mssql/data", "/var/opt/mssql/data/120.bak"),
        ("/var/opt/mssql/data/", "/var/opt/mssql/data/120.bak"),
        ("/", "/120.bak"),
    ],
)
def test_a_folder_joins_with_its_own_separator(folder: str, expected: str) -> None:
    assert paths.join(folder, "120.bak") == expected


@pytest.mark.parametrize(
    ("path", "folder", "base"),
    [
        ("C:\\data\\120.mdf", "C:\\data", "120.mdf"),
        ("C:\\120.mdf", "C:\\", "120.mdf"),
        ("/var/opt/mssql/data/120.mdf", "/var/opt/mssql/data", "120.mdf"),
        ("/120.mdf", "/", "120.mdf"),
        ("\\\\srv\\share\\120.mdf", "\\\\srv\\share", "120.mdf"),
        ("120.mdf", "", "120.mdf"),
    ],
)
def test_a_path_of_any_server_is_split(path: str, folder: str, base: str) -> None:
    assert (paths.folder(path), paths.base(path)) == (folder, base)


@pytest.mark.parametrize("path", ["", "exchange", "C:exchange", "..\\x", "~/x", "C|\\x"])
def test_a_path_that_is_not_whole_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match="server-path"):
        paths.separator_of(path)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "a\\b", "C:x", "a:b", "NUL", "nul.bak", "Com1.txt", "LPT².x", "a.", "a ", " a", "a\0b",
     "a\nb",
     "x" * 201, "\ud800", 'a"b', "a*", "a?"],
)  # fmt: skip
def test_a_name_that_is_more_than_a_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="server-file-name"):
        paths.join("E:\\exchange", name)


@given(st.text(max_size=210), st.sampled_from(["E:\\x", "/x", "\\\\s\\x"]))
def test_nothing_leaves_its_folder(name: str, folder: str) -> None:
    try:
        path = paths.join(folder, name)
    except Refused:
        return
    assert paths.inside(folder, path, fold=False)
    assert paths.base(path) == name


def test_what_is_inside_is_told_by_parts() -> None:
    assert paths.inside("E:\\Exchange", "e:/exchange/a\\b.bak", fold=True)
    assert not paths.inside("E:\\Exchange", "e:\\exchange\\a", fold=False)
    assert not paths.inside("E:\\exchange", "E:\\exchange2\\a", fold=True)
    assert not paths.inside("E:\\exchange", "E:\\exchange", fold=True)
    assert not paths.inside("/x", "/x/../y", fold=False)
    assert not paths.inside("/x", "/X/y", fold=False)


def test_one_folder_has_two_names(tmp_path: Path) -> None:
    exchange = Exchange(os.fspath(tmp_path), "E:\\exchange")
    assert exchange.path_there("a.bak") == "E:\\exchange\\a.bak"
    assert exchange.path_here("a.bak") == os.fspath(tmp_path / "a.bak")
    assert exchange.seen_here("e:\\EXCHANGE\\sub\\a.bak", fold=True) == os.fspath(tmp_path / "sub" / "a.bak")
    assert exchange.seen_here("D:\\exchange\\a.bak", fold=True) is None
    assert exchange.seen_here("E:\\exchange\\..\\a.bak", fold=True) is None
    with pytest.raises(Refused):
        exchange.path_here("../a.bak")
