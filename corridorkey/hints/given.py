"""A hint from elsewhere: what it leaves out is no subject, however solid it stands before the screen."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from corridorkey.resize import resize_bilinear
from corridorkey.types import Array, Guide

SEEN = 0.1  # key above which something stands before the screen
MEANT = 0.5  # hint above which it is subject
MARGIN = 0.02  # of the long side: soft edges of what is kept stay whole


def obey_hint(guide: Guide, hint: Array) -> Guide:
    """Take a given hint into a guide made from the screen.

    What the key sees and the hint does not touch anywhere (a stand, a second person, a marker) is dropped from the
    key, and marked as hidden, so that the network is shown bare screen there. What the hint touches is kept whole,
    also where the hint lacks a limb or hair.

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
    seen = resize_bilinear(guide.key, size) > SEEN
    _, labels = cv2.connectedComponents(seen.astype(np.uint8), connectivity=8)
    touched = np.unique(labels[meant & seen])
    kept = (np.isin(labels, touched) & seen) | meant
    radius = max(1, round(MARGIN * max(size)))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    shown = cv2.GaussianBlur(cv2.dilate(kept.astype(np.float32), disc), (0, 0), radius / 4)
    hidden = np.asarray(np.float32(1) - shown, np.float32)
    key = guide.key * (np.float32(1) - resize_bilinear(hidden, (guide.key.shape[0], guide.key.shape[1])))
    return dataclasses.replace(guide, hint=hint, key=key, hidden=hidden)
