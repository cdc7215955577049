from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from core import settings
from core.errors import NotFound, Refused, SettingsError
from core.settings import Firm, Inbox, SecretRef, Settings, TargetSettings
from core.settings.source import PATHS, flat, lines_of
from core.settings.starter import documentation
from core.texts import LANGUAGES, say

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TABLES: dict[str, type[BaseModel]] = {"": Settings, "firm": Firm, "inboxes": Inbox, "targets": TargetSettings}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("WISSEL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "machine"))
    monkeypatch.chdir(tmp_path)


def write(folder: Path, text: str) -> Path:
    path = folder / "wissel.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def uncommented(text: str) -> str:
    return re.sub(r"^#(?=[a-z\[])", "", text, flags=re.MULTILINE)


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_one_folder_by_two_names_is_one_inbox(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "other").symlink_to("in")
    config = tmp_path / "wissel.toml"
    config.write_text("office = 'o'\n[[inboxes]]\npath = 'in'\n[[inboxes]]\npath = 'other'\n", encoding="utf-8")
    config.chmod(0o600)
    with pytest.raises(SettingsError, match="setting-double"):
        settings.load(config)


def test_settings_nested_without_end_are_refused(tmp_path: Path) -> None:
    config = tmp_path / "wissel.toml"
    config.write_text(f"office = {'[' * 5000}", encoding="utf-8")
    config.chmod(0o600)
    with pytest.raises(SettingsError, match="config-syntax"):
        settings.load(config)


def test_the_example_is_what_init_writes() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == settings.starter_text()


@pytest.mark.parametrize("everything", [False, True])
def test_the_example_loads(tmp_path: Path, everything: bool) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    loaded = settings.load(write(tmp_path, uncommented(text) if everything else text))
    assert loaded.office == tmp_path / "office"
    assert [inbox.path for inbox in loaded.inboxes] == [tmp_path / "inbox"]
    assert len(loaded.all_targets()) == int(everything)


def test_the_example_covers_every_key_and_every_key_is_documented(tmp_path: Path) -> None:
    path = write(tmp_path, uncommented(EXAMPLE.read_text(encoding="utf-8")))
    stand = {re.sub(r"\[\d+\]", "", key) for key in lines_of(path.read_text())}
    docs = documentation()
    for prefix, table in TABLES.items():
        for name in table.model_fields:
            assert (f"{prefix}.{name}" if prefix else name) in stand
            assert docs[table.__name__, name].endswith(".")
    assert all(place in path.read_text() for place in SecretRef.model_fields)


def test_every_path_is_anchored_at_the_file() -> None:
    paths = {
        f"{prefix}.{name}".lstrip(".")
        for prefix, table in TABLES.items()
        for name, field in table.model_fields.items()
        if "Path" in str(field.annotation)
    }
    assert paths | {"register_password.file", "targets.password.file"} == set(PATHS)


def test_command_line_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, 'office = "o"\nlanguage = "nl"\nsettle_seconds = 5\n[firm]\nname = "F"\nlicence = "1"\n')
    monkeypatch.setenv("WISSEL_SETTLE_SECONDS", "6")
    monkeypatch.setenv("WISSEL_FIRM__NAME", "E")
    monkeypatch.setenv("WISSEL_READ_ONLY", "true")
    loaded = settings.load(path, {"read_only": False, "language": None})
    assert (loaded.language, loaded.settle_seconds, loaded.read_only) == ("nl", 6.0, False)
    assert (loaded.firm.name, loaded.firm.licence) == ("E", "1")
    origins = {each.key: (each.value, each.source) for each in settings.origins(loaded)}
    assert origins["language"] == ('"nl"', f"{path}:2")
    assert origins["settle_seconds"] == ("6.0", "WISSEL_SETTLE_SECONDS")
    assert origins["firm.name"] == ('"E"', "WISSEL_FIRM__NAME")
    assert origins["firm.licence"] == ('"1"', f"{path}:6")
    assert origins["read_only"] == ("false", "--read-only")
    assert origins["rescan_seconds"] == ("2.0", "default")


def test_the_language_is_the_terminals_where_nobody_says_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, 'office = "o"')
    for terminal, language in {"nl_NL.UTF-8": "nl", "C": "en", "de_DE": "en"}.items():
        monkeypatch.setenv("LC_ALL", terminal)
        assert settings.load(path).language == language
    assert settings.load(path, {"language": "nl"}).language == "nl"


def test_all_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WISSEL_OFFICE", "here")
    monkeypatch.setenv("WISSEL_INBOXES", '[{"path": "in", "client": "ABC"}]')
    loaded = settings.load()
    assert loaded.office == tmp_path / "here"
    assert loaded.inboxes == (Inbox(path=tmp_path / "in", client="ABC"),)


def test_the_file_is_found_where_people_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.find_config() is None
    user = tmp_path / "user" / "wissel" / "wissel.toml"
    user.parent.mkdir(parents=True)
    user.write_text("")
    assert settings.find_config() == user
    here = write(tmp_path, "")
    assert settings.find_config() == here
    monkeypatch.setenv("WISSEL_CONFIG", "other.toml")
    assert settings.find_config() == tmp_path / "other.toml"
    assert settings.find_config("given.toml") == tmp_path / "given.toml"
    with pytest.raises(NotFound):
        settings.load("given.toml")


def test_no_settings_at_all_says_how_to_begin() -> None:
    with pytest.raises(SettingsError, match="config-none"):
        settings.load()


REFUSED = [
    ("language = 3", "setting-choice", {"key": "language", "line": 2, "allowed": "'en', 'nl'"}),
    ('langage = "nl"', "setting-unknown", {"key": "langage", "line": 2, "nearest": "language"}),
    ("[firm]\nnane = 'x'", "setting-unknown", {"key": "firm.nane", "line": 3, "nearest": "name"}),
    ("[[targets]]\nname = 'a'\n[[targets]]\nname = 'b'\nproductupdate = 4", "setting-unknown",
     {"key": "targets[1].productupdate", "line": 6, "nearest": "product_update"}),
    ("[[targets]]\nname = 'a'\nproduct_update = 9", "setting-range",
     {"key": "targets[0].product_update", "line": 4, "allowed": ">= 100"}),
    ("settle_seconds = 'soon'", "setting-kind", {"key": "settle_seconds", "line": 2, "like": "3.0"}),
    ("[[targets]]\nname = 'a'\nsql_release = 'new'", "setting-kind", {"line": 4, "like": '"2016"'}),
    ("[[targets]]\nengine = 'embedded'", "setting-missing", {"key": "targets[0].name", "name": "name", "line": 2}),
    ("[[targets]]\nname = 'a'\n[[targets]]\nname = 'A'", "setting-double",
     {"key": "targets[1]", "name": "a", "line": 4}),
    ("[[inboxes]]\npath = 'a'\n[[inboxes]]\npath = './a'", "setting-double", {"key": "inboxes[1]", "line": 4}),
    ("[[inboxes]]\npath = ''", "setting-kind", {"key": "inboxes[0].path", "line": 3}),
    ("outbox = ''", "setting-kind", {"key": "outbox", "line": 2}),
    ("[[inboxes]]\npath = 'office'", "setting-overlap", {"key": "inboxes[0].path", "other": "office", "line": 3}),
    ("[[inboxes]]\npath = 'office/vault'", "setting-overlap", {"other": "office"}),
    ("outbox = 'out'\n[[inboxes]]\npath = './out'", "setting-overlap", {"other": "outbox", "line": 4}),
    ("[[inboxes]]\npath = '.'", "setting-overlap", {"other": "wissel.toml"}),
    ("inboxes = ['a']", "setting-kind", {"key": "inboxes[0]", "line": 2}),
    ("register_password = 'hunter2'", "secret-literal", {"key": "register_password", "line": 2}),
    ("register_url = 'postgresql://u:hunter2@h/d'", "secret-literal", {"key": "register_url", "line": 2}),
    ("register_url = 'postgresql://u@h/d?password=hunter2'", "secret-literal", {"key": "register_url"}),
    ("register_url = 'mysql://u@h/d'", "setting-kind", {"key": "register_url"}),
    ("register_password = { file = 'a', keyring = 's/u' }", "secret-place", {"line": 2}),
    ("retention_days = 0", "setting-range", {"allowed": ">= 1"}),
    ("retention_days = 99999999999999999999", "setting-range", {"allowed": "<= 36500"}),
    ("office = 'twice'", "config-syntax", {"line": 2}),
    ("x = [1,\n2", "config-syntax", {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "params"), REFUSED)
def test_refusals_name_key_place_and_what_is_allowed(
    tmp_path: Path, text: str, key: str, params: dict[str, object]
) -> None:
    path = write(tmp_path, f'office = "office"\n{text}\n')
    with pytest.raises(SettingsError) as caught:
        settings.load(path)
    assert caught.value.key == key
    line = params.pop("line", None)
    if line is not None:
        assert caught.value.params["place"] == f"{path}:{line}"
    assert {name: caught.value.params[name] for name in params} == params
    assert "hunter2" not in str(caught.value)
    for language in LANGUAGES:
        sentences = [say(f"{part}.{key}", language, **caught.value.params) for part in ("error", "hint")]
        assert "hunter2" not in "".join(sentences)
        assert "<" not in "".join(sentences).replace("<= ", "")


def test_a_misspelt_variable_is_refused_and_others_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, 'office = "o"')
    for name in ("WISSEL_XYZZY", "WISSEL_FOO", "WISSEL_DEBUG"):
        monkeypatch.setenv(name, "1")
    settings.load(path)
    monkeypatch.setenv("WISSEL_LANGUGE", "nl")
    with pytest.raises(SettingsError) as caught:
        settings.load(path)
    assert caught.value.params["nearest"] == "WISSEL_LANGUAGE"


def test_a_variable_that_is_no_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WISSEL_TARGETS", "sql16")
    with pytest.raises(SettingsError) as caught:
        settings.load(write(tmp_path, 'office = "o"'))
    assert caught.value.params["place"] == "WISSEL_TARGETS"


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_pipe_is_no_settings_file_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "wissel.toml", 0o600)
    with pytest.raises(NotFound):
        settings.load(tmp_path / "wissel.toml")


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, 'office = "o"')
    path.chmod(mode)
    with pytest.raises(SettingsError, match="config-writable"):
        settings.load(path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, 'office = "o"')
    os.chown(path, 12345, 12345)
    with pytest.raises(SettingsError, match="config-foreign"):
        settings.load(path)


def test_init_never_overwrites(tmp_path: Path) -> None:
    path = settings.config_init(tmp_path / "new" / "wissel.toml")
    settings.load(path)
    with pytest.raises(Refused):
        settings.config_init(path)


def test_a_target_becomes_the_rules_value(tmp_path: Path) -> None:
    text = 'office = "o"\npractice = true\n[[targets]]\nname = "a"\nsql_release = 2016\nproduct_update = 421\n'
    (target,) = settings.load(write(tmp_path, text)).all_targets()
    assert (target.name, target.sql_release, target.product_update, target.practice) == ("a", "2016", 421, True)
    assert target.family is None


def test_lines_survive_strings_arrays_and_comments() -> None:
    text = 'a = """\nb = 1\n"""\n# c = 2\n\n[d.e]\nf = [\n  1,\n  2,\n]\r\n[[g]]\nh = { i = 1 }\n[[g]]\n"j k" = 2\n'
    lines = lines_of(text)
    assert {key: lines[key] for key in ("a", "d", "d.e", "d.e.f", "g[0]", "g[0].h.i", "g[1]", "g[1].j k")} == {
        "a": 1, "d": 6, "d.e": 6, "d.e.f": 7, "g[0]": 11, "g[0].h.i": 12, "g[1]": 13, "g[1].j k": 14,
    }  # fmt: skip
    assert "b" not in lines
    assert "c" not in lines


def test_flat_names_nested_keys() -> None:
    assert dict(flat({"a": {"b": 1}, "c": [{"d": 2}], "e": [], "f": {}})) == {"a.b": 1, "c[0].d": 2, "e": [], "f": {}}
