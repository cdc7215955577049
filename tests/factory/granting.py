"""The scripts of rights in docs/sql-server-setup.md: who runs one gives the test server's login exactly that."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sources
from fakes.sqlserver.ground import PASSWORD
from fakes.sqlserver.rights import Login

DOC = sources.ROOT / "docs" / "sql-server-setup.md"
LOGIN = "wissel"


def section(name: str) -> str:
    """What stands between the two marks of this name."""
    found = re.search(rf"<!-- {name}:begin -->\n(.*?)<!-- {name}:end -->", DOC.read_text("utf-8"), re.DOTALL)
    assert found, f"{DOC.name} has no section {name}"
    return found.group(1)


def statements(*names: str) -> list[str]:
    """The statements of these scripts, in their order."""
    text = "".join(re.sub(r"^```.*\n", "", section(f"rights:{name}"), flags=re.MULTILINE) for name in names)
    return [each.strip() for each in text.split(";") if each.strip()]


def granted(*names: str, less: str = "") -> Login:
    """The login that these scripts make, but for the right `less`. A statement that nobody knows is an error."""
    login: Login | None = None
    for each in statements(*names):
        made = re.fullmatch(r"CREATE LOGIN \[(\w+)\] WITH PASSWORD = N'[^']+', CHECK_POLICY = ON", each)
        right = re.fullmatch(r"GRANT ([A-Z ]+) TO \[(\w+)\]", each)
        if made:
            assert login is None
            login = Login(made.group(1), PASSWORD)
        elif right:
            assert login is not None
            assert right.group(2) == login.name == LOGIN
            login.permissions |= {right.group(1)} - {less}
        else:
            assert each == "USE master", each
    assert login is not None
    assert not less or less in rights(*names)
    return login


def rights(*names: str) -> list[str]:
    """What the scripts grant."""
    return [found.group(1) for each in statements(*names) if (found := re.match(r"GRANT ([A-Z ]+) TO", each))]


def table() -> Iterator[tuple[str, str]]:
    """Name of a statement and the right it needs, by the table of the document."""
    for names, right in re.findall(r"^\| (`.*?) \| (.*?) \|", section("statements"), re.MULTILINE):
        yield from ((name, right) for name in re.findall(r"`(\w+)`", names))
