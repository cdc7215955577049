"""The commented settings file: `wissel config init` writes it, and config.example.toml is the same text."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import os
import types
from pathlib import Path
from typing import Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.files import atomic_write, private_dir
from core.settings import fields
from core.settings.fields import Settings

ACTIVE = frozenset({"office", "outbox", "firm", "firm.name", "inboxes", "inboxes.path"})
"""What a fresh office needs; every other key stands there commented out."""

HEAD = """\
# Settings of wissel. A key that starts with # is not set: its default is shown, or an example.
# Stronger than this file: environment variables (WISSEL_LANGUAGE, WISSEL_FIRM__NAME), then the command line.
# Relative paths start at the folder of this file. Only its owner may be able to write it.
"""


def documentation() -> dict[tuple[str, str], str]:
    """(class, field) -> the docstring under the field, on one line."""
    found = {}
    for table in ast.parse(inspect.getsource(fields)).body:
        if not isinstance(table, ast.ClassDef):
            continue
        for field, text in itertools.pairwise(table.body):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
                found[table.name, field.target.id] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


def starter_text() -> str:
    """Every key with its documentation; TOML as it stands, and TOML with each `#key` uncommented too."""
    docs = documentation()
    plain: list[str] = []
    tables: list[str] = []
    for name, field in Settings.model_fields.items():
        inner, listed = _table_in(field.annotation)
        if inner is None:
            plain += ["", *_entry(name, field, docs["Settings", name])]
            continue
        hash_ = "" if name in ACTIVE else "#"
        tables += ["", f"# {docs['Settings', name]}", f"{hash_}[[{name}]]" if listed else f"{hash_}[{name}]"]
        for key, below in inner.model_fields.items():
            tables += _entry(f"{name}.{key}", below, docs[inner.__name__, key])
    return HEAD + "\n".join([*plain, *tables]) + "\n"


def config_init(path: str | os.PathLike[str]) -> Path:
    """Write a starter file, readable by us alone. Never overwrites: raises Refused."""
    target = Path(path).absolute()
    if not target.parent.is_dir():
        private_dir(target.parent)
    atomic_write(target, starter_text())
    return target


def _entry(dotted: str, field: FieldInfo, text: str) -> list[str]:
    value = field.examples[0] if field.examples else field.get_default()
    hash_ = "" if dotted in ACTIVE else "#"
    return [f"# {text}", f"{hash_}{dotted.rpartition('.')[2]} = {_toml(value)}"]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _table_in(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    """The table type of a field, and whether it is a list of them. A secret's reference stays on one line."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return None, False
    listed = get_origin(annotation) is tuple
    inner = get_args(annotation)[0] if listed else annotation
    return (inner, listed) if isinstance(inner, type) and issubclass(inner, BaseModel) else (None, False)
