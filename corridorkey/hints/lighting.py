"""How a screen is lit: a surface through what is seen of it, that goes on where the subject hides it."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from corridorkey.types import Array

STEP = 8  # pixels; one sample in a square of so many is enough of a smooth surface
ROUNDS = 4  # of fitting again, with less weight on what is far off: shadows, markers, leftovers of hair
RIDGE = 0.001  # holds slopes and bends down where little is seen
BEYOND = 0.25  # of the range that is seen: how far the surface may leave it
SIGMA = 1.4826  # standard deviation of normal values, as a multiple of their median distance from the middle
LEAST = 0.004  # spread of an even screen
FEW = 40  # samples for six numbers


def lighting(rgb: Array, weight: Array) -> Array:
    """Fit a quadratic surface to the seen parts of a screen.

    Args:
        rgb: (H, W, 3) float32 sRGB 0..1.
        weight: (H, W) float32, 0 is hidden, 1 is screen.
    Returns:
        (H, W, 3) float32, near 0..1; zero where too little is seen to tell slopes.
    """
    weight = np.minimum(weight, np.float32(1))
    samples = np.asarray(cv2.blur(np.dstack([rgb * weight[..., None], weight]), (STEP, STEP)))[::STEP, ::STEP]
    surface = _surface(*weight.shape)
    seen = samples[..., 3] > 0.2
    if seen.sum() < FEW:
        return np.zeros_like(rgb)
    color = np.asarray(samples[seen][:, :3] / samples[seen][:, 3:], np.float32)
    lit = np.matmul(surface, _robust(surface[::STEP, ::STEP][seen], color))
    low, high = np.quantile(color, (0.01, 0.99), axis=0)
    room = BEYOND * (high - low)
    return np.asarray(np.clip(lit, low - room, high + room), np.float32)


@lru_cache(maxsize=2)  # of a shot all frames have one size
def _surface(height: int, width: int) -> Array:
    """(H, W, 6): 1, x, y, x², xy, y², with x and y from -1 to 1."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _robust(terms: Array, color: Array) -> Array:
    """Coefficients (6, 3) of terms (N, 6) for colours (N, 3), by reweighted least squares."""
    trust = np.ones(len(terms))
    ridge = RIDGE * len(terms) * np.diag([0.0, *[1.0] * (terms.shape[1] - 1)])
    for _ in range(ROUNDS):
        weighted = (terms * trust[:, None]).T
        found = np.linalg.solve(weighted @ terms + ridge, weighted @ color)
        off = np.abs(color - terms @ found).max(axis=1)
        spread = max(SIGMA * float(np.median(off)), LEAST)
        trust = 1 / np.maximum(1, off / (2 * spread)) ** 2
    return np.asarray(found, np.float32)
