"""The chroma hint: hint, soft key and clean plate from the plate alone. Needs no weights.

Every function but the last sees a green screen; a blue one has its green and blue swapped before and after.
"""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.hints.clean_plate import FINE, ROUGH, Mask, clean_plate, known_screen, seeds
from corridorkey.hints.cleanup import drop_islands, erode_and_blur, fill_holes
from corridorkey.hints.difference import colourful, hue_gate, planar, ramp, same_hue, screen_ratio
from corridorkey.hints.lighting import SIGMA
from corridorkey.hints.shrink import shrink
from corridorkey.prepare import SWAP
from corridorkey.types import Array, Guide, Screen

WORK_SIZE = 512  # long side at which plate and hint are estimated
HARD_GATE = 0.95, 0.80  # cosines between the hues of plate and clean plate
SOFT_GATE = 0.80, 0.35
STRIP = 32  # rows keyed at a time, few enough for the processor's cache
CALM = 0.0023  # blur before looking, of the long side; without it dark cloth speckles


def screen_level(ratio: Array, known: Mask) -> tuple[float, float]:
    """Median of the ratio where there is screen, and its spread (robust standard deviation): the grain.

    Grain lifts the larger of red and blue, so that a noisy screen lies below 1.

    Args:
        ratio: (H, W) float32, from `screen_ratio`.
        known: (H, W) bool, screen pixels.
    Returns:
        Level and grain; 1 and 0 where no screen is known.
    """
    sample = ratio[known]
    if not sample.size:
        return 1.0, 0.0
    middle = float(np.median(sample))
    return max(middle, 0.5), SIGMA * float(np.median(np.abs(sample - middle)))


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
    """The key, gated hard, cleaned, eroded and blurred: where the subject is, rather too small than too large.

    Args:
        rgb, plate: (h, w, 3) float32 sRGB 0..1, frame and clean plate at working size.
    Returns:
        (h, w) float32 0..1.
    """
    alpha = ramp(screen_ratio(rgb, plate), 0.8, 0.3)
    alpha = np.maximum(alpha, hue_gate(same_hue(rgb, plate), rgb, *HARD_GATE))
    return erode_and_blur(fill_holes(drop_islands(alpha)))


def full_key(rgb: Array, plate: Array, known: Mask, hint: Array) -> Array:
    """The soft key at the plate's own size.

    Args:
        rgb: (H, W, 3) float32 sRGB 0..1, planar.
        plate: (h, w, 3) float32 sRGB 0..1, the clean plate at working size.
        known: (h, w) bool, screen pixels.
        hint: (h, w) float32 0..1.
    Returns:
        (H, W) float32 0..1.
    """
    height, width = rgb.shape[:2]
    plate = np.moveaxis(np.stack([_enlarge(plate[..., i], width, height) for i in range(3)]), 0, 2)
    key = _enlarge(hint, width, height)
    known = cv2.resize(known.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0
    step = max(1, max(height, width) // WORK_SIZE)
    level, grain = screen_level(screen_ratio(rgb[::step, ::step], plate[::step, ::step]), known[::step, ::step])
    for top in range(0, height, STRIP):
        rows = slice(top, top + STRIP)
        key[rows] = _strip_key(rgb[rows], plate[rows], key[rows], level, grain)
    return key


def _strip_key(rgb: Array, plate: Array, inside: Array, level: float, grain: float) -> Array:
    cosine = same_hue(rgb, plate)
    # Hair turns the hue as well: the hard gate stays inside the hint, where it makes green props solid.
    gate = np.maximum(ramp(cosine, *SOFT_GATE), inside * ramp(cosine, *HARD_GATE)) * colourful(rgb)
    return np.asarray(np.maximum(soft_key(screen_ratio(rgb, plate), level, grain), gate), np.float32)


def _enlarge(image: Array, width: int, height: int) -> Array:
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def chroma_guide(rgb: Array, screen: Screen, color: Array | None = None) -> Guide:
    """Hint, soft key and clean plate of one frame; it depends on nothing but the frame and the screen's colour.

    Args:
        rgb: (H, W, 3) float32 sRGB; clipped to 0..1.
        screen: colour of the screen.
        color: (3,) float32 sRGB, the clip's screen, from a ScreenReport: tells a greenish subject that fills the frame
            from a screen. None estimates it from the frame, which is then taken to show some screen.
    Returns:
        The key at the plate's size; hint and clean plate with a long side of at most 512.
    """
    order = SWAP if screen == "blue" else [0, 1, 2]
    color = None if color is None else color[order]
    rgb = planar(rgb, order)
    small = shrink(rgb, WORK_SIZE)
    calm = np.asarray(cv2.GaussianBlur(small, (0, 0), CALM * max(small.shape)), np.float32)
    known = seeds(calm, color)
    plate = clean_plate(small, known, ROUGH, color)  # too smooth for a marker to hide in
    known = known_screen(calm, plate)
    plate = clean_plate(small, known, FINE) if known.any() else plate
    hint = coarse_hint(calm, plate)
    key = full_key(rgb, plate, known, hint)
    return Guide(hint=hint, screen=screen, key=key, clean_plate=np.ascontiguousarray(plate[..., order]))
