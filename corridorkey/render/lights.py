"""Lamps as a panorama: a set's ambient light with soft lobes for key, fill and rim."""

from __future__ import annotations

import numpy as np

from corridorkey.render.solid import unit
from corridorkey.synth.f32 import f32
from corridorkey.synth.layers import Points
from corridorkey.types import Array

HEIGHT, WIDTH = 64, 128


def directions() -> Points:
    """Where Mitsuba's panorama looks at each pixel: (HEIGHT, WIDTH, 3), y up."""
    v, u = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    down, around = v / HEIGHT * np.pi, u / WIDTH * 2 * np.pi
    return np.stack((np.sin(around) * np.sin(down), np.cos(down), -np.cos(around) * np.sin(down)), axis=-1)


def _lobe(look: Points, azimuth: float, height: float, size: float, light: Points) -> Points:
    """A lamp of `size` radians which lights a white card that faces it as brightly as `light` (3,) says."""
    sharp = 2 / size**2
    centre = unit(np.array([np.sin(azimuth) * np.cos(height), np.sin(height), np.cos(azimuth) * np.cos(height)]))
    shape = np.exp(sharp * (look @ centre - 1))
    return shape[..., None] * light * (sharp / 2)


def _tint(rng: np.random.Generator, most: float) -> Points:
    warm = float(rng.normal(0, most))
    return np.array([1 + warm, 1 + 0.1 * warm, 1 - warm])


def lamps(rng: np.random.Generator) -> Array:
    """A drawn panorama: (HEIGHT, WIDTH, 3) float32, linear; the camera looks along -z."""
    look = directions()
    key = float(rng.uniform(0.45, 1.1))
    side = float(rng.choice((-1, 1)))
    sky = float(rng.uniform(0.04, 0.3)) * (1 + 0.5 * look[..., 1:2]) * _tint(rng, 0.06)
    where = side * float(rng.uniform(0.1, 1.4)), float(rng.uniform(0.1, 1.0))
    total = sky + _lobe(look, *where, rng.uniform(0.12, 0.6), key * _tint(rng, 0.1))
    fill, where = (
        key * float(rng.uniform(0.05, 0.6)),
        (-side * float(rng.uniform(0.4, 1.6)), float(rng.uniform(-0.2, 0.6))),
    )
    total = total + _lobe(look, *where, rng.uniform(0.4, 0.9), fill * _tint(rng, 0.12))
    for _ in range(int(rng.choice((0, 1, 2), p=(0.25, 0.5, 0.25)))):
        rim = key * float(rng.uniform(0.3, 2.0))
        where = float(rng.choice((-1, 1)) * rng.uniform(1.9, 2.9)), float(rng.uniform(0.1, 1.1))
        total = total + _lobe(look, *where, rng.uniform(0.1, 0.4), rim * _tint(rng, 0.12))
    return f32(total)
