from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from core import settings
from core.errors import SettingsError
from core.settings import SecretRef

CANARY = "kanarie-7f3a"


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{CANARY}\n")
    path.chmod(0o600)
    reference = SecretRef(file=str(path))
    assert reference.read() == CANARY
    assert CANARY not in str(reference) + repr(reference)


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(CANARY)
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="secret-open"):
        SecretRef(file=str(path)).read()


def test_from_a_command() -> None:
    reference = SecretRef(command=(sys.executable, "-c", f"print('{CANARY}'); print('more')"))
    assert reference.read() == CANARY
    assert CANARY not in str(reference)


@pytest.mark.parametrize(
    ("code", "key"),
    [(f"import sys; print('{CANARY}', file=sys.stderr); sys.exit(3)", "secret-unreadable"), ("pass", "secret-empty")],
)
def test_a_command_that_fails_shows_nothing_of_what_it_said(code: str, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SecretRef(command=(sys.executable, "-c", code)).read()
    assert caught.value.key == key
    assert CANARY not in str(caught.value)
    assert caught.value.params.get("reason", "exit code 3") == "exit code 3"


def test_missing_places() -> None:
    with pytest.raises(SettingsError, match="secret-unreadable"):
        SecretRef(file="/nowhere/at/all").read()
    with pytest.raises(SettingsError, match="secret-unreadable"):
        SecretRef(command=("/nowhere/at/all",)).read()
    with pytest.raises(SettingsError, match="secret"):
        SecretRef(keyring="wissel-test/nobody").read()


def test_show_masks_the_arguments_of_a_command(tmp_path: Path) -> None:
    path = tmp_path / "wissel.toml"
    path.write_text(f'office = "o"\nregister_password = {{ command = ["pass", "{CANARY}"] }}\n')
    path.chmod(0o600)
    shown = settings.origins(settings.load(path))
    assert CANARY not in str(shown)
    assert ("register_password", '"command pass ..."') in {(each.key, each.value) for each in shown}
