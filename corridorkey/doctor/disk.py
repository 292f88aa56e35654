"""Where files go: room and permission, found out without writing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from corridorkey.doctor.finding import Finding

LITTLE = 2 << 30  # bytes: both released networks, or a hundred frames in 4K


def disk_findings(working: Path, cache: Path) -> Iterator[Finding]:
    """Both folders.

    Args:
        working: where a run would write.
        cache: where fetched weights go; need not exist.
    """
    yield folder_finding("working folder", working, "Free some space, or write elsewhere.")
    yield folder_finding("cache folder", cache, "Free some space or allow writing there: fetched weights go there.")


def folder_finding(name: str, folder: Path, remedy: str) -> Finding:
    """Free space of a folder, and whether it, or the first above it that is there, takes files."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    facts = {"path": str(folder), "free": free, "writable": writable}
    value = f"{folder}: {free / (1 << 30):.1f} GiB free"
    if not writable:
        return Finding("disk", name, "broken", f"{value}, but {there} cannot be written to", remedy, facts)
    if free < LITTLE:
        return Finding("disk", name, "note", value, remedy, facts)
    return Finding("disk", name, "ok", value, data=facts)
