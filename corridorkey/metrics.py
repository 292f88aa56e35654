"""How far a key is from the truth: the matting literature's alpha errors, dtSSD, and errors of colour.

Every function takes (pred, truth, mask); the mask chooses pixels, None takes all. Sums are in float64. Connectivity
measures the whole picture's largest common part and counts the difference inside the mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.types import Array, Screen

Doubles = NDArray[np.float64]
Region = NDArray[np.bool_]


def _pair(pred: Array, truth: Array, mask: Region | None, channels: bool = False) -> tuple[Doubles, Doubles, Region]:
    p, t = np.asarray(pred, np.float64), np.asarray(truth, np.float64)
    if not channels and p.ndim == 3 and p.shape[-1] == 1:
        p = p[..., 0]
    if not channels and t.ndim == 3 and t.shape[-1] == 1:
        t = t[..., 0]
    wanted = "(H, W, 3)" if channels else "(H, W) or (H, W, 1)"
    if p.shape != t.shape or p.ndim != (3 if channels else 2) or (channels and p.shape[-1] != 3):
        raise ValueError(f"prediction {np.shape(pred)} and truth {np.shape(truth)} must both be {wanted}")
    chosen = np.ones(p.shape[:2], np.bool_) if mask is None else np.asarray(mask, np.bool_)
    if chosen.shape != p.shape[:2]:
        raise ValueError(f"mask {chosen.shape} must be {p.shape[:2]}, as the picture is")
    return p, t, chosen


def _mean(values: Doubles, mask: Region) -> float:
    return float(values[mask].mean()) if mask.any() else 0.0


def transition(alpha: Array, low: float = 0.02, high: float = 0.98) -> Region:
    """Where a true alpha is neither screen nor subject: (H, W) bool."""
    flat = alpha[..., 0] if alpha.ndim == 3 else alpha
    return np.asarray((flat > low) & (flat < high), np.bool_)


def sad(pred: Array, truth: Array, mask: Region | None = None) -> float:
    """Sum of absolute differences of alpha, in thousands."""
    p, t, m = _pair(pred, truth, mask)
    return float(np.abs(p - t)[m].sum() / 1000)


def mse(pred: Array, truth: Array, mask: Region | None = None) -> float:
    """Mean squared difference of alpha."""
    p, t, m = _pair(pred, truth, mask)
    return _mean((p - t) ** 2, m)


def mad(pred: Array, truth: Array, mask: Region | None = None) -> float:
    """Mean absolute difference of alpha."""
    p, t, m = _pair(pred, truth, mask)
    return _mean(np.abs(p - t), m)


def _slope(alpha: Doubles, sigma: float) -> Doubles:
    """Length of the gradient under Gaussian derivatives."""
    reach = int(np.ceil(sigma * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * sigma * 1e-2))))
    x = np.arange(-reach, reach + 1, dtype=np.float64)
    bell = np.exp(-(x**2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    rise = -x * bell / sigma**2
    scale = np.sqrt((np.outer(bell, rise) ** 2).sum())
    along, across = rise[::-1] / scale, bell  # OpenCV correlates
    gx = cv2.sepFilter2D(alpha, cv2.CV_64F, along, across, borderType=cv2.BORDER_REPLICATE)
    gy = cv2.sepFilter2D(alpha, cv2.CV_64F, across, along, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.hypot(gx, gy), np.float64)


def gradient_error(pred: Array, truth: Array, mask: Region | None = None, sigma: float = 1.4) -> float:
    """Sum of squared differences of alpha's gradient lengths, in thousands.

    Source: Rhemann et al., A Perceptually Motivated Online Benchmark for Image Matting, 2009.
    """
    p, t, m = _pair(pred, truth, mask)
    return float(((_slope(p, sigma) - _slope(t, sigma)) ** 2)[m].sum() / 1000)


def connectivity_error(
    pred: Array, truth: Array, mask: Region | None = None, step: float = 0.1, theta: float = 0.15
) -> float:
    """Sum of differences in how firmly pixels hang together with the subject's body, in thousands.

    For each threshold, the body is the largest 4-connected part that is above it in both mattes. A pixel's level is
    the last threshold at which it belonged; what its alpha has beyond that, where over `theta`, counts against it.

    Source: Rhemann et al., 2009.
    """
    p, t, m = _pair(pred, truth, mask)
    steps = round(1 / step)
    level = np.full(p.shape, -1.0)
    for k in range(1, steps + 1):
        both = ((p >= k * step - 1e-9) & (t >= k * step - 1e-9)).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(both, connectivity=4)
        body = np.zeros(p.shape, np.bool_)
        if len(stats) > 1:
            body = labels == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
        level[(level < 0) & ~body] = (k - 1) * step
    level[level < 0] = 1.0

    def held(alpha: Doubles) -> Doubles:
        beyond = alpha - level
        return np.asarray(1 - beyond * (beyond >= theta), np.float64)

    return float(np.abs(held(p) - held(t))[m].sum() / 1000)


def dtssd(pred: Sequence[Array], truth: Sequence[Array], mask: Sequence[Region] | None = None) -> float:
    """Flicker of a sequence: root mean square error of alpha's change from frame to frame, averaged over the frames.

    Source: Erofeev et al., Perceptually Motivated Benchmark for Video Matting, 2015.
    """
    if len(pred) != len(truth) or (mask is not None and len(mask) != len(truth)):
        raise ValueError(f"{len(pred)} predicted and {len(truth)} true frames (or their masks) must be as many")
    if len(truth) < 2:
        raise ValueError("dtSSD compares neighbouring frames: give two or more")
    pairs = [_pair(p, t, None if mask is None else mask[k]) for k, (p, t) in enumerate(zip(pred, truth, strict=True))]
    errors = [_mean(((p1 - p0) - (t1 - t0)) ** 2, m) for (p0, t0, _), (p1, t1, m) in pairwise(pairs)]
    return float(np.sqrt(errors).mean())


def fg_mae(pred: Array, truth: Array, mask: Region | None = None) -> float:
    """Mean absolute difference of straight colours, over the three channels; give linear light."""
    p, t, m = _pair(pred, truth, mask, channels=True)
    return _mean(np.abs(p - t).mean(axis=-1), m)


def premultiplied_mae(
    pred: Array, pred_alpha: Array, truth: Array, truth_alpha: Array, mask: Region | None = None
) -> float:
    """Mean absolute difference of colour times coverage, in linear light: what a comp over black would show."""
    p, t, m = _pair(pred, truth, mask, channels=True)
    a, b, _ = _pair(pred_alpha, truth_alpha, m)
    if a.shape != p.shape[:2]:
        raise ValueError(f"alpha {a.shape} must be {p.shape[:2]}, as the colour is")
    return _mean(np.abs(p * a[..., None] - t * b[..., None]).mean(axis=-1), m)


def spill_excess(pred: Array, truth: Array, screen: Screen = "green", mask: Region | None = None) -> float:
    """Mean screen colour that is left: how far pred's screen channel is over the mean of the others, beyond truth's."""
    p, t, m = _pair(pred, truth, mask, channels=True)
    key = 1 if screen == "green" else 2
    others = [i for i in range(3) if i != key]

    def excess(rgb: Doubles) -> Doubles:
        return np.asarray(np.maximum(rgb[..., key] - rgb[..., others].mean(axis=-1), 0), np.float64)

    return _mean(np.maximum(excess(p) - excess(t), 0), m)
