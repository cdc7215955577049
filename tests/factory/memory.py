"""How much memory a process of its own needed at most."""

from __future__ import annotations

PEAK_MEMORY = """
def peak_memory():
    # What a child process inherits from its parent's accounting does not count: the kernel's own high-water mark.
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
"""
"""To be put in front of the code of a child: `peak_memory()` in bytes, 0 where the system does not tell."""
