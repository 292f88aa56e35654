"""A good hint that no key had a hand in."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import cv2
import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.types import Array

if TYPE_CHECKING:
    from corridorkey.evaluation.frame import TestFrame

EROSION = 0.002, 0.015  # of the long side, least and most
BLUR = 0.004


def truth_hint(frame: TestFrame) -> Array:
    """The true alpha's solid half, eroded by an amount that the frame's name decides, and blurred.

    Args:
        frame: with true alpha.
    Returns:
        (H, W) float32 0..1, the same every time.
    Raises:
        SettingsError: nobody knows the frame's alpha.
    """
    if frame.alpha is None:
        raise SettingsError(f"{frame.name}: no true alpha to make a hint of; take the chroma hint")
    side = max(frame.alpha.shape)
    rng = np.random.default_rng(zlib.crc32(frame.name.encode()))
    reach = max(1, round(rng.uniform(*EROSION) * side))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    solid = cv2.erode((frame.alpha > 0.5).astype(np.float32), disc)
    return np.asarray(cv2.GaussianBlur(solid, (0, 0), max(BLUR * side, 0.3)), np.float32)
