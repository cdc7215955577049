"""The house as a test: floors, late imports, one place for each dangerous thing, files that stay short."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sources

LONGEST = 500
APP = 200
RENAMING = {"rename", "replace", "renames", "move", "link"}
"""Functions of `os` and `shutil` that put a file in another's place."""


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=sources.ROOT, capture_output=True, text=True, timeout=50, check=False
    )


def loaded(program: str) -> set[str]:
    """Top-level packages and modules that a program has imported when it ends."""
    done = run("-c", f"import sys\n{program}\nsys.stdout.write('\\n' + ' '.join(sys.modules))")
    assert done.returncode == 0, done.stderr
    modules = done.stdout.rpartition("\n")[2].split()
    return {module.partition(".")[0] for module in modules} | set(modules)


def test_a_room_imports_only_from_floors_below_it() -> None:
    done = run("-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", ["core.office", "core.operations.worker"])
def test_the_desk_works_without_a_screen(module: str) -> None:
    assert "textual" not in loaded(f"import {module}")


def test_the_door_itself_is_light() -> None:
    heavy = {"pydantic", "sqlalchemy", "textual", "watchfiles", "pyodbc", "numpy", "pyfwnt", "pyarrow"}
    assert not heavy & loaded("import core.office, tui.cli, tui.actions")


def test_inspect_loads_only_what_reads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.bak"
    file.write_bytes(b"no back-up at all" * 100)
    modules = loaded(f"from tui.cli import main\nassert main(['inspect', {str(file)!r}, '--json']) == 0")
    heavy = {"pydantic", "sqlalchemy", "textual", "watchfiles", "pyodbc", "core.register", "asyncio", "numpy", "pyfwnt"}
    assert not heavy & modules


@pytest.mark.parametrize(
    "module", ["tui.verbs.list", "tui.verbs.show", "tui.verbs.rows", "tui.app", "core.office.desk", "tui.screens.look"]
)
def test_numpy_comes_only_with_a_look_inside(module: str) -> None:
    assert not {"numpy", "pyfwnt", "pyarrow"} & loaded(f"import {module}")


def test_the_version_loads_almost_nothing() -> None:
    modules = loaded("from tui.cli import main\nassert main(['--version']) == 0")
    assert not {"core.office", "core.model", "dataclasses"} & modules


@pytest.mark.parametrize("path", sources.files(), ids=sources.name)
def test_a_file_can_be_read_at_a_sitting(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= (APP if sources.name(path) == "tui/app.py" else LONGEST)


def test_tests_can_be_read_at_a_sitting_too() -> None:
    for path in (sources.ROOT / "tests").rglob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= LONGEST, path


def imports(path: Path) -> Iterator[str]:
    for node in sources.nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_only_one_room_speaks_to_sql_server() -> None:
    users = {
        sources.name(path) for path in sources.files() if "pyodbc" in {each.partition(".")[0] for each in imports(path)}
    }
    assert users
    assert all(user.startswith("core/administration/sqlserver/") for user in users), users


def test_only_one_module_puts_a_file_in_anothers_place() -> None:
    for path in sources.files():
        if sources.name(path) == "core/files.py":
            continue
        for node in sources.nodes(path):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                wrong = node.value.id in ("os", "shutil") and node.attr in RENAMING
                assert not wrong, f"{sources.name(path)}:{node.lineno} {node.value.id}.{node.attr}"


def test_only_one_module_writes_to_standard_output() -> None:
    allowed = {"tui/output.py", "tui/cli.py"}
    background = "core/operations/worker.py"  # a process of its own, which has no front
    for path in sources.files():
        for node in sources.nodes(path):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
                spoken = node.attr in ("stdout", "stderr", "__stdout__", "__stderr__")
                heard = sources.name(path) in allowed or (sources.name(path) == background and node.attr == "stderr")
                assert not spoken or heard, f"{sources.name(path)}:{node.lineno}"


def test_the_version_is_said_once() -> None:
    import tomllib

    from tui import VERSION

    project = tomllib.loads((sources.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
    assert f"## {VERSION}" in (sources.ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_top_of_the_tree_holds_nothing_else() -> None:
    expected = {"pyproject.toml", "README.md", "CHANGELOG.md", "config.example.toml", "core", "tui", "tests", "docs"}
    listed = {path.name for path in sources.ROOT.iterdir() if not path.name.startswith(".")}
    assert listed - {"constraints.txt", "build", "dist", "wissel.egg-info"} <= expected
