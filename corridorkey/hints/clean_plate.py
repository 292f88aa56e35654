"""The clean plate of one frame: the screen as if the subject had left.

Everything here sees a green screen; a blue one has its green and blue swapped beforehand.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.hints.difference import same_hue, screen_difference, screen_ratio
from corridorkey.hints.lighting import lighting
from corridorkey.hints.pushpull import push_pull
from corridorkey.types import Array

Mask = NDArray[Any]
ROUGH, FINE = 0.03, 0.006  # smoothness of the first and the final clean plate, of the long side
FAR, BESIDE = 0.02, 0.008  # from what may be hair, of the long side
DARKEST = 0.3  # of the screen's colour difference; some of the screen in any frame is lighter
FEW = 0.002  # of the frame; less is grain
NO_SCREEN = np.asarray([0.0, 0.6, 0.0], np.float32)  # stands in where a frame shows none


def seeds(rgb: Array, color: Array | None = None) -> Mask:
    """Pixels that are surely screen.

    Args:
        rgb: (H, W, 3) float32 sRGB 0..1.
        color: (3,) float32 sRGB, the clip's screen; None takes the greenest of the frame for one.
    Returns:
        (H, W) bool; possibly all False.
    """
    difference = screen_difference(rgb, 1.0)
    if color is not None:
        difference *= _like(rgb, color[None, None].astype(np.float32))
    purity = difference / np.maximum(rgb[..., 1], np.float32(1e-3))
    candidate = np.asarray((difference > 0.03) & (purity > 0.08))
    if not candidate.any():
        return candidate
    # Otsu parts screen from the rest; half of it keeps the screen's dark corners.
    levels = np.clip(difference * 255, 0, 255).astype(np.uint8)
    otsu, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    candidate &= difference > 0.5 * otsu / 255
    # Light moves a screen's level, not its purity: a pale green is a shirt.
    candidate &= purity > 0.5 * np.quantile(purity[candidate], 0.95)
    strong = candidate & (difference >= np.quantile(difference[candidate], 0.35))
    median = np.median(rgb[strong], axis=0).astype(np.float32)
    return candidate & (same_hue(rgb, median[None, None]) > 0.9)


def _like(rgb: Array, paint: Array) -> Mask:
    difference, want = screen_difference(rgb, 1.0), screen_difference(paint, 1.0)
    pure = difference * paint[..., 1] > 0.5 * want * rgb[..., 1]
    alike = pure & (same_hue(rgb, paint) > 0.8) & (difference > 0.1 * want)
    # Dark corners are seen beside lit screen; dark green alone is a coat.
    lit = alike & (difference > DARKEST * want)
    return alike if lit.mean() > FEW else lit


def clean_plate(rgb: Array, known: Mask, smooth: float, color: Array | None = None) -> Array:
    """The screen as if the subject had left.

    Args:
        rgb: (H, W, 3) float32 sRGB 0..1, at working size.
        known: (H, W) bool, pixels that are screen.
        smooth: blur, of the long side.
        color: (3,) float32 sRGB, the screen where the frame shows none; None is a pure green.
    Returns:
        (H, W, 3) float32.
    """
    if not known.any():
        return np.broadcast_to(NO_SCREEN if color is None else color, rgb.shape).astype(np.float32)
    # Hair darkens the screen beside it: the rim of what is known counts only where there is nothing else.
    weight: Array = _erode(known, FAR) + np.float32(0.05) * _erode(known, BESIDE) + np.float32(1e-4) * known
    lit = lighting(rgb, weight)
    # What is left of it, shadows and wrinkles, is filled in on its own.
    weighted, weight = _blur((rgb - lit) * weight[..., None], smooth), _blur(weight, smooth)
    left = np.divide(weighted, np.maximum(weight, np.float32(1e-9))[..., None], dtype=np.float32)
    return np.asarray(np.clip(lit + push_pull(left, weight), 0, 1), np.float32)


def known_screen(rgb: Array, plate: Array) -> Mask:
    """Pixels that a first clean plate tells to be screen, shadows on it among them.

    Args:
        rgb, plate: (H, W, 3) float32 sRGB 0..1, frame and clean plate.
    Returns:
        (H, W) bool.
    """
    ratio = screen_ratio(rgb, plate)
    # Cloth of the screen's hue has more white in it.
    paler = _grey(rgb) > _grey(plate) + 0.1
    hue = (same_hue(rgb, plate) > 0.96) & ~paler
    lit = hue & (ratio > 0.85) & (ratio < 1.5)
    # A shadow is even and wide; hair is uneven, a marker narrow.
    mean = np.asarray(cv2.blur(ratio, (5, 5)))
    even = np.asarray(cv2.blur(ratio * ratio, (5, 5))) - mean * mean < 0.08**2
    shadow = (hue & even & (ratio > 0.5) & (ratio <= 0.85)).astype(np.uint8)
    return np.asarray(lit | (cv2.morphologyEx(shadow, cv2.MORPH_OPEN, _disc(shadow, 0.016)) > 0))


def _grey(rgb: Array) -> Array:
    return np.minimum(rgb[..., 0], rgb[..., 2])


def _disc(mask: Mask, reach: float) -> Mask:
    radius = max(1, round(reach * max(mask.shape)))
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))


def _erode(mask: Mask, reach: float) -> Array:
    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(mask, reach)), np.float32)


def _blur(image: Array, reach: float) -> Array:
    size = 2 * round(reach * max(image.shape)) + 1
    for _ in range(2):  # two boxes: near enough to a Gaussian, at any reach for the same price
        image = np.asarray(cv2.blur(image, (size, size)), np.float32)
    return image
