"""Physical and free memory, by the standard library alone."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; None where they cannot be told.

    Attributes:
        physical: of the machine.
        free: that a program could take now, caches that give way included.
    """

    physical: int | None
    free: int | None


def read_memory(system: str) -> Memory:
    """This machine's memory; what cannot be read is None.

    Args:
        system: as `platform.system()`.
    """
    try:
        if system == "Windows":
            return _windows()
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        if system == "Darwin":
            text = subprocess.run(["/usr/bin/vm_stat"], capture_output=True, timeout=10).stdout
            return Memory(physical, free_of_vm_stat(text.decode("utf-8", "replace")))
        return Memory(physical, free_of_meminfo(Path("/proc/meminfo").read_text("utf-8", "replace")))
    except (OSError, ValueError, AttributeError, subprocess.SubprocessError):
        return Memory(None, None)


def free_of_meminfo(text: str) -> int | None:
    """Bytes that /proc/meminfo calls available."""
    match = re.search(r"^MemAvailable:\s*(\d+) kB", text, re.MULTILINE)
    return int(match[1]) << 10 if match else None


def free_of_vm_stat(text: str) -> int | None:
    """Bytes of the free, inactive and speculative pages of macOS' vm_stat."""
    page = re.search(r"page size of (\d+) bytes", text)
    counts = [re.search(rf"^Pages {name}:\s*(\d+)", text, re.MULTILINE) for name in ("free", "inactive", "speculative")]
    if page is None or counts[0] is None:
        return None
    return int(page[1]) * sum(int(count[1]) for count in counts if count)


class MemoryStatus(ctypes.Structure):
    """Windows' MEMORYSTATUSEX."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        *((name, ctypes.c_uint64) for name in ("physical", "free", "page", "page_free", "virtual", "virtual_free")),
        ("extended", ctypes.c_uint64),
    )


def _windows() -> Memory:
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 (mypy knows it on Windows alone)
    status: Any = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        raise OSError("GlobalMemoryStatusEx failed")
    return Memory(int(status.physical), int(status.free))
