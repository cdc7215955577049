"""The inboxes as they change: what arrived, what stands still, what vanished. One thread looks, others seal."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.errors import NoSpace, Unreadable, VaultError, WisselError
from core.intake.inbox import Found, Listing, scan
from core.intake.sealing import Outcome, Sealing, Task
from core.intake.settle import Look, Patience, Settling, observe, quiet
from core.register.register import Register

RETRY_SECONDS = 5.0
"""Between two tries at a file that could not be read, or for which there is no room."""
PEEK_SECONDS = 2.0
"""Between two looks at the head of a file that grows."""
STUCK_SECONDS = 60.0
"""Between two tries at taking out a sealed file that somebody holds."""
MOST_TOLD = 500
"""Different things said once: who drops a hundred thousand links fills no log."""
ARRIVALS = 200
"""New names of one inbox noted at a time, before the sealing goes on: ten thousand files may come at once."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """An inbox, and the client whose deliveries these all are."""

    path: str
    client: str | None = None


@dataclass(slots=True)
class Entry:
    """What we know of one name in one inbox."""

    place: Place
    found: Found
    state: Settling
    delivery: str | None = None
    busy: bool = False
    done: Look | None = None
    """Sealed in this state, and kept in the inbox."""
    stuck: str | None = None
    """The sealed delivery that could not be taken out yet."""
    looked: Look | None = None
    ended: bool | None = None
    """The end of its format was there in the state `looked`."""
    not_before: float = 0.0
    """Monotonic seconds: no try before that."""
    peek_after: float = 0.0
    """The same for a look at the head of a file that still grows."""
    failed: str = ""
    """The last error that was noted, so that it is noted once."""


class Watch:
    """The state of all inboxes. Not safe in threads: the worker's main loop owns it."""

    def __init__(
        self,
        places: Iterable[Place],
        register: Register,
        sealing: Sealing,
        patience: Patience,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        say: Say,
        sentence: Callable[[WisselError], str] = str,
    ) -> None:
        self._places = tuple(places)
        self._register = register
        self._sealing = sealing
        self._patience = patience
        self._clock = clock
        self._monotonic = monotonic
        self._say = say
        self._sentence = sentence
        self._entries: dict[tuple[str, str], Entry] = {}
        self._told: set[tuple[str, str]] = set()
        self.backlog = False
        """New names are left that were not noted yet: look again at once."""

    def start(self) -> None:
        """Finish what a crash left. An inbox that cannot be read is said and left for later."""
        for place in self._places:
            try:
                self._sealing.finish_leftovers(place.path)
            except WisselError as error:
                self._once(place.path, "leftovers", self._sentence(error))
        names = {place.path for place in self._places}
        for arrival in self._register.open_arrivals():
            gone = arrival.inbox in names and not os.path.lexists(os.path.join(arrival.inbox, arrival.file_name))
            if gone and os.path.isdir(arrival.inbox):
                self._register.gone(arrival.id, self._clock())

    def look(self) -> list[Task]:
        """Look into every inbox once; the files that are worth a thread's time now."""
        for place in self._places:
            try:
                listing = scan(place.path)
            except Unreadable as error:
                self._once(place.path, "inbox", self._sentence(error))
                continue
            self._told.discard((place.path, "inbox"))
            self._see(place, listing)
        self._note_arrivals()
        self._free_stuck()
        return [task for entry in self._entries.values() if (task := self._task(entry)) is not None]

    def seconds_to_next(self, longest: float) -> float:
        """How long nothing will be due, at most `longest` seconds."""
        if self.backlog:
            return 0.0
        now, due = self._monotonic(), longest
        for entry in self._entries.values():
            if entry.busy or entry.done == entry.found.look:
                continue
            settled = entry.state.changed + self._patience.settle_seconds
            if settled > now or entry.state.probes < self._patience.probes:
                due = min(due, max(settled - now, self._patience.settle_seconds / (self._patience.probes + 1)))
        return max(0.02, due)

    def done(self, outcome: Outcome) -> None:
        """A thread came back."""
        entry = self._entries.get((outcome.task.inbox, outcome.task.found.name))
        if entry is None or entry.delivery != outcome.task.delivery:
            return
        entry.busy = False
        if outcome.error is not None:
            self._failed(entry, outcome)
        elif outcome.kept:
            self._stays(entry, outcome.task.delivery, outcome.task.found.look)
        elif outcome.sealed:
            del self._entries[outcome.task.inbox, outcome.task.found.name]
        else:
            self._waits(entry, outcome)

    def _see(self, place: Place, listing: Listing) -> None:
        now = self._monotonic()
        present = set()
        for stray in listing.strays:
            self._once(place.path, stray.name, f"not taken, a {stray.what}: {stray.name!a} in {place.path}")
            if stray.what == "hidden":
                present.add(stray.name)
        for found in listing.files:
            present.add(found.name)
            entry = self._entries.get((place.path, found.name))
            if entry is None:
                self._entries[place.path, found.name] = Entry(place, found, observe(None, found.look, now))
            elif not entry.busy:
                entry.state = observe(entry.state, found.look, now)
                entry.found = found
        for key, entry in list(self._entries.items()):
            if key[0] == place.path and key[1] not in present and not entry.busy:
                if entry.delivery is not None:
                    self._register.gone(entry.delivery, self._clock())
                del self._entries[key]

    def _note_arrivals(self) -> None:
        """Give new names their row, a batch of each inbox at a time; what is known as sealed is finished."""
        new: dict[Place, list[Entry]] = {}
        for entry in self._entries.values():
            if not entry.busy and entry.delivery is None and entry.done != entry.found.look:
                new.setdefault(entry.place, []).append(entry)
        self.backlog = any(len(entries) > ARRIVALS for entries in new.values())
        for place, entries in new.items():
            batch = entries[:ARRIVALS]
            files = [(each.found.name, self._sealing.mark(each.found), each.found.look.size) for each in batch]
            ids = self._register.arrive_all(place.path, files, self._clock(), client=place.client)
            still_open = {arrival.id for arrival in self._register.open_arrivals(place.path)}
            for entry, delivery in zip(batch, ids, strict=True):
                if delivery in still_open:
                    entry.delivery, entry.stuck, entry.not_before = delivery, None, 0.0
                else:
                    self._known(entry, delivery)

    def _known(self, entry: Entry, delivery: str) -> None:
        """This very file was sealed before: kept there, or a crash came before it was taken out."""
        if self._sealing.out(delivery, entry.place.path, entry.found):
            del self._entries[entry.place.path, entry.found.name]
        else:
            self._stays(entry, delivery, entry.found.look)

    def _stays(self, entry: Entry, delivery: str, look: Look) -> None:
        """The sealed file is still in the inbox: because it is to be kept there, or because somebody holds it."""
        entry.done, entry.delivery = look, None
        if self._sealing.keeps:
            return
        entry.stuck, entry.not_before = delivery, self._monotonic() + STUCK_SECONDS
        text = f"{delivery} is sealed, but its file cannot be taken out yet: {entry.found.name!a} in {entry.place.path}"
        self._once(entry.place.path, f"stuck {delivery}", text)

    def _free_stuck(self) -> None:
        now = self._monotonic()
        for entry in list(self._entries.values()):
            unchanged = entry.done == entry.found.look and not entry.busy
            if entry.stuck is not None and unchanged and now >= entry.not_before:
                self._known(entry, entry.stuck)

    def _task(self, entry: Entry) -> Task | None:
        now = self._monotonic()
        if entry.busy or entry.delivery is None or now < entry.not_before:
            return None
        still = quiet(entry.state, now, self._patience)
        looked = entry.looked == entry.found.look
        fresh = now - entry.state.since < self._patience.settle_seconds
        if not still and (looked or fresh or now < entry.peek_after):
            return None
        entry.busy = True
        return Task(entry.delivery, entry.place.path, entry.found, entry.state, entry.ended, looked=looked, quiet=still)

    def _waits(self, entry: Entry, outcome: Outcome) -> None:
        if entry.failed and entry.delivery is not None:
            self._register.stage(entry.delivery, "arriving")
        entry.failed = ""
        entry.peek_after = self._monotonic() + PEEK_SECONDS
        if outcome.looked:
            entry.looked, entry.ended = outcome.task.found.look, outcome.ended

    def _failed(self, entry: Entry, outcome: Outcome) -> None:
        error = outcome.error
        if error is None or (isinstance(error, Unreadable) and not os.path.lexists(outcome.task.path)):
            return  # it vanished: the next look finds that
        if error.key == "file-changed":
            return
        entry.not_before = self._monotonic() + RETRY_SECONDS
        if entry.failed == error.key or entry.delivery is None:
            return
        entry.failed = error.key
        self._say(f"{entry.delivery}: {self._sentence(error)}")
        if isinstance(error, (Unreadable, NoSpace, VaultError)):
            self._sealing.unreadable(entry.delivery, self._sentence(error))

    def _once(self, place: str, what: str, text: str) -> None:
        if (place, what) not in self._told and len(self._told) < MOST_TOLD:
            self._told.add((place, what))
            self._say(text)
