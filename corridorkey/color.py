"""The piecewise sRGB curve (IEC 61966-2-1), both ways."""

from __future__ import annotations

import numpy as np

from corridorkey.types import Array


def linear_to_srgb(x: Array) -> Array:
    """Encode scene-linear values.

    Args:
        x: float32, any shape; negative values are floored at 0, values above 1 follow the curve on.
    Returns:
        float32, same shape, sRGB-encoded.
    Source: IEC 61966-2-1.
    """
    x = np.maximum(x, np.float32(0))
    curve = np.float32(1.055) * np.power(x, np.float32(1 / 2.4)) - np.float32(0.055)
    return np.where(x <= np.float32(0.0031308), np.float32(12.92) * x, curve).astype(np.float32, copy=False)


def srgb_to_linear(x: Array) -> Array:
    """Decode sRGB values to scene-linear.

    Args:
        x: float32, any shape; negative values are floored at 0, values above 1 follow the curve on.
    Returns:
        float32, same shape, linear.
    Source: IEC 61966-2-1.
    """
    x = np.maximum(x, np.float32(0))
    curve = np.power((x + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(x <= np.float32(0.04045), x / np.float32(12.92), curve).astype(np.float32, copy=False)
