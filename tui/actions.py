"""The one registry of actions: keys, footer, palette, help and command line are all read from it.

Letters kept free for the operations to come: r (restore), c (correct), b (return), v (verify), x (cancel),
i (look inside), s (statements of a plan), and the tabs 2 and 3. Binding therefore sits on `a`:
*assign*, *aan cliënt koppelen*.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.model import DeliveryRow, StateWord

DELIVERIES = "deliveries"
DELIVERY = "delivery"
LOG = "log"
CLIENTS = "clients"
TARGETS = "targets"

BOTH = (DELIVERIES, DELIVERY)
TABS = (DELIVERIES, LOG, CLIENTS, TARGETS)
LISTS = (DELIVERIES, LOG, CLIENTS)


@dataclass(frozen=True, slots=True)
class Context:
    """What decides whether an action can be done now."""

    read_only: bool = False
    selected: DeliveryRow | None = None
    worker_alive: bool | None = None
    """None: not known."""


def always(_context: Context) -> str | None:
    """Nothing is in the way."""
    return None


def on_delivery(context: Context) -> str | None:
    """Needs a delivery."""
    return None if context.selected else "action.off.nothing-selected"


def on_sealed(context: Context) -> str | None:
    """Needs a delivery whose original is in the vault."""
    if context.selected is None:
        return "action.off.nothing-selected"
    unsealed = (StateWord.ARRIVING, StateWord.READING, StateWord.GONE)
    return "action.off.not-sealed" if context.selected.state in unsealed else None


def without_worker(context: Context) -> str | None:
    """Needs the worker to be away."""
    return "action.off.worker-alive" if context.worker_alive else None


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
    footer: bool = False
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


ACTIONS: tuple[Action, ...] = (
    Action("list", verb="list", key="1", arguments=("filter",)),
    Action("log", verb="log", key="4", arguments=("delivery", "client")),
    Action("clients", verb="clients", key="5"),
    Action("targets", verb="targets", key="6"),
    Action("open", verb="show", key="enter", arguments=("delivery",), footer=True, scopes=LISTS),
    Action(
        "bind",
        verb="bind",
        key="a",
        dangerous=True,
        arguments=("delivery", "client"),
        footer=True,
        scopes=BOTH,
        needs=on_delivery,
    ),
    Action(
        "tell",
        verb="tell",
        key="t",
        dangerous=True,
        arguments=("delivery", "fact=value"),
        footer=True,
        scopes=BOTH,
        needs=on_delivery,
    ),
    Action(
        "reopen",
        verb="reopen",
        key="o",
        dangerous=True,
        arguments=("delivery",),
        scopes=BOTH,
        needs=on_sealed,
    ),
    Action("filter", key="slash", footer=True, scopes=LISTS),
    Action("help", key="question_mark,f1", footer=True),
    Action("copy", key="y"),
    Action("write", key="w"),
    Action("pane", key="l", scopes=(DELIVERIES,)),
    Action("zoom", key="z", scopes=(DELIVERIES,)),
    Action("refresh", key="f5"),
    Action("palette", key="ctrl+p", footer=True),
    Action("check", verb="check"),
    Action("back", key="escape"),
    Action("quit", key="q"),
    Action("worker", verb="worker", needs=without_worker),
    Action("client", verb="client", dangerous=True, arguments=("client", "field=value"), screen=False),
    Action("why", verb="why", arguments=("rule",), screen=False),
    Action("inspect", verb="inspect", arguments=("file",), screen=False),
    Action("demo", verb="demo", arguments=("directory",), screen=False),
    Action("config", verb="config", arguments=("command",), screen=False),
)


def action(name: str) -> Action:
    """The action with this id. Raises KeyError."""
    return _BY_ID[name]


_BY_ID = {each.id: each for each in ACTIONS}
