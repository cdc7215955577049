"""The targets as the rules see them: what the settings say, and where they are silent what the instance last said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core.model import Probed, Target, TargetView
from core.settings import Settings, TargetSettings
from core.triage.releases import Release, Tables
from core.triage.rules.case import is_express

TOO_OLD = 2
"""Times `probe_hours`: so old an answer counts no more (rule 206)."""
COARSE = 1 << 30
"""Free bytes are told in these: what changes by less is no reason to judge everything again."""


def known_targets(settings: Settings, probed: Mapping[str, Probed], tables: Tables, at: datetime) -> tuple[Target, ...]:
    """The targets in the order of the settings."""
    declared = zip(settings.targets, settings.all_targets(), strict=True)
    return tuple(known(mine, target, probed.get(target.name), tables, at) for mine, target in declared)


def known(settings: TargetSettings, target: Target, probed: Probed | None, tables: Tables, at: datetime) -> Target:
    """One target. What the settings say stands; `check` tells where the instance says otherwise."""
    found = probed.probe if probed is not None and probed.instance == target.instance else None
    if target.engine != "sqlserver" or probed is None or found is None or probed.at is None:
        return target
    if at - probed.at > timedelta(hours=TOO_OLD * settings.probe_hours):
        return replace(target, stale=target.sql_release is None)
    release = release_of(probed, tables)
    free = found.free_bytes
    if free is not None and free > 10 * COARSE:
        free -= free % COARSE
    target = replace(target, edition=target.edition or found.edition, free_bytes=free)
    if target.sql_release is not None:
        return target
    label = None if release is None else release.label
    return replace(target, sql_release=label, internal_version=found.internal_version)


def release_of(probed: Probed, tables: Tables) -> Release | None:
    """The release by the instance's own words: its internal version, else its product version."""
    if probed.probe is None:
        return None
    if probed.probe.internal_version is not None:
        return tables.of_version(probed.probe.internal_version)
    return tables.of_engine(probed.probe.version)


def view(settings: TargetSettings, target: Target, probed: Probed | None, tables: Tables, at: datetime) -> TargetView:
    """Everything that is known of one target."""
    release = None if probed is None else release_of(probed, tables)
    limited = release is not None and probed is not None and is_express(_edition(probed))
    return TargetView(
        known(settings, target, probed, tables, at),
        probed,
        {} if probed is None else differences(target, probed, tables),
        None if release is None else release.label,
        tables.express_limit(release) if release is not None and limited else None,
    )


def differences(target: Target, probed: Probed, tables: Tables) -> dict[str, tuple[str, str]]:
    """Fact -> what the settings say and what the instance says, where both speak and they differ."""
    found: dict[str, tuple[str, str]] = {}
    said = release_of(probed, tables)
    declared = None if target.sql_release is None else tables.of_label(target.sql_release)
    if declared is not None and said is not None and declared.label != said.label:
        found["sql_release"] = (declared.label, said.label)
    edition = None if probed.probe is None else probed.probe.edition
    if target.edition is not None and edition is not None and target.edition != edition:
        found["edition"] = (target.edition, edition)
    return found


def _edition(probed: Probed) -> str:
    return (probed.probe.edition_said or probed.probe.edition or "") if probed.probe else ""
