"""Every kind of step there is, by the kind of operation and its name in the plan."""

from __future__ import annotations

from core.model import Kind
from core.operations import aside, correct, guided, guided_return, hand_over, release, restore, return_backup
from core.operations.step import Steps, StepWork

_CORRECT: dict[str, StepWork] = {
    "check": correct.Check(),
    "before": correct.Before(),
    "book": correct.Book(),
    "verify": correct.Verify(),
    "custody": correct.Custody(),
}
_AWAY: dict[str, StepWork] = {
    "check": aside.Check(),
    "aside": aside.Aside(),
    "gone": guided.Gone(),
    "custody": aside.Custody(),
}
_BY_KIND: dict[Kind, dict[str, StepWork]] = {
    Kind.RESTORE: {
        "check": restore.Check(),
        "lay": guided.Lay(),
        "wizard": guided.Wizard(),
        "clear": guided.Clear(),
        "room": restore.Room(),
        "aside": restore.Aside(),
        "unpack": restore.Unpack(),
        "look": restore.Look(),
        "baseline": restore.Baseline(),
        "upgrade": restore.Upgrade(),
        "swap": restore.Swap(),
        "place": restore.Place(),
        "custody": restore.Custody(),
    },
    Kind.CORRECT: _CORRECT,
    Kind.REVERSE: _CORRECT,
    Kind.RETURN: {
        "check": return_backup.Check(),
        "lay": guided_return.Await(),
        "wizard": guided_return.Made(),
        "witness": guided_return.Witness(),
        "sound": return_backup.Sound(),
        "copy": return_backup.Copying(),
        "swap": return_backup.Swap(),
        "pack": return_backup.Pack(),
        "prove": return_backup.Prove(),
        "outbox": release.Outbox(),
        "release": release.Release(),
        "handover": release.HandOver(),
    },
    Kind.HAND_OVER: {"send": hand_over.Send(), "confirm": hand_over.Confirm()},
    Kind.SET_ASIDE: _AWAY,
    Kind.REOPEN: _AWAY,
}

STEPS: Steps = {(kind, name): work for kind, works in _BY_KIND.items() for name, work in works.items()}
