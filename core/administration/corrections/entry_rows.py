"""One entry as rows of Globe's tables.

How a row looks follows facts.md sections 3.1 to 3.4: the header in `amutak`, each line in `amutas` and in `gbkmut`
(`regelcode` B), `EntryGuid` the header's `sysguid`, `TransactionGuid` the `amutas` line's (source C1), and no ledger
line for the journal's own account, since a general journal has none. Inferred, because no source shows a
general-journal entry: status E with `verwerknrl` and `dbk_verwnr` 0 (entered, not yet processed: still open to
change in Globe), "our reference" equal to the entry number (the Diagnose misses it otherwise, section 5), and VAT
code 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from typing import Any
from uuid import uuid4

from core.administration.corrections.entries import Entry
from core.administration.corrections.masters import Masters, key
from core.administration.corrections.numbering import Place
from core.administration.globe import code

TABLES = ("amutak", "amutas", "gbkmut")
"""Get rows, in this order."""

Row = dict[str, Any]


def rows_of(entry: Entry, place: Place, known: Masters, stamp: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Table and row, each with its own guid; `stamp` says who made them, and when."""
    day, guid = datetime.combine(entry.date, time()), _guid()
    common: dict[str, Any] = {
        "bkjrcode": entry.year,
        "periode": code(entry.period, 3),
        # The wider column of gbkmut too is compared with dagbk's own by Globe: blanks come behind it, not before.
        "dagbknr": known.journals[key(entry.journal)].stored,
        "volgnr5": code(place.sequence, 5),
        "bkstnr": place.number,
        "faktuurnr": place.number,
        "datum": day,
        "docdate": day,
        "valcode": known.currency,
        "koers": 1.0,
        "wisselkrs": 1.0,
        "entryorigin": "N",
        "Division": known.division,
        **stamp,
    }
    head = {"oms25": entry.description, "status": "E", "entrytype": "N", "oorsprong": "A", "sysguid": guid}
    yield "amutak", common | head
    for number, line in enumerate(entry.lines, 1):
        account, amount, line_guid = known.accounts[key(line.account)], float(line.amount), _guid()
        shared = common | {
            "regel": code(number, 4),
            "reknr": account.stored,
            "oms25": line.description,
            "kstplcode": known.centres[key(line.cost_centre)] if line.cost_centre else None,
            "kstdrcode": known.units[key(line.cost_unit)] if line.cost_unit else None,
            "koers3": 1.0,
            "btw_code": "0",
            "transtype": "N",
            "transsubtype": "N",
        }
        part = {"bedrag": amount, "val_bdr": amount, "verschil": "0", "sysguid": line_guid}
        yield "amutas", shared | part
        ledger = {
            "bdr_hfl": amount,
            "bdr_val": amount,
            "AmountCentral": amount,
            "regelcode": "B",
            "oorsprong": "A",
            "dbk_verwnr": 0,
            "verwerknrl": 0,
            "CompanyCode": known.number,
            "CurrencyCode": known.currency,
            "CurrencyAliasAc": known.currency,
            "Rate": 1.0,
            "EntryGuid": guid,
            "TransactionGuid": line_guid,
            "sysguid": _guid(),
        }
        yield "gbkmut", shared | ledger


def _guid() -> str:
    return str(uuid4()).upper()
