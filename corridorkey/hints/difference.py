"""Colour difference: how much of the screen is left in a pixel, and whether its hue is the screen's.

Everything here sees a green screen; a blue one has its green and blue swapped beforehand. All pictures may be planar
(see `planar`), and large ones should be.

Sources: Vlahos's colour difference, after Smith and Blinn, "Blue Screen Matting" (1996); a clean plate in place of one
screen colour, as image-based keyers have it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corridorkey.types import Array

# The larger of red and blue keeps warm cloth solid but hardens hair and loses teal; their mean does the reverse.
BALANCE = 0.6


def planar(rgb: Array, order: Sequence[int] = (0, 1, 2)) -> Array:
    """Lay each channel out in one piece, clipped to 0..1: arithmetic by channel is then several times faster.

    Args:
        rgb: (H, W, 3) float32.
        order: the channel that comes first, second and third.
    Returns:
        (H, W, 3) float32, a view of (3, H, W).
    """
    planes = np.empty((3, *rgb.shape[:2]), np.float32)
    for plane, channel in zip(planes, order, strict=True):
        np.clip(rgb[..., channel], 0, 1, out=plane)
    return np.moveaxis(planes, 0, 2)


def ramp(x: Array | float, none: float, full: float) -> Array:
    """0 at `none`, 1 at `full`, straight between them and clipped beyond; `none` may be the larger."""
    y = np.asarray((x - np.float32(none)) * np.float32(1 / (full - none)), np.float32)
    return np.clip(y, 0, 1, out=y)


def screen_difference(rgb: Array, balance: float = BALANCE) -> Array:
    """How much greener than the rest.

    Args:
        rgb: (H, W, 3) float32 sRGB.
        balance: 1 compares green with the larger of red and blue, 0.5 with their mean.
    Returns:
        (H, W) float32; positive where there is screen.
    """
    red, green, blue = _channels(rgb)
    difference = np.maximum(red, blue)
    difference *= np.float32(balance)
    np.subtract(green, difference, out=difference)
    least = np.minimum(red, blue)
    least *= np.float32(1 - balance)
    difference -= least
    return difference


def screen_ratio(rgb: Array, plate: Array) -> Array:
    """How much of the clean plate's screen is left.

    Args:
        rgb, plate: (H, W, 3) float32 sRGB, frame and clean plate.
    Returns:
        (H, W) float32: 1 is all of it, 0 or less none.
    """
    whole, left = screen_difference(plate), screen_difference(rgb)
    np.maximum(whole, np.float32(0.02), out=whole)
    left /= whole
    return left


def same_hue(rgb: Array, plate: Array) -> Array:
    """Cosine between the chroma of plate and clean plate.

    Args:
        rgb, plate: (H, W, 3) float32 sRGB, frame and clean plate; or a plate of (1, 1, 3), one colour for all.
    Returns:
        (H, W) float32: 1 is the screen's own hue at any level.
    """
    u, v = _chroma(rgb)
    plate_u, plate_v = _chroma(plate)
    length = (u * u + v * v) * (plate_u * plate_u + plate_v * plate_v)
    np.sqrt(length, out=length)
    np.maximum(length, np.float32(1e-6), out=length)
    u *= plate_u
    v *= plate_v
    u += v
    u /= length
    return u


def colourful(rgb: Array) -> Array:
    """Whether there is colour enough to tell its hue.

    Args:
        rgb: (H, W, 3) float32 sRGB.
    Returns:
        (H, W) float32 0..1.
    """
    red, green, blue = _channels(rgb)
    most, least = np.maximum(red, green), np.minimum(red, green)
    np.maximum(most, blue, out=most)
    np.minimum(least, blue, out=least)
    most -= least
    return ramp(most, 0.05, 0.12)


def hue_gate(cosine: Array, rgb: Array, closed: float, opened: float) -> Array:
    """What is coloured otherwise than the screen is subject, however green it is.

    Args:
        cosine: (H, W) float32, from `same_hue`.
        rgb: (H, W, 3) float32 sRGB.
        closed, opened: cosines at which the gate is 0 and 1.
    Returns:
        (H, W) float32 0..1. Zero where there is too little colour to tell its hue.
    """
    return ramp(cosine, closed, opened) * colourful(rgb)


def _channels(rgb: Array) -> tuple[Array, Array, Array]:
    return rgb[..., 0], rgb[..., 1], rgb[..., 2]


def _chroma(rgb: Array) -> tuple[Array, Array]:
    # What is left of a colour in the plane across grey, in two right-angled coordinates, sqrt(2) too long.
    red, green, blue = _channels(rgb)
    v = red + blue
    v *= np.float32(-(3**-0.5))
    v += np.float32(2 * 3**-0.5) * green
    return red - blue, v
