"""Solids by their distance: ellipsoids blended into a head, a torso by its cross-sections. Units are head heights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from corridorkey.synth.layers import Points

Distance = Callable[[Points], Points]  # (..., 3) -> (...), negative inside


@dataclass(frozen=True, slots=True)
class Lump:
    """An ellipsoid; `blend` is how far it melts into the others, negative `blend` takes it away instead."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    blend: float

    def distance(self, points: Points) -> Points:
        """About the distance to its surface."""
        scaled = (points - np.array(self.centre)) / np.array(self.radii)
        near = np.linalg.norm(scaled, axis=-1)
        return np.asarray(near * (near - 1) / (np.linalg.norm(scaled / np.array(self.radii), axis=-1) + 1e-9))


def melt(a: Points, b: Points, width: float) -> Points:
    """The smaller of two distances, rounded where they are within `width` of each other."""
    share = np.clip(0.5 + 0.5 * (b - a) / width, 0, 1)
    return b + (a - b) * share - width * share * (1 - share)


def blended(lumps: tuple[Lump, ...]) -> Distance:
    """The distance to the union of lumps."""

    def distance(points: Points) -> Points:
        total = lumps[0].distance(points)
        for lump in lumps[1:]:
            one = lump.distance(points)
            total = melt(total, one, lump.blend) if lump.blend > 0 else -melt(-total, one, -lump.blend)
        return total

    return distance


@dataclass(frozen=True, slots=True, eq=False)
class Loft:
    """Elliptic cross-sections at rising heights.

    Attributes:
        sections: (S, 4): height, half width, half depth, depth of the centre; heights rise.
    """

    sections: Points

    def at(self, height: Points) -> Points:
        """The cross-section at heights (...): (..., 3), half width, half depth, depth of the centre."""
        s = self.sections
        return np.stack([np.interp(height, s[:, 0], s[:, i]) for i in (1, 2, 3)], axis=-1)

    def distance(self, points: Points) -> Points:
        """About the distance to its side, and to its top end."""
        section = self.at(points[..., 1])
        wide, deep = points[..., 0] / section[..., 0], (points[..., 2] - section[..., 2]) / section[..., 1]
        side = (np.hypot(wide, deep) - 1) * section[..., :2].min(axis=-1)
        return np.asarray(np.maximum(side * 0.7, points[..., 1] - self.sections[-1, 0]))


def slope(distance: Distance, points: Points, step: float = 0.004) -> Points:
    """The outward direction at points (..., 3), of length 1."""
    offsets = np.array([(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)], np.float64)
    total = sum(distance(points + step * e)[..., None] * e for e in offsets)
    return unit(np.asarray(total))


def unit(vectors: Points) -> Points:
    """Vectors (..., 3) at length 1."""
    return np.asarray(vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-12))


def surface(distance: Distance, directions: Points, reach: float = 1.2) -> Points:
    """Where rays from the origin along directions (N, 3) leave a solid that the origin is in; (N, 3)."""
    low, high = np.zeros(len(directions)), np.full(len(directions), reach)
    # From outside: of several crossings, the outermost is what is seen.
    for _ in range(24):
        high = np.maximum(high - 0.8 * np.maximum(distance(directions * high[:, None]), 0), low)
    return np.asarray(directions * high[:, None])


def turned(yaw: float, pitch: float, roll: float) -> Points:
    """The (3, 3) rotation by radians about y, then x, then z of the thing itself."""
    cy, sy, cx, sx, cz, sz = (*(f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin)),)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z)
