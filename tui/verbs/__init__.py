"""The verbs of the command line. Each names the module that knows it; only the verb that runs is imported."""

from __future__ import annotations

VERBS = {
    "list": "tui.verbs.list",
    "show": "tui.verbs.show",
    "why": "tui.verbs.why",
    "inspect": "tui.verbs.inspect",
    "tables": "tui.verbs.tables",
    "rows": "tui.verbs.rows",
    "verify": "tui.verbs.verify",
    "bind": "tui.verbs.bind",
    "tell": "tui.verbs.tell",
    "restore": "tui.verbs.restore",
    "correct": "tui.verbs.correct",
    "reverse": "tui.verbs.reverse",
    "return": "tui.verbs.return_backup",
    "set-aside": "tui.verbs.set_aside",
    "reopen": "tui.verbs.reopen",
    "operations": "tui.verbs.operations",
    "show-operation": "tui.verbs.show_operation",
    "cancel": "tui.verbs.cancel",
    "answer": "tui.verbs.answer",
    "held": "tui.verbs.held",
    "clients": "tui.verbs.clients",
    "client": "tui.verbs.client",
    "targets": "tui.verbs.targets",
    "target": "tui.verbs.target",
    "check": "tui.verbs.check",
    "log": "tui.verbs.log",
    "worker": "tui.verbs.worker",
    "demo": "tui.verbs.demo",
    "open-as-client": "tui.verbs.open_as_client",
    "config": "tui.verbs.config",
}
"""Verb -> module with `arguments(parser)` and `run(context) -> exit code`. The order is that of `wissel --help`."""
