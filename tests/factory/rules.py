"""One example of every rule and every sentence at work: what it must answer, and on what."""

from __future__ import annotations

from dataclasses import dataclass, replace

from factory.evidence import BOUND, CLIENT, EMBEDDED, SQL16, claim, evidence

from core.model import Answer, Circumstances, Evidence, FactValue, Finding, Firm, Holding, Related, Source, Target

YES, IF, NO, UNKNOWN = Answer.YES, Answer.CONDITIONAL, Answer.NO, Answer.UNKNOWN
GB = 1024**3
EVERYDAY = evidence()
FULL_EXPRESS = replace(SQL16, edition="Express Edition (64-bit)")
MSDE = replace(SQL16, sql_release="2000", edition="Desktop Engine")
OTHER16 = replace(SQL16, name="other16")


@dataclass(frozen=True)
class Example:
    """One rule at work: what it must answer, and on what."""

    rule: int
    variant: str
    work: Answer | None
    back: Answer | None
    evidence: Evidence = EVERYDAY
    target: Target = SQL16
    circumstances: Circumstances = BOUND
    targets: tuple[Target, ...] = ()


def around(**changes: object) -> Circumstances:
    return replace(BOUND, **changes)  # type: ignore[arg-type]


def client(**changes: object) -> Circumstances:
    return replace(BOUND, client=replace(CLIENT, **changes))  # type: ignore[arg-type]


def found(code: str, *, proves: bool = False) -> tuple[Finding, ...]:
    return (Finding(code, {}, proves),)


def inside(*, looked: str = "whole", **facts: FactValue) -> Evidence:
    """The everyday delivery after a look into its rows."""
    return evidence(*(claim(fact, value, Source.PAGES) for fact, value in {**facts, "looked": looked}.items()))


FIRM = Firm(("KANTOOR\\jansen", "KANTOOR\\devries"), "9999001")
NEXT, PLUS = evidence(family="next"), evidence(family="plus")
BARE = evidence(kind="tape", without="wrapped")
LOCKED = evidence(kind="cabinet", without="content", findings=found("packing-unknown"), packing="lzx")
HELD = Holding("sql16", "120", "KLM-044", "D-0000")
EXAMPLES = (
    Example(100, "", UNKNOWN, UNKNOWN, evidence(kind="unknown", without="content wrapped")),
    Example(100, "inside", UNKNOWN, UNKNOWN, evidence(without="content wrapped")),
    Example(100, "kind", UNKNOWN, UNKNOWN, evidence(without="backup_type")),
    Example(101, "", NO, NO, evidence(kind="ewon-firmware", without="content wrapped")),
    Example(102, "truncated", NO, NO, evidence(findings=found("truncated", proves=True))),
    Example(102, "checksum", NO, NO, evidence(findings=found("checksum", proves=True))),
    Example(102, "", NO, NO, evidence(findings=found("structure", proves=True))),
    Example(103, "arriving", UNKNOWN, UNKNOWN, circumstances=around(stage="arriving")),
    Example(103, "reading", UNKNOWN, UNKNOWN, circumstances=around(stage="reading")),
    Example(103, "unreadable", UNKNOWN, UNKNOWN, circumstances=around(stage="unreadable")),
    Example(
        104, "differential", IF, IF, evidence(backup_type="differential"), circumstances=around(base_full="D-0009")
    ),
    Example(104, "log", IF, IF, evidence(backup_type="log"), circumstances=around(base_full="D-0009")),
    Example(105, "differential", NO, NO, evidence(backup_type="differential")),
    Example(105, "log", NO, NO, evidence(backup_type="log")),
    Example(105, "stripes", NO, NO, evidence(stripe="1/2", family_count=2)),
    Example(105, "primary", NO, NO, evidence(content="data-file", primary_missing=True, without="backup_type")),
    Example(105, "stripes", NO, NO, evidence(stripe="1/64", family_count=64)),
    Example(
        106,
        "stripes",
        IF,
        None,
        evidence(stripe="1/2", family_count=2),
        circumstances=around(stripes_here=frozenset({2})),
    ),
    Example(106, "stripes", IF, None, evidence(stripe="1/2", family_count=2, stripes_inside="1 2")),
    Example(106, "inside", IF, None, evidence(backups_inside=2, backup_taken="120.bak")),
    Example(106, "sets", IF, None, evidence(sets=3, set_number=3)),
    Example(106, "password", IF, None, evidence(password=True)),
    Example(108, "encrypted", IF, UNKNOWN, evidence(encrypted=True)),
    Example(108, "encrypted", IF, UNKNOWN, evidence(findings=found("encrypted"))),
    Example(108, "packing-unknown", IF, UNKNOWN, LOCKED),
    Example(108, "record-unknown", IF, UNKNOWN, evidence(findings=found("record-unknown"))),
    Example(
        108, "zip-encrypted", IF, UNKNOWN, evidence(kind="zip", without="content", findings=found("zip-encrypted"))
    ),
    Example(108, "cabinet-split", IF, UNKNOWN, evidence(without="content", findings=found("cabinet-split"))),
    Example(108, "newer-format", IF, UNKNOWN, evidence(findings=found("newer-format"))),
    Example(109, "", NO, NO, evidence(kind="practice", content="practice")),
    Example(110, "", NO, NO, target=EMBEDDED),
    Example(110, "", NO, NO, LOCKED, target=EMBEDDED),
    Example(111, "", None, NO, evidence(claim("product", "exact-online", Source.OPERATOR), without="wrapped")),
    Example(112, "", IF, IF, BARE),
    Example(112, "", IF, IF, evidence(kind="zip", without="wrapped")),
    Example(112, "files", IF, IF, evidence(kind="data-file", content="data-file", without="wrapped backup_type")),
    Example(201, "", NO, NO, evidence(internal_version=904)),
    Example(202, "", YES, YES),
    Example(203, "", IF, NO, evidence(internal_version=782)),
    Example(203, "elsewhere", IF, NO, target=replace(SQL16, sql_release="2019"), targets=(EMBEDDED, OTHER16)),
    Example(204, "", NO, NO, evidence(internal_version=539)),
    Example(205, "", UNKNOWN, UNKNOWN, evidence(without="internal_version")),
    Example(206, "", UNKNOWN, UNKNOWN, target=replace(SQL16, sql_release=None)),
    Example(206, "stale", UNKNOWN, UNKNOWN, target=replace(SQL16, stale=True)),
    Example(206, "label", UNKNOWN, UNKNOWN, target=replace(SQL16, sql_release="Oracle")),
    Example(206, "update", UNKNOWN, UNKNOWN, target=replace(SQL16, product_update=None)),
    Example(207, "", UNKNOWN, UNKNOWN, evidence(internal_version=705)),
    Example(207, "", NO, UNKNOWN, evidence(internal_version=705), target=replace(SQL16, sql_release="2008 R2")),
    Example(207, "beyond", NO, UNKNOWN, evidence(internal_version=1200)),
    Example(208, "", NO, NO, evidence(data_bytes=10 * GB + 1), target=FULL_EXPRESS),
    Example(208, "", NO, NO, evidence(internal_version=515, data_bytes=2 * GB + 1), target=MSDE),
    Example(208, "size", UNKNOWN, UNKNOWN, evidence(without="data_bytes"), target=FULL_EXPRESS),
    Example(208, "edition", UNKNOWN, UNKNOWN, evidence(data_bytes=11 * GB), target=replace(SQL16, edition=None)),
    Example(209, "", None, NO, evidence(data_bytes=11 * GB), circumstances=client(edition="express")),
    Example(210, "", IF, None, target=replace(SQL16, free_bytes=729_999_999)),
    Example(210, "size", UNKNOWN, None, evidence(without="data_bytes"), target=replace(SQL16, free_bytes=GB)),
    Example(211, "", IF, None, target=replace(SQL16, isolated=False)),
    Example(301, "", IF, YES, evidence(product_update=424)),
    Example(
        301,
        "affected",
        IF,
        YES,
        evidence(product_update=424),
        circumstances=around(affected={"sql16": tuple("ABCDEF")}),
    ),
    Example(302, "", YES, YES),
    Example(303, "", YES, IF, evidence(product_update=418)),
    Example(304, "", UNKNOWN, UNKNOWN, evidence(without="product_update")),
    Example(305, "plus-next", NO, NO, evidence(family="plus")),
    Example(305, "next-plus", NO, NO, evidence(family="next"), target=replace(SQL16, family="plus")),
    Example(305, "plus-next", NO, NO, circumstances=client(family="plus")),
    Example(306, "", UNKNOWN, UNKNOWN, evidence(claim("family", "plus", inferred=True), product_update=503)),
    Example(306, "below", UNKNOWN, UNKNOWN, target=replace(SQL16, family="plus")),
    Example(306, "target-plus", UNKNOWN, UNKNOWN, target=replace(SQL16, family=None, product_update=503)),
    Example(306, "target-plus", UNKNOWN, UNKNOWN, NEXT, replace(SQL16, family=None, product_update=503)),
    Example(306, "target-next", UNKNOWN, UNKNOWN, PLUS, target=replace(SQL16, family=None)),
    Example(307, "client", None, None, evidence(internal_version=661, product_update=397)),
    Example(307, "target", None, None, target=replace(SQL16, sql_release="2008", product_update=390)),
    Example(307, "update", None, None, evidence(product_update=503)),
    Example(308, "", IF, None, evidence(service_pack=7), target=replace(SQL16, service_pack=2)),
    Example(309, "", None, IF, evidence(service_pack=2), target=replace(SQL16, service_pack=7)),
    Example(
        309,
        "",
        None,
        IF,
        target=replace(SQL16, service_pack=7),
        circumstances=client(product_update=421, service_pack=2),
    ),
    Example(310, "", IF, IF, target=replace(SQL16, accountancy=False)),
    Example(401, "", NO, NO, evidence(findings=found("wrapped-2gb", proves=True))),
    Example(402, "", None, IF, evidence(data_bytes=2_147_450_881)),
    Example(402, "size", None, UNKNOWN, evidence(without="data_bytes")),
    Example(403, "packing", None, IF, LOCKED),
    Example(403, "member", None, IF, evidence(other_members=2, other_member="globe.ini")),
    Example(501, "", IF, UNKNOWN, circumstances=Circumstances()),
    Example(502, "administration_number", NO, NO, evidence(administration_number="121")),
    Example(502, "company_name", NO, NO, evidence(company_name="Kwekerij De Linde")),
    Example(502, "administration_name", NO, NO, evidence(claim("administration_name", "De Linde", Source.CONTAINER))),
    Example(502, "company_number", NO, NO, evidence(company_number="1"), circumstances=client(company_number="2")),
    Example(502, "licence", NO, NO, evidence(licence="A1"), circumstances=client(licence="A2")),
    Example(502, "client", NO, NO, evidence(client="XYZ-100")),
    Example(502, "client", None, None, evidence(client="XYZ-100"), circumstances=around(bound_by_hand=True)),
    Example(503, "", UNKNOWN, UNKNOWN, evidence(without="administration_number")),
    Example(504, "", IF, None, circumstances=around(holdings=(HELD,))),
    Example(505, "", NO, NO, circumstances=around(holdings=(replace(HELD, client="ABC-012"),))),
    Example(505, "unbound", UNKNOWN, UNKNOWN, circumstances=around(client=None, holdings=(HELD,))),
    Example(506, "", IF, None, circumstances=around(same_bytes=(Related("D-0003", "gone"), Related("D-0002", "ok")))),
    Example(507, "", IF, IF, circumstances=around(later=(Related("D-0002", "returned"),))),
    Example(508, "", IF, IF, circumstances=around(out=replace(HELD, number="120"))),
    Example(509, "", None, NO, circumstances=around(moment="return", swapped_in=False)),
    Example(509, "unknown", None, UNKNOWN, circumstances=around(moment="return")),
    Example(601, "release", None, None, evidence(claim("sql_release", "2014", Source.NAME), sql_release="2016")),
    Example(601, "update", None, None, evidence(claim("product_update", 418, Source.CONTAINER))),
    Example(601, "date", None, None, evidence(backup_date="2026-11-17")),
    Example(601, "name", None, None, evidence(claim("company_name", "Klomp Metaal"), administration_name="Klomp")),
    Example(602, "convention", None, None, evidence(by_convention=False)),
    Example(
        602, "release", None, None, evidence(claim("sql_release", "2016", Source.NAME), without="internal_version")
    ),
    Example(602, "update", None, None),
    Example(
        602,
        "batch",
        None,
        None,
        evidence(claim("product_update", 421, Source.PAGES, inferred=True), without="product_update"),
    ),
    *(Example(number, "pending", None, None) for number in range(603, 608)),
    *(Example(number, "absent", None, None, inside(looked="whole")) for number in range(603, 607)),
    *(Example(number, "unread", None, None, inside(looked="partly")) for number in range(603, 607)),
    Example(603, "", IF, None, inside(integrations=2, integration="http://elis.klomp.example/sync")),
    Example(603, "", IF, None, inside(integrations=1)),
    Example(604, "balance", None, None, inside(trial_balance="-12.34", ledger_lines=7)),
    Example(604, "damaged", None, None, inside(damaged_table="gbkmut", looked="damaged")),
    Example(
        604, "entries", None, None, inside(trial_balance="0.00", unbalanced_entries=1, unbalanced_entry="1 (9.00)")
    ),
    Example(604, "accounts", None, None, inside(trial_balance="0.00", unknown_account_lines=1)),
    Example(604, "blocked", None, None, inside(trial_balance="0.00", blocked_account_lines=3, blocked_account="4900")),
    Example(604, "journals", None, None, inside(trial_balance="0.00", unknown_journal_lines=3)),
    Example(604, "periods", None, None, inside(trial_balance="0.00", unknown_period_lines=3, unknown_period="2026-13")),
    Example(604, "cost-centres", None, None, inside(trial_balance="0.00", unknown_cost_centre_lines=3)),
    Example(604, "cost-units", None, None, inside(trial_balance="0.00", unknown_cost_unit_lines=3)),
    Example(604, "unknown", None, None, inside(trial_balance="0.00", unbalanced_entries=0, looked="whole")),
    Example(604, "suspense", None, None, inside(trial_balance="0.00", open_suspense=1)),
    Example(604, "control", None, None, inside(trial_balance="0.00", control_unmatched=1, control_entry="70 1")),
    Example(605, "users", None, IF, inside(users_active=1, login="kantoor\\JANSEN"), circumstances=around(firm=FIRM)),
    Example(605, "users", None, IF, inside(users_active=1, login="jansen"), circumstances=around(firm=FIRM)),
    Example(605, "licence", None, IF, inside(users_active=1, licence="9999001"), circumstances=around(firm=FIRM)),
    Example(605, "firm", None, None, inside(users_active=1)),
    Example(606, "user", None, IF, inside(users_active=0), circumstances=client(logins=("KLOMP\\a.klomp",))),
    Example(
        606, "user", None, IF, inside(users_active=1, login="X\\a.klomp"), circumstances=client(logins=("K\\a.klomp",))
    ),
    Example(
        606,
        "trace",
        None,
        IF,
        inside(users_active=1, licence_trace="123", login="K\\a"),
        circumstances=client(logins=("K\\a",), licence="124"),
    ),
    Example(
        606,
        "licence",
        None,
        IF,
        inside(users_active=1, licence="123", login="K\\a"),
        circumstances=client(logins=("K\\a",), licence="124"),
    ),
    Example(606, "logins", None, None, inside(users_active=1, login="K\\a")),
    Example(606, "client", None, None, inside(users_active=1), circumstances=Circumstances()),
)
