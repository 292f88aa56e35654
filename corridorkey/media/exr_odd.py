"""Attributes that OpenEXR's binding refuses, and with them the whole file: found, and set aside."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import OpenEXR

_MULTI_PART = 0x1000
_LONGEST = 256  # bytes of a name, with its end


def set_odd_aside(data: bytes) -> tuple[bytes, list[str]]:
    """Make a file readable whose header holds values that OpenEXR refuses.

    Those are texts that are not UTF-8, a rational over 0, a key code out of its ranges, and kinds that belong to deep
    files. Their kind is given an unknown name of the same length, so that nothing behind it moves.

    Args:
        data: the whole file, damaged perhaps.
    Returns:
        The same file, and the names of the attributes that are no longer what they were.
    """
    odd: list[str] = []
    readable = bytearray(data)
    for name, start, kind, value in _attributes(data):
        if _is_odd(kind, value):
            readable[start : start + len(kind)] = kind.swapcase()
            odd.append(name.decode("utf-8", "backslashreplace"))
    return bytes(readable), odd


def _attributes(data: bytes) -> Iterator[tuple[bytes, int, bytes, bytes]]:
    """Name, where its kind is, kind and value of each, as far as the bytes make sense."""
    is_multi_part, at = len(data) > 8 and struct.unpack_from("<I", data, 4)[0] & _MULTI_PART, 8
    while at < len(data):
        if data[at] == 0:  # the end of a part's header; an empty one ends them all
            at += 1
            if not is_multi_part or data[at : at + 1] == b"\0":
                return
        kind_at = data.find(b"\0", at, at + _LONGEST) + 1
        size_at = data.find(b"\0", kind_at, kind_at + _LONGEST) + 1
        if not kind_at or not size_at or size_at + 4 > len(data):
            return
        end = size_at + 4 + struct.unpack_from("<I", data, size_at)[0]
        if end > len(data):
            return
        yield data[at : kind_at - 1], kind_at, data[kind_at : size_at - 1], data[size_at + 4 : end]
        at = end


def _is_odd(kind: bytes, value: bytes) -> bool:
    try:
        if kind == b"string":
            value.decode()
        elif kind == b"stringvector":
            for text in _texts(value):
                text.decode()
        elif kind == b"keycode":
            OpenEXR.KeyCode(*struct.unpack("<7i", value))
        elif kind == b"rational":
            return value[4:] == bytes(4)
    except (ValueError, RuntimeError, struct.error):
        return True
    return kind in (b"deepImageState", b"idmanifest")


def _texts(value: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(value):
        end = at + 4 + struct.unpack_from("<I", value, at)[0]
        yield value[at + 4 : end]
        at = end
