"""The frame a person is built on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.synth.layers import Layer, Motion, Points
from corridorkey.types import Array

Parts = list[tuple[Layer, Motion]]  # back to front


@dataclass(frozen=True, slots=True)
class Figure:
    """Units are head heights, the origin is the middle of the head, y points down.

    Attributes:
        x, y: pixels of that origin.
        head: pixels of a head's height.
        skin, hair: (3,) linear.
    """

    x: float
    y: float
    head: float
    skin: Array
    hair: Array

    def __call__(self, points: Points | list[tuple[float, float]]) -> Points:
        """Points in head heights as pixels."""
        return np.asarray(points, np.float64) * self.head + (self.x, self.y)
