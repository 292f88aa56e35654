"""A hint from elsewhere: what it leaves out is no subject, however solid it stands before the screen.

A hint that is drawn in, as coarse ones are, has lost what is thin: it says nothing of that. How far it is drawn in is
seen where it lies inside what the key holds for solid.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.resize import resize_bilinear
from corridorkey.types import Array, Guide

SEEN = 0.1  # key above which something stands before the screen
MEANT = 0.5  # hint above which it is subject
SOLID = 0.9  # key above which nothing of the screen is seen
MARGIN = 0.02  # of the long side: soft edges of what is kept stay whole
SLACK = 1.5  # times as far as it is drawn in: what is as thin as that
LONG = 16  # times the square of half its width, the area of what is a wire or a bar; a marker's is 3 to 10
REACH = 0.05  # of the long side around the hint: what the key cannot see, clothes of the screen's colour, may go on
MOST_DRAWN_IN = 0.04  # of the long side; a hint further inside is a mark on the subject, and its outline tells nothing


def obey_hint(guide: Guide, hint: Array) -> Guide:
    """Take a given hint into a guide made from the screen.

    What the key sees and the hint does not touch anywhere (a stand, a second person, a marker) is dropped from the
    key, and marked as hidden, so that the network is shown bare screen there. What the hint touches is kept whole,
    also where the hint lacks a limb or hair. So is what is thinner than the hint is drawn in: wires, bars and sticks
    that no such hint can show. An empty hint drops all.

    Args:
        guide: with key (H, W) and clean plate (h, w, 3).
        hint: (any size) float32 0..1.
    Returns:
        Guide with that hint, the reduced key, and `hidden` at (h, w).
    """
    if guide.key is None or guide.clean_plate is None:
        return dataclasses.replace(guide, hint=hint)
    size = guide.clean_plate.shape[:2]
    meant = resize_bilinear(hint, size) > MEANT
    key = resize_bilinear(guide.key, size)
    seen = key > SEEN
    labels = np.asarray(cv2.connectedComponents(seen.astype(np.uint8), connectivity=8)[1], np.int32)
    touched = np.unique(labels[meant & seen])
    known = np.isin(labels, touched) & seen
    kept = known | meant | _thinner(labels, key, _drawn_in(meant, known & (key > SOLID)))
    margin, reach = (max(1, round(part * max(size))) for part in (MARGIN, REACH))
    near = _widened(kept, margin) | (_widened(meant, reach) & ~_widened(seen & ~kept, margin))
    shown = cv2.GaussianBlur(near.astype(np.float32), (0, 0), margin / 4)
    hidden = np.asarray(np.float32(1) - shown, np.float32)
    left = guide.key * (np.float32(1) - resize_bilinear(hidden, (guide.key.shape[0], guide.key.shape[1])))
    return dataclasses.replace(guide, hint=hint, key=left, hidden=hidden)


def _widened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    return np.asarray(_depth(~mask) <= by)


def _depth(mask: NDArray[np.bool_]) -> Array:
    """(h, w): how many pixels it is from each one in the mask to where it ends; the frame's sides end nothing.

    Where nothing ends it, OpenCV has 1e38 or so; here it is the long side.
    """
    depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.minimum(depth, np.float32(max(mask.shape)), dtype=np.float32)


def _drawn_in(meant: NDArray[np.bool_], solid: NDArray[np.bool_]) -> float:
    """How far the outline of a hint lies inside what is solid: the median, in pixels."""
    inside = _depth(meant)
    outline = (inside > 0) & (inside <= 1)
    if not outline.any():
        return 0.0
    depth = float(np.median(_depth(meant | solid)[outline])) - 1
    return min(depth, MOST_DRAWN_IN * float(max(meant.shape)))


def _thinner(labels: NDArray[np.int32], key: Array, width: float) -> NDArray[np.bool_]:
    """Connected parts of a key that are long, and nowhere deeper than about that many pixels."""
    area = np.bincount(labels.ravel())
    deepest = np.ones(area.size, np.float32)
    half = key > MEANT  # where the hint's outline would be
    np.maximum.at(deepest, labels[half], _depth(half)[half])
    thin = (deepest <= SLACK * width) & (area > LONG * deepest**2)
    thin[0] = False  # the screen
    return np.asarray(thin[labels])
