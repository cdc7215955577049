"""A worker with a striker in it: `python -m faults.entry --config FILE --steps MODULE`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from faults.striker import from_environment

from core.operations import dispatch, durable, worker
from core.operations.step import Steps
from core.settings import load


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", required=True)
    parser.add_argument("--steps", required=True)
    parser.add_argument("--shape", default=durable.VERSION)
    given = parser.parse_args()
    os.umask(0o077)
    durable.POLL_SECONDS = 0.1
    durable.VERSION = given.shape
    dispatch.PATIENCE_SECONDS = 1.0
    striker = from_environment(os.environ)
    striker.install()

    def steps() -> Steps:
        found: Steps = importlib.import_module(given.steps).STEPS
        return striker.around(found)

    return worker.run(lambda: load(given.config), steps)


if __name__ == "__main__":
    sys.exit(main())
