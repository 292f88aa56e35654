"""Colour difference: how much of the screen is left in a pixel, and whether its hue is the screen's.

Everything here sees a green screen; a blue one has its green and blue swapped beforehand.

Sources: Vlahos's colour difference, after Smith and Blinn, "Blue Screen Matting" (1996); a clean plate in place of one
screen colour, as image-based keyers have it.
"""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.types import Array

# The larger of red and blue keeps warm cloth solid but hardens hair and loses teal; their mean does the reverse.
BALANCE = 0.6


def ramp(x: Array, none: float, full: float) -> Array:
    """0 at `none`, 1 at `full`, straight between them and clipped beyond; `none` may be the larger."""
    return np.asarray(np.clip((x - np.float32(none)) * np.float32(1 / (full - none)), 0, 1), np.float32)


def screen_difference(rgb: Array, balance: float = BALANCE) -> Array:
    """How much greener than the rest.

    Args:
        rgb: (H, W, 3) float32 sRGB.
        balance: 1 compares green with the larger of red and blue, 0.5 with their mean.
    Returns:
        (H, W) float32; positive where there is screen.
    """
    red, green, blue = cv2.split(rgb)
    most, least = cv2.max(red, blue), cv2.min(red, blue)
    return np.asarray(green - np.float32(balance) * most - np.float32(1 - balance) * least, np.float32)


def screen_ratio(rgb: Array, plate: Array) -> Array:
    """How much of the clean plate's screen is left, (H, W) float32: 1 is all of it, 0 or less none."""
    whole = np.maximum(screen_difference(plate), np.float32(0.02))
    return np.divide(screen_difference(rgb), whole, dtype=np.float32)


def same_hue(rgb: Array, plate: Array) -> Array:
    """Cosine between the chroma of plate and clean plate, (H, W) float32: 1 is the screen's own hue at any level."""
    a0, a1, a2 = cv2.split(rgb)
    b0, b1, b2 = cv2.split(np.ascontiguousarray(plate))
    a, b = (a0 + a1 + a2) / 3, (b0 + b1 + b2) / 3
    a0, a1, a2, b0, b1, b2 = a0 - a, a1 - a, a2 - a, b0 - b, b1 - b, b2 - b
    length = cv2.sqrt((a0 * a0 + a1 * a1 + a2 * a2) * (b0 * b0 + b1 * b1 + b2 * b2))
    return np.asarray((a0 * b0 + a1 * b1 + a2 * b2) / np.maximum(length, np.float32(1e-6)), np.float32)


def hue_gate(cosine: Array, rgb: Array, closed: float, opened: float) -> Array:
    """What is coloured otherwise than the screen is subject, however green it is.

    Args:
        cosine: (H, W) float32, from `same_hue`.
        closed, opened: cosines at which the gate is 0 and 1.
    Returns:
        (H, W) float32 0..1. Zero where there is too little colour to tell its hue.
    """
    red, green, blue = cv2.split(rgb)
    chroma = np.asarray(cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue), np.float32)
    return ramp(cosine, closed, opened) * ramp(chroma, 0.05, 0.12)
