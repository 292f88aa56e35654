"""The hints that a network is trained with: the project's own, and what people and other programs give."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from corridorkey.types import Array
from corridorkey_torch.train.recipe import HintMix


def degraded_truth(alpha: Array, rng: np.random.Generator) -> Array:
    """A hint as a person or another program would draw it: too small, soft, with parts missing and islands.

    Args:
        alpha: (H, W) float32, the truth.
        rng: decides.
    Returns:
        (H, W) float32 0..1.
    """
    side = max(alpha.shape)
    solid = (alpha > rng.uniform(0.3, 0.9)).astype(np.uint8)
    radius = int(side / 8 * rng.uniform(0, 1) ** 2)  # a crop is a part of a frame: 3 % of 1080p are 28 of 224 pixels
    # Eroded by a disc: by its distance, since cv2.erode takes half a minute for a wide disc at 2048².
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    hint: Any = (depth > radius).astype(np.float32)
    for value in rng.choice([0.0, 0.0, 1.0], size=rng.integers(0, 4)):  # limbs missing; stands and markers
        centre = (int(rng.uniform(0, alpha.shape[1])), int(rng.uniform(0, alpha.shape[0])))
        reach = max(3.0, side / 5 if value == 0.0 else side / 20)
        axes = (int(rng.uniform(2, reach)), int(rng.uniform(2, reach)))
        cv2.ellipse(hint, centre, axes, float(rng.uniform(0, 180)), 0, 360, float(value), -1)
    dx, dy = rng.normal(0, side / rng.choice((100, 30)), 2)
    shift = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    hint = cv2.warpAffine(hint, shift, (alpha.shape[1], alpha.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    hint = cv2.GaussianBlur(hint, (0, 0), float(rng.uniform(0.5, max(1.0, side / 60))))
    return np.asarray(np.clip(hint, 0, 1), np.float32)


def draw_hint(chroma: Array, alpha: Array, mix: HintMix, rng: np.random.Generator) -> Array:
    """One of the four kinds of hint, by their shares: (H, W) float32."""
    kind = rng.choice(4, p=(mix.chroma, mix.truth, mix.empty, mix.solid))
    if kind == 0:
        return chroma
    if kind == 1:
        return degraded_truth(alpha, rng)
    return np.full_like(alpha, float(kind == 3))
