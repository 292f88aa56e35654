"""The screen: its shade, uneven light, wrinkles, tracking marks and old shadows. All of it is clean plate."""

from __future__ import annotations

import cv2
import numpy as np

from corridorkey.synth.blur import blur
from corridorkey.synth.f32 import f32
from corridorkey.synth.layers import Points, coverage
from corridorkey.synth.outlines import blob, ellipse
from corridorkey.synth.palette import linear
from corridorkey.synth.style import DrawnStyle
from corridorkey.synth.textures import noise
from corridorkey.types import Array


def _light(rng: np.random.Generator, height: int, width: int, depth: float) -> Array:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width - 0.5, y / height - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (x * np.cos(angle) + y * np.sin(angle)) * 1.4
    cx, cy, size = rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5), rng.uniform(0.25, 0.8)
    spot = 1.6 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / size**2) - 0.8
    a, b, c = rng.dirichlet((1, 1, 1))
    field = a * ramp + b * spot + c * noise(rng, height, width, max(height, width) / 2, 2)
    return f32(np.maximum(1 + depth * 1.6 * field, 0.12))


def _folds(rng: np.random.Generator, height: int, width: int, depth: float) -> Array:
    size = int(np.hypot(height, width)) + 2
    long = noise(rng, size, size, size * rng.uniform(0.03, 0.12), 3, float(rng.uniform(3, 12)))
    ridge = 1 - 2 * np.abs(long) if rng.random() < 0.5 else long
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.uniform(0, 180)), 1.0)
    turn[:, 2] += np.array([(width - size) / 2, (height - size) / 2])
    return np.exp(f32(depth * cv2.warpAffine(ridge, turn, (width, height), borderMode=cv2.BORDER_REFLECT)))


def _marks(rng: np.random.Generator, height: int, width: int) -> Array:
    """How much of each pixel is a tracking mark."""
    step, size = rng.uniform(0.15, 0.4) * min(height, width), rng.uniform(0.008, 0.03) * min(height, width)
    shift, kind, angle = rng.uniform(0, step, 2), rng.integers(3), rng.normal(0, 0.1)
    shapes: list[Points] = []
    for cy in np.arange(shift[1] - step, height + step, step):
        for cx in np.arange(shift[0] - step, width + step, step):
            px, py = cx + rng.normal(0, 0.03 * step), cy + rng.normal(0, 0.03 * step)
            if rng.random() < 0.15:
                continue
            if kind == 0:
                shapes.append(ellipse(px, py, size * 0.7, size * 0.7))
                continue
            bars = [(size * 1.3, size * 0.3), (size * 0.3, size * 1.3)] if kind == 1 else [(size * 1.5, size * 0.35)]
            corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            shapes += [corners * bar @ turn.T + (px, py) for bar in bars]
    covered = np.zeros((height, width), np.float32)
    for shape in shapes:  # one by one: crossing bars are no holes
        low, high = np.floor(shape.min(axis=0)).astype(int) - 1, np.ceil(shape.max(axis=0)).astype(int) + 1
        x0, y0, x1, y1 = max(low[0], 0), max(low[1], 0), min(high[0], width), min(high[1], height)
        if x1 > x0 and y1 > y0:
            view = covered[y0:y1, x0:x1]
            np.maximum(view, coverage([shape], (x0, y0, x1, y1)), out=view)
    return covered


def backdrop(rng: np.random.Generator, size: tuple[int, int], style: DrawnStyle) -> Array:
    """The empty screen: (H, W, 3) float32, linear, 0..1."""
    height, width = size
    shade = linear(style.screen_rgb)
    light = _light(rng, height, width, style.uneven)
    light /= light.mean()
    if style.wrinkles > 0:
        light *= _folds(rng, height, width, style.wrinkles)
    if style.shadows > 0 and rng.random() < 0.4:
        x, y = rng.uniform(0, 1, 2) * (width, height)
        edge = blob(rng, x, y, rng.uniform(0.2, 0.6) * max(size))
        dark = blur(coverage([edge], (0, 0, width, height)), rng.uniform(0.01, 0.12) * min(size))
        light *= 1 - np.float32(style.shadows * rng.uniform(0.3, 1)) * dark
    light *= np.exp(noise(rng, height, width, 3, 2) * np.float32(rng.uniform(0, 0.02)))
    # Where it is darker or brighter, a screen is a little more or less saturated.
    rgb = shade * np.power(light[..., None], rng.uniform(0.92, 1.08, 3).astype(np.float32))
    if style.markers:
        other = rng.choice(4)
        mark = (
            shade * np.float32(rng.uniform(1.3, 1.9)),
            shade * np.float32(rng.uniform(0.3, 0.7)),
            linear((0.9, 0.9, 0.9)),
            linear((0.08, 0.08, 0.08)),
        )[other]
        if rng.random() < 0.15:
            mark = linear((0.9, 0.45, 0.1))
        rgb += (mark * light[..., None] - rgb) * _marks(rng, height, width)[..., None]
    if rng.random() < 0.5:
        rgb = blur(f32(rgb), float(rng.uniform(0.4, 3)))
    return np.clip(rgb, 0, 1).astype(np.float32)
