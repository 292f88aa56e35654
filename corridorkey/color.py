"""The piecewise sRGB curve (IEC 61966-2-1), both ways."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from corridorkey.types import Array

BLOCK = 1 << 15  # values; what one step leaves is still in the core's cache when the next one reads it


def linear_to_srgb(x: Array) -> Array:
    """Encode scene-linear values.

    Args:
        x: float32, any shape; negative values are floored at 0, values above 1 follow the curve on.
    Returns:
        float32, same shape, sRGB-encoded.
    Source: IEC 61966-2-1.
    """
    return _blockwise(_encode, x)


def srgb_to_linear(x: Array) -> Array:
    """Decode sRGB values to scene-linear.

    Args:
        x: float32, any shape; negative values are floored at 0, values above 1 follow the curve on.
    Returns:
        float32, same shape, linear.
    Source: IEC 61966-2-1.
    """
    return _blockwise(_decode, x)


def _blockwise(curve: Callable[[Array, Array], None], x: Array) -> Array:
    x = np.asarray(x, np.float32)
    out = np.empty(x.shape, np.float32)
    values, results = x.reshape(-1), out.reshape(-1)
    for start in range(0, values.size, BLOCK):
        block = np.maximum(values[start : start + BLOCK], np.float32(0))
        curve(block, results[start : start + BLOCK])
    return out


def _encode(x: Array, out: Array) -> None:
    # OpenCV's power: one float32 step from NumPy's over 0..1, and vectorised on ARM and x86 alike.
    cv2.pow(x, 1 / 2.4, dst=out)
    out *= np.float32(1.055)
    out -= np.float32(0.055)
    np.multiply(x, np.float32(12.92), out=out, where=x <= np.float32(0.0031308))


def _decode(x: Array, out: Array) -> None:
    np.add(x, np.float32(0.055), out=out)
    out /= np.float32(1.055)
    cv2.pow(out, 2.4, dst=out)
    np.divide(x, np.float32(12.92), out=out, where=x <= np.float32(0.04045))
