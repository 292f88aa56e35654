"""Strands grown in steps in three dimensions: they fall, keep off what they grow on, clump, wave and curl."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridorkey.render.solid import Distance, slope, unit
from corridorkey.synth.layers import Points


@dataclass(frozen=True, slots=True)
class Growth:
    """How strands of a style grow.

    Attributes:
        steps: control points of a strand.
        length: head heights.
        weight: how fast they turn to where they fall.
        stray: how much each goes its own way.
        clumps: strands a clump; 0 is none.
        gather: how closely a clump's tips lie together, 0 to 1.
        curl: radius of waves or curls, head heights.
        turn: their length along the strand.
        flat: 1 is a wave in one plane, 0 a curl.
        lift: distance most keep from the skin.
    """

    steps: int
    length: float
    weight: float
    stray: float
    clumps: int = 30
    gather: float = 0.5
    curl: float = 0.0
    turn: float = 0.3
    flat: float = 0.0
    lift: float = 0.012


def fall(
    rng: np.random.Generator,
    roots: Points,
    heading: Points,
    pull: Points,
    lengths: Points,
    growth: Growth,
    solid: Distance,
) -> Points:
    """Strands from roots (N, 3) in directions (N, 3), turned by pull (N, 3); (N, steps, 3)."""
    step = (lengths / (growth.steps - 2))[:, None]
    here, direction = roots, unit(heading)
    points = [roots - direction * step * 0.5, roots]
    own = rng.normal(0, growth.stray, roots.shape)
    lift = growth.lift * np.minimum(np.exp(rng.normal(0, 0.6, len(roots))), 2.5)
    for k in range(growth.steps - 2):
        own = own * 0.85 + rng.normal(0, growth.stray * 0.4, roots.shape)
        turning = np.clip(growth.weight * step * (1 + 0.5 * k * step), 0, 0.85)
        direction = unit(direction + (pull - direction) * turning + own * step * 3)
        there = here + direction * step
        depth = lift * min(1.0, (k + 1) / 3) - solid(there)
        if (deep := depth > 0).any():
            # No further than a step: hair that is to lie off the skin gets there little by little.
            there[deep] += slope(solid, there[deep]) * np.minimum(depth, 1.2 * step[:, 0])[deep, None]
            direction[deep] = unit(direction[deep] * 0.4 + unit(there - here)[deep] * 0.6)
        points.append(there)
        here = there
    return np.stack(points, axis=1)


def gathered(rng: np.random.Generator, strands: Points, growth: Growth) -> tuple[Points, NDArray[np.int64]]:
    """Strands drawn together into clumps towards their tips, and each strand's clump: (N, K, 3), (N,)."""
    n = len(strands)
    if growth.clumps == 0 or n <= growth.clumps:
        return strands, np.arange(n)
    leaders = rng.permutation(n)[: n // growth.clumps]
    apart = np.linalg.norm(strands[:, None, 1] - strands[None, leaders, 1], axis=-1)
    clump = apart.argmin(axis=1)
    along = np.linspace(0, 1, strands.shape[1])[None, :, None]
    share = growth.gather * rng.beta(3, 1.5, n)[:, None, None] * along**0.8
    return strands + (strands[leaders[clump]] - strands) * share, clump


def curled(
    rng: np.random.Generator, strands: Points, clump: NDArray[np.int64], growth: Growth, lengths: Points
) -> Points:
    """Waves or curls wound around strands, alike within a clump."""
    if growth.curl == 0:
        return strands
    n, k = strands.shape[:2]
    groups = int(clump.max()) + 1
    phase = rng.uniform(0, 2 * np.pi, groups)[clump] + rng.normal(0, 0.5, n)
    turn = growth.turn * np.exp(rng.normal(0, 0.15, groups))[clump] * np.exp(rng.normal(0, 0.06, n))
    radius = growth.curl * np.exp(rng.normal(0, 0.25, groups))[clump] * np.exp(rng.normal(0, 0.15, n))
    hand = rng.choice((-1.0, 1.0), groups)[clump]
    along = np.gradient(strands, axis=1)
    tangent = unit(along)
    across = unit(np.cross(tangent, (0.31, 0.17, 0.93)))
    third = np.cross(tangent, across)
    t = np.linspace(0, 1, k)[None]
    angle = phase[:, None] + hand[:, None] * 2 * np.pi * t * (lengths / turn)[:, None]
    grow = radius[:, None] * np.clip(t * lengths[:, None] / (1.5 * growth.turn), 0, 1)
    one = (grow * np.cos(angle))[..., None]
    two = (grow * np.sin(angle) * (1 - growth.flat))[..., None]
    return np.asarray(strands + one * across + two * third)
