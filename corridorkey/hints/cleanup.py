"""From a key to a hint: markers and pinholes go, the edge moves inwards and softens."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.types import Array

MIN_ISLAND = 1e-3  # of the frame; a large tracking marker takes half of it
MIN_PART = 0.02  # of the largest island
MAX_HOLE = 1e-3  # of the frame; the gap under an arm is larger
ERODE = 0.004  # of the long side
BLUR = 0.004


def drop_islands(alpha: Array) -> Array:
    """Drop foreground islands that are small in the frame and beside the largest one: tracking markers, noise.

    Args:
        alpha: (H, W) float32 0..1.
    Returns:
        (H, W) float32 0..1; empty if all are small in the frame.
    """
    solid = (alpha > 0.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    if not len(areas):
        return alpha
    least, largest = MIN_ISLAND * alpha.size, areas.max()
    if largest > least:  # there is a subject, and it may have small parts
        least = min(least, MIN_PART * largest)
    doomed = np.concatenate([[False], areas < least])[labels]
    if not doomed.any():
        return alpha
    # their soft rim goes with them, but not the rim of what stays
    near = cv2.dilate(doomed.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    kept = cv2.dilate(solid * ~doomed, np.ones((5, 5), np.uint8)) > 0
    return np.where(doomed | (near & ~kept), np.float32(0), alpha)


def fill_holes(alpha: Array) -> Array:
    """Fill background holes that are small in the frame: glints and spill on the subject.

    Args:
        alpha: (H, W) float32 0..1.
    Returns:
        (H, W) float32 0..1.
    """
    hole = (alpha <= 0.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(hole, connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < MAX_HOLE * alpha.size
    small[0] = False
    return np.where(small[labels], np.float32(1), alpha)


def erode_and_blur(alpha: Array) -> Array:
    """Pull the edge in by 0.4 % of the long side and blur it by as much.

    Args:
        alpha: (H, W) float32 0..1.
    Returns:
        (H, W) float32 0..1.
    """
    side = max(alpha.shape)
    reach = round(ERODE * side)
    if reach:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        alpha = np.asarray(cv2.erode(alpha, disc), np.float32)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(BLUR * side, 0.3)), np.float32)
