"""Operations on SQL Server disturbed at statements of theirs: done, or as if never ordered, and the log says why.

A sample here; every statement in every way with WISSEL_EVERY_STATEMENT=1, or as a table (`python -m faults.sqlserver`).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from faults.sqlserver import GOOD, cases, stage

from core.model import Kind

EVERY = bool(os.environ.get("WISSEL_EVERY_STATEMENT"))
FEW = 7
"""Cases of a sample."""


@pytest.mark.timeout(7200 if EVERY else 120)
@pytest.mark.parametrize("kind", [Kind.RESTORE, Kind.CORRECT, Kind.RETURN])
def test_disturbed_at_any_statement_it_is_done_or_undone(kind: Kind, tmp_path: Path) -> None:
    with stage(tmp_path, kind, older=EVERY) as found:
        some = list(cases(found))
        assert len(some) > 300
        if not EVERY:
            # Every other one of those that lie the same way apart is of another kind.
            some = some[len(some) // 10 :: len(some) // FEW + 1]
        for step, name, at, how in some:
            word = found.disturbed(step, at, how)
            assert word in GOOD, (name, at, how, found.heard[step - 1][at - 1].text, word)
