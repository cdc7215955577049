"""Files on ground where another account works too: open to that folder's group, and to nobody else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from factory.engines import Watched
from factory.servers import package, served
from fakes.sqlserver.ground import needed

from core.administration.package import new_file, shared_file, whole_file
from core.errors import Unreadable
from core.files import private_dir, share

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows files inherit the rights of their folder")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("folder", "file", "below"), [(0o2770, 0o660, 0o2770), (0o2750, 0o640, 0o2750), (0o700, 0o600, 0o700),
                                  (0o2777, 0o660, 0o2770)],
)  # fmt: skip
def test_the_group_may_what_it_may_in_the_folder_and_others_nothing(
    folder: int, file: int, below: int, tmp_path: Path
) -> None:
    tmp_path.chmod(folder)
    before = os.umask(0o077)
    try:
        with whole_file(str(tmp_path / "a.bak"), shared_file) as out:
            out.write(b"x")
        private_dir(tmp_path / "O-0001")
        share(tmp_path / "O-0001")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a.bak") == file
    assert mode(tmp_path / "O-0001") == below


def test_of_another_group_than_its_folder_it_stays_ours_alone(tmp_path: Path) -> None:
    other = next((each for each in {*os.getgroups(), 12345} if each != os.getegid()), None)
    if other is None or (os.geteuid() and other not in os.getgroups()):
        pytest.skip("this account is in one group only")
    tmp_path.chmod(0o770)
    new_file(str(tmp_path / "a.bak")).close()
    os.chown(tmp_path, -1, other)
    share(tmp_path / "a.bak")
    assert mode(tmp_path / "a.bak") == 0o600


def test_a_link_opens_nothing_elsewhere(tmp_path: Path) -> None:
    """Somebody else in the folder puts one where our file was."""
    (tmp_path / "secret").mkdir()
    new_file(str(tmp_path / "secret" / "original")).close()
    ground = tmp_path / "exchange"
    ground.mkdir()
    ground.chmod(0o2770)
    (ground / "a.bak").symlink_to(tmp_path / "secret" / "original")
    with pytest.raises(Unreadable):
        share(ground / "a.bak")
    assert mode(tmp_path / "secret" / "original") == 0o600


def test_what_the_server_is_to_read_in_the_exchange_folder_it_may_read(tmp_path: Path) -> None:
    """While the server has it: afterwards it is gone."""
    package(tmp_path / "in.bak", only=("bedryf",))
    with served(tmp_path, needed("freetds")) as server:
        server.exchange.chmod(0o2770)
        hold = server.server.faults.hold(text="LABELONLY")
        seen: list[int] = []

        class Looking(Watched):
            def check(self) -> None:
                if hold.reached.is_set():
                    seen.extend(mode(each) for each in server.exchange.iterdir())
                    hold.release()

        server.engine.bring_in(str(tmp_path / "in.bak"), server.engine.draft("O-0001"), Looking().work)
    assert set(seen) == {0o660}
