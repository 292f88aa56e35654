"""Finishing as the formulas say it: whole frames, one step after the other. What the quick one must agree with."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.types import Array


def linear_to_srgb(x: Array) -> Array:
    """IEC 61966-2-1, encoded."""
    x = np.maximum(x, np.float32(0))
    curve = np.float32(1.055) * np.power(x, np.float32(1 / 2.4)) - np.float32(0.055)
    return np.where(x <= np.float32(0.0031308), np.float32(12.92) * x, curve)


def srgb_to_linear(x: Array) -> Array:
    """IEC 61966-2-1, decoded."""
    x = np.maximum(x, np.float32(0))
    curve = np.power((x + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(x <= np.float32(0.04045), x / np.float32(12.92), curve)


def resize(x: Array, size: tuple[int, int]) -> Array:
    """Lanczos, clamped to 0..1."""
    if x.shape[:2] != size:
        resized = cv2.resize(x, size[::-1], interpolation=cv2.INTER_LANCZOS4)
        x = np.asarray(resized, np.float32).reshape(*size, x.shape[2])
    return np.clip(x, np.float32(0), np.float32(1))


def keep_mask(alpha: Array, area: int) -> NDArray[np.uint8]:
    """(H, W, 1) alpha to (H, W) uint8: what despeckle multiplies it by, times 255."""
    solid = (alpha[..., 0] > 0.5).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= area
    large[0] = False
    keep = large[labels].astype(np.uint8) * np.uint8(255)
    keep = cv2.dilate(keep, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (51, 51)))
    return np.asarray(cv2.GaussianBlur(keep, (11, 11), 0), np.uint8)


def despeckle(alpha: Array, area: int) -> Array:
    """Islands below `area` faded out; 0 keeps all."""
    return alpha * (keep_mask(alpha, area).astype(np.float32)[..., None] / np.float32(255)) if area else alpha


def despill(fg: Array, screen: str, strength: float) -> Array:
    """The screen channel limited to the mean of the others."""
    channel = {"green": 1, "blue": 2}[screen]
    others = [c for c in range(3) if c != channel]
    limit = (fg[..., others[0]] + fg[..., others[1]]) * np.float32(0.5)
    spill = np.maximum(fg[..., channel] - limit, np.float32(0)) * np.float32(strength)
    clean = fg.copy()
    clean[..., channel] -= spill
    for other in others:
        clean[..., other] += spill * np.float32(0.5)
    return clean


def premultiply(rgb: Array, alpha: Array) -> Array:
    """RGBA."""
    return np.concatenate([rgb * alpha, alpha], axis=-1)


def over_checker(rgba: Array) -> Array:
    """Linear RGB over 128 px squares of sRGB 0.15 and 0.55."""
    rows, columns = (np.arange(n) // 128 for n in rgba.shape[:2])
    dark, light = srgb_to_linear(np.array([0.15, 0.55], np.float32))
    board = np.where((rows[:, None] + columns) % 2 == 0, dark, light)
    comp: Array = rgba[..., :3] + (np.float32(1) - rgba[..., 3:]) * np.repeat(board[..., None], 3, axis=-1)
    return comp


def finish(
    alpha: Array, fg: Array, size: tuple[int, int], screen: str, strength: float, area: int
) -> tuple[Array, Array, Array, Array]:
    """An (h, w, 1) alpha and an (h, w, 3) fg to the four pictures of a KeyedFrame of that size."""
    alpha, fg = resize(alpha, size), resize(fg, size)
    processed = premultiply(srgb_to_linear(despill(fg, screen, strength)), despeckle(alpha, area))
    return alpha, fg, processed, linear_to_srgb(over_checker(processed))
