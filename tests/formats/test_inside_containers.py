"""The same rows whatever is around the database: bare, expanded into data files, in cabinets, in zips, in pieces."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from corpus import corpus_facts, corpus_file
from factory.expanding import expand

from core.errors import BadFormat
from core.formats.cabinet_writer import write_cabinet
from core.formats.inside.opening import AnyPath, open_backup
from core.formats.source import FileStream

LAB = "dataplat__appveyor-lab"
STRIPES = (
    f"{LAB}/sql2008-backups/RestoreTimeStripe/Stripe1/RestoreTimeStripe.bak",
    f"{LAB}/sql2008-backups/RestoreTimeStripe/Stripe2/RestoreTimeStripe1.bak",
)
STRIPES_2022 = (
    "NurlanUmudov22__MVC-Fiorello-ProductPractise-BlogTask/backup/backup.bak",
    "NurlanUmudov22__MVC-Fiorello-ProductPractise-BlogTask/backup/fiobackup.bak",
)
FULL, CLEAN = f"{LAB}/DoubleDiffing/difftest-full.bak", f"{LAB}/RestoreTimeClean/RestoreTimeClean.bak"
FIRST, SECOND = f"{LAB}/DoubleDiffing/difftest-diff1.bak", f"{LAB}/DoubleDiffing/difftest-diff2.bak"
LATER = f"{LAB}/RestoreTimeClean/RestoreTimeClean2.bak"
LOG = f"{LAB}/RestoreTimeClean/RestoreTimeClean_1.trn"
SIX_SETS = "ThanhTam2104__DemoGitHub/diff.bak"
TWO_FILES = "wish98540__TestDapper/TestDB.bak"


def content(paths: AnyPath | Sequence[AnyPath], **how: Any) -> dict[str, tuple[int, str]]:
    """Table -> rows and a digest of all values, after everything checked held."""
    with open_backup(paths, **how) as database:
        found = {}
        for table in database.tables():
            digest, rows = hashlib.sha256(), 0
            for batch in database.read(table):
                rows += batch.rows
                for column in batch.columns:
                    digest.update(repr((column.name, column.to_list())).encode())
            found[table.full_name] = (rows, digest.hexdigest())
            assert rows == table.rows
        assert not database.damage.all
        return found


def fulls() -> list[str]:
    """Complete full back-ups of 2005 and later, one stripe, one set."""
    try:
        facts = json.loads(corpus_facts().read_text(encoding="utf-8"))
    except pytest.skip.Exception:
        return []
    return [
        each["file"]
        for each in facts
        if each["backup_type"] == "D" and each["stripe"] == "1/1" and each["internal_version"] >= 611
    ]


@pytest.mark.corpus
@pytest.mark.parametrize("name", fulls() or ["facts.json"])
def test_expanded_into_data_files_it_reads_the_same(name: str, tmp_path: Path) -> None:
    backup = corpus_file(name)
    files = expand(backup, tmp_path)
    assert content(files) == content(backup)


@pytest.mark.corpus
@pytest.mark.parametrize("packing", ["stored", "mszip"])
@pytest.mark.parametrize("name", [TWO_FILES, "xandelima__MVCNorthwind/Northwind.bak"])
def test_data_files_in_a_package_read_the_same(packing: Any, name: str, tmp_path: Path) -> None:
    backup = corpus_file(name)
    package = tmp_path / "package.ebu"
    files = expand(backup, tmp_path)
    with package.open("wb") as out:
        opened = [path.open("rb") for path in files]
        write_cabinet(
            out, [(p.name, p.stat().st_size, FileStream(f)) for p, f in zip(files, opened, strict=True)], packing
        )
        for each in opened:
            each.close()
    assert content(package) == content(backup)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["microsoft__sql-server-samples/samples/extensibility/TutorialDB.bak", CLEAN])
def test_a_back_up_in_a_zip_reads_the_same(name: str, tmp_path: Path) -> None:
    backup = corpus_file(name)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.write(backup, "inner/a.bak")
        out.writestr("read me.txt", "about it")
    assert content(tmp_path / "a.zip") == content(backup)


@pytest.mark.corpus
@pytest.mark.parametrize("stripes", [STRIPES, STRIPES_2022], ids=["2008 R2", "2022"])
def test_all_stripes_give_the_rows_in_any_order(stripes: tuple[str, ...]) -> None:
    paths = [corpus_file(name) for name in stripes]
    assert content(paths) == content(paths[::-1])
    assert content(paths)


@pytest.mark.corpus
@pytest.mark.parametrize(("alone", "missing"), [(STRIPES[0], "2"), (STRIPES[1], "1"), (STRIPES_2022[1], "1")])
def test_a_lone_stripe_says_which_one_is_missing(alone: str, missing: str) -> None:
    with pytest.raises(BadFormat) as refused:
        open_backup(corpus_file(alone))
    assert (refused.value.key, refused.value.params["missing"]) == ("inside-stripes", missing)


@pytest.mark.corpus
def test_a_stripe_of_another_back_up_is_not_taken() -> None:
    with pytest.raises(BadFormat) as refused:
        open_backup([corpus_file(STRIPES[0]), corpus_file(STRIPES_2022[1])])
    assert refused.value.key == "inside-stripes"
    with pytest.raises(BadFormat) as refused:
        open_backup([*map(corpus_file, STRIPES), corpus_file(STRIPES_2022[1])])
    assert refused.value.key == "inside-foreign-stripe"


@pytest.mark.corpus
def test_a_differential_on_its_full() -> None:
    assert content(corpus_file(LATER), full=corpus_file(CLEAN))["dbo.steps"][0] == 30
    for differential in (FIRST, SECOND):
        assert content(corpus_file(differential), full=corpus_file(FULL)) == {}


@pytest.mark.corpus
def test_a_differential_alone_or_on_another_full_is_refused_by_name() -> None:
    with pytest.raises(BadFormat) as refused:
        open_backup(corpus_file(LATER))
    assert refused.value.key == "inside-needs-full"
    with pytest.raises(BadFormat) as refused:
        open_backup(corpus_file(LATER), full=corpus_file(FULL))
    assert (refused.value.key, refused.value.params["database"]) == ("inside-wrong-full", "doublediff")


@pytest.mark.corpus
def test_a_set_is_chosen_by_its_position() -> None:
    with pytest.raises(BadFormat) as refused:
        open_backup(corpus_file(SIX_SETS), position=7)
    assert (refused.value.key, refused.value.params["count"]) == ("inside-no-set", 6)
    with pytest.raises(BadFormat) as refused:
        open_backup(corpus_file(SIX_SETS), position=2)
    assert refused.value.key == "inside-needs-full"


@pytest.mark.corpus
def test_the_log_and_sql_server_2000_are_refused_by_name() -> None:
    with pytest.raises(BadFormat) as refused:
        open_backup(corpus_file(LOG))
    assert refused.value.key == "inside-log"
    with pytest.raises(BadFormat) as refused:
        open_backup(
            corpus_file("Apress__beg-visual-web-programming-in-csharp/3618_version 3/3618/Db/Friends_Data.MDF")
        ).tables()
    assert refused.value.key == "inside-2000"


def test_what_holds_no_database_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("nothing of the kind " * 100)
    with pytest.raises(BadFormat) as refused:
        open_backup(text)
    assert refused.value.key == "inside-none"
