"""What the fake desk shows: targets, clients, deliveries and their verdicts, frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fakes import operations
from fakes.operations import SHA

from core.model import (
    Administration,
    Answer,
    Claim,
    Client,
    DeliveryRow,
    Reason,
    Severity,
    Source,
    StateWord,
    Target,
    Verdict,
)

NOW = operations.NOW

TARGETS = (
    Target("sql14", sql_release="2014", product_update=421, family="next", edition="standard", instance="SRV1\\SQL14"),
    Target(
        "sql16a",
        sql_release="2016",
        product_update=421,
        service_pack=2,
        family="next",
        edition="standard",
        instance="SRV1\\SQL16A",
        isolated=True,
        accountancy=True,
        free_bytes=228_000_000_000,
    ),
    Target("sql19", sql_release="2019", product_update=424, family="next", edition="express"),
)

CLIENTS = (
    Client(
        "ABC-012",
        "Bakkerij Smit",
        family="next",
        product_update=418,
        sql_release="2014",
        edition="express",
        logins=("SMIT\\anja",),
        administrations=(Administration("007", "Bakkerij Smit"),),
    ),
    Client("ABC-013", "Smit Beheer B.V.", family="next", product_update=421, service_pack=1, sql_release="2014"),
    Client("DEF-201", "De Fietshoek", family="next", product_update=424, sql_release="2019"),
    Client("GHI-310", "Hofman Groen"),
    Client(
        "KLM-044",
        "Kalma Transport",
        product_update=421,
        service_pack=2,
        sql_release="2016",
        edition="standard",
        administrations=(Administration("120", "Kalma Transport"), Administration("121", "Kalma Vastgoed")),
    ),
)

YES, IF, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
MB = 1024 * 1024


def row(
    number: int,
    state: StateWord,
    file: str = "20261103 421 2016 x.ebu",
    size: int = 310 * MB,
    **more: object,
) -> DeliveryRow:
    """One line of the list."""
    arrived = NOW - timedelta(minutes=3 * (2420 - number))
    return DeliveryRow(f"D-{number:04d}", file, state, size, arrived, **more)  # type: ignore[arg-type]


ROWS = (
    row(
        2419,
        StateWord.READING,
        "20261103 421 2016 Van Xanten.ebu",
        980 * MB,
        client="XYZ-100",
        administration_number="055",
        administration_name="Van Xanten",
        product_update=421,
        product_update_source=Source.NAME,
        sql_release="2016",
        rule=103,
        work=UNKNOWN,
        back=UNKNOWN,
    ),
    row(
        2418,
        StateWord.OK,
        client="KLM-044",
        administration_number="120",
        administration_name="Kalma Transport",
        product_update=421,
        product_update_source=Source.PAGES,
        sql_release="2016",
        best_target="sql16a",
        work=YES,
        back=YES,
    ),
    row(
        2417,
        StateWord.WARN,
        "20261102 418 2014 Bakkerij Smit.ebu",
        812 * MB,
        client="ABC-012",
        administration_number="007",
        administration_name="Bakkerij Smit",
        product_update=418,
        product_update_source=Source.NAME,
        sql_release="2014",
        best_target="sql14",
        work=YES,
        back=IF,
        rule=303,
        more=1,
    ),
    row(
        2416,
        StateWord.ONEWAY,
        size=1229 * MB,
        client="ABC-013",
        administration_number="031",
        administration_name="Smit Beheer B.V.",
        product_update=421,
        product_update_source=Source.PAGES,
        sql_release="2008 R2",
        best_target="sql16a",
        work=IF,
        back=NO,
        rule=203,
        more=1,
    ),
    row(
        2414,
        StateWord.NO,
        size=260 * MB,
        client="DEF-201",
        administration_number="112",
        administration_name="De Fietshoek",
        product_update=424,
        product_update_source=Source.PAGES,
        sql_release="2019",
        work=NO,
        back=NO,
        rule=201,
    ),
    row(2413, StateWord.UNKNOWN, "backup van vrijdag.ebu", 44 * MB, work=UNKNOWN, back=UNKNOWN, rule=100, more=3),
    row(2412, StateWord.NO, "ewon_fw.ebu", 9 * MB, work=NO, back=NO, rule=101),
    row(2411, StateWord.ARRIVING, "bank (1).ebu", 640 * MB, rule=103),
    row(
        2410,
        StateWord.OK,
        client="GHI-310",
        size=71 * MB,
        administration_number="003",
        administration_name="Hofman Groen",
        product_update=421,
        product_update_source=Source.PAGES,
        sql_release="2016",
        best_target="sql16a",
        work=YES,
        back=YES,
    ),
)


def smit_verdicts() -> tuple[Verdict, ...]:
    """The story of the documents: our product update is newer than the client's."""
    update = Claim("product_update", 418, Source.NAME)
    release = Claim("sql_release", "2014", Source.HEADER)

    def newer(target: str, ours: int) -> Reason:
        params: dict[str, str | int] = {"target": target, "ours": ours, "theirs": 418}
        return Reason(303, Severity.WARNING, YES, IF, params=params, evidence=(update,))

    isolation = Reason(
        211, Severity.WARNING, work=IF, whole_target=True, params={"target": "sql14"}, override="not-isolated"
    )
    return (
        Verdict(
            "sql14",
            YES,
            IF,
            (
                Reason(202, Severity.INFO, YES, YES, params={"target": "sql14", "theirs": "2014"}),
                newer("sql14", 421),
                isolation,
            ),
        ),
        Verdict(
            "sql16a",
            IF,
            NO,
            (
                Reason(
                    203,
                    Severity.BLOCK,
                    IF,
                    NO,
                    params={"target": "sql16a", "theirs": "2014", "ours": "2016"},
                    evidence=(release,),
                    override="one-way",
                ),
                newer("sql16a", 421),
            ),
        ),
        Verdict(
            "sql19",
            IF,
            NO,
            (
                Reason(
                    203,
                    Severity.BLOCK,
                    IF,
                    NO,
                    params={"target": "sql19", "theirs": "2014", "ours": "2019"},
                    evidence=(release,),
                    override="one-way",
                ),
                newer("sql19", 424),
                replace(isolation, params={"target": "sql19"}),
            ),
        ),
    )


CLAIMS = (
    Claim("sql_release", "2014", Source.HEADER),
    Claim("internal_version", 782, Source.HEADER),
    Claim("engine_version", "12.0.6024", Source.HEADER),
    Claim("database", "007", Source.HEADER),
    Claim("server", "SMIT-SRV\\EXACT", Source.HEADER),
    Claim("started_at", "2026-11-02T16:41:05", Source.HEADER),
    Claim("finished_at", "2026-11-02T16:43:51", Source.HEADER),
    Claim("data_bytes", 2_900_000_000, Source.HEADER),
    Claim("checksums", value=True, source=Source.HEADER),
    Claim("sql_release", "2014", Source.NAME),
    Claim("product_update", 418, Source.NAME),
    Claim("administration_number", "007", Source.HEADER, inferred=True),
    Claim("administration_name", "Bakkerij Smit", Source.OPERATOR, by="anja", at=NOW),
)


def log_detail(what: str, each: DeliveryRow) -> dict[str, str | int]:
    """What a line of the log says beside its word."""
    match what:
        case "arrived":
            return {"file": each.file, "inbox": "inbox", "size": each.size}
        case "sealed":
            return {"size": each.size, "sha256": SHA}
        case _:
            answers = {"work": str(each.work), "back": str(each.back)}
            return {"word": str(each.state), "best_target": each.best_target or "", "rule": each.rule or "", **answers}


def claims_of(each: DeliveryRow) -> tuple[Claim, ...]:
    """Claims that fit the row."""
    claims = []
    if each.sql_release:
        claims.append(Claim("sql_release", each.sql_release, Source.HEADER))
    if each.product_update:
        claims.append(Claim("product_update", each.product_update, each.product_update_source or Source.NAME))
    return tuple(claims)


def verdicts_of(each: DeliveryRow) -> tuple[Verdict, ...]:
    """Verdicts that fit the row: the same for every target."""
    if each.work is None or each.back is None:
        return ()
    reason = Reason(each.rule, Severity.NOTE, each.work, each.back) if each.rule else None
    return tuple(Verdict(target.name, each.work, each.back, (reason,) if reason else ()) for target in TARGETS)


def many(count: int) -> list[DeliveryRow]:
    """A long list, newest first."""
    states = (StateWord.OK, StateWord.WARN, StateWord.NO, StateWord.UNKNOWN)
    return [
        row(
            number,
            states[number % 4],
            client=f"CLI-{number % 97:03d}",
            administration_number=f"{number % 1000:03d}",
            administration_name=f"Administratie {number}",
            product_update=421,
            product_update_source=Source.PAGES,
            sql_release="2016",
            best_target="sql16a",
            work=YES,
            back=YES,
        )
        for number in range(count, 0, -1)
    ]
