"""Practice packages made up in memory: what the practice office's clients send."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.administration.package import pack
from core.formats.cabinet_writer import Packing, write_cabinet
from core.formats.source import BytesStream
from core.practice.administration import Owner, administration

INTERNAL = {"2012": 706, "2014": 782, "2016": 852, "2019": 904, "2022": 957}
"""SQL Server release -> internal database version [observed]."""


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
    out = io.BytesIO()
    pack(out, manifest(package), len(database), BytesStream(database), packing)
    return out.getvalue()


def manifest(package: Package) -> dict[str, str | int]:
    """What the sender says of it; its layout and size are added where it is packed."""
    return {
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
    }


def cabinet(members: Iterable[tuple[str, bytes]], packing: Packing = "mszip") -> bytes:
    """A cabinet of a few small members."""
    out = io.BytesIO()
    write_cabinet(out, [(name, len(data), BytesStream(data)) for name, data in members], packing)
    return out.getvalue()
