"""What drivers report becomes ours by the server's own numbers, in every language of the server."""

from __future__ import annotations

import pytest

from core import texts
from core.administration.sqlserver import messages
from core.errors import BadFormat, Busy, Cancelled, DriverMissing, NoSpace, NotFound, Refused, Unreadable, WisselError

FREE = "[FreeTDS][SQL Server]"
MICROSOFT = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"


class Reported(Exception):
    """What pyodbc raises: SQLSTATE and text."""


def raised(number: int, text: str = "Words.", state: str = "42000", driver: str = MICROSOFT) -> Reported:
    return Reported(state, f"[{state}] {driver}{text} ({number}) (SQLExecDirectW)")


@pytest.mark.parametrize("number", sorted(messages.KNOWN))
@pytest.mark.parametrize("driver", [FREE, MICROSOFT])
def test_every_number_we_know_has_its_words_in_both_languages(number: int, driver: str) -> None:
    error = messages.error(raised(number, driver=driver), "sql16a")
    kind, key = messages.KNOWN[number]
    if number not in messages.WITH_SYSTEM:
        assert (type(error), error.key) == (kind, key)
    for language in texts.LANGUAGES:
        for part in ("error", "hint"):
            said = texts.say(f"{part}.{error.key}", language, **error.params)
            assert "<" not in said, said


@pytest.mark.parametrize(
    ("number", "kind", "key"),
    [
        (948, Refused, "server-newer"), (3169, Refused, "server-newer"),
        (1834, Refused, "server-file-used"),
        (1827, Refused, "server-size-limit"), (3101, Busy, "server-database-in-use"),
        (3102, Busy, "server-database-in-use"),
        (3154, Refused, "server-other-database"), (3156, Refused, "server-file-used"),
        (3159, Refused, "server-tail"),
        (3183, BadFormat, "server-damaged"), (3189, BadFormat, "server-damaged"),
        (3241, BadFormat, "server-not-a-backup"),
        (3242, BadFormat, "server-not-a-backup"), (5170, Refused, "server-file-exists"),
        (911, NotFound, "server-database-missing"),
        (927, Busy, "server-database-restoring"), (942, Refused, "server-database-offline"),
        (945, Unreadable, "server-database-broken"),
        (4060, NotFound, "server-database-closed"), (4064, NotFound, "server-database-closed"),
        (18456, Refused, "server-login"),
        (1205, Busy, "server-deadlock"), (1222, Busy, "server-locked"),
        (3013, Unreadable, "server-broke-off"),
        (3021, WisselError, "server-transaction"), (1844, Refused, "server-compression"),
        (8645, Busy, "server-memory"),
        (9002, NoSpace, "server-log-full"), (1105, NoSpace, "server-full"),
        (262, Refused, "server-rights"),
    ],
)  # fmt: skip
def test_the_numbers_of_the_traps(number: int, kind: type[WisselError], key: str) -> None:
    error = messages.error(raised(number), "sql16a")
    assert (type(error), error.key, error.params["number"]) == (kind, key, number)


@pytest.mark.parametrize("number", sorted(messages.WITH_SYSTEM & set(messages.KNOWN)))
@pytest.mark.parametrize(
    ("system", "kind", "key"),
    [
        (2, NotFound, "server-file-missing"), (3, NotFound, "server-file-missing"),
        (5, Refused, "server-file-denied"),
        (32, Busy, "server-file-busy"), (53, NotFound, "server-file-missing"),
        (112, NoSpace, "server-full"),
    ],
)  # fmt: skip
def test_a_file_is_told_by_what_the_operating_system_said(
    number: int, system: int, kind: type[WisselError], key: str
) -> None:
    """In German too: the number before the bracket is the same."""
    for text in ("Operating system error", "Betriebssystemfehler"):
        error = messages.error(raised(number, f"Cannot open 'E:\\x(1).bak'. {text} {system}(Words)."), "sql16a")
        if number == 5149:
            assert error.key == "server-full"
        else:
            assert (type(error), error.key, error.params["system"]) == (kind, key, system)


def test_18456_is_the_same_whatever_the_state() -> None:
    for state, driver in (("42000", FREE), ("28000", MICROSOFT)):
        assert messages.error(raised(18456, state=state, driver=driver), "x", connecting=True).key == "server-login"


def test_of_several_records_the_one_that_says_why_counts() -> None:
    text = (
        f"[42000] {MICROSOFT}RESTORE is terminating abnormally. (3013) (SQLExecDirectW); "
        f"[42000] {MICROSOFT}Exclusive access could not be obtained (all). (3101)"
    )
    found = messages.report(Reported("42000", text))
    assert (found.numbers, found.number) == ((3013, 3101), 3101)
    assert found.text == "RESTORE is terminating abnormally."


@pytest.mark.parametrize(
    ("problem", "key", "connecting"),
    [
        (raised(0, "TCP Provider: Error code 0x2746", "08S01"), "connection-lost", False),
        (raised(10054, "forcibly closed", "08S01"), "connection-lost", False),
        (raised(20004, "Read from the server failed", "08S01", FREE), "connection-lost", False),
        (raised(20009, "Unable to connect", "08001", FREE), "server-unreachable", True),
        (raised(0, "Login timeout expired", "HYT00"), "server-no-answer", True),
        (raised(0, "Query timeout expired", "HYT00"), "server-timeout", False),
        (raised(20003, "timed out", "HYT00", FREE), "server-timeout", False),
        (raised(-1, "certificate verify failed:self-signed certificate", "08001"), "server-certificate", True),
        (raised(-2146893019, "Zertifikatkette", "08001"), "server-certificate", True),
        (raised(596, "session is in the kill state", "HY000"), "connection-lost", False),
        (raised(55555), "server-said", False),
    ],
)
def test_lines_and_limits(problem: Reported, key: str, connecting: bool) -> None:
    assert messages.error(problem, "sql16a", connecting=connecting).key == key


def test_what_was_cancelled_and_what_does_not_load() -> None:
    assert isinstance(messages.error(raised(0, "Operation was cancelled", "HY008"), "x"), Cancelled)
    absent = Reported(
        "01000", "[01000] [unixODBC][Driver Manager]Can't open lib '/x.so' : file not found (0) (SQLDriverConnect)"
    )
    assert isinstance(messages.error(absent, "x", connecting=True), DriverMissing)


def test_a_servers_words_are_made_safe_and_short() -> None:
    found = messages.report(raised(50000, "\x1b[2J\u202e" + "x" * 1000))
    assert "\x1b" not in found.text
    assert len(found.text) < 320


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 percent processed.", 10),
        ("100 Prozent verarbeitet.", 100),
        ("Procesado: 55 por ciento.", 55),
        ("x", None),
        ("1000 %", None),
    ],
)
def test_progress_is_a_number_in_any_language(text: str, expected: int | None) -> None:
    assert messages.percent(text) == expected
