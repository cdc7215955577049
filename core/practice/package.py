"""Writes practice packages: the manifest and the administration, in a cabinet. Layout: see the package's docstring."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.formats.cabinet_writer import Packing, write_cabinet
from core.formats.source import BytesStream
from core.practice.administration import Owner, administration

MANIFEST = "wissel-practice.json"
DATABASE = "administration.sqlite"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Package:
    """One practice package. Times are local to the sender."""

    owner: Owner
    number: str
    name: str
    product_update: int
    sql_release: str
    internal_version: int
    started_at: datetime
    service_pack: int = 0
    family: str = "next"


def practice_package(package: Package, packing: Packing = "mszip") -> bytes:
    """The bytes of the package: the same for the same values."""
    database = administration(
        package.number, package.name, package.owner, package.product_update, package.started_at.year
    )
    manifest = {
        "wissel_practice": VERSION,
        "client": package.owner.code,
        "administration_number": package.number,
        "administration_name": package.name,
        "database": package.number,
        "product_update": package.product_update,
        "service_pack": package.service_pack,
        "family": package.family,
        "sql_release": package.sql_release,
        "internal_version": package.internal_version,
        "backup_date": package.started_at.date().isoformat(),
        "started_at": package.started_at.isoformat(timespec="seconds"),
        "data_bytes": len(database),
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False).encode()
    return cabinet([(MANIFEST, text), (DATABASE, database)], packing)


def cabinet(members: Iterable[tuple[str, bytes]], packing: Packing = "mszip") -> bytes:
    """A cabinet of a few small members."""
    out = io.BytesIO()
    write_cabinet(out, [(name, len(data), BytesStream(data)) for name, data in members], packing)
    return out.getvalue()
