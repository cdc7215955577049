"""What an operation says: `operation.<kind>`, `operation.state.<state>`, `outcome.<key>`, `result.<kind>.<name>`."""

# fmt: off
TEXTS: dict[str, tuple[str, str]] = {
    "operation.restore": ("restore", "teruglezen"),
    "operation.correct": ("correction", "correctie"),
    "operation.reverse": ("reversal", "tegenboeking"),
    "operation.return": ("return back-up", "retourback-up"),
    "operation.hand-over": ("hand-over", "overdracht"),
    "operation.set-aside": ("set aside", "terzijde leggen"),
    "operation.reopen": ("reopen", "opnieuw beginnen"),
}
