"""Sentences around the settings. What each key means stands under its field in core/settings/fields.py."""

TEXTS: dict[str, tuple[str, str]] = {
    "setting.default": ("default", "standaard"),
    "setting.line": ("line {line}", "regel {line}"),
    "setting.file": ("Lines are those of {path}.", "Regels zijn die van {path}."),
    "setting.written": (
        "Settings written to {path}. Look through them, then run: wissel --config {path} config check",
        "Instellingen geschreven naar {path}. Loop ze na en geef dan: wissel --config {path} config check",
    ),
    "setting.good": ("{path}: every setting is understood.", "{path}: elke instelling is begrepen."),
}
