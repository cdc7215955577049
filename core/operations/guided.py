"""The guided route: Globe's own wizard restores and swaps; a person works it, and we prove each step.

Nothing is written by us into what the wizard brings in, so it carries no mark. What tells it from another of its
number is what the server itself says of it, noted when the wizard was done.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from core.administration import identity, ledger
from core.administration.engine import Watching
from core.administration.sqlserver.paths import join
from core.administration.types import compare
from core.errors import Refused, WisselError
from core.files import copy_new, private_dir, sha256_of, speaking, sync_folder
from core.model import Params
from core.operations.checking import Agreed, Plain, agreed, engine_at, perhaps
from core.operations.engines import exchange_of, profile_of, target_of
from core.operations.facts import WIZARD
from core.operations.restore import right_company
from core.operations.return_backup import remove
from core.operations.step import Bench

BEFORE = "before-wizard"
"""Under this name an operation keeps which databases there were."""
SPOILED = "spoiled"
"""Under this name it keeps what stood under the number when the laid file was found changed."""
_SHOWN = 200
"""Characters of a list of names."""


def watching(bench: Bench, found: Agreed) -> Watching:
    """The target as somebody sees it who only looks. Raises Refused (`guided-target`)."""
    engine = engine_at(bench, found)
    if not isinstance(engine, Watching):
        raise Refused("guided-target", target=found.target)
    return engine


def folder_of(bench: Bench, found: Agreed) -> str:
    """Where the wizard finds the client's package, or puts ours: a folder of this operation alone."""
    return os.path.join(exchange_of(bench.settings, found.target), bench.id)


def told_folder(bench: Bench, found: Agreed) -> Params:
    """The same for a person: as it is called here, and at the server."""
    there = target_of(bench.settings, found.target).exchange_there
    return {"folder": folder_of(bench, found), "there": "" if there is None else join(there, bench.id)}


def open_folder(folder: str) -> None:
    """Make it, for the same people as the exchange folder around it: Globe runs under an account of its own."""
    with speaking(folder):
        mode = stat.S_IMODE(os.stat(os.path.dirname(folder)).st_mode)
    if not os.path.isdir(folder):
        private_dir(folder)
        with speaking(folder):
            os.chmod(folder, mode)


def clear(bench: Bench, folder: str) -> None:
    """A folder of an operation's own in the exchange folder; harmless when it is gone."""
    if os.path.isdir(folder) and not os.path.islink(folder):
        bench.work.log("file", f"remove {folder}")
        with speaking(folder), contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder)
            sync_folder(os.path.dirname(folder))


def cleared(bench: Bench, folder: str) -> Params:
    """The same where a person did their part already: what cannot be removed is told, and nobody has to begin anew."""
    try:
        clear(bench, folder)
    except WisselError:
        return {"how": "left", "folder": folder}
    return {}


def same_database(bench: Bench, found: Agreed) -> bool:
    """Does what the wizard brought in still stand there?"""
    seen: Any = bench.register.kept(found.restore, WIZARD) or {}
    there = watching(bench, found).databases().get(found.number)
    return there is not None and there == seen.get("database")


def among(login: str, logins: Iterable[str]) -> bool:
    """Is it one of these, as SQL Server compares them?"""
    return any(compare(login, each) == 0 for each in logins)


def listed(names: Collection[str]) -> str:
    """For a sentence."""
    return ", ".join(names)[:_SHOWN]


class Lay:
    """The sealed original where the wizard finds it, and what stands at the target before it."""

    def did(self, bench: Bench) -> bool:
        """Is it noted, and does the very same file lie there?"""
        return bench.kept(BEFORE) is not None and _lies(bench, agreed(bench))

    def do(self, bench: Bench) -> Params:
        """Raises NoSpace, Refused (`number-taken`)."""
        found = agreed(bench)
        databases = watching(bench, found).databases()
        if found.number in databases:
            raise Refused("number-taken", number=found.number, path=found.target)
        bench.keep(BEFORE, dict(databases))
        _lay(bench, found)
        return {**told_folder(bench, found), "file": _file(bench)}

    def undo(self, bench: Bench) -> None:
        """Remove it."""
        found = perhaps(bench)
        if found is not None:
            clear(bench, folder_of(bench, found))


def _file(bench: Bench) -> str:
    return str(bench.step.params["file"])


def _lies(bench: Bench, found: Agreed) -> bool:
    path = os.path.join(folder_of(bench, found), _file(bench))
    return os.path.isfile(path) and not os.path.islink(path) and sha256_of(path) == found.sha256


def _lay(bench: Bench, found: Agreed) -> None:
    folder = folder_of(bench, found)
    open_folder(folder)
    source, path = bench.vault.path(found.delivery), os.path.join(folder, _file(bench))
    remove(bench, path)
    bench.work.log("file", f"copy {source} -> {path}")
    if copy_new(source, path, cancel=bench.stopping) != found.sha256:
        raise Refused("package-changed", file=_file(bench))
    with speaking(path):
        os.chmod(path, stat.S_IMODE(os.stat(folder).st_mode) & 0o666)


class Wizard(Plain):
    """A person lets Globe's wizard install the client's administration, and says so."""

    def do(self, bench: Bench) -> Params:  # noqa: ARG002 - it is the person's
        """All lies ready."""
        return {}

    def prove(self, bench: Bench, answer: str) -> Params:  # noqa: ARG002 - what counts is what stands there
        """Right file, right target, right number, right company, the firm's users in it, nobody else touched."""
        found = agreed(bench)
        now = watching(bench, found).databases()
        self._right_file(bench, found, now.get(found.number, ""))
        if found.number not in now:
            raise Refused("guided-nothing", number=found.number, target=found.target)
        _nobody_else(bench, found, now)
        engine = engine_at(bench, found)
        with engine.open(engine.place(found.number), bench.work) as connection:
            right_company(bench, found, connection)
            ours = _swapped(bench, found, connection)
            _right_ledger(bench, found, connection)
        bench.keep(WIZARD, {"database": now[found.number]})
        return {"number": found.number, "users": listed(ours)}

    def _right_file(self, bench: Bench, found: Agreed, there: str) -> None:
        """Changed, it is laid anew; what was installed meanwhile may have come from the changed one."""
        if not _lies(bench, found):
            bench.keep(SPOILED, {"database": there})
            _lay(bench, found)
            raise Refused("guided-changed", file=_file(bench), folder=folder_of(bench, found))
        spoiled: Any = bench.kept(SPOILED) or {}
        if there and there == spoiled.get("database"):
            raise Refused("guided-spoiled", number=found.number, target=found.target, file=_file(bench))

    def undo(self, bench: Bench) -> None:
        """Only in Globe. Raises Refused (`guided-left`) where what the wizard brought in stands there."""
        found = perhaps(bench)
        if found is None:
            return
        clear(bench, folder_of(bench, found))
        if found.number in watching(bench, found).databases():
            raise Refused("guided-left", number=found.number, target=found.target)


def _nobody_else(bench: Bench, found: Agreed, now: Mapping[str, str]) -> None:
    """No other database came, went or was replaced, but for what operations of ours did there meanwhile."""
    before: Any = bench.kept(BEFORE) or {}
    rows, _ = bench.register.operations(limit=1000)
    since = bench.operation.row.requested_at
    ours = [
        row
        for row in rows
        if row.target == found.target and row.id != bench.id and (row.finished_at is None or row.finished_at >= since)
    ]
    strange = sorted(
        name
        for name in (before.keys() | now.keys()) - {found.number}
        if before.get(name) != now.get(name) and not any(name == row.number or row.id in name for row in ours)
    )
    if strange:
        raise Refused("guided-others", names=listed(strange), target=found.target)


def _swapped(bench: Bench, found: Agreed, connection: sa.Connection) -> list[str]:
    """The firm's users who can work in it now; none of the client's may. A plain restore swaps nobody."""
    inside = identity.survey(connection, profile_of(bench.settings, found.target))
    ours = [each for each in inside.users if among(each, bench.settings.firm.users)]
    if not ours:
        raise Refused("guided-users", number=found.number, target=found.target)
    client = bench.register.client(found.client)
    theirs = [each for each in inside.users if among(each, client.logins)]
    if theirs:
        raise Refused("guided-client", number=found.number, target=found.target, users=listed(theirs))
    return ours


def _right_ledger(bench: Bench, found: Agreed, connection: sa.Connection) -> None:
    """As many ledger lines as the delivery has, where somebody looked into it: another back-up has its number too."""
    expected = bench.register.delivery(found.delivery).evidence.value("ledger_lines")
    lines = ledger.totals(connection).lines
    if isinstance(expected, int) and expected != lines:
        raise Refused("guided-ledger", number=found.number, target=found.target, lines=lines, expected=expected)


class Clear(Plain):
    """What lay ready for the wizard goes."""

    def do(self, bench: Bench) -> Params:
        """Harmless when it is gone."""
        return cleared(bench, folder_of(bench, agreed(bench)))


class Gone(Plain):
    """A person takes the administration away, in Globe or at the server, and says so."""

    def do(self, bench: Bench) -> Params:  # noqa: ARG002 - it is the person's
        """Nothing of ours."""
        return {}

    def prove(self, bench: Bench, answer: str) -> Params:  # noqa: ARG002 - what counts is what stands there
        """Its number is free, or somebody else's."""
        found = agreed(bench)
        if same_database(bench, found):
            raise Refused("guided-still", number=found.number, target=found.target)
        return {"number": found.number}
