"""Hints that no key had a hand in: a good one, and how much worse they may be."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.types import Array

if TYPE_CHECKING:
    from corridorkey.evaluation.frame import TestFrame

EROSION = 0.002, 0.015  # of the long side, least and most
ERODED, SHIFTED = 0.03, 0.02  # of the long side
BLUR = 0.004
TruthHint = Literal["truth", "eroded", "shifted"]
TRUTH_HINTS: dict[TruthHint, str] = {"truth": "true hint", "eroded": "eroded hint", "shifted": "shifted hint"}


def truth_hint(frame: TestFrame, kind: TruthHint = "truth") -> Array:
    """The true alpha's solid half, blurred, and worse in one of three ways.

    Args:
        frame: with true alpha.
        kind: "truth" is eroded by an amount that the frame's name decides, as a good hint is; "eroded" by 3 % of the
            long side; "shifted" is the first, moved by 2 % of the long side in a direction that the name decides.
    Returns:
        (H, W) float32 0..1, the same every time.
    Raises:
        SettingsError: nobody knows the frame's alpha.
    """
    if frame.alpha is None:
        raise SettingsError(f"{frame.name}: no true alpha to make a hint of; take the chroma hint")
    side = max(frame.alpha.shape)
    rng = np.random.default_rng(zlib.crc32(frame.name.encode()))
    drawn = rng.uniform(*EROSION)
    reach = max(1, round((ERODED if kind == "eroded" else drawn) * side))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    solid = cv2.erode((frame.alpha > 0.5).astype(np.float32), disc)
    hint = np.asarray(cv2.GaussianBlur(solid, (0, 0), max(BLUR * side, 0.3)), np.float32)
    if kind != "shifted":
        return hint
    angle = rng.uniform(0, 2 * np.pi)
    moved = np.array([[1, 0, SHIFTED * side * np.cos(angle)], [0, 1, SHIFTED * side * np.sin(angle)]], np.float32)
    return np.asarray(cv2.warpAffine(hint, moved, hint.shape[::-1], borderMode=cv2.BORDER_REPLICATE), np.float32)
