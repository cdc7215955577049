"""The practice office's clients and deliveries: one of every kind of verdict, strays and broken ones included."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.formats.filename import compose
from core.model import Administration, Client
from core.practice.administration import Owner
from core.practice.package import INTERNAL, Package, cabinet, practice_package
from core.practice.tape import SampleBackup, tape


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to drop: into the inbox of a client, or (None) into the common one."""

    client: str | None
    file: str
    data: bytes
    age: timedelta
    """How long ago it was made."""


_next = partial(Client, family="next", service_pack=0)

CLIENTS = (
    _next(
        code="KLM-044", name="Klomp Metaal B.V.", product_update=421, sql_release="2016", edition="standard",
        logins=("KLOMP\\a.klomp",), administrations=(Administration("120", "Klomp Metaal"),),
    ),
    _next(
        code="ABC-012", name="ABC Assurantien", product_update=418, sql_release="2016", edition="standard",
        logins=("ABC\\beheer",), administrations=(Administration("007", "ABC Assurantien"),),
    ),
    _next(
        code="BRG-007", name="Van den Berg Transport B.V.", product_update=421, sql_release="2012", edition="express",
        logins=("BERG\\w.vandenberg", "BERG\\planning"),
        administrations=(Administration("031", "Van den Berg Transport"),),
    ),
    _next(
        code="DUI-300", name="Duinzicht Makelaars", product_update=424, sql_release="2022", edition="standard",
        logins=("DUINZICHT\\admin",), administrations=(Administration("300", "Duinzicht Makelaars"),),
    ),
    _next(
        code="VRM-015", name="Vermeer Bouw", product_update=425, sql_release="2019", edition="standard",
        logins=("VERMEER\\p.vermeer",), administrations=(Administration("015", "Vermeer Bouw"),),
    ),
    _next(
        code="XYZ-100", name="XYZ Holding N.V.", product_update=421, sql_release="2016", edition="enterprise",
        logins=("XYZ\\boekhouding",),
        administrations=(Administration("100", "XYZ Holding"), Administration("101", "XYZ Vastgoed")),
    ),
)  # fmt: skip


def samples(now: datetime) -> tuple[Sample, ...]:
    """All deliveries of the practice office, as if made in the days before `now` (naive, local)."""
    now = now.replace(microsecond=0)
    return (*_packages(now), *_back_ups(now), *_strays(), *_broken(now))


def _package(client: Client, release: str, made: datetime, update: int | None = None) -> tuple[str, bytes]:
    own = client.administrations[0]
    update = update or client.product_update or 0
    package = Package(
        Owner(client.code, client.name, client.logins), own.number, own.name, update, release, INTERNAL[release], made
    )
    return compose(made.date(), update, release, own.name), practice_package(package)


def _packages(now: datetime) -> tuple[Sample, ...]:
    """Practice packages: yes, if..., one way, no; the last one of a client that nobody knows yet."""
    made = []
    for days, client in enumerate(CLIENTS[:5]):
        age = timedelta(days=days, hours=2)
        made.append(Sample(client.code, *_package(client, client.sql_release or "", now - age), age))
    stranger = Client("", "Kwekerij De Linde", product_update=421, administrations=(Administration("210", "De Linde"),))
    age = timedelta(hours=5)
    return (*made, Sample(None, *_package(stranger, "2016", now - age), age))


def _backup(database: str, release: str, made: datetime) -> SampleBackup:
    version = INTERNAL[release]
    engine = {"2014": (12, 0, 6024), "2016": (13, 0, 5108)}[release]
    level = {"2014": 120, "2016": 130}[release]
    started, finished = made - timedelta(seconds=9), made
    return SampleBackup(database, f"SRV{database}\\EXACT", version, engine, level, started, finished)


def _back_ups(now: datetime) -> tuple[Sample, ...]:
    """Real formats: a bare back-up, and one in a cabinet named by the convention."""
    bare, packed = timedelta(days=1, hours=3), timedelta(hours=7)
    name = compose((now - packed).date(), 418, "2014", "Jansen Interieur")
    inside = tape(_backup("045", "2014", now - packed))
    return (
        Sample("XYZ-100", "100.bak", tape(_backup("100", "2016", now - bare)), bare),
        Sample(None, name, cabinet([("045.bak", inside)]), packed),
    )


def _strays() -> tuple[Sample, ...]:
    """Files that share the suffix and nothing else, and one whose layout nobody publishes."""
    firmware = struct.pack("<HHI", 2, 7, 0x14) + b"eWON Flexy firmware 14.5s0\0" + _noise("firmware", 30_000)
    order = b"Email~~orders@garage.example~~20261120~~4 x remblok~~1 x koppeling\r\n"
    unknown = b"\x03\x9a\x00\x02" + _noise("unknown", 48_000)
    return (
        Sample(None, "flexy-14.5.ebu", firmware, timedelta(days=40)),
        Sample(None, "bestelling 20931.ebu", order, timedelta(days=2)),
        Sample(None, "Bakkerij Korenaar 20081231.ebu", unknown, timedelta(days=20)),
    )


def _broken(now: datetime) -> tuple[Sample, ...]:
    """An upload that broke off, and a back-up in which one byte changed on the way."""
    cut, hurt = timedelta(minutes=50), timedelta(hours=26)
    name, whole = _package(CLIENTS[5], "2016", now - cut)
    damaged = bytearray(tape(_backup("101", "2016", now - hurt)))
    damaged[len(damaged) // 2] ^= 0x20
    return (
        Sample("XYZ-100", name, whole[: len(whole) * 2 // 3], cut),
        Sample("XYZ-100", "101 vastgoed.bak", bytes(damaged), hurt),
    )


def _noise(seed: str, size: int) -> bytes:
    """Bytes without any pattern, always the same."""
    return hashlib.shake_256(seed.encode()).digest(size)
