"""Code pages by the number of a collation, as the catalog keeps it.

The number: bits 0-7 the language, 8 supplementary characters, 11-17 how to compare, 18-20 the version, 24-31 the
SQL sort order, 0 where there is none ([observed] in boot pages against the locale in the back-up header for
Arabic, Chinese, Cyrillic and Latin; most other languages [documented: `fn_helpcollations` as quoted by OrcaSql];
0x03, 0x09, 0x0C and 0x19 [inferred]: the numbers follow the order of locales, and their neighbours leave one place).
Code pages of sort orders and locales: [documented: `SQLCollation` of Microsoft's JDBC driver].
"""

from __future__ import annotations

from typing import Final

UNKNOWN: Final = "ascii"
"""Where the code page is not known: what is plain ASCII is text, anything else stays undecoded."""
_UNSURE: Final = 0x00E0_0600
"""Bits that no collation we know of carries. One of them says UTF-8 (2019 and later), but not which one."""

_LATIN, _CENTRAL, _CYRILLIC, _GREEK, _BALTIC = "cp1252", "cp1250", "cp1251", "cp1253", "cp1257"
LANGUAGES: Final = {
    0x01: "cp1256", 0x03: "cp950", 0x04: _CENTRAL, 0x05: _LATIN, 0x06: _CYRILLIC, 0x07: _GREEK, 0x08: _LATIN,
    0x09: _LATIN, 0x0A: _LATIN, 0x0B: _LATIN, 0x0C: "cp1255", 0x0D: _CENTRAL, 0x0E: _LATIN, 0x13: _CENTRAL,
    0x14: _CENTRAL, 0x15: _CYRILLIC, 0x16: _CENTRAL, 0x17: _CENTRAL, 0x18: _CENTRAL, 0x19: "cp874", 0x1A: "cp1254",
    0x1B: _CYRILLIC, 0x1C: _CENTRAL, 0x1D: _BALTIC, 0x1E: _BALTIC, 0x1F: _BALTIC, 0x24: "cp936", 0x28: _LATIN,
    0x29: _LATIN,
}  # fmt: skip
"""Language -> code page. A language that is not here is one whose number we have no source for."""

_SORT_ORDERS: Final = (
    (30, 35, "cp437"), (40, 49, "cp850"), (50, 54, _LATIN), (55, 61, "cp850"), (71, 75, _LATIN), (80, 98, _CENTRAL),
    (104, 108, _CYRILLIC), (112, 124, _GREEK), (128, 130, "cp1254"), (136, 138, "cp1255"), (144, 146, "cp1256"),
    (152, 160, _BALTIC), (183, 186, _LATIN), (192, 193, "cp932"), (194, 195, "cp949"), (196, 197, "cp950"),
    (198, 199, "cp936"), (200, 200, "cp932"), (201, 201, "cp949"), (202, 202, "cp950"), (203, 203, "cp936"),
    (204, 206, "cp874"), (210, 219, _LATIN),
)  # fmt: skip
"""(first, last, code page) of SQL sort orders."""


def encoding_of(collation: int) -> str:
    """The Python codec of text under this collation; `UNKNOWN` where we have no source for its number."""
    order = collation >> 24 & 0xFF
    if order:
        return next((page for first, last, page in _SORT_ORDERS if first <= order <= last), UNKNOWN)
    if collation & _UNSURE:
        return UNKNOWN
    return LANGUAGES.get(collation & 0xFF, UNKNOWN)
