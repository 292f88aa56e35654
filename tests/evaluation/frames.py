"""Small frames with truth."""

from __future__ import annotations

import numpy as np

from corridorkey.evaluation.frame import TestFrame
from corridorkey.types import Plate


def disc_frame(name="disc", shot="disc", at=40.0, tags=("green",), screen="green"):
    """A soft reddish disc before an even screen, 64 × 96."""
    y, x = np.mgrid[0:64, 0:96].astype(np.float32)
    alpha = np.clip((20 - np.hypot(x - at, y - 32)) / 6, 0, 1).astype(np.float32)
    fg = np.broadcast_to(np.float32([0.6, 0.3, 0.2]), (64, 96, 3)).copy()
    clean = np.broadcast_to(np.float32([0.05, 0.5, 0.1] if screen == "green" else [0.05, 0.1, 0.5]), (64, 96, 3)).copy()
    linear = alpha[..., None] * fg + (1 - alpha[..., None]) * clean
    return TestFrame(name, shot, Plate(linear, "linear"), screen, alpha, fg, clean, tags)
