"""Islands in the matte: tracking markers, rigs, noise."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.dilate import Mask, dilate_ellipse
from corridorkey.types import Array

DILATION = 51  # px, diameter: an island that is kept keeps its soft edge too
BLUR = 11  # px, σ 2.0
ROWS = 16  # at least, counted at a time: the counter makes 64-bit copies


def despeckle(alpha: Array, area: int = 400) -> Array:
    """Fade out foreground islands smaller than `area`.

    Args:
        alpha: (H, W, 1) float32 0..1.
        area: pixels above 0.5, 8-connected, that an island needs to stay; 0 keeps all.
    Returns:
        (H, W, 1) float32.
    Source: CorridorKey's CPU path. The mask is blurred as uint8, as there: a float blur differs by 2e-3.
    """
    if area <= 0:
        return alpha
    solid = (alpha[..., 0] > 0.5).view(np.uint8)
    keep = dilate_ellipse(_large_islands(solid, area), DILATION) * np.uint8(255)
    clean = np.asarray(cv2.GaussianBlur(keep, (BLUR, BLUR), 0), np.float32)[..., None]
    clean /= np.float32(255)
    clean *= alpha
    return clean


def _large_islands(solid: Mask, area: int) -> Mask:
    count, labels = cv2.connectedComponents(solid, connectivity=8)  # its twin with statistics takes five times as long
    areas = np.zeros(count, np.int64)
    rows = max(ROWS, count // labels.shape[1])
    for top in range(0, len(labels), rows):
        areas += np.bincount(labels[top : top + rows].ravel(), minlength=count)
    large = areas >= area
    if large[1:].all():
        return solid
    large[0] = False  # label 0 is the background
    return np.asarray(large.view(np.uint8)[labels], np.uint8)
