"""What lies inside a delivery, as the operator meets it: a real worker, a real office, the screen and its twins."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from factory.deliveries import deliver
from factory.running import Running, wait_until
from fakes.desk import FakeDesk
from fakes.screen import Stand

from core.model import Administration, Client
from core.office import Office
from core.triage.inside import LOOKED
from tui.app import WisselApp
from tui.cli import main

CLIENT = Client(
    "KLANT-1",
    "Voorbeeld",
    logins=("KLANT\\jan",),
    company_number="12345678",
    product_update=421,
    sql_release="2016",
    administrations=(Administration("150", "Voorbeeld"),),
)
TARGET = {
    "name": "sql16", "sql_release": "2016", "product_update": 421, "family": "next", "edition": "standard",
    "isolated": True, "accountancy": True,
}  # fmt: skip
Seen = Callable[[str], str]


@pytest.fixture(name="office", scope="module")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Everything arrived, was sealed and looked into by a worker, which then went."""
    running = Running(tmp_path_factory.mktemp("office"))
    running.settle(
        language="en",
        inboxes=[{"path": "inbox", "client": CLIENT.code}],
        firm={"name": "Kantoor", "users": ["KANTOOR\\jansen"]},
        targets=[TARGET],
    )
    Office.open(running.config).save_client(CLIENT)
    scratch = tmp_path_factory.mktemp("scratch")
    deliver(running.inbox, scratch)
    running.start()
    try:
        wait_until(lambda: running.sealed(6), "all are sealed")
        wait_until(lambda: all(looked(running, row.id) for row in running.rows()), "all are looked into")
    finally:
        running.end()
    return running


def looked(running: Running, delivery: str) -> bool:
    return running.register.delivery(delivery).evidence.value(LOOKED) == "whole"


@asynccontextmanager
async def screen(office: Running, name: str, language: str = "en") -> AsyncIterator[Stand]:
    """The real office on a terminal of 80x24, the delivery of this name selected."""
    desk = Office.open(office.config, read_only=True, language=language)
    app = WisselApp(lambda: desk, folder=str(office.folder))
    async with app.run_test(size=(80, 24)) as pilot:
        stand = Stand(app, pilot, FakeDesk())
        await stand.until(lambda: app.facts.total == 6, "list loaded")
        await stand.type("slash", *name, "enter")
        await stand.shows("1 of 1" if language == "en" else "1 van 1")
        yield stand
        await app.workers.wait_for_complete()
    desk.close()


async def test_a_warning_speaks_the_language_of_the_office(office: Running) -> None:
    async with screen(office, "Scheef", "nl") as stand:
        await stand.shows("! Het grootboek sluit niet: het verschil", "is 12,50. 604 +2", "geboekt t/m 15-12-2024")


async def test_the_page_of_a_delivery_begins_with_what_is_inside(office: Running) -> None:
    async with screen(office, "Scheef") as stand:
        await stand.type("enter", "w")
        (page,) = [path async for path in written(office, stand)]
    for part in (
        "604    warning       The ledger does not balance: it is off by 12.50.",
        "604    warning       Entries that do not balance: 1, such as 2024 70",
        "company                 Voorbeeld B.V.                pages",
        "company number          12345678                      pages",
        "active login            KLANT\\jan                     pages",
        "financial years         2024                          pages",
        "ledger lines            36                            pages",
        "entries                 12                            pages",
        "trial balance           12.50                         pages",
        "unbalanced entry        2024 70 24700012 (12.50)      pages",
        "looked inside           to the end                    pages",
    ):
        assert part in page
    assert page.index("evidence: what is inside") < page.index("evidence: the file")


async def written(office: Running, stand: Stand) -> AsyncIterator[str]:
    await stand.until(lambda: list(office.folder.glob("wissel-*.txt")), "a file")
    for path in office.folder.glob("wissel-*.txt"):
        yield path.read_text("utf-8")
        path.unlink()


REASONS = {
    "Scheef": ("both answers are yes", "! The ledger does not balance: it is off", "by 12.50. 604 +2"),
    "Schoon": ("both answers are yes", "150 Voorbeeld B.V.  pages", "PU 421  pages, inferred", "booked to 2024-12-15"),
    "Vreemd": (
        "work: no",
        "Inside is administration 151",
        "502",
        "! The name says Vreemd",
        "151 Heel iemand anders B.V.",
    ),
    "Gekoppeld": ("work: if", "Live integrations inside: 1", "http://elis.klant.example/sync", "603"),
    "Kantoor": ("back: if", "own users are", "KANTOOR\\jansen", "605"),
    "Slordig": ("! Lines on blocked accounts: 11, such as", "on 4000. 604 +2"),
}


async def test_each_has_its_reason_at_a_glance(office: Running) -> None:
    async with screen(office, "Scheef") as stand:
        for name, parts in REASONS.items():
            await stand.type("escape", "slash", *name, "enter")
            await stand.shows(f"filter {name}", *parts)
            assert "geheim" not in stand.text


async def test_look_inside_shows_tables_rows_and_a_verification(office: Running) -> None:
    async with screen(office, "Gekoppeld") as stand:
        await stand.type("i")
        await stand.shows("dbo.gbkmut", "dbo.IntegrationServers")
        await stand.type("slash", *"integrationservers", "enter", "enter")
        await stand.shows("all 1 rows", "ELIS")
        await stand.type("v")
        await stand.shows("Everything holds.", "page checksums")


@pytest.fixture(name="seen")
def _seen(office: Running, capsys: pytest.CaptureFixture[str]) -> Seen:
    """What a verb says: the delivery's name in the arguments becomes its id."""
    ids = {row.file.rpartition("-")[2].removesuffix(".ebu"): row.id for row in office.rows()}

    def run(line: str) -> str:
        arguments = [ids.get(each, each) for each in line.split()]
        assert main(["--config", str(office.config), "--read-only", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_the_verbs_say_the_same(seen: Seen) -> None:
    shown = json.loads(seen("show Vreemd --json"))
    said = [each["text"] for each in shown["reasons"] if each["rule"] == 502]
    assert said == [
        "Inside is administration 151; the register knows 150 of KLANT-1.",
        "Inside is the company Heel iemand anders B.V.; the register says Voorbeeld for KLANT-1.",
    ]
    tables = {each["name"]: each["rows"] for each in json.loads(seen("tables Scheef --json"))}
    assert (tables["gbkmut"], tables["amutak"]) == (36, 12)
    rows = [json.loads(line) for line in seen("rows Scheef gbkmut --format jsonl").splitlines()]
    assert sum(each["bdr_hfl"] for each in rows) == pytest.approx(12.5)
    assert json.loads(seen("verify Gekoppeld --json"))["whole"]
    assert "Live integrations inside: 1 registered" in seen("show Gekoppeld")


def test_it_takes_no_time_to_speak_of(seen: Seen) -> None:
    begun = time.monotonic()
    seen("show Scheef --json")
    assert time.monotonic() - begun < 5
