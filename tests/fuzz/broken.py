"""Readers that do what none may do, to see that it is noticed."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

from corridorkey.errors import FrameReadError
from tests.fuzz.reader import Reader, Sample

WHOLE = b"whole" * 20


def _reader(fault: Callable[[Path], object]) -> Reader:
    def read(path: Path) -> None:
        if path.read_bytes() != WHOLE:
            fault(path)

    return Reader(lambda _: {"sample": Sample(WHOLE, range(50, len(WHOLE)))}, Path.stat, read, peak=16)


def _say(text: str) -> None:
    raise FrameReadError(text)


def _hang(_: Path) -> None:
    while True:
        pass


CRASHES = _reader(lambda _: os.abort())
HANGS = _reader(_hang)
FLOODS = _reader(lambda _: bytearray(os.urandom(1 << 20) * 64))
ASKS_TOO_MUCH = _reader(lambda _: bytearray(1 << 40))
STUMBLES = _reader(lambda _: {}["nothing"])
WARNS = _reader(lambda _: warnings.warn("to an artist", stacklevel=1))
NAMELESS = _reader(lambda _: _say("it is damaged"))
CONTROLS = _reader(lambda path: _say(f"{path}: \x1b[2J"))
