"""The terminal's clipboard by OSC 52, as xterm's control sequences describe it, through tmux and GNU screen."""

from __future__ import annotations

import base64
from collections.abc import Mapping

CAP = 74_994
"""Encoded bytes; k9s found that common terminals take no more."""

_SCREEN_STRING = 700
"""GNU screen cuts a device control string at 768 bytes."""


def osc52(text: str, environ: Mapping[str, str]) -> str | None:
    """The sequence that asks the terminal to take `text`; None when it is too long."""
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    if len(encoded) > CAP:
        return None
    sequence = f"\x1b]52;c;{encoded}\x07"
    if environ.get("TMUX"):
        # tmux takes the plain one with `set-clipboard on`, and hands the other on with `allow-passthrough on`.
        return sequence + "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("TERM", "").startswith("screen"):
        pieces = [sequence[at : at + _SCREEN_STRING] for at in range(0, len(sequence), _SCREEN_STRING)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence
