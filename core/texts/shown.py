"""Text of strangers made safe to show and to store: file names, company names, database names."""

from __future__ import annotations

import re
import unicodedata

_SUSPECT = re.compile(r"[^ -~]")


def shown(text: str) -> str:
    r"""The text with everything that would steer a terminal or hide itself written as an escape.

    Control and format characters (line ends, ESC, right-to-left override, zero width) and bytes that were no
    UTF-8 become `\\xNN` or `\\uNNNN`; letters of any script stay.
    """
    return _SUSPECT.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    if unicodedata.category(char)[0] != "C" and unicodedata.category(char) not in {"Zl", "Zp"}:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
