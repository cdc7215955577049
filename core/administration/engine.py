"""What an operation asks of the place where administrations live, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import sqlalchemy as sa

Copy = str
"""One administration as its engine calls it: a path on the embedded engine, a database name on SQL Server."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose an administration is. It is kept inside it, in our own table; nothing without it is ever touched."""

    delivery: str
    client: str
    number: str
    sha256: str
    """Of the sealed original it came from."""
    operation: str
    """The restore that brought it in."""


FOREIGN = Mark("", "", "", "", "")
"""There is something, and it is not ours."""


@dataclass(frozen=True, slots=True)
class Work:
    """What an engine may use while it works for one step."""

    log: Callable[[str, str], None]
    """`sql`, `file` or `note`, and the text: each is written before it is done."""
    progress: Callable[[int, int], None]
    """Done, and of how many: bytes or rows."""
    check: Callable[[], None]
    """Raises Cancelled when the operation is to stop. Called between small pieces of work."""

    def stopping(self) -> bool:
        """For what asks instead of being told: never true, for `check` raises."""
        self.check()
        return False


class Engine(Protocol):
    """One target. Every method can be asked again after a crash: what happened is seen, never done twice.

    Raises NoSpace, Refused, VaultError, NotFound, Busy, Unreadable, BadFormat; never anything of a driver.
    """

    def room(self) -> int | None:
        """Free bytes for administrations and working copies; None: not known."""

    def occupied(self, number: str) -> Mark | None:
        """Whose administration has this number here; None: the number is free; FOREIGN: somebody else's."""

    def place(self, number: str) -> Copy:
        """What the administration with this number is called here."""

    def draft(self, operation: str, name: str = "draft") -> Copy:
        """What a working copy of this operation is called. It may not exist yet."""

    def exists(self, copy: Copy) -> bool:
        """Is there a whole one?"""

    def bring_in(self, package: str, copy: Copy, work: Work) -> None:
        """Unpack the sealed package at this path into a new working copy, and refuse what has no place in one.

        Harmless when the whole copy is there already; a part of one is thrown away first.
        """

    def open(
        self, copy: Copy, work: Work | None = None, *, write: bool = False
    ) -> AbstractContextManager[sa.Connection]:
        """One transaction on it, committed at the end of the block. Each statement goes to `work.log`."""

    def put(self, copy: Copy, number: str, work: Work) -> None:
        """Give a working copy its place. Refused (`number-taken`) when anything is there; harmless when done."""

    def take_back(self, number: str, copy: Copy, mark: Mark, work: Work) -> None:
        """The other way round: away from its place, if it carries this mark. Harmless when done."""

    def set_aside(self, number: str, name: str, mark: Mark, work: Work) -> Copy:
        """Rename and make read-only; its number is free then. Returns what it is called now. Harmless when done."""

    def bring_back(self, name: str, number: str, work: Work) -> None:
        """Undo `set_aside`. Refused (`number-taken`) when the number is in use by now. Harmless when done."""

    def duplicate(self, number: str, copy: Copy, work: Work) -> str:
        """A consistent working copy of what stands under this number; its SHA-256 or digest. Harmless when done."""

    def pack(self, copy: Copy, path: str, manifest: Mapping[str, str | int], work: Work, *, like: str) -> str:
        """Pack a working copy as a new file at `path`, the way the client's own at `like` is; its SHA-256."""

    def discard(self, copy: Copy, work: Work) -> None:
        """Remove a working copy. Never one that has its place. Harmless when it is gone."""


@runtime_checkable
class Watching(Protocol):
    """A target at which others work too, Globe's wizard for one. Looks only."""

    def databases(self) -> Mapping[str, str]:
        """Every database there but the server's own: name -> what tells it from another one of that name."""
