"""Colours of skin, hair, cloth and light, in linear light."""

from __future__ import annotations

import colorsys

import numpy as np

from corridorkey.color import srgb_to_linear
from corridorkey.types import Array, Screen

SKIN = (
    (0.96, 0.80, 0.70),
    (0.90, 0.69, 0.56),
    (0.80, 0.58, 0.44),
    (0.66, 0.45, 0.32),
    (0.47, 0.30, 0.20),
    (0.28, 0.18, 0.13),
)
HAIR = (
    (0.05, 0.04, 0.04),
    (0.10, 0.07, 0.05),
    (0.20, 0.13, 0.09),
    (0.35, 0.22, 0.13),
    (0.50, 0.35, 0.20),
    (0.72, 0.56, 0.34),
    (0.85, 0.74, 0.54),
    (0.50, 0.19, 0.08),
    (0.55, 0.54, 0.52),
    (0.86, 0.85, 0.83),
    (0.62, 0.15, 0.40),
)
HUES: dict[Screen, tuple[float, float]] = {"green": (70 / 360, 172 / 360), "blue": (188 / 360, 268 / 360)}
NEAR: dict[Screen, tuple[tuple[float, float], ...]] = {
    "green": ((0.12, 0.21), (0.46, 0.53)),
    "blue": ((0.47, 0.54), (0.72, 0.80)),
}


def linear(rgb: tuple[float, float, float]) -> Array:
    """An sRGB triple as a (3,) linear colour."""
    return srgb_to_linear(np.array(rgb, np.float32))


def skin(rng: np.random.Generator) -> Array:
    """Skin of any kind; (3,) linear."""
    at = rng.uniform(0, len(SKIN) - 1)
    low = int(at)
    mixed = np.array(SKIN[low]) * (1 - at + low) + np.array(SKIN[min(low + 1, len(SKIN) - 1)]) * (at - low)
    return srgb_to_linear(np.clip(mixed + rng.normal(0, 0.015, 3), 0.02, 1).astype(np.float32))


def hair(rng: np.random.Generator) -> Array:
    """Hair, from black to white, now and then dyed; (3,) linear."""
    base = np.array(HAIR[rng.integers(len(HAIR))]) * rng.uniform(0.8, 1.15)
    return srgb_to_linear(np.clip(base, 0.02, 0.95).astype(np.float32))


def cloth(rng: np.random.Generator, screen: Screen, near: bool) -> Array:
    """Cloth or a prop: black, white, grey or coloured, away from the screen's hue unless `near`; (3,) linear."""
    kind = rng.random()
    if near and kind < 0.6:
        low, high = NEAR[screen][rng.integers(len(NEAR[screen]))]
        hue, saturation, value = rng.uniform(low, high), rng.uniform(0.25, 0.8), rng.uniform(0.15, 0.85)
        if kind < 0.25:  # washed: olive on green, denim on blue
            hue, saturation = sum(HUES[screen]) / 2, rng.uniform(0.1, 0.4)
    elif kind < 0.25:
        hue, saturation, value = rng.random(), rng.uniform(0, 0.3), rng.uniform(0.02, 0.18)
    elif kind < 0.4:
        hue, saturation, value = rng.random(), rng.uniform(0, 0.06), rng.uniform(0.75, 0.97)
    elif kind < 0.55:
        hue, saturation, value = rng.random(), rng.uniform(0, 0.12), rng.uniform(0.2, 0.75)
    else:
        low, high = HUES[screen]
        hue = (high + rng.random() * (1 - high + low)) % 1
        saturation, value = rng.uniform(0.15, 0.95), rng.uniform(0.12, 0.95)
    return linear(colorsys.hsv_to_rgb(float(hue), float(saturation), float(value)))


def dressed(rng: np.random.Generator, screen: Screen, wardrobe: str) -> Array:
    """Cloth or a prop of one kind ("dark", "white", "screen" or "denim"); (3,) linear."""
    low, high = HUES[screen]
    hue, saturation, value = {
        "dark": (rng.random(), rng.uniform(0, 0.25), rng.uniform(0.02, 0.12)),
        "white": (rng.random(), rng.uniform(0, 0.05), rng.uniform(0.85, 0.98)),
        "screen": (rng.uniform(0.8 * low + 0.2 * high, 0.2 * low + 0.8 * high), rng.uniform(0.2, 0.6), rng.random()),
        "denim": (rng.uniform(0.57, 0.63), rng.uniform(0.2, 0.5), rng.uniform(0.25, 0.7)),
    }[wardrobe]
    return linear(colorsys.hsv_to_rgb(float(hue), float(saturation), float(max(value, 0.02))))


def off_screen(rgb: Array, screen: Screen, near: bool) -> Array:
    """Hold a surface's screen channel below what only the screen reaches, so that the truth can be told from it."""
    key = 1 if screen == "green" else 2
    others = [i for i in range(3) if i != key]
    limit = rgb[..., others].max(axis=-1) * np.float32(1.7 if near else 1.15) + np.float32(0.004)
    out = rgb.copy()
    out[..., key] = np.minimum(rgb[..., key], limit)
    return out


def lamp(rng: np.random.Generator) -> Array:
    """Colour and strength of the light on the subject; (3,), about 1, now and then strongly warm, red or cold."""
    warmth = rng.normal(0, 0.08)
    tint = np.array([1 + warmth, 1.0, 1 - warmth])
    if rng.random() < 0.08:
        tint *= (rng.uniform(1.0, 1.5), rng.uniform(0.55, 0.85), rng.uniform(0.6, 1.2))
    return np.asarray(tint * rng.choice((0.35, 0.7, 1.0, 1.0, 1.3)) * rng.uniform(0.8, 1.2), np.float32)
