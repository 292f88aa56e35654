"""Unfinished files: their names say who writes them, so that what a killed process left can be told and removed.

    .sh010.1001.exr.3fa9c1-4711-9be2d1f0.7.part
                    host   pid  process  its 7th

Several processes may work in one folder, on one machine or on many that share a disk. A part is removed when its
process is gone from this host; another host's, which cannot be asked, when nothing was written to it for a day.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import platform
import re
import secrets
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

PART = ".part"  # suffix of a file that is still being written; sequences ignore it
STALE = 86400.0  # seconds; a day is longer than any write, and than clocks on one network differ

_OWNED = re.compile(r"\..+\.([0-9a-f]{6})-([0-9]{1,10})-([0-9a-f]{8})\.[0-9]+\.part", re.DOTALL)
_NAMELESS = re.compile(r"\..+\.[0-9a-f]{8}\.part", re.DOTALL)  # of version 0.1, which did not say whose it is
_PROCESS = secrets.token_hex(4)  # a process id is used again, soonest in containers, where all are 1
_COUNT = itertools.count(1)
_LONGEST = 200  # bytes of a name that is kept whole; file systems take 255


def part_of(path: Path) -> Path:
    """A new hidden name beside `path` to write its bytes to; no two calls on any machine give the same."""
    name = path.name if len(os.fsencode(path.name)) <= _LONGEST else path.name[-50:]
    return path.with_name(f".{name}.{_host()}-{os.getpid()}-{_PROCESS}.{next(_COUNT)}{PART}")


def sweep(folders: Iterable[Path]) -> list[Path]:
    """Remove the unfinished files that nobody writes any more.

    Args:
        folders: where to look, not deeper; those that are not there are passed over.
    Returns:
        What was removed. What may not be looked at or removed stays: a run that writes there will say so.
    """
    removed = []
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(PART) and _is_abandoned(entry):
                    with suppress(OSError):
                        os.unlink(entry.path)  # noqa: PTH108  (an entry is no Path)
                        removed.append(Path(entry.path))
    return removed


def _is_abandoned(entry: os.DirEntry[str]) -> bool:
    owner = _OWNED.fullmatch(entry.name)
    if owner is None and _NAMELESS.fullmatch(entry.name) is None:
        return False  # another program's
    if owner is not None and owner[1] == _host() and _is_gone(int(owner[2]), owner[3]):
        return True
    mine = owner is not None and (owner[1], int(owner[2]), owner[3]) == (_host(), os.getpid(), _PROCESS)
    with suppress(OSError):
        return not mine and time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE
    return False


def _host() -> str:
    # Containers may share a host's name, but then see other processes under the same ids.
    try:
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  (no file lies there)
    except OSError:
        space = ""
    return hashlib.sha256(f"{platform.node()} {space}".encode()).hexdigest()[:6]


def _is_gone(pid: int, process: str) -> bool:
    return process != _PROCESS if pid == os.getpid() else not is_running(pid)


def is_running(pid: int) -> bool:
    """Whether a process of this id runs on this machine; where that cannot be told, it is said to."""
    if sys.platform == "win32":
        return _runs_on_windows(pid)
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # another user's
    return pid > 0


def _runs_on_windows(pid: int) -> bool:
    # os.kill would end it there.
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(0x00100000, False, pid)  # SYNCHRONIZE
    if not handle:
        return bool(ctypes.get_last_error() != 87)  # type: ignore[attr-defined, unused-ignore]  # 87: no such id
    try:
        return bool(kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == 0x102)  # WAIT_TIMEOUT
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
