"""Secrets by reference: what stands in the settings is where a secret is, never the secret."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.errors import SettingsError

COMMAND_SECONDS = 30
"""A password manager may ask a person; after this many seconds nobody is there."""


class SecretRef(BaseModel):
    """Exactly one of three places: a file, a command, the system's keyring."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    file: str | None = None
    """A file that holds nothing but the secret; readable by us alone."""
    command: tuple[str, ...] | None = Field(default=None, min_length=1)
    """A program and its arguments, run without a shell; its first line of output is the secret."""
    keyring: str | None = Field(default=None, pattern=r"^[^/]+/.+$")
    """`service/user` in the system's keyring; needs the extra `wissel[keyring]`."""

    @model_validator(mode="before")
    @classmethod
    def _no_literal(cls, value: object) -> object:
        if isinstance(value, str):
            raise PydanticCustomError("secret_literal", "a secret itself")
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(place is not None for place in (self.file, self.command, self.keyring)) != 1:
            raise PydanticCustomError("secret_place", "exactly one of file, command, keyring")
        return self

    def __str__(self) -> str:
        """The reference, safe to show. Arguments of a command stay hidden: people put secrets there."""
        if self.file is not None:
            return f"file {self.file}"
        if self.command is not None:
            return f"command {self.command[0]} ..."
        return f"keyring {self.keyring}"

    def read(self) -> str:
        """The secret. Raises SettingsError when the reference leads nowhere; the message never holds it."""
        if self.file is not None:
            return self._from_file(self.file)
        if self.command is not None:
            return self._from_command(self.command)
        return self._from_keyring()

    def _from_file(self, path: str) -> str:
        try:
            with open(path, encoding="utf-8") as file:
                mode = os.fstat(file.fileno()).st_mode
                if os.name != "nt" and mode & (stat.S_IWGRP | stat.S_IRWXO):
                    raise SettingsError("secret-open", path=path)
                return self._kept(file.read())
        except (OSError, UnicodeDecodeError) as problem:
            raise self._failed(_reason(problem)) from None

    def _from_command(self, command: tuple[str, ...]) -> str:
        try:
            run = subprocess.run(  # noqa: S603 - the command of our own settings file, without a shell
                command, check=True, capture_output=True, text=True, timeout=COMMAND_SECONDS, stdin=subprocess.DEVNULL
            )
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as problem:
            raise self._failed(_reason(problem)) from None
        return self._kept(run.stdout)

    def _from_keyring(self) -> str:
        service, _, user = (self.keyring or "").partition("/")
        try:
            import keyring

            return self._kept(keyring.get_password(service, user) or "")
        except ImportError:
            raise SettingsError("secret-no-keyring", reference=str(self)) from None
        except Exception as problem:
            if isinstance(problem, SettingsError):
                raise
            raise self._failed(_reason(problem)) from None  # each keyring has errors of its own

    def _kept(self, text: str) -> str:
        first = text.split("\n", 1)[0].rstrip("\r")
        if not first:
            raise SettingsError("secret-empty", reference=str(self))
        return first

    def _failed(self, reason: str) -> SettingsError:
        return SettingsError("secret-unreadable", reference=str(self), reason=reason)


def _reason(problem: Exception) -> str:
    """What went wrong, without a word of what was read or run."""
    if isinstance(problem, subprocess.CalledProcessError):
        return f"exit code {problem.returncode}"
    if isinstance(problem, OSError) and problem.errno:
        return os.strerror(problem.errno)
    return type(problem).__name__
