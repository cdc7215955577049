"""First hand-over to the client: a person sends the package, we prove that it is the one that was released."""

from __future__ import annotations

import os
from typing import Any

from core.errors import Refused
from core.files import sha256_of
from core.model import Params
from core.operations.checking import WORDS, Plain, live
from core.operations.step import Bench


def _released(bench: Bench) -> tuple[str, str]:
    """Where the package is and what its SHA-256 was at the release. Raises Refused."""
    outputs: Any = bench.register.kept(bench.order.operation, "outputs") if bench.order.operation else None
    if not outputs:
        raise Refused("hand-over-nothing", delivery=bench.order.delivery)
    path, sha256 = next(iter(outputs.items()))
    return str(path), str(sha256)


def _prove(bench: Bench) -> tuple[str, str]:
    path, sha256 = _released(bench)
    if not os.path.isfile(path) or os.path.islink(path):
        raise Refused("hand-over-gone", file=path)
    if sha256_of(path) != sha256:
        raise Refused("hand-over-changed", file=path)
    return path, sha256


class Send(Plain):
    """Somebody sends it, and says who and how."""

    def do(self, bench: Bench) -> Params:
        """What lies there has to be what was released, before anybody is asked to send it."""
        live(bench)
        path, _ = _prove(bench)
        return {"file": os.path.basename(path)}

    def prove(self, bench: Bench, answer: str) -> Params:
        """Raises Refused where nothing was said, or another file lies there."""
        words = " ".join(answer.split())[:WORDS]
        if not words:
            raise Refused("hand-over-words")
        path, _ = _prove(bench)
        return {"words": words, "file": os.path.basename(path)}


class Confirm(Plain):
    """The line in the log: what was sent, by whom, how."""

    def did(self, bench: Bench) -> bool:
        """Past the point of no return?"""
        return bench.kept("handed-over") is not None

    def do(self, bench: Bench) -> Params:
        """Raises Refused where the file is not the one that was released."""
        # Past that point the package may be with the client already, and gone from here.
        path, sha256 = _released(bench) if self.did(bench) else _prove(bench)
        answer = bench.register.answered(bench.id, bench.step.number - 1)
        if answer is None:
            raise Refused("step-order", name=bench.step.name)
        who, text, at = answer
        row = bench.operation.row
        words = " ".join(text.split())[:WORDS]
        detail: Params = {"file": os.path.basename(path), "sha256": sha256, "text": words, "sent_by": who}
        bench.keep("handed-over", {})
        bench.register.once(
            bench.id, bench.step.number, "handed-over", who=who, delivery=row.delivery, client=row.client,
            detail=detail, at=at,
        )  # fmt: skip
        bench.keep("outcome", {"delivery": row.delivery, "client": row.client, "file": os.path.basename(path)})
        return {"who": who}
