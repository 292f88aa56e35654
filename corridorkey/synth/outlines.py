"""Outlines as closed polygons in pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corridorkey.synth.layers import Points


def smooth(points: Points | Sequence[tuple[float, float]], times: int = 3) -> Points:
    """Cut the corners of a closed polygon until it is round."""
    p = np.asarray(points, np.float64)
    for _ in range(times):
        after = np.roll(p, -1, axis=0)
        p = np.stack((0.75 * p + 0.25 * after, 0.25 * p + 0.75 * after), axis=1).reshape(-1, 2)
    return p


def ellipse(x: float, y: float, rx: float, ry: float, angle: float = 0.0, power: float = 2.0) -> Points:
    """An ellipse, squarer as power grows."""
    t = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    u = rx * np.sign(np.cos(t)) * np.abs(np.cos(t)) ** (2 / power)
    v = ry * np.sign(np.sin(t)) * np.abs(np.sin(t)) ** (2 / power)
    return np.stack((x + u * np.cos(angle) - v * np.sin(angle), y + u * np.sin(angle) + v * np.cos(angle)), axis=1)


def blob(rng: np.random.Generator, x: float, y: float, radius: float, rough: float = 0.25) -> Points:
    """A random closed curve; rough 0 is a circle."""
    t = np.linspace(0, 2 * np.pi, 128, endpoint=False)
    r = np.ones_like(t)
    for k in range(1, 8):
        r += rough / k * rng.normal() * np.cos(k * t + rng.uniform(0, 2 * np.pi))
    r = radius * np.maximum(r, 0.15)
    squash, angle = rng.uniform(0.5, 1.0), rng.uniform(0, np.pi)
    u, v = r * np.cos(t), r * squash * np.sin(t)
    return np.stack((x + u * np.cos(angle) - v * np.sin(angle), y + u * np.sin(angle) + v * np.cos(angle)), axis=1)


def polygon(rng: np.random.Generator, x: float, y: float, radius: float) -> Points:
    """A random star-shaped polygon with straight sides."""
    corners = int(rng.integers(3, 9))
    t = np.sort(rng.uniform(0, 2 * np.pi, corners))
    r = radius * rng.uniform(0.5, 1.1, corners)
    return np.stack((x + r * np.cos(t), y + r * np.sin(t)), axis=1)


def limb(centre: Sequence[tuple[float, float]], widths: Sequence[float]) -> Points:
    """The outline around a bent centre line with a width at each of its points, rounded."""
    # A bent line with round corners first: its sides then never cross.
    line, half = np.asarray(centre, np.float64), np.asarray(widths, np.float64) / 2
    at = np.linspace(0, len(line) - 1, 24)
    knots = np.arange(len(line))
    x, y, r = (np.interp(at, knots, v) for v in (line[:, 0], line[:, 1], half))
    for _ in range(3):
        x[1:-1], y[1:-1] = (x[:-2] + x[1:-1] + x[2:]) / 3, (y[:-2] + y[1:-1] + y[2:]) / 3
    dx, dy = np.gradient(x), np.gradient(y)
    norm = np.maximum(np.hypot(dx, dy), 1e-9)
    nx, ny, tx, ty = -dy / norm, dx / norm, dx / norm, dy / norm
    left = np.stack((x + nx * r, y + ny * r), axis=1)
    right = np.stack((x - nx * r, y - ny * r), axis=1)
    start = np.array([[x[0] - tx[0] * r[0], y[0] - ty[0] * r[0]]])
    end = np.array([[x[-1] + tx[-1] * r[-1], y[-1] + ty[-1] * r[-1]]])
    return smooth(np.concatenate((left, end, right[::-1], start)), 1)


def curve(rng: np.random.Generator, start: Points, end: Points, bend: float, steps: int = 24) -> Points:
    """A curved open line between two points; bend is relative to its length."""
    t = np.linspace(0, 1, steps)[:, None]
    span = end - start
    normal = np.array([-span[1], span[0]])
    wave = np.sin(np.pi * t) * rng.normal(0, bend) + np.sin(2 * np.pi * t) * rng.normal(0, bend / 2)
    return np.asarray(start + span * t + normal * wave)
