"""What a head's hair grows from: roots on the posed head, their outward directions, and where the head is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.render.head import Head, spread
from corridorkey.render.solid import Distance, slope
from corridorkey.synth.layers import Points

PIVOT = np.array([0.0, -0.38, -0.06])  # where a head turns on its neck


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """A head turned on its neck."""

    turn: Points

    def world(self, points: Points) -> Points:
        """Local points (..., 3) in the world."""
        return np.asarray((points - PIVOT) @ self.turn.T + PIVOT)

    def local(self, points: Points) -> Points:
        """Points (..., 3) of the world as the head's own."""
        return np.asarray((points - PIVOT) @ self.turn + PIVOT)


@dataclass(frozen=True, slots=True, eq=False)
class Scalp:
    """A posed head.

    Attributes:
        keep_off: the distance to all that hair lies on, in the world.
        breeze: (3,) added to what pulls hair, gravity being (0, -1, 0).
    """

    rng: np.random.Generator
    head: Head
    pose: Pose
    keep_off: Distance
    breeze: Points

    @property
    def down(self) -> Points:
        """Where hair falls."""
        return np.array([0.0, -1.0, 0.0]) + self.breeze

    def roots(self, count: int, jaw: bool = False) -> tuple[Points, Points]:
        """Places for hair or a beard and their outward directions, local: two of (about count, 3)."""
        # About 0.45 of a head's surface has hair, and 0.15 a beard.
        points = spread(self.rng, self.head.solid, int(count / (0.15 if jaw else 0.45)))
        field = self.head.jaw(points) if jaw else self.head.hairline(points)
        points = points[field > self.rng.normal(0.0, 0.012, len(points))]
        return points, slope(self.head.skull, points, 0.02)
