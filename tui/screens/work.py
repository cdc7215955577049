"""What is told of one delivery: whose it is, facts, that it starts over. Shared by list and page."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import UsageError
from core.model import Claim, Client, DeliveryDetail, Source, StateWord
from core.texts import say
from tui import wording
from tui.desk import Desk
from tui.drawing import detail as drawing
from tui.drawing import frame
from tui.messages import CallFailed, ClientsLoaded, DeliveryChanged
from tui.plain import plain
from tui.screens.ask import AskScreen
from tui.screens.confirm import ConfirmScreen
from tui.screens.ordering import Ordering, standing
from tui.screens.pick import Choice, PickScreen
from tui.widgets.spans import BLANK, Line, Span, fit, line, paragraph

TELLABLE = (
    "product_update",
    "service_pack",
    "sql_release",
    "administration_number",
    "administration_name",
    "family",
    "edition",
    "backup_type",
    "data_bytes",
    "product",
)
"""What an operator can know better than the file, in the order of being asked for."""

_ASKED_BY = {
    100: "backup_type",
    208: "data_bytes",
    205: "sql_release",
    207: "sql_release",
    304: "product_update",
    306: "family",
    308: "service_pack",
    309: "service_pack",
    503: "administration_number",
}


class Work(Ordering):
    """What can be done with the selected delivery."""

    _telling: tuple[DeliveryDetail, str, str] | None = None
    """What was told last, until it is known that it was understood."""

    @property
    def detail(self) -> DeliveryDetail | None:
        """The selected delivery, when it is loaded."""
        raise NotImplementedError

    def act_bind(self) -> None:
        """Choose its client."""
        row = self.selected
        if row is not None:
            self.ask("clients", lambda desk: ClientsLoaded(tuple(desk.clients()), desk.delivery(row.id)))

    def on_clients_loaded(self, message: ClientsLoaded) -> None:
        """Suggestions first, then all of them."""
        detail = message.for_delivery
        if detail is None or not self.on_top:
            return
        first = set(detail.suggestions)
        ordered = sorted(message.clients, key=lambda client: (client.code not in first, client.code))
        choices = [_client_choice(client, self.language, suggested=client.code in first) for client in ordered]
        title = self.say("screen.bind.title", delivery=drawing.title(detail))
        empty = self.say("screen.bind.empty")
        delivery = detail.row.id

        def chosen(code: str | None) -> None:
            if code is not None:
                self.change("bind", lambda desk: desk.bind(delivery, code), client=code)

        self.app.push_screen(PickScreen(title, choices, empty, self.language), chosen)

    def act_tell(self) -> None:
        """Choose a fact, then its value."""
        detail = self.detail
        if detail is None:
            return
        choices = _fact_choices(detail, self.language)
        title = self.say("screen.tell.title", delivery=drawing.title(detail))

        def chosen(fact: str | None) -> None:
            if fact is not None:
                self._ask_value(detail, fact)

        self.app.push_screen(PickScreen(title, choices, "", self.language), chosen)

    def _ask_value(self, detail: DeliveryDetail, fact: str, value: str = "", wrong: str = "") -> None:
        name = wording.fact(fact, self.language)
        title = self.say("screen.tell.value", fact=name, delivery=detail.row.id)
        hint = self.say(f"screen.tell.hint.{fact}")

        def typed(value: str | None) -> None:
            if value:
                self._telling = (detail, fact, value)
                self.change("tell", lambda desk: desk.tell(detail.row.id, fact, value), fact=name, value=value)

        self.app.push_screen(AskScreen(title, hint, self.say("screen.ask.keys"), value=value, wrong=wrong), typed)

    def on_call_failed(self, message: CallFailed) -> None:
        """A value that cannot be understood is asked for again, as it was typed."""
        message.stop()
        message.prevent_default()  # Textual would call the handler of every class
        telling, self._telling = self._telling, None
        if telling is not None and message.what == "tell" and isinstance(message.error, UsageError) and self.on_top:
            self.notice.clear()
            self._ask_value(*telling, wrong=frame.trouble(message.error, self.language)[0])
        else:
            super().on_call_failed(message)

    def act_reopen(self) -> None:
        """Show what it does, then wait for a capital Y; what stands at a target takes a plan."""
        row, detail = self.selected, self.detail
        if row is None:
            return
        if standing(self.context):
            super().act_reopen()
            return
        width = 64
        seal = f"{detail.sha256[:4]}…{detail.sha256[-2:]}" if detail and detail.sha256 else "?"
        lines: list[Line] = [line(Span(drawing.title(detail) if detail else row.id, "strong")), BLANK]
        for step in ("1", "2", "3"):
            text = self.say(f"screen.reopen.{step}", seal=seal)
            rows = paragraph(text, width, indent=5)
            lines.append((Span(f"  {step}  ", "dim"), Span(rows[0][0].text.lstrip())))
            lines += rows[1:]
        lines += [BLANK, *paragraph(self.say("screen.reopen.undo"), width, "dim", 2)]
        dialog = ConfirmScreen(
            self.say("screen.reopen.title"),
            lines,
            back=self.say("screen.confirm.back"),
            go=self.say("screen.reopen.go"),
            hint=self.say("screen.confirm.hint"),
        )

        def answered(go: bool | None) -> None:  # noqa: FBT001 - Textual's callback
            if go:
                self.change("reopen", lambda desk: desk.reopen(row.id))

        self.app.push_screen(dialog, answered)

    def change(self, name: str, call: Callable[[Desk], DeliveryDetail], **params: str) -> None:
        """Order it; `DeliveryChanged` or `CallFailed` comes back."""
        self.notice.note(self.say("screen.waiting"))
        self.ask(name, lambda desk: DeliveryChanged(name, call(desk), params))

    def announce(self, message: DeliveryChanged) -> None:
        """What came of it, with the noun."""
        row = message.detail.row
        unknown = row.state is StateWord.UNKNOWN
        verdict = self.say("word.answer.long.unknown") if unknown else wording.state(row.state, self.language)
        params = {name: plain(value) for name, value in message.params.items()}
        self.notice.good(self.say(f"screen.done.{message.action}", delivery=row.id, state=verdict, **params))


def _client_choice(client: Client, language: str, *, suggested: bool) -> Choice:
    update = f"PU {client.product_update}" if client.product_update is not None else ""
    release = f"SQL {client.sql_release}" if client.sql_release else ""
    numbers = " ".join(each.number for each in client.administrations)
    hint = say("screen.bind.suggested", language) if suggested else ""
    shown = line(
        Span(fit(plain(client.code), 10) + " ", "strong"),
        Span(fit(hint, 5), "accent"),
        Span(fit(plain(client.name), 30) + " "),
        Span(f"{update} {release}".strip(), "dim"),
    )
    return Choice(client.code, shown, f"{client.code} {client.name} {numbers}")


def _fact_choices(detail: DeliveryDetail, language: str) -> list[Choice]:
    rules = {reason.rule for verdict in detail.verdicts for reason in verdict.reasons}
    asked = {fact for rule, fact in _ASKED_BY.items() if rule in rules}
    evidence = drawing.evidence_of(detail)
    choices = []
    for name in sorted(TELLABLE, key=lambda each: each not in asked):
        claim: Claim | None = evidence.claim(name)
        held = wording.value(name, claim.value, language) if claim else "?"
        source = wording.told(claim, language) if claim else ""
        title = wording.fact(name, language)
        amber = claim is not None and (claim.source is Source.NAME or claim.inferred)
        shown = line(
            Span(fit(title, 21) + " ", "strong" if name in asked else "text"),
            Span(fit(held, 24) + " ", "text" if claim else "unknown"),
            Span(source, "conditional" if amber else "dim"),
        )
        choices.append(Choice(name, shown, f"{title} {name}"))
    return choices
