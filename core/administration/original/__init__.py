"""The package that a client sent: what it holds, unpacked into files of ours, and packed again the same way.

A bare back-up, or a cabinet (`.ebu`, `.cab`) or zip with one back-up or the data files of one database. A member's
name is data, never a path. What is not understood is unpacked by nobody here, and goes back by the guided route.
"""

from core.administration.original.mirror import Mirror, Part, Role, mirror_of
from core.administration.original.packing import bare_instead, pack_like
from core.administration.original.unpacking import Unpacked, forget, unpack

__all__ = ["Mirror", "Part", "Role", "Unpacked", "bare_instead", "forget", "mirror_of", "pack_like", "unpack"]
