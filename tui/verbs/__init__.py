"""The verbs of the command line. Each names the module that knows it; only the verb that runs is imported."""

from __future__ import annotations

VERBS = {
    "list": "tui.verbs.list",
    "show": "tui.verbs.show",
    "why": "tui.verbs.why",
    "inspect": "tui.verbs.inspect",
    "bind": "tui.verbs.bind",
    "tell": "tui.verbs.tell",
    "reopen": "tui.verbs.reopen",
    "clients": "tui.verbs.clients",
    "client": "tui.verbs.client",
    "targets": "tui.verbs.targets",
    "check": "tui.verbs.check",
    "log": "tui.verbs.log",
    "worker": "tui.verbs.worker",
    "demo": "tui.verbs.demo",
    "config": "tui.verbs.config",
}
"""Verb -> module with `arguments(parser)` and `run(context) -> exit code`. The order is that of `wissel --help`."""
