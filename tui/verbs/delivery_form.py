"""The JSON shape of one delivery with everything behind it."""

from __future__ import annotations

from core.model import DeliveryDetail
from tui import wording
from tui.verbs import forms, operation_forms


def detail(each: DeliveryDetail, language: str) -> forms.Form:
    """`show --json`: the row, and everything behind it; the log and the operations oldest first."""
    return {
        **forms.row(each.row, each.verdicts),
        "inbox": each.inbox,
        "container": {"kind": each.kind, "members": forms.members(each.members)},
        "sha256": each.sha256,
        "sealed_at": forms.moment(each.sealed_at),
        "complete": each.complete,
        "claims": [forms.claim(one) for one in each.claims],
        "problems": [forms.problem(one, language) for one in each.findings],
        "reasons": [
            forms.reason(one, verdict.target, language) for verdict in each.verdicts for one in verdict.reasons
        ],
        "advice": wording.sentence(each.advice, language, "advice") if each.advice else None,
        "suggestions": list(each.suggestions),
        "custody": [forms.custody(line, language) for line in reversed(each.custody)],
        "operations": [operation_forms.row(one, language) for one in reversed(each.operations)],
        "held": None if each.held is None else operation_forms.held(each.held),
    }
