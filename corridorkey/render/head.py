"""A head with a face: lumps blended, skin in its shades, and where hair grows. Local: y up, the face towards +z."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.render.mesh import Mesh, grid_faces, sphere_grid
from corridorkey.render.solid import Distance, Lump, blended, slope, surface, unit
from corridorkey.synth.layers import Points

ROWS, COLUMNS = 150, 170
# azimuth from the front in degrees -> height where the hair begins: brow, temple, sideburn, behind the ear, nape
HAIRLINE = np.array(
    [(0, 0.29), (35, 0.27), (55, 0.17), (72, 0.02), (84, -0.05), (98, 0.03), (120, -0.14), (180, -0.24)]
)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One head.

    Attributes:
        solid: its distance.
        skull: the same without a face, which hair keeps off.
        skin, hair: (3,) linear.
        recede: how far the hairline is raised at the front.
    """

    solid: Distance
    skull: Distance
    skin: Points
    hair: Points
    recede: float

    def hairline(self, points: Points) -> Points:
        """How far points (N, 3) lie above the hairline."""
        around = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2]))
        line = np.interp(around, HAIRLINE[:, 0], HAIRLINE[:, 1])
        return np.asarray(points[:, 1] - line - self.recede * np.clip(1 - around / 90, 0, 1))

    def jaw(self, points: Points) -> Points:
        """How far points (N, 3) lie inside where a beard grows."""
        around = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2]))
        upper = np.interp(around, (0, 14, 20, 45, 75, 90), (-0.165, -0.18, -0.25, -0.22, -0.02, 0.0))
        lips = np.hypot(points[:, 0] / 0.105, (points[:, 1] + 0.267) / 0.045) - 1
        cheek = upper - points[:, 1], points[:, 1] + 0.55, (88 - around) / 60, points[:, 2] + 0.02
        return np.asarray(np.minimum.reduce((*cheek, lips * 0.1)))

    def mesh(self) -> Mesh:
        """Its skin."""
        directions = sphere_grid(ROWS, COLUMNS)
        points = surface(self.solid, directions)
        normals = slope(self.solid, points)
        return Mesh(points, normals, self._tones(points), grid_faces(ROWS, COLUMNS))

    def _tones(self, points: Points) -> Points:
        def dab(x: float, y: float, rx: float, ry: float) -> Points:
            at = ((np.abs(points[:, 0]) - x) / rx) ** 2 + ((points[:, 1] - y) / ry) ** 2
            return (np.exp(-(at**1.5)) * (points[:, 2] > 0.05))[:, None]

        rgb = np.repeat(self.skin[None], len(points), axis=0)
        red = self.skin * (1.02, 0.72, 0.68)
        rgb += (red - rgb) * 0.5 * (dab(0.17, -0.13, 0.1, 0.08) + dab(0, -0.13, 0.06, 0.05))
        rgb += (self.skin * (0.8, 0.42, 0.42) - rgb) * 0.85 * dab(0, -0.265, 0.11, 0.035)
        rgb += (self.skin * (0.3, 0.2, 0.2) - rgb) * 0.8 * dab(0, -0.265, 0.1, 0.006)
        rgb += (self.skin * (0.8, 0.7, 0.68) - rgb) * 0.7 * dab(0.135, 0.0, 0.085, 0.045)
        # Between the hairs the scalp is as dark as their roots.
        covered = np.clip(self.hairline(points) / 0.05 + 0.3, 0, 1)[:, None]
        return np.asarray(rgb + (self.hair * 0.7 - rgb) * 0.9 * covered)


def head_solids(rng: np.random.Generator) -> tuple[Distance, Distance]:
    """The distances to a head of drawn proportions, about 1 high, and to it without a face."""

    def near(value: float, part: float = 0.06) -> float:
        return value * float(rng.normal(1, part))

    jaw, nose, cheek = near(0.2, 0.1), near(1.0, 0.15), near(0.27)
    skull = [
        Lump((0, 0.12, -0.06), (near(0.335, 0.04), near(0.375, 0.03), near(0.41, 0.04)), 0.0),
        Lump((0, -0.04, 0.13), (cheek, 0.27, 0.245), 0.12),
        Lump((0, -0.24, 0.12), (jaw, 0.2, 0.22), 0.12),
        *(Lump((s * 0.35, -0.03, -0.04), (0.03, 0.1, 0.06), 0.03) for s in (-1, 1)),
    ]
    face = [
        Lump((0, -0.41, 0.25), (near(0.08, 0.2), 0.06, 0.07), 0.09),
        Lump((0, 0.06, 0.27), (0.2, 0.05, 0.09), 0.06),
        *(Lump((s * 0.135, 0.0, 0.4), (0.075, 0.05, 0.075), -0.05) for s in (-1, 1)),
        *(Lump((s * 0.17, -0.12, 0.24), (0.09, 0.08, 0.09), 0.08) for s in (-1, 1)),
        Lump((0, -0.06, 0.375), (0.028, 0.1, 0.05 * nose), 0.035),
        Lump((0, -0.125, 0.41), (0.038, 0.032, 0.05 * nose), 0.03),
        *(Lump((s * 0.042, -0.135, 0.385), (0.026, 0.024, 0.035), 0.02) for s in (-1, 1)),
        Lump((0, -0.245, 0.345), (0.085, 0.022, 0.045), 0.025),
        Lump((0, -0.29, 0.34), (0.07, 0.024, 0.045), 0.025),
    ]
    return blended((*skull, *face)), blended(tuple(skull))


EYE, EYE_SIZE = np.array([(-0.135, -0.005, 0.292), (0.135, -0.005, 0.292)]), 0.052


def spread(rng: np.random.Generator, solid: Distance, count: int) -> Points:
    """Points of a solid's surface, of even density seen from the origin: (count, 3)."""
    return surface(solid, unit(rng.normal(size=(count, 3))))
