from __future__ import annotations

from fakes.sqlserver.ground import driver

__all__ = ["driver"]
