"""The chroma hint: hint, soft key and clean plate from the plate alone. Needs no weights.

Every function but the last sees a green screen; a blue one has its green and blue swapped before and after.
"""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.hints.clean_plate import FINE, ROUGH, Mask, clean_plate, known_screen, seeds
from corridorkey.hints.cleanup import drop_islands, erode_and_blur, fill_holes
from corridorkey.hints.difference import hue_gate, ramp, same_hue, screen_ratio
from corridorkey.types import Array, Guide, Screen

WORK_SIZE = 512  # long side at which plate and hint are estimated
HARD_GATE = 0.95, 0.80  # cosines between the hues of plate and clean plate
SOFT_GATE = 0.80, 0.35
CALM = 0.0023  # blur before looking, of the long side; without it dark cloth speckles


def screen_level(ratio: Array, known: Mask) -> tuple[float, float]:
    """Median of the ratio where there is screen, and its spread (robust standard deviation): the grain.

    Grain lifts the larger of red and blue, so that a noisy screen lies below 1.
    """
    sample = ratio[known]
    if not sample.size:
        return 1.0, 0.0
    middle = float(np.median(sample))
    return max(middle, 0.5), 1.4826 * float(np.median(np.abs(sample - middle)))


def soft_key(ratio: Array, level: float, grain: float) -> Array:
    """The colour-difference key.

    Args:
        ratio: (H, W) float32, from `screen_ratio`.
        level, grain: from `screen_level`. The grain, not the hair, falls below black.
    Returns:
        (H, W) float32 0..1, 1 is subject.
    """
    black = level * float(np.clip(1 - 2 * grain / level, 0.80, 0.95))
    return ramp(ratio, black, 0.05)


def coarse_hint(rgb: Array, plate: Array) -> Array:
    """The key, gated hard, cleaned, eroded and blurred: where the subject is, rather too small than too large."""
    alpha = ramp(screen_ratio(rgb, plate), 0.8, 0.3)
    alpha = np.maximum(alpha, hue_gate(same_hue(rgb, plate), rgb, *HARD_GATE))
    return erode_and_blur(fill_holes(drop_islands(alpha)))


def full_key(rgb: Array, plate: Array, known: Mask, hint: Array) -> Array:
    """The soft key at the plate's own size.

    Args:
        rgb: (H, W, 3) float32 sRGB 0..1.
        plate, known, hint: clean plate, screen pixels and hint at working size.
    Returns:
        (H, W) float32 0..1.
    """
    size = rgb.shape[1::-1]
    plate = np.asarray(cv2.resize(plate, size, interpolation=cv2.INTER_LINEAR), np.float32)
    inside = np.asarray(cv2.resize(hint, size, interpolation=cv2.INTER_LINEAR), np.float32)
    known = cv2.resize(known.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    ratio, cosine = screen_ratio(rgb, plate), same_hue(rgb, plate)
    step = max(1, max(size) // WORK_SIZE)
    level, grain = screen_level(ratio[::step, ::step], known[::step, ::step])
    # Hair turns the hue as well: the hard gate stays inside the hint, where it makes green props solid.
    gate = np.maximum(hue_gate(cosine, rgb, *SOFT_GATE), inside * hue_gate(cosine, rgb, *HARD_GATE))
    return np.asarray(np.maximum(soft_key(ratio, level, grain), gate), np.float32)


def chroma_guide(rgb: Array, screen: Screen) -> Guide:
    """Hint, soft key and clean plate of one frame; it depends on nothing but the frame.

    Args:
        rgb: (H, W, 3) float32 sRGB; clipped to 0..1.
    Returns:
        The key at the plate's size; hint and clean plate with a long side of at most 512.
    """
    rgb = np.clip(_as_green(rgb, screen), 0, 1)
    small = _shrink(rgb)
    calm = np.asarray(cv2.GaussianBlur(small, (0, 0), CALM * max(small.shape)), np.float32)
    known = seeds(calm)
    plate = clean_plate(small, known, ROUGH)  # too smooth for a marker to hide in
    known = known_screen(calm, plate)
    plate = clean_plate(small, known, FINE) if known.any() else plate
    hint = coarse_hint(calm, plate)
    key = full_key(rgb, plate, known, hint)
    return Guide(hint=hint, screen=screen, key=key, clean_plate=_as_green(plate, screen))


def _as_green(rgb: Array, screen: Screen) -> Array:
    return rgb if screen == "green" else np.ascontiguousarray(rgb[..., [0, 2, 1]])


def _shrink(rgb: Array) -> Array:
    height, width = rgb.shape[:2]
    scale = WORK_SIZE / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.float32)
