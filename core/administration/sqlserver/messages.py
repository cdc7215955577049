"""From what a driver reports to our errors.

Classified by SQL Server's own numbers: they are the same in every language and over every driver; the SQLSTATE is not
(18456 is 42000 over FreeTDS and 28000 over Microsoft's).

Numbers: Microsoft Learn, *Database Engine events and errors*. On Linux a pyodbc exception holds the first diagnostic
record alone (src/errors.cpp), on Windows all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import (
    BadFormat,
    Busy,
    Cancelled,
    NoSpace,
    NotFound,
    Refused,
    Unreadable,
    WisselError,
)
from core.texts.shown import shown

PROGRESS = 3211
"""`10 percent processed.`"""
LONGEST = 300
"""Characters of the server's own words that are shown."""

_RECORD = re.compile(r"\((-?\d+)\)(?: \(SQL\w+\))?(?=; \[|$)")
_TAGS = re.compile(r"^(\[[^\]]*\] ?)+")
_SYSTEM = re.compile(r"(?<!\d)(\d{1,5})\(")
"""`Operating system error 5(Access is denied.)`: the number comes before a bracket, in every language."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a driver's exception says: each record's native number, in order, and the words of the first."""

    state: str
    """SQLSTATE of the first record."""
    numbers: tuple[int, ...]
    text: str
    """Of the first record, without the driver's tags; safe to show and bounded."""

    @property
    def number(self) -> int:
        """The number that says most: the first one that is not merely *it did not work*."""
        return next((each for each in self.numbers if each not in GENERIC), next(iter(self.numbers), 0))

    @property
    def system(self) -> int | None:
        """The operating system's number inside the text (2, 3: not found; 5: denied; 53: no network name; 112)."""
        found = _SYSTEM.search(self.text) if self.number in WITH_SYSTEM else None
        return int(found.group(1)) if found else None


def report(problem: BaseException) -> Report:
    """What a driver's exception says. Anything else than one gives a report without numbers."""
    args = [str(each) for each in problem.args]
    state, text = (args[0], args[1]) if len(args) > 1 else ("", " ".join(args))
    numbers = tuple(int(each) for each in _RECORD.findall(text))
    first = _RECORD.split(text, maxsplit=1)[0]
    return Report(state, numbers, _words(first))


def said(messages: object) -> tuple[tuple[int, str], ...]:
    """Number and words of each message in pyodbc's `cursor.messages`."""
    found = []
    for tag, text in messages if isinstance(messages, list) else ():
        number = re.search(r"\((-?\d+)\)", str(tag))
        found.append((int(number.group(1)) if number else 0, _words(str(text))))
    return tuple(found)


def percent(text: str) -> int | None:
    """How far message 3211 says it is, 0 to 100."""
    found = re.search(r"(?<!\d)(\d{1,3})(?!\d)", text)
    return int(found.group(1)) if found and int(found.group(1)) <= 100 else None


def error(problem: BaseException, target: str, *, connecting: bool = False) -> WisselError:
    """Our error for what a driver reported at this target. `connecting`: the line was not up yet.

    Parameters of the sentences: target, number, text (the server's own words), system (the operating system's number).
    """
    found = report(problem)
    params: dict[str, str | int] = {"target": target, "number": found.number, "text": found.text}
    known = KNOWN.get(found.number)
    if known is not None and found.number > 0 and not (found.number < 200 and found.state.startswith(LOST_STATE)):
        kind, key = known
        if key == "server-file":
            kind, key = _file(found)
        return kind(key, **params, system=found.system or 0)
    if found.state in {"HYT00", "HYT01"} or found.number in TIMED_OUT:
        return Unreadable("server-no-answer" if connecting else "server-timeout", **params)
    if found.state == "HY008":
        return Cancelled("stopped")
    if found.state.startswith(LOST_STATE) or found.number in LOST or (connecting and found.state in {"HY000", "S1000"}):
        if "certificate" in found.text.casefold() or found.number in UNTRUSTED:
            return Refused("server-certificate", **params)
        return Unreadable("server-unreachable" if connecting else "connection-lost", **params)
    if found.state in {"IM002", "01000", "IM003", "IM004"} and not found.numbers[:1] > (0,):
        from core.errors import DriverMissing

        return DriverMissing("driver-unusable", **params)
    return WisselError("server-said", **params, state=found.state)


def _file(found: Report) -> tuple[type[WisselError], str]:
    """A file or folder at the server: what the operating system said of it."""
    return _SYSTEM_NUMBERS.get(found.system or 0, (Unreadable, "server-file"))


def _words(text: str) -> str:
    bare = shown(_TAGS.sub("", text).strip())
    return bare if len(bare) <= LONGEST else bare[:LONGEST] + "..."


LOST_STATE = "08"
LOST = frozenset(
    {64, 121, 233, 258, 10053, 10054, 10060, 10061, 11001, 20002, 20004, 20006, 20008, 20009, 20017, 20020, 20047}
)
"""Windows' socket errors and FreeTDS' own numbers: the line is down."""
TIMED_OUT = frozenset({20003})
UNTRUSTED = frozenset({-2146893019, -2146893022, -2146762487})
"""Windows: SEC_E_UNTRUSTED_ROOT, SEC_E_WRONG_PRINCIPAL, CERT_E_UNTRUSTEDROOT."""

GENERIC = frozenset({3013, 3119, 1802, 1813, 5069, 5701, 5703, 4035, 3014, 3211, 3634})
"""*It did not work*, and messages that are no errors: another record says why."""
WITH_SYSTEM = frozenset({3201, 3203, 3202, 5105, 5120, 5123, 5133, 5149, 3634, 17204, 17207})

_SYSTEM_NUMBERS: dict[int, tuple[type[WisselError], str]] = {
    2: (NotFound, "server-file-missing"),
    3: (NotFound, "server-file-missing"),
    5: (Refused, "server-file-denied"),
    13: (Refused, "server-file-denied"),
    21: (Unreadable, "server-file"),
    23: (Unreadable, "server-disk"),
    32: (Busy, "server-file-busy"),
    33: (Busy, "server-file-busy"),
    53: (NotFound, "server-file-missing"),
    67: (NotFound, "server-file-missing"),
    80: (Refused, "server-file-exists"),
    112: (NoSpace, "server-full"),
    28: (NoSpace, "server-full"),
    183: (Refused, "server-file-exists"),
    1117: (Unreadable, "server-disk"),
    1326: (Refused, "server-file-denied"),
}
"""Windows: WinError.h. SQL Server on Linux says Windows' numbers too, but 13 and 28 are seen there as well."""

KNOWN: dict[int, tuple[type[WisselError], str]] = {
    # logging in
    18456: (Refused, "server-login"),
    18452: (Refused, "server-login"),
    18461: (Busy, "server-single-user"),
    18470: (Refused, "server-login"),
    18486: (Refused, "server-login"),
    18487: (Refused, "server-login"),
    18488: (Refused, "server-login"),
    4060: (NotFound, "server-database-closed"),
    4064: (NotFound, "server-database-closed"),
    17142: (Busy, "server-paused"),
    17187: (Busy, "server-starting"),
    6005: (Busy, "server-starting"),
    # a database's name and state
    911: (NotFound, "server-database-missing"),
    3701: (NotFound, "server-database-missing"),
    15010: (NotFound, "server-database-missing"),
    916: (Refused, "server-database-denied"),
    921: (Busy, "server-database-restoring"),
    922: (Busy, "server-database-restoring"),
    927: (Busy, "server-database-restoring"),
    924: (Busy, "server-database-single"),
    5064: (Busy, "server-database-single"),
    942: (Refused, "server-database-offline"),
    945: (Unreadable, "server-database-broken"),
    926: (Unreadable, "server-database-broken"),
    1801: (Refused, "server-database-exists"),
    3101: (Busy, "server-database-in-use"),
    3102: (Busy, "server-database-in-use"),
    3702: (Busy, "server-database-in-use"),
    5061: (Busy, "server-database-in-use"),
    5030: (Busy, "server-database-in-use"),
    3154: (Refused, "server-other-database"),
    3159: (Refused, "server-tail"),
    3906: (Refused, "server-database-read-only"),
    # a back-up or its files
    948: (Refused, "server-newer"),
    3169: (Refused, "server-newer"),
    1831: (Refused, "server-file-used"),
    1834: (Refused, "server-file-used"),
    3156: (Refused, "server-file-used"),
    5170: (Refused, "server-file-exists"),
    1827: (Refused, "server-size-limit"),
    1828: (Refused, "server-size-limit"),
    905: (Refused, "server-edition"),
    909: (Refused, "server-edition"),
    3183: (BadFormat, "server-damaged"),
    3189: (BadFormat, "server-damaged"),
    3241: (BadFormat, "server-not-a-backup"),
    3242: (BadFormat, "server-not-a-backup"),
    3243: (BadFormat, "server-damaged"),
    3246: (BadFormat, "server-damaged"),
    3249: (BadFormat, "server-damaged"),
    3270: (BadFormat, "server-damaged"),
    3254: (BadFormat, "server-not-a-backup"),
    3132: (Refused, "server-stripes"),
    3136: (Refused, "server-not-full"),
    3168: (Refused, "server-not-full"),
    3234: (BadFormat, "server-damaged"),
    33111: (Refused, "server-encrypted"),
    15507: (Refused, "server-encrypted"),
    5171: (BadFormat, "server-not-a-data-file"),
    5172: (BadFormat, "server-not-a-data-file"),
    5173: (BadFormat, "server-not-a-data-file"),
    5108: (BadFormat, "server-not-a-data-file"),
    3201: (Unreadable, "server-file"),
    3202: (Unreadable, "server-file"),
    3203: (Unreadable, "server-file"),
    5105: (Unreadable, "server-file"),
    5120: (Unreadable, "server-file"),
    5123: (Unreadable, "server-file"),
    5133: (Unreadable, "server-file"),
    5149: (NoSpace, "server-full"),
    3271: (Unreadable, "server-disk"),
    823: (Unreadable, "server-disk"),
    824: (Unreadable, "server-disk"),
    825: (Unreadable, "server-disk"),
    3204: (Unreadable, "server-broke-off"),
    3013: (Unreadable, "server-broke-off"),
    1844: (Refused, "server-compression"),
    3021: (WisselError, "server-transaction"),
    226: (WisselError, "server-transaction"),
    # room
    1101: (NoSpace, "server-full"),
    1105: (NoSpace, "server-full"),
    3257: (NoSpace, "server-full"),
    9002: (NoSpace, "server-log-full"),
    701: (Busy, "server-memory"),
    802: (Busy, "server-memory"),
    8645: (Busy, "server-memory"),
    8651: (Busy, "server-memory"),
    # others at work
    1204: (Busy, "server-memory"),
    1205: (Busy, "server-deadlock"),
    1222: (Busy, "server-locked"),
    596: (Unreadable, "connection-lost"),
    # rights
    229: (Refused, "server-rights"),
    230: (Refused, "server-rights"),
    262: (Refused, "server-rights"),
    297: (Refused, "server-rights"),
    300: (Refused, "server-rights"),
    3110: (Refused, "server-rights"),
    5011: (Refused, "server-rights"),
    15151: (Refused, "server-rights"),
    15247: (Refused, "server-rights"),
}
"""Native number -> our class and sentence. One that is not here is told with the server's own words (`server-said`)."""
