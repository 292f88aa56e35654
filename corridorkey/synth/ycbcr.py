"""What a movie file does to a picture: Y'CbCr in few codes, with fewer chroma than luma samples."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from corridorkey.synth.f32 import f32
from corridorkey.types import Array

Sampling = Literal["4:4:4", "4:2:2", "4:2:0"]
STEPS: dict[Sampling, tuple[int, int]] = {"4:4:4": (1, 1), "4:2:2": (2, 1), "4:2:0": (2, 2)}  # across, down
KR, KB = 0.2126, 0.0722


def through_video(rgb: Array, sampling: Sampling, bits: int) -> Array:
    """A picture to limited-range Y'CbCr and back; chroma is averaged and enlarged linearly.

    Args:
        rgb: (H, W, 3) float32, display-referred 0..1.
        sampling: of chroma.
        bits: a code's.
    Returns:
        (H, W, 3) float32 0..1.
    Source: Rec. ITU-R BT.709-6.
    """
    h, w = rgb.shape[:2]
    across, down = STEPS[sampling]
    red, green, blue = (rgb[..., i] for i in range(3))
    luma = KR * red + (1 - KR - KB) * green + KB * blue
    cb, cr = ((c - luma) / (2 * (1 - k)) for c, k in ((blue, KB), (red, KR)))
    one = 1 << (bits - 8)
    luma, chroma = f32(np.round(luma * (219 * one)) / (219 * one)), f32(np.dstack((cb, cr)))
    small = ((w + across - 1) // across, (h + down - 1) // down)
    chroma = f32(cv2.resize(chroma, small, interpolation=cv2.INTER_AREA))
    chroma = np.round(chroma * (224 * one)) / np.float32(224 * one)
    chroma = f32(cv2.resize(chroma, (w, h), interpolation=cv2.INTER_LINEAR))
    blue, red = luma + chroma[..., 0] * (2 * (1 - KB)), luma + chroma[..., 1] * (2 * (1 - KR))
    green = (luma - KR * red - KB * blue) / (1 - KR - KB)
    return f32(np.clip(np.dstack((red, green, blue)), 0, 1))
