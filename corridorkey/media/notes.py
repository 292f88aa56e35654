"""Notes of what is read: what holds for every frame of a folder is said of the first."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

_MOST = 1000  # kinds of note that are remembered
_said: set[tuple[str, Path, tuple[Any, ...]]] = set()


def note_once(log: logging.Logger, message: str, path: Path, *details: Any) -> None:
    """`log.info` of a file, unless the same was said of another in its folder.

    Args:
        log: the caller's.
        message: with a place for the path, and one for each detail.
        path: the file.
        details: hashable.
    """
    note = message, path.parent, details
    if note in _said or not log.isEnabledFor(logging.INFO):
        return
    if len(_said) >= _MOST:
        _said.clear()
    _said.add(note)
    log.info(message, path, *details)
