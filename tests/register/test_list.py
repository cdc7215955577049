from __future__ import annotations

import pytest
from factory.records import evidence, moment, verdict

from core.model import Administration, Answer, Client, FactValue, StateWord
from core.register.register import Register


@pytest.fixture(scope="module")
def filled(shared: Register) -> Register:
    register = shared
    register.save_client(Client("ABC-012", "Bakkerij É. de Vries", administrations=(Administration("007"),)))
    register.save_client(Client("KLM-044", "Klein & Zn"))
    rows = (
        ("een 100%.ebu", "ABC-012", "007", "De Vries", 421, "2016", "sql16a", StateWord.OK, ()),
        ("twee_x.ebu", "ABC-012", "120", "Ander", 418, "2008 R2", "sql08", StateWord.WARN, (303, 501)),
        ("drie x.ebu", "KLM-044", "120", "Klein", 418, "2008", "SQL16b", StateWord.UNKNOWN, (30,)),
        ("vier: odd.ebu", None, None, None, None, None, None, StateWord.ARRIVING, ()),
    )
    for at, (name, client, number, company, update, release, target, word, rules) in enumerate(rows):
        delivery = register.arrive("/in", name, name, 1, moment(at), client=client)
        facts: dict[str, FactValue | None] = {
            "administration_number": number, "administration_name": company, "product_update": update,
            "sql_release": release,
        }  # fmt: skip
        known = {fact: value for fact, value in facts.items() if value is not None}
        read = evidence("cabinet", **known)
        verdicts = (verdict(target, Answer.YES, Answer.CONDITIONAL, *rules),) if target else ()
        register.seal(delivery, name.encode().hex().rjust(64, "0"), name, moment(at), read)
        register.judge(delivery, None, verdicts, target, word, "f")
    return register


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", "4321"),
        ("EEN", "1"),
        ("100%", "1"),
        ("%", "1"),
        ("_x", "2"),
        ("!_x", "431"),
        ("x !drie", "2"),
        ("bakkerij", "21"),
        ("É.", "21"),
        ("!bakkerij", "43"),
        ("d-0003", "3"),
        ("state:ok", "1"),
        ("state:OK", "1"),
        ("staat:???", "3"),
        ("state:...", "4"),
        ("!state:ok", "432"),
        ("state:nonsense", ""),
        ("client:ABC", "21"),
        ("cliënt:klein", "3"),
        ("!client:abc", "43"),
        ("target:sql16", "31"),
        ("doel:SQL16A", "1"),
        ("rule:303", "2"),
        ("regel:30", "3"),
        ("!rule:501", "431"),
        ("adm:007", "1"),
        ("adm:7", "1"),
        ("adm:vries", "1"),
        ("pu:418", "32"),
        ("pu:x", ""),
        ("!pu:418", "41"),
        ("sql:2008", "32"),
        ('sql:"2008 R2"', "2"),
        ("sql:2008r2", "2"),
        ("sql:2016 pu:421 client:abc", "1"),
        ("vier:", "4"),
        ("unknown:field", ""),
        ('"vier: odd"', "4"),
        ('!"drie x"', "421"),
        ('state: ! "" \'or 1=1', ""),
        ("'; DROP TABLE deliveries; --", ""),
        ("\\", ""),
    ],
)
def test_filter(filled: Register, text: str, numbers: str) -> None:
    rows, total = filled.page(text)
    assert "".join(row.id[-1] for row in rows) == numbers
    assert total == len(numbers)


def test_pages(filled: Register) -> None:
    assert [row.id for row in filled.page(offset=1, limit=2)[0]] == ["D-0003", "D-0002"]
    rows, total = filled.page(limit=1, newest_first=False)
    assert ([row.id for row in rows], total) == (["D-0001"], 4)
    assert filled.page(offset=9) == ((), 4)


def test_a_client_s_new_name_is_found_at_once(register: Register) -> None:
    for name in ("Klein", "Groot"):
        register.save_client(Client("KLM-044", name))
        register.arrive("/in", "a", "1", 1, moment(), client="KLM-044")
    assert [row.id for row in register.page("groot")[0]] == ["D-0001"]
    assert register.page("klein")[1] == 0
