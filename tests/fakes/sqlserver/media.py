"""Back-up media as the server reads them: RESTORE HEADERONLY, LABELONLY, FILELISTONLY and VERIFYONLY."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.sqlserver.answers import NOT_FOUND, error, percent
from fakes.sqlserver.headers import Cells, Medium, files, header, label
from fakes.sqlserver.lexer import Reader
from fakes.sqlserver.seam import ColumnOut, Columns, Done, Event, Failed, Info, Row, ServerError

from core.errors import WisselError
from core.formats.backup import inspect
from core.formats.report import BackupSet

if TYPE_CHECKING:
    from fakes.sqlserver.session import FakeSession

FLAGS = frozenset({
    "CHECKSUM", "NO_CHECKSUM", "RECOVERY", "NORECOVERY", "REPLACE", "NOUNLOAD", "UNLOAD", "STATS", "STOP_ON_ERROR",
    "CONTINUE_AFTER_ERROR", "RESTRICTED_USER", "INIT", "NOINIT", "FORMAT", "NOFORMAT", "COPY_ONLY", "COMPRESSION",
    "NO_COMPRESSION", "SKIP", "NOSKIP", "REWIND", "NOREWIND", "LOADHISTORY", "DIFFERENTIAL",
})  # fmt: skip


class Several(Exception):
    """Errors that come together, in this order."""

    def __init__(self, *errors: ServerError) -> None:
        super().__init__(*errors)
        self.errors = errors


@dataclass
class Options:
    """What stood behind WITH."""

    flags: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    moves: list[tuple[str, str]] = field(default_factory=list)

    @property
    def step(self) -> int:
        """Every so many percent; 0: no progress is said."""
        return self.numbers.get("STATS", 10 if "STATS" in self.flags else 0)


def devices(read: Reader) -> list[str]:
    found = []
    while True:
        read.phrase("DISK =")
        found.append(read.text())
        if not read.has(","):
            return found


def options(read: Reader) -> Options:
    made = Options()
    if read.done:
        return made
    read.phrase("WITH")
    while True:
        name = read.word()
        if name == "MOVE":
            logical = read.text()
            read.phrase("TO")
            made.moves.append((logical, read.text()))
        elif name in {"FILE", "STATS", "BLOCKSIZE", "BUFFERCOUNT", "MAXTRANSFERSIZE"} and read.has("="):
            made.numbers[name] = read.number()
        elif name in {"NAME", "DESCRIPTION", "MEDIANAME", "MEDIADESCRIPTION", "PASSWORD", "MEDIAPASSWORD"}:
            read.phrase("=")
            made.texts[name] = read.text()
        elif name in FLAGS:
            made.flags.add(name)
        else:
            read.at -= 1
            raise read.wrong()
        if not read.has(","):
            break
    read.end()
    return made


def terminating(what: str, body: Iterator[Event]) -> Iterator[Event]:
    """An error is followed by 3013."""
    try:
        yield from body
    except Several as several:
        for each in several.errors:
            yield Failed(each)
    except ServerError as problem:
        if problem.number == 596:
            raise
        yield Failed(problem)
    else:
        return
    raise error(3013, what)


def opened(session: FakeSession, names: Sequence[str]) -> Medium:
    """Raises ServerError 3021, 262, 3201, 3241, 3203."""
    if session.trancount:
        raise error(3021)
    disk = session.instance.disk
    found = []
    paths = [disk.full(name) for name in names]
    for path in paths:
        refused = disk.refusal(path)
        if refused is not None:
            raise error(3201, path, refused, state=2)
        try:
            seen = inspect(disk.here(path))
        except WisselError:
            raise error(3201, path, NOT_FOUND, state=2) from None
        if seen.kind not in {"tape", "compressed"} or not seen.payloads or seen.payloads[0].media is None:
            raise error(3241, path)
        if any(note.code == "truncated" for note in seen.notes):
            raise error(3203, path, "38(Reached the end of the file.)")
        found.append(seen)
    media = found[0].payloads[0].media
    if media is None or not media.sets:
        raise error(3241, paths[0])
    return Medium(paths, found, media)


def whole(medium: Medium) -> None:
    """All stripes are here. Raises ServerError 3132."""
    count = medium.media.family_count or 1
    if len(medium.devices) < count:
        raise error(3132, count, len(medium.devices))


def chosen(medium: Medium, wanted: Options) -> BackupSet:
    """The set that FILE says, else the first. Raises ServerError 4038."""
    number = wanted.numbers.get("FILE", 1)
    found = next((each for each in medium.media.sets if each.position == number), None)
    if found is None:
        raise ServerError(4038, f"Cannot find file ID {number} on device '{medium.devices[0]}'.", 16)
    return found


def version_of(one: BackupSet) -> str:
    """`13.00.5081`, as messages write it."""
    major, minor, build = [*(one.engine_version or "0.0.0").split("."), "0", "0"][:3]
    return f"{major}.{int(minor):02d}.{build}"


def understood(session: FakeSession, one: BackupSet) -> None:
    """Raises ServerError 3169 for what a newer server wrote."""
    release = session.instance.release
    if (one.internal_version or 0) > release.internal:
        major, minor, build = release.version
        raise error(3169, version_of(one), f"{major}.{minor:02d}.{build}")


def look(session: FakeSession, kind: str, names: Sequence[str], wanted: Options) -> Iterator[Event]:
    """The body of HEADERONLY and its like."""
    session.rights.media(session)
    medium = opened(session, names)
    if kind == "VERIFYONLY":
        yield from _verified(session, medium, wanted)
        return
    one = chosen(medium, wanted)
    rows: list[Cells]
    if kind == "HEADERONLY":
        sets = [one] if "FILE" in wanted.numbers else medium.media.sets
        rows = [header(each, medium) for each in sets]
    else:
        rows = [label(medium)] if kind == "LABELONLY" else files(one)
    major = session.instance.release.version[0]
    shown = [[(name, kind_, value) for name, kind_, since, value in row if since <= major] for row in rows]
    yield Columns(tuple(ColumnOut(name, kind_) for name, kind_, _ in shown[0]))
    for row in shown:
        yield Row([value for _, _, value in row])
    yield Done(len(shown))


def _verified(session: FakeSession, medium: Medium, wanted: Options) -> Iterator[Event]:
    whole(medium)
    one = chosen(medium, wanted)
    understood(session, one)
    if "CHECKSUM" in wanted.flags and not one.checksums:
        raise error(3187)
    if medium.damaged or not one.ended:
        raise error(3189)
    for done in range(wanted.step, 101, wanted.step) if wanted.step else ():
        session.percent = done
        yield percent(done)
    yield Info(3262, f"The backup set on file {one.position} is valid.", live=True)
    yield Done(None)
