"""Bounds on what a container may make us do."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """No genuine package comes near these; a bomb stops at them."""

    members: int = 65_535
    """[MS-CAB] 2.1 counts files in 16 bits. Those of containers inside count with the others."""
    name_bytes: int = 256
    """[MS-CAB] 2.3: a name with its end takes at most 256 bytes."""
    zip_name_bytes: int = 512
    """Bytes kept of a name in a zip, which may have 65,535."""
    total_bytes: int = 64 << 30
    """Unpacked bytes of one file, nested containers included."""
    ratio: int = 1_100
    """Deflate cannot reach 1:1,032; more than that is a bomb in a bomb."""
    ratio_from: int = 64 * MEBIBYTE
    """Unpacked bytes below which the ratio does not matter."""
    depth: int = 3
    """Containers in containers."""
    peek_bytes: int = 4 * MEBIBYTE
    """Head phase: bytes decoded to reach what lies further on."""
    peek_members: int = 16
    """Head phase: members looked into, the largest ones."""
    peek_entries: int = 1_000
    """Head phase: entries of a zip without directory that are passed over."""


LEAST = 4096
"""What a block costs at least: a million empty blocks take time as well."""


class Budget:
    """Counts decoded bytes and members against the limits; shared by all readers of one file."""

    def __init__(self, limits: Limits, packed: int | None, *, head_only: bool) -> None:
        self.limits = limits
        self.head_only = head_only
        self.spent = 0
        self.members = 0
        """In all containers together."""
        most = limits.total_bytes
        if packed is not None:
            most = min(most, max(limits.ratio_from, packed * limits.ratio))
        self._most = min(most, limits.peek_bytes) if head_only else most

    @property
    def left(self) -> int:
        """Bytes that may still be decoded."""
        return self._most - self.spent

    def meet(self, members: int = 1) -> bool:
        """Count members; false when that is too many."""
        self.members += members
        return self.members <= self.limits.members

    def spend(self, n: int) -> bool:
        """Count `n` decoded bytes; false when that is too much."""
        self.spent += n
        return self.spent <= self._most
