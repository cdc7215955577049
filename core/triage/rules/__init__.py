"""The rule book of the verdict, chapter by chapter: pure, so that the same evidence gives the same verdict.

Each chapter ends in a table: number, answer to *work*, answer to *return*, and the predicate; a predicate may
answer worse than the table only where a fact is missing. The answer of a verdict is the worst of its reasons.

**What ends the matter.** After a stranger (101), proven damage (102, 401), a practice package on a real target
(109) or a real back-up on the embedded engine (110) only *what it is* speaks: a release compared on the strength
of damaged bytes, or for a target that cannot hold the thing, helps nobody. A file that cannot be read (103) has
no more to say either; one that is arriving or being read gets 103 and everything else provisionally.

**Missing evidence is unknown, never a yes.** With a core fact taken away (container, SQL release, product
update, family, kind of back-up, administration number, size) *no* may become *unknown* but never *conditional*
or *yes*, and no answer becomes better. Each core fact has the rule that asks for it: 100 (container; variant
`kind` for the kind of back-up), 205, 304, 306, 503, and the `size` variants of 208, 210 and 402.
*Taken away* means that nothing tells it any more, no weaker source and no number from which it follows.
Dropping the stronger of two claims that contradict each other is not that: it is other evidence.

**Family.** 305 needs a declaration on both sides: in the file, by an operator or in the register. Without one,
a product update of 500 and up is unknown (306). Below 500 the number is taken for Globe Next's, so that the
everyday delivery is a clean yes; only where the target declares Globe+ that is not enough, and 306 asks too.

**The register** is the weakest source: it counts where file, operator and name are silent. Its claims are
derived here, from the client in the circumstances; the evidence stays the file's.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.model import Circumstances, Evidence, Reason, Target, Verdict, worst
from core.triage.releases import Tables
from core.triage.rules.book import AtTarget, OfFile, Rule, reasons
from core.triage.rules.case import Case, Site
from core.triage.rules.consistency import CONSISTENCY
from core.triage.rules.package import PACKAGE
from core.triage.rules.product import PRODUCT
from core.triage.rules.sql_server import SQL_SERVER
from core.triage.rules.what_it_is import WHAT_IT_IS
from core.triage.rules.who_and_which import WHO_AND_WHICH

BOOK: tuple[Rule, ...] = (*WHAT_IT_IS, *SQL_SERVER, *PRODUCT, *PACKAGE, *WHO_AND_WHICH, *CONSISTENCY)
"""Every rule, by number."""

_FIRST: tuple[Rule, ...] = (*WHAT_IT_IS, *(rule for rule in PACKAGE if rule.ends))
_REST = tuple(rule for rule in BOOK if rule not in _FIRST)
_ENDS = frozenset(rule.number for rule in BOOK if rule.ends)


class Hearing:
    """One delivery before any number of targets: what holds for every target is found once."""

    def __init__(self, evidence: Evidence, circumstances: Circumstances, tables: Tables) -> None:
        self._case = Case.of(evidence, circumstances, tables)
        self._first = self._of_file(_FIRST)
        self._over = circumstances.stage == "unreadable" or any(each.rule in _ENDS for each in self._first)
        self._rest = () if self._over else self._of_file(_REST)

    @property
    def case(self) -> Case:
        """The client's side, as read from the evidence."""
        return self._case

    @property
    def everywhere(self) -> tuple[Reason, ...]:
        """The reasons that hold whatever the target."""
        return (*self._first, *self._rest)

    def verdict(self, target: Target, targets: Sequence[Target] = ()) -> Verdict:
        """Both answers for one target; `targets` are all of them, of which rule 203 may name another."""
        site = Site.of(target, self._case.tables, tuple(each for each in targets if each.name != target.name))
        found = [*self._first, *self._at_target(_FIRST_AT_TARGET, site)]
        if not self._over and not any(each.rule in _ENDS for each in found):
            found += self._rest
            found += self._at_target(_REST_AT_TARGET, site)
        found.sort(key=_by_number)
        works = [each.work for each in found if each.work]
        backs = [each.back for each in found if each.back]
        return Verdict(target.name, worst(works), worst(backs), tuple(found))

    def _of_file(self, rules: tuple[Rule, ...]) -> tuple[Reason, ...]:
        own = (each for each in rules if isinstance(each, OfFile))
        return tuple(reason for rule in own for reason in reasons(rule, rule.when(self._case)))

    def _at_target(self, rules: tuple[AtTarget, ...], site: Site) -> list[Reason]:
        case = self._case
        return [reason for rule in rules for reason in reasons(rule, rule.when(case, site))]


_FIRST_AT_TARGET = tuple(rule for rule in _FIRST if isinstance(rule, AtTarget))
_REST_AT_TARGET = tuple(rule for rule in _REST if isinstance(rule, AtTarget))


def judge(
    evidence: Evidence, target: Target, circumstances: Circumstances, tables: Tables, targets: Sequence[Target] = ()
) -> Verdict:
    """The verdict for one target. Pure: nothing is read but the arguments."""
    return Hearing(evidence, circumstances, tables).verdict(target, targets)


def _by_number(reason: Reason) -> int:
    return reason.rule
