"""Gaussian blur of float32 pictures."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.types import Array


def f32(x: object) -> Array:
    """Anything array-like as float32."""
    return np.asarray(x, np.float32)


def blur(picture: Array, sigma: float) -> Array:
    """A picture of any channels, blurred by sigma pixels; beyond its border it goes on as at the border."""
    return f32(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
