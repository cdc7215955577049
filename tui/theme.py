"""Colours: one accent, four verdict colours, two greys. The words carry the meaning, colour repeats it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

DARK = {
    "w-ground": "#11161d",
    "w-panel": "#171e27",
    "w-raised": "#22303d",
    "w-line": "#2a3542",
    "w-dim": "#7b8794",
    "w-text": "#d5dce4",
    "w-strong": "#ffffff",
    "w-accent": "#5fb3d4",
    "w-yes": "#7fbf7f",
    "w-conditional": "#e0b35a",
    "w-oneway": "#c792ea",
    "w-no": "#e5737a",
    "w-unknown": "#8aa0b8",
    "w-onbadge": "#11161d",
}

LIGHT = {
    "w-ground": "#fafbfc",
    "w-panel": "#eef1f5",
    "w-raised": "#dbe8f0",
    "w-line": "#c9d1da",
    "w-dim": "#66727f",
    "w-text": "#26303a",
    "w-strong": "#000000",
    "w-accent": "#146c94",
    "w-yes": "#2b7a37",
    "w-conditional": "#8f5f00",
    "w-oneway": "#7a3fa8",
    "w-no": "#b3303a",
    "w-unknown": "#4f6478",
    "w-onbadge": "#ffffff",
}

ANSI = {
    "w-ground": "ansi_default",
    "w-panel": "ansi_default",
    "w-raised": "ansi_default",
    "w-line": "ansi_bright_black",
    "w-dim": "ansi_default",
    "w-text": "ansi_default",
    "w-strong": "ansi_default",
    "w-accent": "ansi_cyan",
    "w-yes": "ansi_green",
    "w-conditional": "ansi_yellow",
    "w-oneway": "ansi_magenta",
    "w-no": "ansi_red",
    "w-unknown": "ansi_blue",
    "w-onbadge": "ansi_black",
}


def _theme(name: str, colours: Mapping[str, str], *, dark: bool, ansi: bool = False) -> Theme:
    return Theme(
        name=name,
        primary=colours["w-accent"],
        accent=colours["w-accent"],
        foreground=colours["w-text"],
        background=colours["w-ground"],
        surface=colours["w-ground"],
        panel=colours["w-panel"],
        success=colours["w-yes"],
        warning=colours["w-conditional"],
        error=colours["w-no"],
        dark=dark,
        ansi=ansi,
        variables={
            **(BUILTIN_THEMES["ansi-dark"].variables if ansi else {}),
            **colours,
            "input-cursor-background": colours["w-text"] if not ansi else "ansi_white",
            "input-cursor-foreground": colours["w-ground"] if not ansi else "ansi_black",
        },
    )


THEMES = (
    _theme("wissel-dark", DARK, dark=True),
    _theme("wissel-light", LIGHT, dark=False),
    _theme("wissel-ansi", ANSI, dark=True, ansi=True),
)

_COLOURED = ("accent", "yes", "conditional", "oneway", "no", "unknown")

INKS: dict[str, tuple[str, str | None, str]] = {
    "text": ("w-text", None, ""),
    "dim": ("w-dim", None, "dim"),
    "line": ("w-line", None, ""),
    "heading": ("w-dim", None, "underline"),
    "strong": ("w-strong", None, "bold"),
    **{name: (f"w-{name}", None, "") for name in _COLOURED},
    **{f"{name}-strong": (f"w-{name}", None, "bold") for name in _COLOURED},
    **{f"badge-{name}": ("w-onbadge", f"w-{name}", "bold") for name in _COLOURED},
    "badge-quiet": ("w-dim", "w-panel", ""),
    "button": ("w-text", "w-raised", ""),
}
"""Ink -> foreground variable, background variable (None: what lies under it), attribute.

`dim` counts only where the terminal mixes the colours."""


class Inks:
    """The styles of the theme in use."""

    def __init__(self, variables: Mapping[str, str], *, ansi: bool, no_color: bool) -> None:
        self._styles: dict[str, Style] = {}
        for name, (front, back, attribute) in INKS.items():
            background = None if back is None else Color.parse(variables[back]).rich_color
            faint = attribute == "dim" and ansi
            badge = name.startswith("badge-") and name != "badge-quiet"
            self._styles[name] = Style(
                color=Color.parse(variables[front]).rich_color,
                bgcolor=background,
                bold=attribute == "bold" or None,
                underline=attribute == "underline" or None,
                dim=faint or None,
                reverse=(no_color and (badge or name == "button")) or None,
            )
        raised = Color.parse(variables["w-raised"]).rich_color
        self.cursor = Style(bold=True) if ansi or no_color else Style(bgcolor=raised)

    def __getitem__(self, name: str) -> Style:
        return self._styles[name]


def choose(color_system: str | None, *, no_color: bool, environ: Mapping[str, str] = os.environ) -> str:
    """The theme to start with.

    Terminals of 16 colours keep their own; a light ground is known from COLORFGBG ("0;15"), which rxvt,
    Konsole and others set.
    """
    wanted = environ.get("TEXTUAL_THEME", "")
    if wanted in {theme.name for theme in THEMES}:
        return wanted
    if no_color or color_system in {None, "standard", "windows"}:
        return "wissel-ansi"
    return "wissel-light" if environ.get("COLORFGBG", "").endswith((";15", ";7")) else "wissel-dark"
