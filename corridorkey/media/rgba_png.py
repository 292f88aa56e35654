"""RGBA pictures as PNG: straight alpha, display-encoded colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from corridorkey.errors import FrameWriteError
from corridorkey.files import write_file
from corridorkey.types import Array

_HEADER = 33  # bytes: the signature and IHDR, which comes first
_FASTEST_GOOD = 3  # zlib level: beyond it frames get slower to write and hardly smaller


def write_rgba_png(path: Path, rgba: Array, bits: int = 16) -> None:
    """Write one picture, as `encode_rgba_png` packs it: whole, or not at all."""
    write_file(path, encode_rgba_png(path, rgba, bits))


def encode_rgba_png(path: Path, rgba: Array, bits: int = 16, texts: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a PNG with alpha.

    Args:
        path: named in errors.
        rgba: (H, W, 4) float, straight, sRGB, alpha linear; clipped to 0..1. PNG knows no premultiplied alpha.
        bits: 8 or 16.
        texts: keyword -> text, kept in the file.
    Raises:
        FrameWriteError: not such an array, NaN or infinity in it, or another number of bits.
    """
    if bits not in (8, 16):
        raise FrameWriteError(f"{path}: a PNG of {bits} bits; use 8 or 16")
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype.kind != "f" or rgba.size == 0:
        raise FrameWriteError(f"{path}: the picture is {rgba.dtype} {rgba.shape}; it must be float (H, W, 4)")
    if not np.isfinite(rgba).all():
        raise FrameWriteError(f"{path}: the picture holds NaN or infinity; nothing was written")
    codes = np.rint(np.clip(rgba, 0, 1) * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)
    bgra = np.ascontiguousarray(codes[..., [2, 1, 0, 3]])
    try:
        done, data = cv2.imencode(".png", bgra, [cv2.IMWRITE_PNG_COMPRESSION, _FASTEST_GOOD])
    except cv2.error as error:
        raise FrameWriteError(f"{path}: cannot be encoded: {error.err}") from error
    if not done:
        raise FrameWriteError(f"{path}: cannot be encoded")
    return _with_texts(bytes(data), texts or {})


def _with_texts(png: bytes, texts: Mapping[str, str]) -> bytes:
    # OpenCV writes no text; an iTXt chunk holds keyword, two flags for "not compressed", no language, and UTF-8.
    chunks = (_chunk(b"iTXt", f"{keyword}\0\0\0\0\0{text}".encode()) for keyword, text in texts.items())
    return b"".join((png[:_HEADER], *chunks, png[_HEADER:]))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
