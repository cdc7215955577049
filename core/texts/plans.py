"""What a plan says: `step.<kind>.<name>`, `undo.<word>`, `need.<name>`, `route.<word>`, `refused.<variant>`, `guide.<kind>.<name>`."""

# fmt: off
TEXTS: dict[str, tuple[str, str]] = {
    "step.restore.check": ("Check the seal, and judge again on live facts", "Zegel controleren, en opnieuw oordelen op actuele feiten"),
}
