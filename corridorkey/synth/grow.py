"""Hair growing from roots: locks of strands that bend, fall, curl and frizz."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.synth.layers import Points

STEPS = 20  # points along a strand


@dataclass(frozen=True, slots=True)
class HairStyle:
    """How strands grow. Lengths are in pixels, the rest is relative to a strand's length.

    Attributes:
        length: of a strand.
        spread: of lengths and directions between locks, about 0 to 0.6.
        fall: how strongly they bend down.
        curl: radius of curls.
        turns: curls along a strand.
        frizz: random wandering of each strand.
        locks: how many strands share a lock.
        gather: how close a lock's tips are; 1 is together, 0 is apart.
        flyaway: part of the strands that leave their lock.
    """

    length: float
    spread: float = 0.25
    fall: float = 0.5
    curl: float = 0.0
    turns: float = 2.0
    frizz: float = 0.05
    locks: int = 12
    gather: float = 0.6
    flyaway: float = 0.06


def grow(rng: np.random.Generator, roots: Points, direction: Points, style: HairStyle) -> Points:
    """Strands from their roots.

    Args:
        roots: (N, 2) pixels.
        direction: (N,) radians they set out in; y points down.
    Returns:
        (N, STEPS, 2).
    """
    n = len(roots)
    lock = rng.integers(0, max(n // style.locks, 1), n)
    leader = np.array([np.flatnonzero(lock == k)[0] if (lock == k).any() else 0 for k in range(lock.max() + 1)])[lock]
    near = np.hypot(*(roots - roots[leader]).T) < 0.6 * style.length
    leader = np.where(near, leader, np.arange(n))  # locks do not join opposite sides of a head
    apart = rng.random(n) < style.flyaway

    def shared(loose: Points) -> Points:
        return np.where(apart, loose, loose[leader] + 0.15 * (loose - loose[leader]))

    s = np.linspace(0, 1, STEPS)
    length = (
        style.length * shared(np.exp(rng.normal(0, style.spread, n))) * np.where(apart, rng.uniform(0.3, 1.1, n), 1.0)
    )
    start = np.where(apart, direction, direction[leader]) + shared(rng.normal(0, style.spread, n)) * np.where(
        apart, 2, 1
    )
    fall = style.fall * np.where(apart, rng.uniform(0.2, 1, n), 1.0)
    dx = np.cos(start)[:, None] * (1 - s * np.minimum(fall[:, None], 1)) ** 2
    dy = np.sin(start)[:, None] * (1 - 0.5 * s) + fall[:, None] * 5 * s
    bend = shared(rng.normal(0, 0.9, n))[:, None] * s / (1 + 2 * style.fall)
    c, si = np.cos(bend), np.sin(bend)
    dx, dy = dx * c - dy * si, dy * c + dx * si
    norm = np.maximum(np.hypot(dx, dy), 1e-6)
    step = (length / (STEPS - 1))[:, None]
    path = np.stack((np.cumsum(dx / norm * step, axis=1), np.cumsum(dy / norm * step, axis=1)), axis=-1)
    path -= path[:, :1]
    turns = shared(rng.normal(1, 0.25, n)) * style.turns
    angle = 2 * np.pi * (turns[:, None] * s + shared(rng.uniform(0, 1, n))[:, None])
    radius = style.curl * length[:, None] * s**0.7
    path += np.stack((np.cos(angle), np.sin(angle) * 0.7), axis=-1) * radius[..., None]
    wander = np.cumsum(rng.normal(0, 1, (n, STEPS, 2)), axis=1) / np.sqrt(STEPS)
    wander[:, 1:-1] = (wander[:, :-2] + 2 * wander[:, 1:-1] + wander[:, 2:]) / 4
    path += wander * (style.frizz * length * np.where(apart, 2, 1))[:, None, None] * s[:, None]
    own = roots - np.where(apart[:, None], roots, roots[leader])
    start_at = roots - own
    return np.asarray(start_at[:, None] + own[:, None] * (1 - style.gather * s[:, None]) + path)


def along(outline: Points, n: int, rng: np.random.Generator, inward: float = 0.0) -> tuple[Points, Points]:
    """Roots on a closed outline and the directions away from its middle.

    Args:
        inward: how far towards the middle roots may lie, 0..1.
    Returns:
        (n, 2) roots and (n,) radians.
    """
    at = rng.uniform(0, len(outline), n)
    low = at.astype(int)
    part = (at - low)[:, None]
    edge = outline[low % len(outline)] * (1 - part) + outline[(low + 1) % len(outline)] * part
    middle = outline.mean(axis=0)
    roots = edge + (middle - edge) * (rng.random(n) * inward)[:, None]
    away = edge - middle
    return roots, np.arctan2(away[:, 1], away[:, 0])
