"""TIFF: what its tags say, and which decoder reads such pixels right."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from corridorkey.errors import FrameReadError

_FORMATS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _SAMPLES, _PLANAR, _SAMPLE_FORMAT = 256, 257, 258, 262, 277, 284, 339
_FLOAT = 3


@dataclass(frozen=True, slots=True)
class TiffTags:
    """The tags of the first picture that decide how it is decoded."""

    width: int
    height: int
    bits: int
    photometric: int
    samples: int
    is_planar: bool
    is_float: bool
    is_signed: bool


def read_tags(path: Path, file: BinaryIO) -> TiffTags:
    """Read the tags and nothing else.

    Args:
        path: named in the error.
        file: the TIFF, opened or in memory.
    Raises:
        FrameReadError: not a TIFF, or its directory is damaged.
    """
    try:
        return _tags(file)
    except (OSError, ValueError, OverflowError, struct.error, KeyError) as error:
        raise FrameReadError(f"{path}: not a TIFF, or its directory is damaged; render or copy it again") from error


def _tags(file: BinaryIO) -> TiffTags:
    head = file.read(16)
    order = {b"II": "<", b"MM": ">"}[head[:2]]
    big = struct.unpack_from(f"{order}H", head, 2)[0] == 43
    count_format, entry_format = ("Q", "HHQ8s") if big else ("H", "HHI4s")
    file.seek(struct.unpack_from(f"{order}{'Q' if big else 'I'}", head, 8 if big else 4)[0])
    (count,) = _unpack(file, f"{order}{count_format}")
    if count > 4096:
        raise ValueError("too many tags")
    entries = [_unpack(file, f"{order}{entry_format}") for _ in range(count)]
    tags = {tag: _first(file, order, kind, number, value) for tag, kind, number, value in entries if kind in _FORMATS}
    sample_format = tags.get(_SAMPLE_FORMAT, 1)
    return TiffTags(
        width=tags[_WIDTH],
        height=tags[_HEIGHT],
        bits=tags.get(_BITS, 1),
        photometric=tags.get(_PHOTOMETRIC, 1),
        samples=tags.get(_SAMPLES, 1),
        is_planar=tags.get(_PLANAR, 1) == 2,
        is_float=sample_format == _FLOAT,
        is_signed=sample_format == 2,
    )


def _first(file: BinaryIO, order: str, kind: int, number: int, value: bytes) -> int:
    """The first number of a tag: all channels are of one kind in what we read."""
    form = f"{order}{_FORMATS[kind]}"
    if struct.calcsize(form) * number > len(value):
        file.seek(struct.unpack(f"{order}{'Q' if len(value) == 8 else 'I'}", value)[0])
        return int(_unpack(file, form)[0])
    return int(struct.unpack_from(form, value)[0])


def _unpack(file: BinaryIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
