"""Every statement of the swap and the ledger, for both engines, as a closed list: a new one is seen in its review.

`WISSEL_STATEMENTS=write` writes the list anew. Statements that name every column of a table, whichever it is, are
shortened to `*`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from factory.identities import empty, opened, put
from sqlalchemy.dialects import mssql, sqlite

from core.administration import globe, identity, ledger
from core.administration.identity import Firm

LIST = Path(__file__).parent / "statements.txt"
UPDATE = "WISSEL_STATEMENTS"
SQLITE: sa.Dialect = sqlite.dialect()
MSSQL: sa.Dialect = mssql.dialect()  # type: ignore[no-untyped-call]
OURS = re.compile(r"wissel_|sqlite_master|pragma_")


def spoken() -> list[Any]:
    """What is executed, as SQLAlchemy's own expressions."""
    found: list[Any] = []

    def note(_connection: object, clause: object, multi: list[Any], params: dict[str, Any], _options: object) -> None:
        found.append((clause, [*(multi or [params])[0]]))

    data = empty(
        globe.humres, globe.hr_roles, globe.pwrole, globe.practice_licence, globe.gbkmut, globe.grtbk, globe.dagbk,
        globe.perdat, globe.kstpl, globe.kstdr,
    )  # fmt: skip
    with opened(data) as connection:
        put(connection, globe.humres, res_id=1, usr_id="BAKKER\\piet", fullname="Piet")
        put(connection, globe.humres, res_id=2, usr_id="KANTOOR\\devries", emp_stat="I")
        put(connection, globe.hr_roles, RoleID=1, EmpID=1)
        put(connection, globe.practice_licence, LicNumber="1000120", Active=1)
        put(connection, globe.gbkmut, bdr_hfl=1.0, transtype="N")
        sa.event.listen(connection, "before_execute", note)
        firm = Firm("Oefenkantoor", "9999001", ("KANTOOR\\jansen", "KANTOOR\\devries"), "Accountant")
        identity.survey(connection)
        record = identity.swap_in(connection, firm, ["KANTOOR\\stagiair"], operation="O-0001")
        identity.expected(connection, record)
        ledger.totals(connection)
        ledger.trial_balance(connection)
        ledger.findings(connection)
        identity.swap_back(connection, record, operation="O-0002")
    return found


def shortened(text: str, table: sa.Table | None) -> str:
    text = " ".join(text.split())
    if table is None:
        return text
    name = table.name
    every = "SELECT " + ", ".join(rf'\[?"?{name}"?\]?\.\[?"?{each.name}"?\]?' for each in table.c)
    return re.sub(every, "SELECT *", text)


def compiled() -> str:
    lines = set()
    for clause, names in spoken():
        if isinstance(clause, sa.schema.ExecutableDDLElement):
            continue
        for dialect in (SQLITE, MSSQL):
            keys = names if isinstance(clause, sa.Insert | sa.Update) and names else None
            text = str(clause.compile(dialect=dialect, column_keys=keys))
            froms = clause.get_final_froms() if isinstance(clause, sa.Select) else []
            table = froms[0] if len(froms) == 1 and isinstance(froms[0], sa.Table) else None
            if not OURS.search(text):
                lines.add(f"{dialect.name:<7}{shortened(text, table)}")
    return "".join(f"{line}\n" for line in sorted(lines))


def test_the_statements_are_the_ones_that_were_reviewed() -> None:
    found = compiled()
    if os.environ.get(UPDATE) == "write":
        LIST.write_text(found, "utf-8")
    assert LIST.read_text("utf-8") == found, f"{UPDATE}=write writes the list anew"


def test_no_module_of_the_swap_and_the_ledger_holds_sql_as_text() -> None:
    import sources

    house = sources.ROOT / "core" / "administration"
    rooms = [*house.glob("identity/*.py"), *house.glob("ledger/*.py")]
    for path in (*rooms, *(house / f"{name}.py" for name in ("catalog", "proof", "rows"))):
        text = path.read_text("utf-8")
        assert not re.search(r"sa\.text\(|text\(\"|exec_driver_sql|\.execute\(f?\"", text), path
