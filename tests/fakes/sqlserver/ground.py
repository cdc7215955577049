"""The drivers that tests speak to the test server with: FreeTDS from the system, Microsoft's from PyPI, by its path."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "sa", "Pa55 wörd;}{="
"""What `connect` logs in with. The password holds what connection strings trip over."""
DRIVERS = ("freetds", "ms18")
MISSING = {
    "freetds": "no FreeTDS for ODBC here: apt install tdsodbc",
    "ms18": "no Microsoft ODBC driver here: pip install mssql-python-odbc, or install msodbcsql18",
}


@dataclass(frozen=True)
class Driver:
    """A driver: `name` is one of `DRIVERS`, `path` what stands behind DRIVER= (a registered name, or a file)."""

    name: str
    path: str

    @property
    def microsoft(self) -> bool:
        """Is it Microsoft's?"""
        return self.name == "ms18"

    def string(
        self, port: int, *, user: str = USER, password: str = PASSWORD, database: str = "", encrypt: bool = False,
        trust: bool = True, more: str = "",
    ) -> str:  # fmt: skip
        """A connection string as this driver spells it."""
        braced = password.replace("}", "}}") if self.microsoft else password  # FreeTDS keeps both braces
        said = [f"DRIVER={{{self.path}}}", f"UID={user}", f"PWD={{{braced}}}", more]
        if self.microsoft:
            said += [f"SERVER=127.0.0.1,{port}", f"Encrypt={'yes' if encrypt else 'no'}"]
            said += ["TrustServerCertificate=yes"] if trust else []
        else:
            said += ["SERVER=127.0.0.1", f"PORT={port}", "TDS_Version=7.4"]
            said += [f"Encryption={'require' if encrypt else 'off'}"]
        said += [f"DATABASE={database}"] if database else []
        return ";".join(each for each in said if each)

    @contextmanager
    def connect(self, port: int, *, autocommit: bool = True, **said: Any) -> Iterator[Any]:
        """A connection of pyodbc, closed afterwards if the test has not."""
        import pyodbc

        connection = pyodbc.connect(self.string(port, **said), autocommit=autocommit, timeout=10)
        try:
            yield connection
        finally:
            with suppress(pyodbc.ProgrammingError):
                connection.close()


@cache
def drivers() -> dict[str, Driver]:
    """Those there are on this machine."""
    try:
        import pyodbc
    except ImportError:
        return {}
    pyodbc.pooling = False
    registered = pyodbc.drivers()
    found = {"freetds": "FreeTDS" if "FreeTDS" in registered else None, "ms18": _microsoft(registered)}
    return {name: Driver(name, path) for name, path in found.items() if path}


def _microsoft(registered: list[str]) -> str | None:
    """The registered one, else the file in the package on PyPI."""
    if (name := "ODBC Driver 18 for SQL Server") in registered:
        return name
    if importlib.util.find_spec("mssql_python_odbc") is None:
        return None
    import mssql_python_odbc

    files = sorted(Path(mssql_python_odbc.get_libs_dir(), "linux", "debian_ubuntu").rglob("libmsodbcsql-18*"))
    return str(files[-1]) if files else None


def needed(name: str) -> Driver:
    """A driver by its name; the test is skipped, and says why, where it is not there."""
    if name not in drivers():
        pytest.skip(MISSING[name])
    return drivers()[name]


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest) -> Driver:
    """The test runs with each driver."""
    return needed(request.param)
