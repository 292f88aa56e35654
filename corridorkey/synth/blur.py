"""Gaussian blur of float32 pictures."""

from __future__ import annotations

import cv2

from corridorkey.synth.f32 import f32
from corridorkey.types import Array


def blur(picture: Array, sigma: float) -> Array:
    """A picture of any channels, blurred by sigma pixels; beyond its border it goes on as at the border."""
    return f32(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
