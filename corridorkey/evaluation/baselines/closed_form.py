"""PyMatting's closed-form matting on a trimap made of the chroma hint."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.errors import KeyingError
from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.library import pymatting
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.hints.shrink import shrink
from corridorkey.resize import resize_bilinear
from corridorkey.types import Array

SOLVED_AT = 960  # long side; the system's factors are some hundred numbers for each unknown pixel
SOLID, EMPTY = 0.95, 0.05  # of the hint


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """`estimate_alpha_cf` of the sRGB plate at a long side of at most 960; larger plates get its alpha enlarged.

    Without certain subject or certain screen there is nothing to solve, and the unknown keeps the hint.

    Attributes:
        eroded: how far the hint's solid part is drawn in before it is taken for certain, of the long side.
        dilated: how far what is not empty in the hint is spread before the rest is taken for screen, of the long side.

    Source: Levin et al., A Closed-Form Solution to Natural Image Matting, 2008; PyMatting.
    """

    eroded: float = 0.02
    dilated: float = 0.01

    def alpha(self, shown: Shown) -> Array:
        """See AlphaMaker.

        Raises:
            BackendUnavailableError: PyMatting is not installed.
            KeyingError: its solver gave up.
        """
        small = shrink(shown.rgb, SOLVED_AT)
        hint = resize_bilinear(shown.guide.hint, small.shape[:2])
        trimap = self.trimap(hint)
        if set(np.unique(trimap).tolist()) == {0.0, 0.5, 1.0}:
            alpha = _solved(shown.name, small, trimap)
        else:  # nothing to start from, or nothing to find
            alpha = np.where(trimap == 0.5, hint, trimap)
        return np.clip(resize_bilinear(alpha, shown.rgb.shape[:2]), 0, 1)

    def trimap(self, hint: Array) -> Array:
        """(h, w) float32 0..1 to (h, w) float32: 1 is subject, 0 screen, 0.5 unknown."""
        side = max(hint.shape)
        solid = cv2.erode((hint > SOLID).astype(np.uint8), _disc(self.eroded * side))
        touched = cv2.dilate((hint > EMPTY).astype(np.uint8), _disc(self.dilated * side))
        return (solid.astype(np.float32) + touched) / np.float32(2)

    def grid(self) -> tuple[ClosedForm, ...]:
        """See AlphaMaker."""
        return grid(self, eroded=(0.0, 0.01, 0.02, 0.03), dilated=(0.005, 0.01, 0.02))


def _disc(reach: float) -> NDArray[np.uint8]:
    size = 2 * round(reach) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _solved(name: str, rgb: Array, trimap: Array) -> Array:
    library = pymatting()
    try:
        with redirect_stdout(io.StringIO()):  # its factorisation prints when it has to try twice
            alpha = library.estimate_alpha_cf(rgb.astype(np.float64), trimap.astype(np.float64))
    except ValueError as error:
        raise KeyingError(f"{name}: PyMatting's closed form found no alpha ({error}); leave this method out") from error
    return np.asarray(alpha, np.float32)
