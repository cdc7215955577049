"""The way back of the guided route: Globe's wizard makes the client's back-up, and it is proven before anybody has it.

What does not hold is said, and asked again; the administration at the target is only read.
"""

from __future__ import annotations

import os
from typing import Any

from core.administration.globe import metadata
from core.administration.identity.packaged import Packaged, packaged
from core.administration.original import mirror_of
from core.errors import BadFormat, Refused
from core.files import copy_new, private_dir, sha256_of, speaking
from core.formats.backup import inspect
from core.formats.inside.opening import open_backup
from core.formats.report import Inspection
from core.model import Params
from core.operations.checking import Agreed, Plain, agreed, engine_at, perhaps
from core.operations.engines import profile_of, work_folder
from core.operations.guided import among, clear, cleared, folder_of, listed, open_folder, same_database, told_folder
from core.operations.restore import right_name
from core.operations.return_backup import IDENTITY, by_reader, called, package_path, remove
from core.operations.step import Bench

LEDGER = frozenset(name.casefold() for name in metadata.tables) - IDENTITY
"""Tables that no swap touches."""
UNREAD = "unread"
"""How a package is proven that nobody can read here: by its bytes alone."""


class Await(Plain):
    """An empty folder for the back-up that the wizard makes for the client."""

    def do(self, bench: Bench) -> Params:
        """Its name. What a killed step left in it goes."""
        found = agreed(bench)
        clear(bench, folder_of(bench, found))
        open_folder(folder_of(bench, found))
        return told_folder(bench, found)

    def undo(self, bench: Bench) -> None:
        """Remove it, and what the wizard put there."""
        found = perhaps(bench)
        if found is not None:
            clear(bench, folder_of(bench, found))


class Made(Plain):
    """A person lets Globe's wizard make the back-up for the client, and says so."""

    def do(self, bench: Bench) -> Params:
        """There is a place for it."""
        open_folder(folder_of(bench, agreed(bench)))
        return {}

    def prove(self, bench: Bench, answer: str) -> Params:  # noqa: ARG002 - what counts is what lies there
        """Exactly one file, whole, of the kind that the client sent, theirs alone, and row by row what stands here."""
        found = agreed(bench)
        if not same_database(bench, found):
            raise Refused("administration-foreign", path=f"{found.target}/{found.number}")
        path = _the_file(folder_of(bench, found))
        inspection = _whole(bench, found, path)
        kept = package_path(bench)
        private_dir(os.path.dirname(kept))
        remove(bench, kept)
        bench.work.log("file", f"copy {path} -> {kept}")
        if copy_new(path, kept, cancel=bench.stopping) != inspection.sha256:
            raise Refused("package-changed", file=os.path.basename(path))
        found = called(bench, found, mirror_of(kept))
        sha256 = str(inspection.sha256)
        bench.keep("package", {"file": found.file, "sha256": sha256, "size": os.path.getsize(kept)})
        bench.keep("proof", {"sha256": sha256, **_read(bench, found, kept)})
        return {"file": os.path.basename(path), "sha256": sha256}

    def undo(self, bench: Bench) -> None:
        """The copy goes."""
        remove(bench, package_path(bench))


def _the_file(folder: str) -> str:
    with speaking(folder):
        names = sorted(os.listdir(folder))
    if len(names) != 1:
        raise Refused("guided-file", folder=folder, count=len(names))
    return os.path.join(folder, names[0])


def _whole(bench: Bench, found: Agreed, path: str) -> Inspection:
    """Nothing of it is missing or broken; it is of the kind that the client sent, and not that very file."""
    name = os.path.basename(path)
    inspection = inspect(path, name=name, cancel=bench.stopping)
    sent = inspect(bench.vault.path(found.delivery), name=found.file, whole=False)
    if inspection.sha256 is None or not inspection.complete or inspection.damaged or not inspection.size:
        raise Refused("guided-whole", file=name)
    if inspection.kind != sent.kind:
        raise Refused("guided-kind", file=name, found=inspection.kind, expected=sent.kind)
    if inspection.sha256 == found.sha256:
        raise Refused("guided-original", file=name)
    return inspection


def _read(bench: Bench, found: Agreed, path: str) -> dict[str, int | str]:
    """Read it with our own reader: whose it is, and every row that no swap touches as it is at the target."""
    if mirror_of(path).unread:
        return {"tables": 0, "rows": 0, "how": UNREAD}
    _theirs(bench, found, path)
    engine = engine_at(bench, found)
    with engine.open(engine.place(found.number), bench.work) as planned:
        # Where Globe keeps users and licence only Globe knows: what the wizard may swap is not compared.
        report = by_reader(bench, path, planned, {}, only=LEDGER)
    return {"tables": report.tables, "rows": report.rows}


def _theirs(bench: Bench, found: Agreed, path: str) -> None:
    """The client's company, the client's users able to work in it, and nobody of the firm (rules 605 and 606)."""
    scratch = work_folder(bench.settings)
    with open_backup(path, scratch=scratch, cancel=bench.stopping) as database:
        inside = packaged(database, profile_of(bench.settings, found.target))
        if database.damage.found:
            raise BadFormat("witness-damaged", what=database.damage.all[0].code, count=len(database.damage.found))
    if len(inside.companies) != 1:
        raise Refused("look-companies", count=len(inside.companies))
    number, name = inside.companies[0]
    if number != found.number:
        raise Refused("look-number", inside=number, number=found.number)
    right_name(bench, found, name)
    _firm_is_out(bench, inside)
    _client_is_in(bench, found, inside)


def _firm_is_out(bench: Bench, inside: Packaged) -> None:
    firm = bench.settings.firm
    ours = [each for each in inside.users if among(each, (*firm.users, *_colleagues(bench)))]
    ours += [each for each in inside.licences if firm.licence and among(each, (firm.licence,))]
    if ours:
        raise Refused("guided-firm", users=listed(ours))


def _colleagues(bench: Bench) -> tuple[str, ...]:
    """Who was to be let in for a while, when it was restored."""
    restored = agreed(bench).restore
    return bench.register.operation(restored, lines=0).order.colleagues


def _client_is_in(bench: Bench, found: Agreed, inside: Packaged) -> None:
    """One of the logins that are registered, and all that could work in what the client sent."""
    known = bench.register.client(found.client).logins
    evidence = bench.register.delivery(found.delivery).evidence
    firm = bench.settings.firm.users
    sent = [str(each.value) for each in evidence.claims_of("login")]
    out = [each for each in sent if not among(each, firm) and not among(each, inside.users)]
    if out or (known and not any(among(each, inside.users) for each in known)) or not inside.users:
        raise Refused("guided-theirs", users=listed(out or known) or "-", client=found.client)


class Witness(Plain):
    """The package that was proven, and no other one, goes on; what the wizard left in the exchange folder goes.

    A package that nobody can read here is proven by its bytes alone, and the proof says so: no table, no row.
    """

    def do(self, bench: Bench) -> Params:
        """Raises Refused (`package-changed`, `step-order`)."""
        found, path = agreed(bench), package_path(bench)
        proof: Any = bench.kept("proof")
        if proof is None:
            raise Refused("step-order", name=bench.step.name)
        if not os.path.isfile(path) or sha256_of(path) != proof["sha256"]:
            raise Refused("package-changed", file=found.file)
        if not same_database(bench, found):
            raise Refused("administration-foreign", path=f"{found.target}/{found.number}")
        cleared(bench, folder_of(bench, found))
        if "how" in proof:
            return {"how": proof["how"], "sha256": proof["sha256"]}
        return {"tables": proof["tables"], "rows": proof["rows"]}

    def undo(self, bench: Bench) -> None:
        """The package goes."""
        remove(bench, package_path(bench))
