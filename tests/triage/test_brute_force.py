"""Every combination against answers written from the documents, without the rules' own helpers.

Sources: document 18.109.867 (SQL Server, product updates, 2 GB, Express), SQL Server's documentation (nothing
newer restores on older; 2012 restores nothing older than 2005), and the firm's rule book for the answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from factory.evidence import BOUND, CLIENT, SQL16, TABLES, claim, evidence

from core.model import Circumstances, Evidence, Finding, Target, Verdict
from core.triage.rules import judge

Pair = tuple[str, str]
YES, IF, NO, UNKNOWN = "yes", "conditional", "no", "unknown"
ORDER = [YES, IF, UNKNOWN, NO]
GB = 1024**3

AGE = {"7.0": 0, "2000": 1, "2005": 2, "2008": 3, "2008 R2": 4, "2012": 5, "2014": 6, "2016": 7, "2017": 8, "2019": 9,
       "2022": 10, "2025": 11}  # fmt: skip
VERSIONS = {515: "7.0", 539: "2000", 611: "2005", 612: "2005", 655: "2008", 660: "2008 R2", 661: "2008 R2",
            706: "2012", 782: "2014", 852: "2016", 868: "2017", 869: "2017", 904: "2019", 957: "2022",
            998: "2025"}  # fmt: skip
PRE_RELEASES = {684: 4.5, 700: 4.6, 705: 4.7, 760: 5.5, 830: 6.5, 895: 8.5, 903: 8.6, 950: 9.5, 980: 10.5}
"""Internal version -> between which releases it stands."""
UPDATES = [None, 360, 380, 381, 393, 394, 418, 421, 424]
LIMIT = {"2008": 4 * GB, "2008 R2": 10 * GB, "2016": 10 * GB, "2022": 10 * GB, "2025": 50 * GB}
WIZARD = 2_147_450_880
SIZES = [None, 40_000_000, WIZARD, WIZARD + 1, 4 * GB, 4 * GB + 1, 10 * GB, 10 * GB + 1, 50 * GB, 50 * GB + 1]


def worst(*pairs: Pair) -> Pair:
    return (
        max((work for work, _ in pairs), key=ORDER.index, default=YES),
        max((back for _, back in pairs), key=ORDER.index, default=YES),
    )


def by_sql(theirs: int | None, ours: str | None) -> Pair:
    if theirs is None or ours is None:
        return (UNKNOWN, UNKNOWN)
    here = AGE[ours]
    if theirs not in VERSIONS:
        there = PRE_RELEASES.get(theirs, 99)
        return (NO, UNKNOWN) if here < there else (UNKNOWN, UNKNOWN)
    there = AGE[VERSIONS[theirs]]
    if here < there:
        return (NO, NO)
    if here == there:
        return (YES, YES)
    return (NO, NO) if there <= AGE["2000"] and here >= AGE["2012"] else (IF, NO)


def by_update(theirs: int | None, ours: int | None) -> Pair:
    if theirs is None or ours is None:
        return (UNKNOWN, UNKNOWN)
    if theirs == ours:
        return (YES, YES)
    return (IF, YES) if theirs > ours else (YES, IF)


def by_family(theirs: str | None, ours: str | None, update: int, beside: int) -> Pair:
    """Declared on both sides, or unknown as soon as only a number says that they differ."""
    if ours is None and (theirs or ("plus" if update >= 500 else "next")) != ("plus" if beside >= 500 else "next"):
        return (UNKNOWN, UNKNOWN)
    if theirs:
        return (NO, NO) if ours and ours != theirs else (YES, YES)
    return (UNKNOWN, UNKNOWN) if update >= 500 or ours == "plus" else (YES, YES)


def by_size(size: int | None, ours: str, our_edition: str | None, theirs: str, their_edition: str | None) -> Pair:
    if size is None:
        return (YES if our_edition == "standard" else UNKNOWN, UNKNOWN)
    found = [(YES, IF)] if size > WIZARD else []
    if size > LIMIT[ours] and our_edition != "standard":
        found.append((NO, NO) if our_edition == "express" else (UNKNOWN, UNKNOWN))
    if their_edition == "express" and size > LIMIT[theirs]:
        found.append((YES, NO))
    return worst(*found)


def answers(verdict: Verdict) -> Pair:
    return (str(verdict.work), str(verdict.back))


def case(**facts: str | int | None) -> Evidence:
    """The everyday delivery with these facts; None takes one away."""
    gone = " ".join(fact for fact, value in facts.items() if value is None)
    said = tuple(claim(fact, value) for fact, value in facts.items() if value is not None)
    return evidence(*said, without=" ".join([gone, *(each.fact for each in said)]))


def compare(rows: Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]) -> int:
    wrong, count = [], 0
    for name, held, target, around, expected in rows:
        count += 1
        given = answers(judge(held, target, around, TABLES))
        if given != expected:
            wrong.append((name, given, expected))
    assert not wrong, wrong[:10]
    return count


def test_releases_by_releases_by_updates() -> None:
    versions = [None, *VERSIONS, *PRE_RELEASES, 999, 1200]

    def rows() -> Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]:
        for theirs, ours in product(versions, [None, *AGE]):
            for update, beside in product([None, 418, 421], [None, 418, 421]):
                target = replace(SQL16, sql_release=ours, product_update=beside)
                expected = worst(by_sql(theirs, ours), by_update(update, beside))
                held = case(internal_version=theirs, product_update=update)
                yield (theirs, ours, update, beside), held, target, BOUND, expected

    assert compare(rows()) == 27 * 13 * 9


def test_a_target_that_was_asked_is_compared_by_its_internal_version() -> None:
    declared = replace(SQL16, sql_release="2016")
    compare(
        (pair, case(internal_version=pair[0]), replace(declared, internal_version=pair[1]), BOUND,
         by_sql(pair[0], VERSIONS[pair[1]]))
        for pair in product(VERSIONS, VERSIONS)
    )  # fmt: skip


def test_a_release_that_is_only_named_is_compared_alike() -> None:
    first = {release: version for version, release in reversed(VERSIONS.items())}
    compare(
        ((theirs, ours), case(internal_version=None, sql_release=theirs), replace(SQL16, sql_release=ours), BOUND,
         by_sql(first[theirs], ours))
        for theirs, ours in product(AGE, AGE)
    )  # fmt: skip


def test_updates_by_updates() -> None:
    compare(
        (
            (theirs, ours),
            case(product_update=theirs),
            replace(SQL16, product_update=ours),
            BOUND,
            by_update(theirs, ours),
        )
        for theirs, ours in product(UPDATES, UPDATES)
    )


def test_families_by_families_by_updates() -> None:
    families = [None, "next", "plus"]

    def rows() -> Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]:
        for theirs, ours, update, beside in product(families, families, [418, 421, 499, 500, 503], [421, 500, 503]):
            target = replace(SQL16, family=ours, product_update=beside)
            expected = worst(by_family(theirs, ours, update, beside), by_update(update, beside))
            yield (theirs, ours, update, beside), case(family=theirs, product_update=update), target, BOUND, expected
            noted = replace(BOUND, client=replace(CLIENT, family=theirs))
            yield ("noted", theirs, ours, update, beside), case(product_update=update), target, noted, expected

    assert compare(rows()) == 270


def test_editions_by_editions_by_sizes_by_releases() -> None:
    first = {release: version for version, release in reversed(VERSIONS.items())}
    editions = [None, "express", "standard"]

    def rows() -> Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]:
        for theirs, ours, mine, yours, size in product(LIMIT, LIMIT, editions, editions, SIZES):
            target = replace(SQL16, sql_release=ours, edition=mine)
            around = replace(BOUND, client=replace(CLIENT, edition=yours))
            held = case(internal_version=first[theirs], data_bytes=size)
            expected = worst(by_sql(first[theirs], ours), by_size(size, ours, mine, theirs, yours))
            yield (theirs, ours, mine, yours, size), held, target, around, expected

    assert compare(rows()) == 2250


FULL = replace(BOUND, base_full="D-0009")
ALL_STRIPES = replace(BOUND, stripes_here=frozenset({1, 2}))
TRUNCATED = (Finding("truncated", {}, proves_damage=True),)
WRAPPED = (Finding("wrapped-2gb", {}, proves_damage=True),)
KINDS: dict[str, tuple[str, dict[str, str | int | None], Circumstances, Pair]] = {
    "cabinet of a back-up": ("cabinet", {}, BOUND, (YES, YES)),
    "bare back-up": ("tape", {"wrapped": None}, BOUND, (IF, IF)),
    "compressed back-up": ("compressed", {"content": "compressed", "wrapped": None}, BOUND, (IF, IF)),
    "zip of a back-up": ("zip", {"wrapped": None}, BOUND, (IF, IF)),
    "cabinet of data files": ("cabinet", {"content": "data-file", "backup_type": None}, BOUND, (YES, YES)),
    "kind not read": ("cabinet", {"backup_type": None}, BOUND, (UNKNOWN, UNKNOWN)),
    "differential alone": ("cabinet", {"backup_type": "differential"}, BOUND, (NO, NO)),
    "differential with full": ("cabinet", {"backup_type": "differential"}, FULL, (IF, IF)),
    "log alone": ("cabinet", {"backup_type": "log"}, BOUND, (NO, NO)),
    "log with full": ("cabinet", {"backup_type": "log"}, FULL, (IF, IF)),
    "one stripe of two": ("cabinet", {"stripe": "1/2", "family_count": 2}, BOUND, (NO, NO)),
    "both stripes": ("cabinet", {"stripe": "1/2", "family_count": 2}, ALL_STRIPES, (IF, YES)),
    "several sets": ("cabinet", {"sets": 2}, BOUND, (IF, YES)),
    "encrypted": ("cabinet", {"encrypted": True}, BOUND, (IF, UNKNOWN)),
    "not recognised": ("unknown", {"content": None, "wrapped": None}, BOUND, (UNKNOWN, UNKNOWN)),
    "cabinet of something else": ("cabinet", {"content": None, "wrapped": None}, BOUND, (UNKNOWN, UNKNOWN)),
}
ENDED = {"stranger": "ewon-firmware", "practice": "practice"}


def test_kinds_by_releases_by_updates() -> None:
    def rows() -> Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]:
        for name, (kind, facts, around, expected) in KINDS.items():
            for theirs, update in product([None, 782, 852, 904], [None, 418, 421, 424]):
                given = case(internal_version=theirs, product_update=update, **facts)
                beside = worst(expected, by_sql(theirs, "2016"), by_update(update, 421))
                yield (name, theirs, update), replace(given, kind=kind), SQL16, around, beside

    assert compare(rows()) == 256


def test_what_ends_the_matter_ends_it_whatever_else_is_known() -> None:
    engines = ["sqlserver", "embedded"]

    def rows() -> Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]:
        for theirs, update, engine in product([None, 782, 852, 904], [None, 418, 421, 424], engines):
            held = case(internal_version=theirs, product_update=update)
            target = replace(SQL16, engine=engine)
            facts = worst(by_sql(theirs, "2016"), by_update(update, 421))
            stray = replace(held, kind="ewon-firmware", stranger=True)
            yield "stranger", stray, target, BOUND, (NO, NO)
            yield "truncated", replace(held, findings=TRUNCATED), target, BOUND, (NO, NO)
            yield "wrapped", replace(held, findings=WRAPPED), target, BOUND, (NO, NO)
            yield "real", held, target, BOUND, facts if engine == "sqlserver" else (NO, NO)
            package = case(content="practice", internal_version=theirs, product_update=update)
            yield "practice", package, target, BOUND, facts if engine == "embedded" else (NO, NO)

    assert compare(rows()) == 160


def test_circumstances_by_circumstances() -> None:
    """Bound or not, number known or not, isolated or not, module or not: each adds its own answer."""

    def rows() -> Iterable[tuple[object, Evidence, Target, Circumstances, Pair]]:
        for bound, number, isolated, module in product(
            [True, False], ["120", None], [True, False], [True, False, None]
        ):
            expected = [] if bound else [(IF, UNKNOWN)]
            expected += [] if number else [(UNKNOWN, UNKNOWN)]
            expected += [] if isolated else [(IF, YES)]
            expected += [(IF, IF)] if module is False else []
            target = replace(SQL16, isolated=isolated, accountancy=module)
            around = BOUND if bound else Circumstances()
            held = case(administration_number=number)
            yield (bound, number, isolated, module), held, target, around, worst(*expected)

    assert compare(rows()) == 24


def test_the_corpus_of_names_and_contents_content_decides() -> None:
    """The name claims 2014 and 418; the header says 2016. Only the release has a better witness."""
    held = evidence(claim("sql_release", "2014"), internal_version=852, product_update=418)
    assert answers(judge(held, SQL16, BOUND, TABLES)) == (YES, IF)
