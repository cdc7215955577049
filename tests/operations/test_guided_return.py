"""The guided route out: the wizard's back-up is read and compared before the client gets it; nothing is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from factory import exchange
from factory.cabinet import Block, Raw
from factory.exchange import LOGINS, Exchange, inside
from factory.journey import FIRM, Killed
from factory.wizard import FILE, READS, TOLD, Wizard, again, asked, installed, keys, looked
from fakes.sqlserver.ground import needed

from core.model import Claim, Consent, Kind, OperationState, Order, Source
from core.operations.step import Bench
from core.texts import LANGUAGES
from tui.verbs import sentences


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Exchange]:
    """Nobody declared where users and licence stand; whatever happens, the server is only asked."""
    with exchange.office(tmp_path, needed("freetds"), profile=None) as made:
        yield made
        assert [each.text for each in made.server.server.log if not READS.match(each.text)] == []


@pytest.fixture
def wizard(desk: Exchange) -> Wizard:
    return Wizard(desk)


def lay(wizard: Wizard, operation: str, *files: bytes) -> None:
    """Just these lie there."""
    for each in wizard.folder(operation).iterdir():
        each.unlink()
    for number, content in enumerate(files):
        wizard.lay(operation, content, f"{number}.ebu")


def test_only_the_client_s_own_back_up_goes_out(desk: Exchange, wizard: Wizard) -> None:
    delivery = installed(desk, wizard)
    operation = asked(desk, Order(Kind.RETURN, delivery))
    assert list(wizard.folder(operation).iterdir()) == []
    right = wizard.ebu()

    def refused(*files: bytes) -> str:
        lay(wizard, operation, *files)
        wizard.answer(operation)
        (key,) = keys(wizard)
        return key

    assert refused() == "guided-file"
    assert refused(right, right) == "guided-file"
    assert refused(b"") == "guided-whole"
    assert refused(right[:-9000]) == "guided-whole"
    assert refused(wizard.backup()) == "guided-kind", "the client sent a cabinet"
    assert refused(Path(desk.original(delivery)).read_bytes()) == "guided-original"
    assert refused(wizard.ebu(swap=False)) == "guided-firm"

    wizard.client_in()
    wizard.person(FIRM.users[1], "A")
    assert refused(wizard.ebu(swap=False)) == "guided-firm", "one of the firm is enough"
    for login in (*LOGINS, FIRM.users[1]):
        wizard.person(login, "I")
    assert refused(wizard.ebu(swap=False)) == "guided-theirs"
    wizard.firm_in()
    for column, value, key in (("bedrnr", "121", "look-number"), ("bedrnm", "Visser", "look-company")):
        desk.server.instance.put("120", "bedryf", **{column: value})
        other = wizard.ebu()
        desk.server.instance.put("120", "bedryf", bedrnr="120", bedrnm="Bakker Metaal")
        assert refused(other) == key
    desk.server.instance.put("120", "gbkmut", oms25="anders")
    assert refused(right) == "proof-differs", "somebody works in it meanwhile"
    proven(desk, wizard, operation, wizard.ebu())


def proven(desk: Exchange, wizard: Wizard, operation: str, changed: bytes) -> None:
    """What holds goes out as it is, and nothing else of it is left."""
    lay(wizard, operation, changed)
    detail = wizard.answer(operation, "klaar")
    assert detail.row.state is OperationState.DONE, wizard.said
    (output,) = detail.outputs
    assert Path(output.path).read_bytes() == changed
    assert Path(output.path).name.endswith("-421-SQL2016-Bakker Metaal.ebu")
    manifest = json.loads((Path(output.path).parent / "manifest.json").read_text("utf-8"))
    assert (manifest["proof"]["tables"], "how" in manifest["proof"]) == (8, False)
    assert manifest["proof"]["rows"] > 30
    assert not wizard.folder(operation).exists()
    people = {row["usr_id"]: row["emp_stat"] for row in inside(output.path, ["humres"])["humres"]}
    assert {login for login, status in people.items() if status == "A"} == set(LOGINS)
    assert "returned" in desk.story(detail.row.delivery)
    assert [row.kind for row in desk.register.open_operations()] == [Kind.HAND_OVER]
    assert desk.states() == {"120": "ONLINE MULTI_USER"}


def test_who_could_work_in_what_the_client_sent_can_work_in_what_goes_back(desk: Exchange, wizard: Wizard) -> None:
    """As far as somebody looked into the delivery: more than the logins that were registered is known then."""
    delivery = installed(desk, wizard)
    looked(desk, delivery, Claim("login", LOGINS[0], Source.PAGES), Claim("login", LOGINS[1], Source.PAGES))
    operation = asked(desk, Order(Kind.RETURN, delivery))
    wizard.client_in()
    wizard.person(LOGINS[1], "I")
    lacking = wizard.ebu(swap=False)
    wizard.firm_in()
    laid = wizard.lay(operation, lacking)
    wizard.answer(operation)
    assert LOGINS[1] in wizard.said[0].replace("\\\\", "\\")
    assert keys(wizard) == ["guided-theirs"]
    laid.write_bytes(wizard.ebu())
    assert wizard.answer(operation).row.state is OperationState.DONE


def test_an_administration_that_was_replaced_meanwhile_is_not_sent_back(desk: Exchange, wizard: Wizard) -> None:
    operation = asked(desk, Order(Kind.RETURN, installed(desk, wizard)))
    right = wizard.ebu()
    wizard.remove()
    wizard.install()
    wizard.lay(operation, right)
    wizard.answer(operation)
    assert keys(wizard) == ["administration-foreign"]
    desk.register.ask_cancel(operation)
    assert desk.run(operation).row.state is OperationState.CANCELLED
    assert [each for each in desk.left() if operation in each] == []


def test_the_process_may_end_before_any_step(desk: Exchange, wizard: Wizard) -> None:
    operation = desk.order(Order(Kind.RETURN, installed(desk, wizard)))
    fallen: set[str] = set()

    def fall(bench: Bench) -> None:
        if bench.step.name not in fallen:
            fallen.add(bench.step.name)
            raise Killed

    desk.before = fall
    while (detail := again(desk, operation)) is None:
        pass
    assert (detail.row.state, desk.run(operation).log) == (OperationState.WAITING, detail.log)
    wizard.lay(operation, wizard.ebu())
    desk.register.answer(operation, "done")
    while (detail := again(desk, operation)) is None:
        pass
    assert detail.row.state is OperationState.DONE
    assert fallen == {step.name for step in detail.steps}
    assert len(desk.register.open_operations()) == 1


def lzx(content: bytes) -> bytes:
    """A cabinet with a back-up, packed in a way that nobody here unpacks."""
    member = f"{len(content) % 10}.bak".encode()
    return Raw([[Block(content[:3000], 32768)]], [(member, 32768, 0, 0)], packing=[0x1503]).build()


def unknown(content: bytes) -> bytes:
    """Nothing that anybody knows."""
    return b"\x03\x9a\x00\x02" + content[:5000]


@pytest.mark.parametrize("pack", [lzx, unknown])
def test_what_nobody_here_can_read_goes_in_and_out_by_its_bytes(
    desk: Exchange, wizard: Wizard, pack: Callable[[bytes], bytes]
) -> None:
    desk.known()
    path = desk.folder / FILE
    path.write_bytes(pack(exchange.package("bak", desk.folder)))
    delivery = desk.deliver(path)
    for fact, value in TOLD.items():
        desk.register.tell(delivery, Claim(fact, value, Source.OPERATOR, by="anja"))
    desk.judge.judge(delivery)
    # Also where it was declared where users and licence stand: what cannot be read is not for us.
    desk.retarget(profile=exchange.PROFILE)
    made = desk.plan(Order(Kind.RESTORE, delivery))
    assert (made.refusal, made.route, made.route_why) == (None, "guided", "package")
    assert made.consent is Consent.TYPED, "nobody knows whether it can go back"
    assert {100, 108} & {each.rule for each in made.conditions}
    operation = asked(desk, made.order)
    assert (wizard.folder(operation) / FILE).read_bytes() == path.read_bytes()
    wizard.install()
    assert wizard.answer(operation).row.state is OperationState.DONE, wizard.said

    operation = asked(desk, Order(Kind.RETURN, delivery))
    back = pack(wizard.backup()[7:])
    wizard.lay(operation, back)
    detail = wizard.answer(operation)
    assert detail.row.state is OperationState.DONE, wizard.said
    (output,) = detail.outputs
    assert Path(output.path).read_bytes() == back
    assert Path(output.path).suffix == ".ebu"
    proof = json.loads((Path(output.path).parent / "manifest.json").read_text("utf-8"))["proof"]
    assert proof == {"tables": 0, "rows": 0, "how": "unread"}
    witness = next(step for step in detail.steps if step.name == "witness")
    for language in LANGUAGES:
        assert output.sha256 in sentences.result(Kind.RETURN, witness, language)
