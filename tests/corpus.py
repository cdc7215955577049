"""Strangers' back-ups, where they are: tests that need them skip with a reason elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("WISSEL_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")


def corpus_file(name: str) -> Path:
    """A file of the corpus; skips the test where it is not there."""
    path = CORPUS / name
    if not path.is_file():
        pytest.skip(f"no corpus file {name}: set WISSEL_CORPUS to where the samples are")
    return path


def corpus_facts() -> Path:
    """The list of what is in every back-up of the corpus."""
    return corpus_file("facts.json")
