"""Neck and clothed shoulders, as lofts. Local: the head's centre is the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.render.mesh import Mesh, grid_faces, loft_points
from corridorkey.render.solid import Loft, slope
from corridorkey.synth.layers import Points

ROWS, COLUMNS = 160, 120


@dataclass(frozen=True, slots=True, eq=False)
class Torso:
    """A neck and a garment.

    Attributes:
        neck, garment: their cross-sections.
        skin: (3,) linear.
        cloth: (2, 3) linear; two colours.
        pattern: stripes a head height along y and around; 0 is plain.
    """

    neck: Loft
    garment: Loft
    skin: Points
    cloth: Points
    pattern: tuple[float, float]

    def distance(self, points: Points) -> Points:
        """The distance to both."""
        return np.minimum(self.neck.distance(points), self.garment.distance(points))

    def meshes(self) -> tuple[Mesh, Mesh]:
        """Neck and garment."""
        neck, garment = loft_points(self.neck, 40, COLUMNS), loft_points(self.garment, ROWS, COLUMNS)
        down, around = self.pattern
        phase = garment[:, 1] * down * 2 * np.pi, np.arctan2(garment[:, 0], garment[:, 2]) * around
        weight = (0.5 - 0.5 * np.clip(4 * np.sin(phase[0] + np.pi / 2) * np.cos(phase[1]), -1, 1))[:, None]
        rgb = self.cloth[0] + (self.cloth[1] - self.cloth[0]) * (weight if down or around else 0 * weight)
        return (
            Mesh(
                neck, slope(self.neck.distance, neck), np.repeat(self.skin[None], len(neck), 0), grid_faces(40, COLUMNS)
            ),
            Mesh(garment, slope(self.garment.distance, garment), rgb, grid_faces(ROWS, COLUMNS)),
        )


def _smooth(knots: list[tuple[float, float, float, float]]) -> Loft:
    """A loft whose sections bend without corners: corners cut twice after Chaikin."""
    points = np.array(knots, np.float64)
    for _ in range(4):
        low, high = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        points = np.concatenate((points[:1], np.stack((low, high), 1).reshape(-1, 4), points[-1:]))
    return Loft(points)


def draw_torso(rng: np.random.Generator, skin: Points, cloth: Points) -> Torso:
    """Shoulders of drawn width, a collar of drawn height."""
    wide, slim = float(rng.uniform(0.78, 1.05)), float(rng.uniform(0.17, 0.23))
    collar = float(rng.choice((-0.66, -0.62, -0.52), p=(0.5, 0.3, 0.2)))
    slope_ = float(rng.uniform(0.9, 1.15))
    neck = [(-1.2, slim * 1.6, slim * 1.4, -0.05), (-0.72, slim * 1.3, slim * 1.2, -0.05)]
    neck += [(-0.5, slim, slim * 1.02, -0.06), (0.05, slim * 0.95, slim, -0.06)]
    garment = [
        (-4.0, wide * 0.8, 0.4, -0.06),
        (-2.0, wide * 0.86, 0.42, -0.04),
        (-1.35 * slope_, wide * 0.97, 0.42, -0.03),
        (-1.05 * slope_, wide * 0.99, 0.36, -0.05),
        (-0.86 * slope_, wide * 0.84, 0.31, -0.06),
        (-0.74 * slope_, wide * 0.52, 0.27, -0.06),
        (min(collar - 0.05, -0.66), slim * 1.5, slim * 1.35, -0.06),
        (collar, slim * 1.22, slim * 1.2, -0.06),
        (collar + 0.01, slim * 0.8, slim * 0.8, -0.06),
    ]
    plain = rng.random() < 0.5
    pattern = (0.0, 0.0) if plain else (float(rng.uniform(2, 9)), float(rng.choice((0, 0, 8, 16))))
    return Torso(_smooth(neck), _smooth(garment), skin, cloth, pattern)
