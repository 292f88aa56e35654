"""Kinds of strands and surfaces that are kept for tests: no training shot is given any of them."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.synth.f32 import f32
from corridorkey.synth.layers import Points
from corridorkey.types import Array


def crimped(rng: np.random.Generator, strands: Points) -> Points:
    """Strands bent to and fro in a regular zigzag, more towards the tip, as after plaits or irons.

    Args:
        strands: (N, K, 2), root first.
    Returns:
        (N, K, 2); roots stay where they are.
    """
    n, k = strands.shape[:2]
    along = np.gradient(strands, axis=1)
    across = np.stack((-along[..., 1], along[..., 0]), axis=-1)
    across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)
    length = np.linalg.norm(np.diff(strands, axis=1), axis=-1).sum(axis=1)
    bends = rng.uniform(3, 6)
    at = np.linspace(0, bends, k) + rng.normal(0, 0.05, (n, 1))
    zigzag = 2 * np.abs(2 * (at % 1) - 1) - 1
    depth = length[:, None] * rng.uniform(0.02, 0.05)
    swing = np.asarray(zigzag * depth * np.linspace(0, 1, k), np.float64)
    return np.asarray(strands + across * swing[..., None])


def unseen_pattern(rng: np.random.Generator, height: int, width: int) -> Array:
    """A (height, width) weight 0..1 between two colours: dots, tartan, herringbone or cells."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle, period = float(rng.uniform(0, np.pi)), float(np.exp(rng.uniform(np.log(5), np.log(40))))
    u = (x * np.cos(angle) + y * np.sin(angle)) / period
    v = (y * np.cos(angle) - x * np.sin(angle)) / period
    kind = rng.choice(4)
    if kind == 0:
        radius = float(rng.uniform(0.2, 0.4))
        return f32(np.clip((radius - np.hypot(u % 1 - 0.5, v % 1 - 0.5)) * period + 0.5, 0, 1))
    if kind == 1:
        bands = [(w * f) % 1 < part for w in (u, v) for f, part in ((0.25, 0.4), (1, 0.15), (0.5, 0.2))]
        return f32(np.clip(np.sum(bands, axis=0) / 4, 0, 1))
    if kind == 2:
        side = np.where(np.floor(u * 0.5) % 2 == 0, 1, -1)
        return f32(np.clip(0.5 + 2 * np.sin(2 * np.pi * (v + side * u)), 0, 1))
    count = int(np.clip(height * width / (period * 2) ** 2, 2, 4000))
    seeds = np.ones((height, width), np.uint8)
    seeds[rng.integers(height, size=count), rng.integers(width, size=count)] = 0
    return f32(np.clip(cv2.distanceTransform(seeds, cv2.DIST_L2, 5) / period, 0, 1))
