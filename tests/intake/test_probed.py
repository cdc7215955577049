"""What an instance said counts where the settings are silent, as long as it is fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from factory.journey import target
from factory.records import moment

from core.intake.probed import COARSE, differences, known, view
from core.model import Probe, Probed, Target
from core.settings import TargetSettings
from core.triage.releases import load_tables
from core.triage.rules.case import Site

TABLES = load_tables()
SAID = Probe("13.0.7000.253", 852, "express", "Express Edition (64-bit)", free_bytes=(50 << 30) + 12345)
ANSWER = Probed("sql16a", "SRV\\A", moment(), SAID, moment())


def settings(**changes: object) -> TargetSettings:
    values = {"name": "sql16a", "engine": "sqlserver", "instance": "SRV\\A", "product_update": 421, "family": "next"}
    return TargetSettings.model_validate(values | changes)


def seen(probed: Probed | None = ANSWER, hours: float = 1, **changes: object) -> Target:
    mine = settings(**changes)
    return known(mine, mine.to_target(), probed, TABLES, moment() + timedelta(hours=hours))


def test_what_the_settings_do_not_say_the_server_says() -> None:
    found = seen()
    assert (found.sql_release, found.internal_version, found.edition) == ("2016", 852, "express")
    assert (found.free_bytes, found.stale) == (50 * COARSE, False)
    assert Site.of(found, TABLES).express is True


def test_what_the_settings_say_stands() -> None:
    found = seen(sql_release="2019", edition="standard")
    assert (found.sql_release, found.internal_version, found.edition) == ("2019", None, "standard")
    assert found.free_bytes == 50 * COARSE


def test_little_room_is_told_exactly() -> None:
    assert seen(replace(ANSWER, probe=replace(SAID, free_bytes=12345))).free_bytes == 12345
    assert seen(replace(ANSWER, probe=replace(SAID, free_bytes=None))).free_bytes is None


@pytest.mark.parametrize(("hours", "old"), [(47.9, False), (48.1, True)])
def test_an_old_answer_counts_no_more_and_that_is_said(hours: float, old: bool) -> None:
    found = seen(hours=hours)
    assert found.stale is old
    assert (found.sql_release is None) is old
    assert (Site.of(found, TABLES).release is None) is old
    declared = seen(hours=hours, sql_release="2016")
    assert (declared.stale, declared.sql_release) == (False, "2016")


def test_an_answer_of_another_instance_counts_nothing() -> None:
    assert seen(replace(ANSWER, instance="SRV\\B")) == settings().to_target()
    assert seen(None) == settings().to_target()
    assert seen(replace(ANSWER, probe=None, at=None, problem="server-unreachable")) == settings().to_target()


def test_an_embedded_target_is_asked_nothing() -> None:
    mine = target()
    assert known(mine, mine.to_target(), ANSWER, TABLES, moment()) == mine.to_target()


def test_without_an_internal_version_the_product_version_tells() -> None:
    found = seen(replace(ANSWER, probe=replace(SAID, internal_version=None, version="10.50.6000")))
    assert (found.sql_release, found.internal_version) == ("2008 R2", None)


def test_settings_that_say_otherwise_are_told() -> None:
    mine = settings(sql_release="2019", edition="standard").to_target()
    assert differences(mine, ANSWER, TABLES) == {"sql_release": ("2019", "2016"), "edition": ("standard", "express")}
    assert differences(settings(sql_release="2016", edition="express").to_target(), ANSWER, TABLES) == {}
    assert differences(settings().to_target(), ANSWER, TABLES) == {}


def test_the_whole_view_says_what_express_may_hold() -> None:
    mine = settings()
    found = view(mine, mine.to_target(), ANSWER, TABLES, moment())
    assert (found.release, found.limit_bytes) == ("2016", 10_737_418_240)
    big = replace(ANSWER, probe=replace(SAID, edition="standard", edition_said="Standard Edition"))
    assert view(mine, mine.to_target(), big, TABLES, moment()).limit_bytes is None
