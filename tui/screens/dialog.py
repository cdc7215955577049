"""A box over the screen: a title, something inside, the keys that work. Esc leaves it."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.plain import plain
from tui.widgets.spans import Span, line
from tui.widgets.strap import Strap

Result = TypeVar("Result")


class Dialog(ModalScreen[Result | None]):
    """Esc gives None."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $w-ground 0%; }
    Dialog > #box {
        width: 80; max-width: 100%; height: auto; max-height: 100%;
        background: $w-panel; color: $w-text; border: solid $w-accent; padding: 0 1;
    }
    Dialog Strap, Dialog Paper, Dialog Rows { background: $w-panel; }
    Dialog Input, Dialog Input:focus { border: none; height: 1; padding: 0 1; background: $w-raised; color: $w-text; }
    Dialog #space { height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    AUTO_FOCUS = None
    roomy: ClassVar[bool] = True
    """A blank line before the keys; a dialog that ends in a line of its own needs none."""

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self._title = title
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Title, inside, keys."""
        with Vertical(id="box"):
            yield Strap(line(Span(plain(self._title), "strong")), id="dialog-title")
            yield Strap()
            yield from self.inside()
            if self.roomy:
                yield Strap()
            yield Strap(line(Span(self._keys, "dim")), id="dialog-keys")

    def inside(self) -> ComposeResult:
        """What it is about."""
        yield from ()

    def action_leave(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)
