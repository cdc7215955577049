"""The whole error tree. Exit codes are an API: one for each class, unknown means failure.

WisselError                 1   anything else that went wrong on our side
├── UsageError              2   the command line is off
├── SettingsError           3   a setting is missing, unknown or wrong
├── NotFound                4   no such file, delivery, client or target
├── Unreadable              5   a file cannot be opened or read
├── BadFormat               6   the bytes contradict themselves
│   └── LimitExceeded       7   a bound was reached: hostile or not ours
├── RegisterError           8   the register cannot be opened or written
├── VaultError              9   a sealed original is missing or changed
├── NoSpace                10   a disk is full
├── Refused                11   the rules, the read-only switch or a missing consent forbid it
├── Busy                   12   somebody else holds it
├── DriverMissing          13   pyodbc, libodbc or pyarrow is not there
├── CheckFailed            14   `wissel check` found something
└── Cancelled             130   stopped on request
"""

from __future__ import annotations

from typing import ClassVar


class WisselError(Exception):
    """Base of all. `key` names the sentence (`error.<key>`) and the hint (`hint.<key>`)."""

    exit_code: ClassVar[int] = 1
    retry_is_safe: ClassVar[bool] = False

    def __init__(self, key: str, /, **params: str | int) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.key} ({shown})" if shown else self.key


class UsageError(WisselError):
    """The command line is off."""

    exit_code = 2


class SettingsError(WisselError):
    """A setting is missing, unknown or wrong."""

    exit_code = 3


class NotFound(WisselError):
    """No such file, delivery, client or target."""

    exit_code = 4


class Unreadable(WisselError):
    """A file cannot be opened or read."""

    exit_code = 5
    retry_is_safe = True


class BadFormat(WisselError):
    """The bytes contradict themselves."""

    exit_code = 6


class LimitExceeded(BadFormat):
    """A bound was reached: hostile or not ours."""

    exit_code = 7


class RegisterError(WisselError):
    """The register cannot be opened or written."""

    exit_code = 8
    retry_is_safe = True


class VaultError(WisselError):
    """A sealed original is missing or changed."""

    exit_code = 9


class NoSpace(WisselError):
    """A disk is full."""

    exit_code = 10
    retry_is_safe = True


class Refused(WisselError):
    """The rules, the read-only switch or a missing consent forbid it."""

    exit_code = 11


class Busy(WisselError):
    """Somebody else holds it."""

    exit_code = 12
    retry_is_safe = True


class DriverMissing(WisselError):
    """pyodbc, libodbc or pyarrow is not there."""

    exit_code = 13


class CheckFailed(WisselError):
    """`wissel check` found something."""

    exit_code = 14


class Cancelled(WisselError):
    """Stopped on request."""

    exit_code = 130
    retry_is_safe = True
