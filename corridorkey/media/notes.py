"""Notes and warnings that hold for more than one frame, said once."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from pathlib import Path

_MOST = 1000  # that are remembered
_said: set[tuple[Hashable, ...]] = set()


def say_once(log: logging.Logger, level: int, message: str, *details: Hashable) -> None:
    """`log.log`, unless just this was said before.

    Args:
        log: the caller's.
        level: logging.INFO or logging.WARNING.
        message: with a place for each detail.
    """
    if _is_first(log, level, message, *details):
        log.log(level, message, *details)


def note_once(log: logging.Logger, message: str, path: Path, *details: Hashable) -> None:
    """`log.info` of a file, unless the same was said of another in its folder.

    Args:
        log: the caller's.
        message: with a place for the path, and one for each detail.
        path: the file.
    """
    if _is_first(log, logging.INFO, message, path.parent, *details):
        log.info(message, path, *details)


def _is_first(log: logging.Logger, level: int, *said: Hashable) -> bool:
    if said in _said or not log.isEnabledFor(level):
        return False
    if len(_said) >= _MOST:
        _said.clear()
    _said.add(said)
    return True
