"""A picture small enough to be looked at as a whole."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.types import Array


def shrink(rgb: Array, side: int) -> Array:
    """Average a picture down until its long side fits; a smaller one stays as it is.

    Args:
        rgb: (H, W, 3) float32.
        side: the long side, in pixels.
    Returns:
        (h, w, 3) float32.
    """
    height, width = rgb.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(rgb, np.float32)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # By channel: a planar picture need not be woven together at its full size.
    channels = [cv2.resize(rgb[..., i], size, interpolation=cv2.INTER_AREA) for i in range(3)]
    return np.stack(channels, axis=2).astype(np.float32, copy=False)
