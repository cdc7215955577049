"""From an inspection to claims: which facts, from which source, and which of two is believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factory.cabinet import packed
from factory.datafile import data_file
from factory.evidence import BOUND, SQL16

from core.errors import NotFound
from core.formats.backup import inspect
from core.formats.report import BackupSet, DatabaseFile, DataFile, Inspection, Media, Member, Note, Payload
from core.model import Claim, Evidence, FactValue, Finding, Source
from core.triage.evidence import FACTS, evidence_of, facts_of, padded, ranked, with_told
from core.triage.releases import load_tables
from core.triage.rules import judge

TABLES = load_tables()
NAME = "20261119-421SP7-SQL2014-Klomp Metaal.ebu"
SET = BackupSet(
    position=1,
    backup_type="full",
    database="120",
    server="SRV01",
    started_at=datetime(2026, 11, 19, 17, 32, 5),  # noqa: DTZ001 (as the server wrote it)
    engine_version="13.0.5081",
    internal_version=852,
    compatibility_level=130,
    checksums=True,
    files=(
        DatabaseFile("a", "a.mdf", "data", 1, 300, 1),
        DatabaseFile("b", "b.ndf", "data", 3, 200, 1),
        DatabaseFile("l", "l.ldf", "log", 2, 70, 1),
    ),
    set_guid="s1",
    base_guid=None,
    previous_full_guid="s0",
)
MEDIA = Media(guid="m1", family_count=2, family_ordinal=1, sets=(SET,))
TAPE = Inspection("a.bak", 1000, "tape", payloads=(Payload("tape", media=MEDIA),), complete=True)


def claims(held: Evidence, fact: str) -> list[tuple[FactValue, Source]]:
    return [(claim.value, claim.source) for claim in ranked(held.claims).get(fact, ())]


def test_a_header_is_told_in_full() -> None:
    held = evidence_of(TAPE, TABLES)
    assert facts_of(held) == {
        "sql_release": "2016",
        "engine_version": "13.0.5081",
        "internal_version": 852,
        "database": "120",
        "server": "SRV01",
        "backup_type": "full",
        "started_at": "2026-11-19T17:32:05",
        "compatibility_level": 130,
        "sets": 1,
        "stripe": "1/2",
        "checksums": True,
        "password": False,
        "encrypted": False,
        "data_bytes": 500,
        "administration_number": "120",
    }
    assert list(facts_of(held)) == [fact for fact in FACTS if fact in facts_of(held)]
    inner = {fact: claims(held, fact) for fact in ("log_bytes", "media_guid", "set_guid", "base_guid", "content")}
    assert inner == {
        "log_bytes": [(70, Source.HEADER)],
        "media_guid": [("m1", Source.HEADER)],
        "set_guid": [("s1", Source.HEADER)],
        "base_guid": [],
        "content": [("tape", Source.CONTAINER)],
    }
    assert held.complete


def test_only_what_builds_on_a_full_belongs_to_one() -> None:
    for kind, base, said in (("full", None, []), ("log", None, ["s0"]), ("differential", "s9", ["s9"])):
        one = replace(SET, backup_type=kind, base_guid=base)
        medium = replace(TAPE, payloads=(Payload("tape", media=replace(MEDIA, sets=(one,))),))
        assert [value for value, _ in claims(evidence_of(medium, TABLES), "base_guid")] == said


def test_name_and_content_both_speak_and_content_is_believed() -> None:
    held = evidence_of(replace(TAPE, file=NAME), TABLES)
    assert claims(held, "sql_release") == [("2016", Source.HEADER), ("2014", Source.NAME)]
    facts = facts_of(held)
    assert facts["product_update"] == 421
    assert facts["service_pack"] == 7
    assert facts["administration_name"] == "Klomp Metaal"
    assert facts["backup_date"] == "2026-11-19"


def test_an_operator_outranks_the_name_but_not_the_bytes() -> None:
    told = (Claim("sql_release", "2019", Source.OPERATOR), Claim("product_update", 424, Source.OPERATOR))
    held = evidence_of(replace(TAPE, file=NAME), TABLES, told)
    assert facts_of(held)["sql_release"] == "2016"
    assert facts_of(held)["product_update"] == 424


def test_of_two_told_the_later_is_believed() -> None:
    first = Claim("product_update", 424, Source.OPERATOR, at=datetime(2026, 11, 2, tzinfo=UTC))
    second = Claim("product_update", 418, Source.OPERATOR, at=datetime(2026, 11, 3, tzinfo=UTC))
    for told in ((first, second), (second, first)):
        assert facts_of(evidence_of(TAPE, TABLES, told))["product_update"] == 418


def test_conclusions_are_drawn_anew_from_what_is_told_later() -> None:
    first = evidence_of(replace(TAPE, file=NAME), TABLES, (Claim("product_update", 503, Source.OPERATOR),))
    assert facts_of(first)["family"] == "plus"
    corrected = with_told(first, (Claim("product_update", 424, Source.OPERATOR),))
    assert "family" not in facts_of(corrected)
    assert facts_of(corrected)["product_update"] == 424
    assert facts_of(corrected)["administration_number"] == "120"
    assert with_told(corrected, ()) == evidence_of(replace(TAPE, file=NAME), TABLES)


def sets(*kinds: str) -> Inspection:
    several = tuple(replace(SET, position=n, backup_type=kind, database=f"{n}") for n, kind in enumerate(kinds, 1))
    return replace(TAPE, payloads=(Payload("tape", media=replace(MEDIA, sets=several)),))


@pytest.mark.parametrize(
    ("kinds", "number", "chosen"),
    [
        (("full", "log", "full", "differential"), None, 3),
        (("differential", "log"), None, 1),
        (("full", "log"), 2, 2),
    ],
)
def test_which_set_is_taken(kinds: tuple[str, ...], number: int | None, chosen: int) -> None:
    held = evidence_of(sets(*kinds), TABLES, set_number=number)
    assert held.value("set_number") == chosen
    assert facts_of(held)["administration_number"] == f"00{chosen}"
    assert facts_of(held)["sets"] == len(kinds)


@pytest.mark.parametrize("inspection", [TAPE, Inspection("x", 1, "unknown")])
def test_a_set_that_is_not_there(inspection: Inspection) -> None:
    with pytest.raises(NotFound) as raised:
        evidence_of(inspection, TABLES, set_number=9)
    assert raised.value.key == "backup-set"


def zipped(*payloads: Payload) -> Evidence:
    members = tuple(Member(each.member or "?", 9) for each in payloads)
    return evidence_of(Inspection("x.zip", 9, "zip", members=members, payloads=payloads), TABLES)


def test_stripes_in_one_package_are_together() -> None:
    first, second = (Payload("tape", f"{n}.bak", media=replace(MEDIA, family_ordinal=n)) for n in (1, 2))
    assert zipped(first, second).value("stripes_inside") == "1 2"
    assert zipped(first, second).value("backups_inside") is None
    other = replace(MEDIA, family_ordinal=2, sets=(replace(SET, set_guid="s2"),))
    assert zipped(first, Payload("tape", "2.bak", media=other)).value("stripes_inside") is None
    assert zipped(first).value("stripes_inside") is None


def test_several_databases_in_one_package_are_counted() -> None:
    first = Payload("tape", "1.bak", media=MEDIA)
    differential = replace(MEDIA, guid="m2", sets=(replace(SET, backup_type="differential"),))
    held = zipped(first, Payload("tape", "2.bak", media=differential))
    assert (held.value("backups_inside"), held.value("backup_taken")) == (2, "1.bak")
    held = zipped(*(Payload("data-file", f"{n}.mdf", data_file=PRIMARY) for n in (1, 2)))
    assert (held.value("backups_inside"), held.value("backup_taken")) == (2, "1.mdf")
    assert zipped(first).value("backups_inside") is None


def test_a_medium_without_a_set_still_has_a_name() -> None:
    held = evidence_of(replace(TAPE, payloads=(Payload("tape", media=replace(MEDIA, sets=())),)), TABLES)
    assert facts_of(held) == {"stripe": "1/2", "password": False}
    assert held.value("content") == "tape"


def test_a_database_that_broke_off_before_its_header() -> None:
    held = evidence_of(replace(TAPE, payloads=(Payload("tape"),)), TABLES)
    assert facts_of(held) == {}
    assert held.value("content") == "tape"


PRIMARY = DataFile(internal_version=655, compatibility_level=100, database="Globe", size_bytes=8192)
SECOND = DataFile(size_bytes=None, primary=False)


def test_data_files_in_a_cabinet() -> None:
    members = (Member("a.ndf", 4096), Member("A.MDF", 9000), Member("a.ldf", 512))
    payloads = (
        Payload("data-file", "a.ndf", 4096, data_file=SECOND),
        Payload("data-file", "A.MDF", 9000, data_file=PRIMARY),
        Payload("data-file", "a.ldf", 512, data_file=SECOND),
    )
    held = evidence_of(Inspection("a.ebu", 5000, "cabinet", members=members, payloads=payloads), TABLES)
    assert claims(held, "sql_release") == [("2008", Source.PAGES)]
    assert claims(held, "data_bytes") == [(12288, Source.PAGES), (13096, Source.CONTAINER)]
    assert claims(held, "log_bytes") == [(512, Source.CONTAINER)]
    assert claims(held, "member_bytes") == [(9000, Source.CONTAINER)]
    assert held.value("wrapped") is True
    assert "administration_number" not in facts_of(held)
    assert not claims(held, "other_members")


def test_a_log_file_alone_is_no_database() -> None:
    log = Payload("data-file", "150.ldf", 512, data_file=SECOND)
    package = Inspection("a.ebu", 900, "cabinet", members=(Member("150.ldf", 512),), payloads=(log,), complete=True)
    assert evidence_of(package, TABLES).value("primary_missing") is True
    assert evidence_of(replace(package, complete=False), TABLES).value("primary_missing") is None
    both = replace(package, payloads=(log, Payload("data-file", "150.mdf", 9000, data_file=PRIMARY)))
    assert evidence_of(both, TABLES).value("primary_missing") is None


def test_a_package_of_data_files_is_judged_from_its_pages(tmp_path: Path) -> None:
    """As the wizard is thought to pack: the database's own files, in a cabinet."""
    files = {"150.mdf": data_file("150", pages=16), "150.ldf": data_file("150", pages=16, file_id=2)}
    package = tmp_path / "20261119-421-SQL2016-Klomp Metaal.ebu"
    package.write_bytes(packed(list(files.items())))
    held = evidence_of(inspect(package), TABLES)
    facts = facts_of(held)
    assert (facts["sql_release"], facts["data_bytes"], facts["administration_number"]) == ("2016", 131072, "150")
    assert "family" not in facts
    verdict = judge(held, SQL16, BOUND, TABLES)
    assert [each.rule for each in verdict.reasons if each.rule < 500 or each.work] == [202, 302, 502]


def test_members_that_cannot_be_looked_into_still_have_sizes() -> None:
    members = (Member("150.mdf", 9000), Member("150.ldf", 512), Member("globe.ini", 5))
    note = Note("packing-unknown", {"packing": "lzx"})
    inspection = Inspection("a", 5000, "cabinet", packing="lzx", members=members, notes=(note,))
    held = evidence_of(inspection, TABLES)
    assert held.findings == (Finding("packing-unknown", {"packing": "lzx"}),)
    assert facts_of(held) == {"data_bytes": 9000}
    assert (held.value("other_members"), held.value("other_member")) == (1, "globe.ini")
    assert held.value("content") is None


@pytest.mark.parametrize(
    ("kind", "member", "wrapped"),
    [
        ("cabinet", "120.bak", True),
        ("zip", "120.bak", None),
        ("zip", "map/120.bak", None),
        ("zip", "klomp.ebu/120.bak", True),
        ("zip", "klomp.zip/120.bak", None),
        ("zip", "klomp.zip/klomp.ebu/120.bak", True),
    ],
)
def test_a_cabinet_counts_wherever_it_is(kind: str, member: str, wrapped: bool | None) -> None:
    members = (Member("klomp.ebu", 1), Member("klomp.zip", 1), Member("map/120.bak", 1), Member("120.bak", 1))
    inspection = replace(TAPE, kind=kind, members=members, payloads=(Payload("tape", member, media=MEDIA),))
    assert evidence_of(inspection, TABLES).value("wrapped") == wrapped


MANIFEST: dict[str, object] = {
    "wissel_practice": 1,
    "client": "KLM-044",
    "administration_number": "7",
    "administration_name": "Klomp Metaal",
    "database": "007",
    "product_update": 503,
    "service_pack": 0,
    "family": "plus",
    "sql_release": "2019",
    "internal_version": 904,
    "backup_date": "2026-11-19",
    "started_at": "2026-11-19T17:32:05",
    "data_bytes": 49152,
}


@pytest.mark.parametrize("payloads", [(), (Payload("practice", "a.ebu"),)])
def test_a_practice_package_says_it_all(payloads: tuple[Payload, ...]) -> None:
    kind = "zip" if payloads else "practice"
    held = evidence_of(Inspection("x.ebu", 9, kind, manifest=MANIFEST, payloads=payloads), TABLES)
    facts = facts_of(held)
    assert facts["administration_number"] == "007"
    assert facts["product_update"] == 503
    assert held.value("content") == "practice"
    assert [claim.inferred for claim in ranked(held.claims)["family"]] == [False, True]


def test_a_manifest_that_talks_nonsense_says_nothing() -> None:
    wrong: dict[str, object] = {
        "product_update": "421",
        "data_bytes": True,
        "family": "x",
        "administration_number": "a",
    }
    held = evidence_of(Inspection("x", 9, "practice", manifest=wrong), TABLES)
    assert facts_of(held) == {}
    assert facts_of(evidence_of(Inspection("x", 9, "practice"), TABLES)) == {}


@pytest.mark.parametrize(("update", "family"), [("499", None), ("500", "plus")])
def test_the_product_is_concluded_from_the_number(update: str, family: str | None) -> None:
    held = evidence_of(Inspection(f"20261119-{update}-SQL2019-X.ebu", 9, "unknown"), TABLES)
    assert facts_of(held).get("family") == family
    assert all(claim.inferred and claim.source is Source.NAME for claim in ranked(held.claims).get("family", ()))


def test_the_engine_tells_the_release_where_the_database_does_not() -> None:
    bare = replace(SET, internal_version=None)
    held = evidence_of(replace(TAPE, payloads=(Payload("tape", media=replace(MEDIA, sets=(bare,))),)), TABLES)
    assert [(claim.value, claim.inferred) for claim in ranked(held.claims)["sql_release"]] == [("2016", True)]
    unknown = replace(bare, engine_version="99.0.1")
    held = evidence_of(replace(TAPE, payloads=(Payload("tape", media=replace(MEDIA, sets=(unknown,))),)), TABLES)
    assert "sql_release" not in facts_of(held)


def test_a_version_beyond_the_table_has_no_release_yet() -> None:
    newer = replace(SET, internal_version=1500)
    held = evidence_of(replace(TAPE, payloads=(Payload("tape", media=replace(MEDIA, sets=(newer,))),)), TABLES)
    assert facts_of(held)["internal_version"] == 1500
    assert "sql_release" not in facts_of(held)


@pytest.mark.parametrize(("text", "number"), [("7", "007"), ("150", "150"), ("1000", None), ("a", None), ("", None)])
def test_numbers_have_three_digits(text: str, number: str | None) -> None:
    assert padded(text) == number
