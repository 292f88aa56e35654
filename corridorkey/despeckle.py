"""Islands in the matte: tracking markers, rigs, noise."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.types import Array

DILATION = 51  # px, diameter: an island that is kept keeps its soft edge too
BLUR = 11  # px, σ 2.0


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
    solid = (alpha[..., 0] > 0.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= area
    large[0] = False  # label 0 is the background
    keep = large[labels].astype(np.uint8) * np.uint8(255)
    keep = cv2.dilate(keep, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (DILATION, DILATION)))
    keep = cv2.GaussianBlur(keep, (BLUR, BLUR), 0)
    return alpha * (keep.astype(np.float32)[..., None] / np.float32(255))
