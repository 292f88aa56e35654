"""Hairdos: how long, which way and how curly hair grows on a head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corridorkey.render.grow import Growth, curled, fall, gathered
from corridorkey.render.scalp import Scalp
from corridorkey.render.solid import slope, surface, unit
from corridorkey.synth.layers import Points

CROWN = np.array([0.03, 0.42, -0.22])


@dataclass(frozen=True, slots=True, eq=False)
class Hair:
    """Strands of one length of points.

    Attributes:
        strands: (N, K, 3) control points, world.
        width: (N,) pixels at the root.
        clump: (N,) which clump each belongs to; neighbours in colour.
    """

    strands: Points
    width: Points
    clump: NDArray[np.int64]


def _width(rng: np.random.Generator, count: int, middle: float) -> Points:
    return np.clip(middle * np.exp(rng.normal(0, 0.3, count)), 0.3, 1.7)


def _grown(s: Scalp, roots: Points, heading: Points, pull: Points, lengths: Points, g: Growth, width: float) -> Hair:
    """Local roots and directions to hair in the world."""
    rng, turn = s.rng, s.pose.turn
    strands = fall(rng, s.pose.world(roots), heading @ turn.T, pull, lengths, g, s.keep_off)
    strands, clump = gathered(rng, strands, g)
    return Hair(curled(rng, strands, clump, g, lengths), _width(rng, len(strands), width), clump)


def _loose(s: Scalp, count: int, length: float, g: Growth) -> Hair:
    """Flyaways: single hairs that go their own way."""
    rng = s.rng
    roots, out = s.roots(count)
    heading = out * 0.3 + _away(roots, out, CROWN) + rng.normal(0, 0.25, roots.shape)
    lengths = length * rng.beta(1.5, 2.5, len(roots)) + 0.04
    wild = replace(g, stray=g.stray * 1.5 + 0.08, clumps=0, curl=g.curl * 1.2, lift=g.lift * 2.5)
    return _grown(s, roots, heading, s.down + 0.25 * (out @ s.pose.turn.T), lengths, wild, 0.5)


def _away(points: Points, normals: Points, centre: Points) -> Points:
    """Along the skin, away from a centre."""
    out = points - centre
    return unit(out - (out * normals).sum(-1, keepdims=True) * normals)


def short(s: Scalp, count: int) -> list[Hair]:
    """Cropped to ear length, longer on top."""
    rng = s.rng
    roots, out = s.roots(int(count * 1.4))
    top, side = float(rng.uniform(0.08, 0.34)), float(rng.uniform(0.04, 0.12))
    up = np.clip((roots[:, 1] - 0.12) / 0.2, 0, 1)
    lengths = (side + (top - side) * up * up * (3 - 2 * up)) * rng.uniform(0.75, 1.1, len(roots))
    comb = unit(rng.normal(0, 1, 3) * (1, 0.2, 0.6) + (0, 0.2, 0.3))
    along = _away(roots, out, CROWN)
    swept = unit(along * 0.7 + comb * up[:, None] * 0.9)
    stand = float(rng.uniform(0.35, 1.1))
    g = Growth(10, top, 5.0, float(rng.uniform(0.08, 0.3)), int(rng.integers(12, 40)), float(rng.uniform(0.2, 0.75)))
    if rng.random() < 0.4:
        g = replace(g, curl=float(rng.uniform(0.008, 0.02)), turn=0.14, steps=16)
    pull = (swept @ s.pose.turn.T) * 0.8 + 0.35 * s.down
    return [_grown(s, roots, out * stand + swept, pull, lengths, g, 0.95), _loose(s, count // 20, top * 1.2, g)]


def long(s: Scalp, count: int, curl: float = 0.0, turn: float = 0.3, flat: float = 0.7) -> list[Hair]:
    """Parted, falling to the chin or far below, straight or wavy."""
    rng = s.rng
    roots, out = s.roots(count)
    parting = float(rng.choice((-0.12, -0.06, 0.0, 0.06, 0.12)))
    side = np.tanh((roots[:, :1] - parting + rng.normal(0, 0.012, (len(roots), 1))) * 12)
    back = np.clip(roots[:, 2:] + 0.1, 0, 0.5) * float(rng.uniform(0.8, 2.2))
    sideways = np.concatenate((side, np.full_like(side, 0.15), -back - 0.1), axis=1)
    length = float(np.exp(rng.uniform(np.log(0.65), np.log(1.9))))
    lengths = length * rng.uniform(0.82, 1.0, len(roots)) * np.clip(1 + 0.25 * roots[:, 1], 0.8, 1.2)
    layered = rng.random(len(roots)) < rng.uniform(0, 0.35)
    lengths[layered] *= rng.uniform(0.4, 0.95, int(layered.sum()))
    steps = 22 if curl == 0 else int(np.clip(5 * length / turn + 6, 22, 46))
    g = Growth(
        steps, length, float(rng.uniform(5, 9)), float(rng.uniform(0.03, 0.1)), int(rng.integers(20, 60)),
        float(rng.uniform(0.3, 0.8)), curl, turn, flat, float(rng.uniform(0.012, 0.05)),
    )  # fmt: skip
    hair = _grown(s, roots, out * 0.5 + sideways, np.repeat(s.down[None], len(roots), 0), lengths, g, 0.9)
    return [hair, _loose(s, count // 14, length * 0.8, replace(g, steps=max(steps, 24)))]


def wavy(s: Scalp, count: int) -> list[Hair]:
    """As long, in waves."""
    rng = s.rng
    return long(s, count, float(rng.uniform(0.015, 0.05)), float(rng.uniform(0.25, 0.55)), float(rng.uniform(0.2, 0.9)))


def curly(s: Scalp, count: int) -> list[Hair]:
    """Ringlets that fall."""
    rng = s.rng
    return long(s, count, float(rng.uniform(0.025, 0.05)), float(rng.uniform(0.13, 0.24)), 0.0)


def afro(s: Scalp, count: int) -> list[Hair]:
    """Tight curls that stand off all around."""
    rng = s.rng
    roots, out = s.roots(count)
    length = float(rng.uniform(0.14, 0.5))
    lengths = length * rng.uniform(0.6, 1.1, len(roots)) * np.clip(1.1 - 0.4 * (roots[:, 1] < 0), 0.5, 1.2)
    g = Growth(
        int(np.clip(length / 0.012, 16, 40)), length, 1.0, float(rng.uniform(0.2, 0.5)), int(rng.integers(8, 24)),
        float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.012, 0.026)), float(rng.uniform(0.07, 0.11)),
    )  # fmt: skip
    pull = out @ s.pose.turn.T + 0.25 * s.down
    return [_grown(s, roots, out, pull, lengths, g, 0.95), _loose(s, count // 16, length * 1.25, g)]


def _tied(s: Scalp, count: int, knot: Points, tight: float) -> Hair:
    """Hair drawn over the skull to a knot at a direction (3,)."""
    rng = s.rng
    roots, _ = s.roots(count)
    start, t = unit(roots), np.linspace(-0.06, 1.0, 14)[None, :, None]
    ends = unit(knot + rng.normal(0, 0.05, start.shape))
    way = unit(start[:, None] * (1 - t) + ends[:, None] * t)
    bow = np.sin(np.pi * np.clip(t, 0, 1)) * rng.normal(0, tight, (len(start), 1, 3))
    flat = unit(way + bow).reshape(-1, 3)
    heights = rng.uniform(0.003, 0.03, (len(start), 1, 1)) * np.clip(t * 6, 0, 1) - 0.02 * (t < 0)
    laid = surface(s.head.skull, flat).reshape(way.shape) + unit(way) * heights
    clump = np.floor((np.arctan2(*np.cross(start, knot).T[:2]) + np.pi) * 12).astype(np.int64)
    return Hair(s.pose.world(laid), _width(rng, len(start), 0.9), clump)


def _knot(s: Scalp, count: int, centre: Points, radius: float) -> Hair:
    """A bun: strands wound around a centre (3,)."""
    rng = s.rng
    axis = unit(unit(centre) + rng.normal(0, 0.45, (count, 3)))
    one = unit(np.cross(axis, rng.normal(size=(count, 3))))
    two = np.cross(axis, one)
    angle = rng.uniform(0, 2 * np.pi, (count, 1)) + np.linspace(0, rng.uniform(2, 5), 16)[None]
    tilt = rng.uniform(-0.9, 0.9, (count, 1)) + 0.12 * np.sin(2 * angle)
    r = radius * (rng.uniform(0.82, 1.04, (count, 1)) + rng.normal(0, 0.012, angle.shape))
    ring = np.cos(angle)[..., None] * one[:, None] + np.sin(angle)[..., None] * two[:, None]
    local = centre + r[..., None] * unit(ring * np.cos(tilt)[..., None] + axis[:, None] * np.sin(tilt)[..., None])
    return Hair(s.pose.world(local), _width(rng, count, 0.9), rng.integers(0, 30, count))


def updo(s: Scalp, count: int) -> list[Hair]:
    """A bun or a pony tail, with wisps that got away."""
    rng = s.rng
    knot = unit(np.array([rng.normal(0, 0.05), rng.uniform(-0.1, 0.95), -1.0 + rng.uniform(0, 0.5)]))
    seat = surface(s.head.skull, knot[None])[0]
    tied = _tied(s, count, knot, float(rng.uniform(0.02, 0.08)))
    g = Growth(20, 0.5, 3.0, 0.15, 0, 0.0, 0.015, 0.3, 0.3)
    wisps = _loose(s, count // 12, float(rng.uniform(0.15, 0.6)), g)
    if rng.random() < 0.6:
        radius = float(rng.uniform(0.12, 0.22))
        return [tied, _knot(s, count // 3, seat + knot * radius * 0.7, radius), wisps]
    n, length = count // 2, float(rng.uniform(0.5, 1.6))
    roots = seat + knot * 0.03 + rng.normal(0, 0.028, (n, 3))
    tail = Growth(24, length, 4.0, 0.06, 30, 0.4, float(rng.uniform(0, 0.03)), 0.4, 0.5, 0.03)
    lengths = length * rng.uniform(0.75, 1.0, n)
    heading = np.repeat(knot[None] + np.array([0, 0.25, 0]), n, 0) + rng.normal(0, 0.12, (n, 3))
    return [tied, _grown(s, roots, heading, np.repeat(s.down[None], n, 0), lengths, tail, 0.9), wisps]


def beard(s: Scalp, count: int) -> list[Hair]:
    """From stubble to a full beard."""
    rng = s.rng
    roots, out = s.roots(count // 3, jaw=True)
    length = float(np.exp(rng.uniform(np.log(0.025), np.log(0.3))))
    g = Growth(12, length, 4.0, 0.2, 14, 0.5, float(rng.uniform(0, 0.015)), 0.12, 0.2, 0.004)
    lengths = length * rng.uniform(0.6, 1.05, len(roots))
    heading = out + np.array([0, -0.6, 0.1])
    return [_grown(s, roots, heading, np.repeat(s.down[None], len(roots), 0), lengths, g, 0.85)]


def brows(s: Scalp) -> Hair:
    """Eyebrows."""
    rng, n = s.rng, 260
    t, side = rng.uniform(0, 1, n), rng.choice((-1.0, 1.0), n)
    x, y = 0.06 + 0.15 * t, 0.062 + 0.022 * np.sin(t * 2.2) + rng.normal(0, 0.008, n)
    roots = surface(s.head.solid, unit(np.stack((side * x, y, np.full(n, 0.36) - 0.12 * t), -1)))
    out = slope(s.head.solid, roots)
    heading = out * 0.4 + np.stack((side, np.full(n, 0.35) - 0.5 * t, np.zeros(n)), -1)
    g = Growth(6, 0.05, 1.0, 0.1, 0, lift=0.002)
    return _grown(s, roots, heading, np.repeat(s.down[None], n, 0), np.full(n, 0.045), g, 0.7)


HAIRDOS: dict[str, Callable[[Scalp, int], list[Hair]]] = {
    "short": short,
    "long": long,
    "wavy": wavy,
    "curly": curly,
    "afro": afro,
    "updo": updo,
}
