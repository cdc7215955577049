"""Wakes the worker when the system says that an inbox changed. A help, not a promise: the rescan is the promise."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

RETRY_SECONDS = 5.0
"""After an inbox could not be watched (gone, or a share without events)."""


class Events:
    """A thread that listens to folders; every change sets `wake`."""

    def __init__(self, folders: Sequence[str], wake: threading.Event) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; waits until the thread is gone."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        from watchfiles import watch

        while not self._stop.is_set():
            there = [folder for folder in self._folders if os.path.isdir(folder)]
            try:
                if there:
                    changes = watch(
                        *there,
                        stop_event=self._stop,
                        recursive=False,
                        watch_filter=None,
                        debounce=100,
                        rust_timeout=500,
                    )
                    for _ in changes:
                        self._wake.set()
            except (OSError, RuntimeError):
                self._wake.set()
            self._stop.wait(RETRY_SECONDS)
