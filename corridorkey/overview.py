"""A large frame keyed twice: small, as a whole, and in full; each has its say where it is the surer one.

A network sees so many pixels around each one. In a large frame they hold a piece of screen or of cloth alone, and a
veil or a hole can be all that it makes of that; in a small one they hold what the piece belongs to. So the small one
decides on what is solid and what is empty, and the large one on every hair.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np

from corridorkey.config import AT_HOME, SIZE_STEP, GreenFormerConfig
from corridorkey.resize import grow, shrink
from corridorkey.types import Array, Prediction

NEAR = 8.0  # pixels of the overview over which doubt is averaged
DOUBT = 1e-3  # of a prediction that has none: two sure ones that differ meet halfway

Predict = Callable[[Array, float], Prediction]


def predict_both(predict: Predict, x: Array, contract: GreenFormerConfig, refiner_scale: float) -> Prediction:
    """Predict a frame; one that is larger than AT_HOME allows at the overview's size too.

    Args:
        predict: a network's own, (1, h, w, C) and refiner_scale to a Prediction at (h, w).
        x: (1, h, w, C) float32, as `prepare` gives it.
        contract: its `overview` decides; 0 predicts once.
        refiner_scale: multiplies the refiner's logits.
    Returns:
        Prediction at (h, w).
    """
    whole = predict(x, refiner_scale)
    long = max(x.shape[1:3])
    at_home = math.ceil(AT_HOME * contract.overview / SIZE_STEP) * SIZE_STEP  # x is padded to that step
    if not contract.overview or long <= at_home:
        return whole
    h, w = (max(1, round(n * contract.overview / long)) for n in x.shape[1:3])
    small = np.pad(shrink(x[0], (h, w)), ((0, -h % SIZE_STEP), (0, -w % SIZE_STEP), (0, 0)), mode="edge")
    seen = predict(small[None], refiner_scale)
    return merge(whole, Prediction(seen.alpha[:h, :w], seen.fg[:h, :w]))


def merge(whole: Prediction, seen: Prediction) -> Prediction:
    """Add to a prediction what a smaller one of the same frame says otherwise, and more surely.

    Args:
        whole: at (h, w).
        seen: at a smaller size.
    Returns:
        Prediction at (h, w), 0..1.
    """
    size, small = whole.alpha.shape[:2], seen.alpha.shape[:2]
    ours = Prediction(shrink(whole.alpha, small), shrink(whole.fg, small))
    # Before it is shrunk: a strand that the smaller frame cannot resolve is no doubt of the larger one's.
    doubt, other = _around(shrink(_doubt(whole.alpha), small)), _around(_doubt(seen.alpha))
    share = doubt**2 / (doubt**2 + other**2)

    def merged(own: Array, shrunk: Array, told: Array) -> Array:
        changed = own + grow(share * (told - shrunk), size)
        return np.clip(changed, np.float32(0), np.float32(1), out=changed)

    return Prediction(merged(whole.alpha, ours.alpha, seen.alpha), merged(whole.fg, ours.fg, seen.fg))


def _doubt(alpha: Array) -> Array:
    """(h, w, 1): how far alpha is from 0 and 1; 0.5 is 1."""
    return 4 * alpha * (1 - alpha)


def _around(doubt: Array) -> Array:
    """(h, w, 1): the mean around a pixel."""
    spread = cv2.GaussianBlur(doubt[..., 0], (0, 0), NEAR)
    return np.asarray(spread[..., None] + np.float32(DOUBT), np.float32)
