"""The one registry of actions: keys, footer, palette, help and command line are all read from it.

What changes something never sits beside a key that moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.model import DeliveryRow, Held, Kind, OperationRow, OperationState, StateWord

DELIVERIES = "deliveries"
DELIVERY = "delivery"
OPERATIONS = "operations"
OPERATION = "operation"
HELD = "held"
PLAN = "plan"
LOOK = "look"
ROWS = "rows"
LOG = "log"
CLIENTS = "clients"
TARGETS = "targets"

BOTH = (DELIVERIES, DELIVERY)
HELD_TOO = (*BOTH, HELD)
TABS = (DELIVERIES, OPERATIONS, HELD, LOG, CLIENTS, TARGETS)
LISTS = (DELIVERIES, OPERATIONS, HELD, LOG, CLIENTS, LOOK, ROWS)
UNSEALED = (StateWord.ARRIVING, StateWord.READING, StateWord.GONE)


@dataclass(frozen=True, slots=True)
class Context:
    """What decides whether an action can be done now."""

    read_only: bool = False
    selected: DeliveryRow | None = None
    worker_alive: bool | None = None
    """None: not known."""
    operation: OperationRow | None = None
    """The selected one, or the one that is open on the selected delivery."""
    held: Held | None = None
    """The selected line of *with us*."""

    @property
    def delivery(self) -> str | None:
        """The id of the delivery that is meant."""
        if self.selected is not None:
            return self.selected.id
        if self.held is not None:
            return self.held.delivery
        return self.operation.delivery if self.operation is not None else None


def always(_context: Context) -> str | None:
    """Nothing is in the way."""
    return None


def on_delivery(context: Context) -> str | None:
    """Needs a delivery."""
    return None if context.selected else "action.off.nothing-selected"


def on_sealed(context: Context) -> str | None:
    """Needs a delivery whose original is in the vault."""
    if context.delivery is None:
        return "action.off.nothing-selected"
    if context.selected is not None and context.selected.state in UNSEALED:
        return "action.off.not-sealed"
    return "action.off.operation-open" if _at_work(context) else None


def on_original(context: Context) -> str | None:
    """Needs a delivery whose original is in the vault, whatever else goes on."""
    if context.selected is None:
        return "action.off.nothing-selected"
    return "action.off.not-sealed" if context.selected.state in UNSEALED else None


def on_restorable(context: Context) -> str | None:
    """Needs a sealed delivery that is not with us."""
    if (off := on_sealed(context)) is not None:
        return off
    return "action.off.with-us" if _with_us(context) else _over(context)


def on_with_us(context: Context) -> str | None:
    """Needs a delivery that is with us, and at rest."""
    if context.delivery is None:
        return "action.off.nothing-selected"
    if _at_work(context):
        return "action.off.operation-open"
    return None if _with_us(context) else _over(context) or "action.off.not-with-us"


def on_reversible(context: Context) -> str | None:
    """Needs a delivery that is with us, or a correction that is done."""
    if context.selected is None and context.held is None and context.operation is not None:
        done = context.operation.kind is Kind.CORRECT and context.operation.state is OperationState.DONE
        return None if done else "action.off.no-correction"
    return on_with_us(context)


def on_standing(context: Context) -> str | None:
    """Needs an administration that stands at a target, with us or returned."""
    if context.delivery is None:
        return "action.off.nothing-selected"
    if _at_work(context):
        return "action.off.operation-open"
    stands = context.held is not None or (context.selected is not None and context.selected.held_at is not None)
    return None if stands else "action.off.not-at-target"


def on_open_operation(context: Context) -> str | None:
    """Needs an operation that is not over."""
    if context.operation is None:
        return "action.off.no-operation"
    return "action.off.operation-over" if context.operation.state.over else None


def on_waiting_operation(context: Context) -> str | None:
    """Needs an operation that waits for a person."""
    waits = context.operation is not None and context.operation.state is OperationState.WAITING
    return None if waits else "action.off.not-waiting"


def without_worker(context: Context) -> str | None:
    """Needs the worker to be away."""
    return "action.off.worker-alive" if context.worker_alive else None


def _at_work(context: Context) -> bool:
    if context.held is not None:
        return bool(context.held.operation)
    return context.selected is not None and context.selected.state is StateWord.RUNNING


def _with_us(context: Context) -> bool:
    if context.held is not None:
        return context.held.returned_at is None
    return context.selected is not None and context.selected.state is StateWord.WITH_US


def _over(context: Context) -> str | None:
    """It went its way already: only starting over brings it back."""
    if context.selected is None:
        return "action.off.returned" if context.held is not None else None
    states = {StateWord.RETURNED: "action.off.returned", StateWord.SET_ASIDE: "action.off.set-aside"}
    return states.get(context.selected.state)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done. Its texts are `action.<id>` and `action.<id>.help`."""

    id: str
    verb: str | None = None
    """The command-line verb; None: it only changes the view."""
    key: str | None = None
    """Textual's names, several divided by commas; None: palette or command line only."""
    dangerous: bool = False
    """It changes something: read-only takes it away, everywhere."""
    arguments: tuple[str, ...] = ()
    """Names of the verb's arguments, in order."""
    footer: int = 0
    """Its weight at the foot of the screen; 0: never there. The lightest gives way first."""
    footer_in: tuple[str, ...] = ()
    """Where the foot has it; empty: wherever it can be done."""
    screen: bool = True
    """False: command line only."""
    scopes: tuple[str, ...] = ()
    """Where on the screen it can be done; empty: everywhere."""
    needs: Callable[[Context], str | None] = always

    @property
    def title_key(self) -> str:
        """The catalogue's key of its short name."""
        return f"action.{self.id}"

    @property
    def help_key(self) -> str:
        """The catalogue's key of its sentence."""
        return f"action.{self.id}.help"

    def enabled(self, context: Context) -> str | None:
        """None when it can be done now, else the text key of the reason why not."""
        if self.dangerous and context.read_only:
            return "action.off.read-only"
        return self.needs(context)

    def applies(self, scope: str) -> bool:
        """Does it mean anything there?"""
        return self.screen and (not self.scopes or scope in self.scopes)


def _change(
    name: str,
    key: str,
    arguments: tuple[str, ...],
    needs: Callable[[Context], str | None],
    *,
    footer: int = 0,
    scopes: tuple[str, ...] = BOTH,
) -> Action:
    return Action(name, name, key, dangerous=True, arguments=arguments, footer=footer, scopes=scopes, needs=needs)


ACTIONS: tuple[Action, ...] = (
    Action("list", verb="list", key="1", arguments=("filter",)),
    Action("operations", verb="operations", key="2", arguments=("delivery",)),
    Action("held", verb="held", key="3"),
    Action("log", verb="log", key="4", arguments=("delivery", "client")),
    Action("clients", verb="clients", key="5"),
    Action("targets", verb="targets", key="6"),
    Action("open", verb="show", key="enter", arguments=("delivery",), footer=3, scopes=(*LISTS, DELIVERY)),
    Action("look", key="i", arguments=("delivery",), footer=1, scopes=BOTH, needs=on_original),
    Action("verify", verb="verify", key="v", arguments=("file",), footer=5, scopes=(LOOK, ROWS)),
    _change("restore", "r", ("delivery", "target"), on_restorable, footer=7),
    _change("correct", "c", ("delivery", "entry"), on_with_us, footer=7, scopes=HELD_TOO),
    _change("return", "b", ("delivery",), on_with_us, footer=7, scopes=HELD_TOO),
    _change("bind", "a", ("delivery", "client"), on_delivery, footer=5),
    _change("tell", "t", ("delivery", "fact=value"), on_delivery, footer=4),
    _change("reverse", "e", ("delivery",), on_reversible, footer=2, scopes=(*HELD_TOO, OPERATION)),
    _change("set-aside", "p", ("delivery",), on_standing, scopes=HELD_TOO),
    _change("reopen", "o", ("delivery",), on_sealed, scopes=HELD_TOO),
    _change("answer", "d", ("operation", "words"), on_waiting_operation, footer=8, scopes=(OPERATION,)),
    _change("cancel", "x", ("operation",), on_open_operation, footer=7, scopes=(*BOTH, OPERATIONS, OPERATION)),
    Action("filter", key="slash", footer=6, scopes=LISTS),
    Action("statements", key="s", footer=9, scopes=(PLAN,)),
    Action("copy", key="y"),
    Action("write", key="w", footer=5, footer_in=(PLAN,)),
    Action("pane", key="l", footer=4, footer_in=(OPERATION,), scopes=(DELIVERIES, OPERATION)),
    Action("zoom", key="z", scopes=(DELIVERIES,)),
    Action("refresh", key="f5"),
    Action("help", key="question_mark,f1", footer=8),
    Action("palette", key="ctrl+p", footer=9),
    Action("check", verb="check"),
    Action("back", key="escape"),
    Action("quit", key="q"),
    Action("worker", verb="worker", needs=without_worker),
    Action("client", verb="client", dangerous=True, arguments=("client", "field=value"), screen=False),
    Action("show-operation", verb="show-operation", arguments=("operation",), screen=False),
    Action("open-as-client", verb="open-as-client", arguments=("file",), screen=False),
    Action("why", verb="why", arguments=("rule",), screen=False),
    Action("inspect", verb="inspect", arguments=("file",), screen=False),
    Action("tables", verb="tables", arguments=("file",), screen=False),
    Action("rows", verb="rows", arguments=("file", "table"), screen=False),
    Action("target", verb="target", arguments=("command", "target"), screen=False),
    Action("demo", verb="demo", arguments=("directory",), screen=False),
    Action("config", verb="config", arguments=("command",), screen=False),
)


def action(name: str) -> Action:
    """The action with this id. Raises KeyError."""
    return _BY_ID[name]


_BY_ID = {each.id: each for each in ACTIONS}
