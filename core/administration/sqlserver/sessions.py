"""A database for ourselves alone, for as long as it takes to rename it; and open for everybody again, whatever happens.

A statement of ours may have taken effect although the line dropped before its answer. So nothing is remembered: before
each turn the server is asked what stands there, by the number that a database keeps under any name; and by its names,
for a number is given again once its database is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.administration.engine import Work
from core.administration.sqlserver import statements
from core.administration.sqlserver.instance import Instance, Line, Standing, quiet
from core.errors import Busy, NotFound, WisselError

BEAT = 0.1
"""Seconds between two tries to be alone."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that needs the database for itself."""

    done: Callable[[Standing], bool]
    statement: Callable[[str], str]
    """Of the name that the database has now."""
    new: str = ""
    """The name that it gets by it; empty: it keeps its own."""


def to_name(new: str) -> Turn:
    """It gets this name; the server refuses one that is in use (`server-database-exists`)."""
    return Turn(lambda found: found.name == new, lambda name: statements.rename(name, new), new)


def to_read_only() -> Turn:
    """Nobody writes in it any more."""
    return Turn(lambda found: found.read_only, statements.read_only)


def to_read_write() -> Turn:
    """The other way round."""
    return Turn(lambda found: not found.read_only, statements.read_write)


def alone(instance: Instance, found: Standing, turns: Sequence[Turn], work: Work) -> None:
    """Everybody out, these turns one after the other, everybody in again: also after a failure.

    Raises Busy when somebody is always faster than we are; what the server says to a turn; and `work.check`'s own.
    """
    mine = _Mine(found.id, frozenset({found.name, *(turn.new for turn in turns if turn.new)}))
    try:
        with instance.line() as line:
            _tried(instance, line, mine, turns, work)
    finally:
        _let_in(instance, mine, work)


@dataclass(frozen=True, slots=True)
class _Mine:
    """A database of ours, before and after its rename."""

    id: int
    names: frozenset[str]

    def now(self, line: Line) -> Standing | None:
        """As it stands; None: it is gone, whoever has its number now."""
        found = line.named(self.id)
        return found if found is not None and found.name in self.names else None


def let_in(instance: Instance, found: Standing, work: Work) -> None:
    """Open for everybody, if it is not. Never raises: it is asked in the middle of another error, and asked again."""
    _let_in(instance, _Mine(found.id, frozenset({found.name})), work)


def _let_in(instance: Instance, mine: _Mine, work: Work) -> None:
    """On a line of its own; where that drops, or the server does not want to, once more."""
    for last in (False, True):
        try:
            _opened(instance, mine, work)
        except WisselError as problem:
            if last:
                work.log("note", f"{' / '.join(sorted(mine.names))} may be left in single-user mode: {problem}")
        else:
            return


def _opened(instance: Instance, mine: _Mine, work: Work) -> None:
    with instance.line() as line:
        until = time.monotonic() + instance.patience
        while (now := mine.now(line)) is not None and now.single:
            try:
                line.run(statements.multi_user(now.name), quiet(work))
            except Busy:
                if time.monotonic() >= until:
                    raise
                time.sleep(BEAT)


def _tried(instance: Instance, line: Line, mine: _Mine, turns: Sequence[Turn], work: Work) -> None:
    until = time.monotonic() + instance.patience
    while True:
        work.check()
        try:
            _turns(line, mine, turns, work)
        except Busy:
            # Somebody took the only place between two statements of ours.
            if time.monotonic() >= until:
                raise
            time.sleep(BEAT)
        else:
            return


def _turns(line: Line, mine: _Mine, turns: Sequence[Turn], work: Work) -> None:
    for turn in turns:
        now = mine.now(line)
        if now is None:
            raise NotFound("administration-file", path=" / ".join(sorted(mine.names)))
        if turn.done(now):
            continue
        if not now.single:
            line.run(statements.single_user(now.name), work)
        line.run(turn.statement(now.name), work)


def drop(instance: Instance, found: Standing, work: Work) -> None:
    """Drop a database with its files, others in it or not. Only for what is known to be a working copy of ours."""
    mine = _Mine(found.id, frozenset({found.name}))
    try:
        with instance.line() as line:
            until = time.monotonic() + instance.patience
            while (now := mine.now(line)) is not None:
                try:
                    if now.state == "OFFLINE":
                        # Otherwise its files would stay behind.
                        line.run(statements.online(now.name), work)
                    line.run(statements.drop(now.name), work)
                except Busy:
                    if time.monotonic() >= until:
                        raise
                    _others_out(line, now, work)
    finally:
        _let_in(instance, mine, work)


def _others_out(line: Line, now: Standing, work: Work) -> None:
    work.check()
    try:
        if now.whole and not now.single:
            line.run(statements.single_user(now.name), work)
            return
    except Busy:
        pass
    time.sleep(BEAT)
