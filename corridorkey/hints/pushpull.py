"""Push-pull: fill what is not known of a picture smoothly from what is.

Source: Gortler et al., "The Lumigraph" (1996), as normalised convolution over a pyramid.
"""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.types import Array


def push_pull(image: Array, weight: Array) -> Array:
    """Fill a picture in from its trusted pixels.

    Args:
        image: (H, W, C) float32.
        weight: (H, W) float32, 0 is unknown, 1 is trusted. Small weights count where there is nothing better.
    Returns:
        (H, W, C) float32. Zero everywhere if nothing is trusted.
    """
    return _fill(image * weight[..., None], weight)


def _fill(weighted: Array, weight: Array) -> Array:
    """Takes the image already multiplied by its weight."""
    height, width = weight.shape
    mean = weighted / np.maximum(weight, np.float32(1e-12))[..., None]
    if max(height, width) <= 2:
        total = np.maximum(weight.sum(), np.float32(1e-12))
        return np.broadcast_to(weighted.sum((0, 1)) / total, weighted.shape).astype(np.float32)
    # push: the sums grow as they rise, so that holes close
    above = np.asarray(cv2.pyrDown(weighted), np.float32).reshape((height + 1) // 2, (width + 1) // 2, -1)
    coarse = _fill(above, np.asarray(cv2.pyrDown(weight), np.float32))
    # pull
    below = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    below = below.reshape(weighted.shape)
    trust = np.minimum(weight, np.float32(1))[..., None]
    return np.asarray(below + trust * (mean - below), np.float32)
