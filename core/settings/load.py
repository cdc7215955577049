"""From file, environment and command line to one Settings; every refusal names key, place and what is allowed."""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource
from pydantic_settings import SettingsError as VariableError

from core.errors import SettingsError
from core.model.profile import IdentityProfile, LicencePlace
from core.settings.fields import FILE_DATA, Settings
from core.settings.secret import SecretRef
from core.settings.source import PREFIX, Layers, flat, read_file

FILE_NAME = "wissel.toml"
_MISSPELT = ("extra_forbidden", "unexpected_keyword_argument")
_CHOICES = ("IdentityProfile", "LicencePlace", "literal['none']")
"""Parts of an error's place that are no keys: which of several kinds of value was tried."""
OTHER_VARIABLES = frozenset({"WISSEL_CONFIG", "WISSEL_CORPUS", "WISSEL_DEBUG"})
"""Variables of ours that are no settings."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting in effect: dotted key, its value in TOML (secrets masked; empty = none), where it came from."""

    key: str
    value: str
    source: str
    """`default`, `FILE:LINE`, the variable's name, or `--option`."""


def find_config(given: str | os.PathLike[str] | None = None) -> Path | None:
    """The settings file: the given one, WISSEL_CONFIG, ./wissel.toml, the user's, the machine's; or None."""
    named = given or os.environ.get("WISSEL_CONFIG")
    if named:
        return Path(named).absolute()
    import platformdirs

    here = Path(FILE_NAME).absolute()
    users = Path(platformdirs.user_config_dir("wissel", appauthor=False), FILE_NAME)
    machines = Path(platformdirs.site_config_dir("wissel", appauthor=False), FILE_NAME)
    return next((path for path in (here, users, machines) if path.is_file()), None)


def load(config: str | os.PathLike[str] | None = None, overrides: Mapping[str, object] | None = None) -> Settings:
    """All settings, checked. `overrides` are the command line's, nested like the file; None = not given.

    Raises NotFound (no such file), Unreadable, or SettingsError.
    """
    path = find_config(config)
    text, data = read_file(path) if path is not None else ("", {})
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    layers = Layers(given, {}, data, path, text)
    _refuse_misspelt_variables()
    token = FILE_DATA.set(data)
    try:
        layers = Layers(given, EnvSettingsSource(Settings)(), data, path, text)
        settings = Settings(**given)  # type: ignore[arg-type] # checked right here
    except VariableError as problem:
        raise _bad_variable(problem) from None
    except ValidationError as problem:
        raise _refusal(problem, layers) from None
    finally:
        FILE_DATA.reset(token)
    settings._config_path = path  # noqa: SLF001 - our own class
    settings._layers = layers  # noqa: SLF001
    _refuse_greedy_inboxes(settings, layers)
    return settings


def origins(settings: Settings) -> tuple[Origin, ...]:
    """Each setting in effect and where it came from, secrets masked."""
    layers = settings._layers  # noqa: SLF001
    values = settings.model_dump()
    values["register_password"] = str(settings.register_password) if settings.register_password else None
    for shown_as, target in zip(values["targets"], settings.targets, strict=True):
        shown_as["password"] = str(target.password) if target.password else None
    order = {name: place for place, name in enumerate(Settings.model_fields)}
    shown = sorted(flat(values), key=lambda item: order[item[0].partition(".")[0].partition("[")[0]])
    return tuple(Origin(key, _shown(value), layers.place(key) or "default") for key, value in shown)


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Path):
        value = str(value)
    return json.dumps(value, ensure_ascii=False)


def _refuse_misspelt_variables() -> None:
    known = [name.upper() for name in Settings.model_fields]
    for variable in sorted(os.environ):
        name = variable.upper()
        top = name.removeprefix(PREFIX).partition("__")[0]
        if not name.startswith(PREFIX) or top in known or name in OTHER_VARIABLES:
            continue
        near = difflib.get_close_matches(top, known, 1, 0.6)
        if near:
            raise SettingsError("setting-unknown", key=variable, place=variable, nearest=PREFIX + near[0])


def _refuse_greedy_inboxes(settings: Settings, layers: Layers) -> None:
    """An inbox takes in whatever lies in it: not the office, not what goes back, not the settings."""
    own = {"office": os.path.realpath(settings.office)}
    if settings.outbox:
        own["outbox"] = os.path.realpath(settings.outbox)
    taken: dict[str, int] = {}
    for number, inbox in enumerate(settings.inboxes):
        folder = os.path.realpath(inbox.path)
        if taken.setdefault(os.path.normcase(folder), number) != number:
            key = f"inboxes[{number}].path"
            raise SettingsError("setting-double", key=key, place=_place(layers, key), name=str(inbox.path))
        other = next((name for name, path in own.items() if _within(folder, path)), None)
        if other is None and layers.path and folder == os.path.realpath(layers.path.parent):
            other = layers.path.name
        if other is not None:
            key = f"inboxes[{number}].path"
            raise SettingsError(
                "setting-overlap", key=key, place=_place(layers, key), path=str(inbox.path), other=other
            )


def _within(folder: str, parent: str) -> bool:
    folder, parent = os.path.normcase(folder), os.path.normcase(parent)
    return folder == parent or folder.startswith(os.path.join(parent, ""))


def _bad_variable(problem: VariableError) -> SettingsError:
    name = next((name for name in Settings.model_fields if f'"{name}"' in str(problem)), "?")
    variable = PREFIX + name.upper()
    return SettingsError("setting-kind", key=name, place=variable, like=_like(Settings, name))


def _refusal(problem: ValidationError, layers: Layers) -> SettingsError:
    """One error of ours for the library's list: an unknown key first, it explains a missing one."""
    details = problem.errors(include_url=False, include_input=False)
    detail = min(details, key=lambda each: each["type"] not in _MISSPELT)
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "double":
        key = context["key"]
        return SettingsError("setting-double", key=key, place=_place(layers, key), name=context["name"])
    parts = [part for part in detail["loc"] if part not in _CHOICES]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
    name = str(parts[-1])
    table = _table(detail)
    place = _place(layers, key)
    if kind == "extra_forbidden":
        nearest = difflib.get_close_matches(name, table.model_fields, 1, 0.0)[0]
        return SettingsError("setting-unknown", key=key, place=place, nearest=nearest)
    if kind == "unexpected_keyword_argument":
        known = [each.name for each in dataclasses.fields(LicencePlace if "licence" in parts else IdentityProfile)]
        nearest = difflib.get_close_matches(name, known, 1, 0.0)[0]
        return SettingsError("setting-unknown", key=key, place=place, nearest=nearest)
    if kind in {"missing", "missing_argument"}:
        if not layers.path and key == "office":
            return SettingsError("config-none")
        return SettingsError("setting-missing", key=key, place=place, name=name, like=_like(table, name))
    if kind in {"secret_literal", "secret_place"}:
        own = "password" if key.startswith("targets") else "register_password"
        return SettingsError(kind.replace("_", "-"), key=key, place=place, name=own)
    if kind == "literal_error":
        return SettingsError("setting-choice", key=key, place=place, allowed=context["expected"].replace(" or ", ", "))
    if kind in {"greater_than_equal", "less_than_equal"}:
        sign, bound = (">=", context.get("ge")) if kind.startswith("greater") else ("<=", context.get("le"))
        return SettingsError("setting-range", key=key, place=place, allowed=f"{sign} {bound:g}")
    return SettingsError("setting-kind", key=key, place=place, like=_like(table, name))


def _place(layers: Layers, key: str) -> str:
    """Where `key` stands; for one that is missing, where the table around it stands."""
    while key:
        place = layers.place(key)
        if place is not None:
            return place
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return str(layers.path or "-")


def _table(detail: ErrorDetails) -> type[BaseModel]:
    """The table that the last part of the error's key belongs to."""
    table: type[BaseModel] = Settings
    for part in detail["loc"][:-1]:
        field = table.model_fields.get(str(part))
        table = (_model_in(field.annotation) if field else None) or table
    return table


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _like(table: type[BaseModel], name: str) -> str:
    """How such a value is written, in TOML: the field's example, its default, or one of its type."""
    field = table.model_fields.get(name)
    if field is None:
        return '"..."'
    example = field.examples[0] if field.examples else field.get_default()
    if _model_in(field.annotation) is SecretRef:
        return '{ file = "..." }'
    if isinstance(example, str | bool | int | float):
        return _shown(example)
    inner = field.annotation
    if get_origin(inner) in {Union, types.UnionType}:
        inner = get_args(inner)[0]
    if _model_in(inner) is not None:
        return f"[[{name}]]" if get_origin(inner) is tuple else f"[{name}]"
    return _shown(example) if example else '"..."'
