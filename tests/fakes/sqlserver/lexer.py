"""T-SQL as words: a batch taken apart into statements, and a reader for those that are parsed by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fakes.sqlserver.answers import error
from fakes.sqlserver.seam import Value

_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>N?'(?:[^']|'')*')
    |(?P<quoted>\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*")
    |(?P<variable>@@?[\w$#]+)
    |(?P<number>0x[0-9A-Fa-f]*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<word>[^\W\d][\w$#@]*|\#[\w$#@]*)
    |(?P<sign><>|!=|<=|>=|::|[-+*/%=<>(),;.&|^~!:])""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a statement; `kind` is one of the groups above."""

    kind: str
    raw: str
    start: int
    end: int

    @property
    def upper(self) -> str:
        return self.raw.upper() if self.kind in {"word", "sign", "variable"} else ""

    @property
    def value(self) -> str:
        """The text, or the name, without its quotes."""
        if self.kind == "text":
            return self.raw[self.raw.index("'") + 1 : -1].replace("''", "'")
        if self.kind == "quoted":
            mark = self.raw[-1]
            return self.raw[1:-1].replace(mark * 2, mark)
        return self.raw


def tokens(sql: str) -> list[Token]:
    """Raises ServerError 102 (105 would be an open quote) at what is no T-SQL."""
    found = []
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None:
            raise error(102, sql[at : at + 10])
        if match.lastgroup != "blank":
            found.append(Token(match.lastgroup or "", match[0], at, match.end()))
        at = match.end()
    return found


def statements(sql: str) -> list[tuple[str, list[Token]]]:
    """The statements of a batch, as text and as words. Only a semicolon divides them, but for SET and USE."""
    groups: list[list[Token]] = [[]]
    for token in tokens(sql):
        first = groups[-1][0].upper if groups[-1] else ""
        if token.raw == ";":
            groups.append([])
        elif (first in {"SET", "USE"} and _ended(groups[-1]) and token.upper in _STARTS) or (
            first in _STARTS - {"SET", "USE", "IF", "EXEC", "EXECUTE"}
            and token.upper in {"SET", "USE"}
            and _plain(groups[-1])
        ):
            groups.append([token])
        else:
            groups[-1].append(token)
    return [(sql[group[0].start : group[-1].end], group) for group in groups if group]


_STARTS = frozenset({"SET", "USE", "SELECT", "INSERT", "UPDATE", "DELETE", "RESTORE", "BACKUP", "ALTER", "IF", "EXEC"})


def _ended(group: list[Token]) -> bool:
    return len(group) > 1 + (group[0].upper == "SET")


def _plain(group: list[Token]) -> bool:
    """A statement that has no SET of its own."""
    return group[0].upper in {"SELECT", "INSERT", "DELETE", "BACKUP", "RESTORE"}


class Reader:
    """Reads one statement word by word. What does not fit is error 102 near that word."""

    def __init__(self, words: list[Token], params: Sequence[Value]) -> None:
        self.words, self.params, self.at = words, params, 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.words)

    def peek(self) -> str:
        """The next word in capitals; "" at the end, or where something else stands."""
        return "" if self.done else self.words[self.at].upper

    def wrong(self) -> Exception:
        near = self.words[min(self.at, len(self.words) - 1)]
        return error(102, near.value)

    def take(self) -> Token:
        if self.done:
            raise self.wrong()
        self.at += 1
        return self.words[self.at - 1]

    def word(self, *wanted: str) -> str:
        """One of these words; any bare word when none is named."""
        if self.done or self.words[self.at].kind not in {"word", "sign"} or (wanted and self.peek() not in wanted):
            raise self.wrong()
        return self.take().upper

    def phrase(self, text: str) -> None:
        for each in text.split():
            self.word(each)

    def has(self, *wanted: str) -> bool:
        """Take these words if they come next."""
        there = [token.upper for token in self.words[self.at : self.at + len(wanted)]]
        if there != list(wanted):
            return False
        self.at += len(wanted)
        return True

    def name(self) -> str:
        if self.done or self.words[self.at].kind not in {"word", "quoted"}:
            raise self.wrong()
        return self.take().value

    def dotted(self) -> list[str]:
        """`a.b.c`; an empty part is "dbo"."""
        parts = [self.name()]
        while self.has("."):
            parts.append("dbo" if self.peek() == "." else self.name())
        return parts

    def text(self) -> str:
        """A literal, or a parameter with a text in it."""
        if self.done or self.words[self.at].kind not in {"text", "variable"}:
            raise self.wrong()
        token = self.take()
        if token.kind == "text":
            return token.value
        value = parameter(token.raw, self.params)
        if not isinstance(value, str):
            raise error(102, token.raw)
        return value

    def number(self) -> int:
        minus = self.has("-")
        if self.done:
            raise self.wrong()
        token = self.take()
        value = parameter(token.raw, self.params) if token.kind == "variable" else token.raw
        try:
            return int(str(value)) * (-1 if minus else 1)
        except ValueError:
            raise error(102, token.raw) from None

    def end(self) -> None:
        if not self.done:
            raise self.wrong()


def parameter(name: str, params: Sequence[Value]) -> Value:
    """The value of `@P3`. Raises ServerError 137."""
    found = re.fullmatch(r"@P(\d+)", name, re.IGNORECASE)
    if found is None or not 0 < int(found[1]) <= len(params):
        raise error(137, name)
    return params[int(found[1]) - 1]
