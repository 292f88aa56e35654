"""The plate as fg: despilled, or as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.despill import SCREEN_CHANNEL
from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.types import Array, Screen


@dataclass(frozen=True, slots=True)
class Despilled:
    """The plate, its screen channel limited by the other two, in sRGB; they get half of what it loses each.

    Attributes:
        strength: 0 leaves the spill, 1 removes all that is over the limit.
        limit: 0.5 is the mean of the other two, 1 the larger of them.
    """

    strength: float = 1.0
    limit: float = 0.5

    def fg(self, shown: Shown, alpha: Array) -> Array:  # noqa: ARG002
        """See FgMaker."""
        return self.of(shown.light, shown.screen)

    def of(self, linear: Array, screen: Screen) -> Array:
        """Despill: (H, W, 3) float32 linear, not below 0, to the same."""
        rgb = linear_to_srgb(linear)
        own = SCREEN_CHANNEL[screen]
        others = [c for c in range(3) if c != own]
        limit = self.limit * rgb[..., others].max(axis=2) + (1 - self.limit) * rgb[..., others].min(axis=2)
        spill = np.maximum(rgb[..., own] - limit, 0) * self.strength
        rgb[..., own] -= spill
        rgb[..., others] += spill[..., None] / 2
        return srgb_to_linear(rgb)

    def grid(self) -> tuple[Despilled, ...]:
        """See FgMaker."""
        return grid(self, strength=(0.0, 0.5, 0.75, 1.0), limit=(0.25, 0.5, 0.75, 1.0))


@dataclass(frozen=True, slots=True)
class Untouched:
    """The plate as it is: what doing nothing costs."""

    def fg(self, shown: Shown, alpha: Array) -> Array:  # noqa: ARG002
        """See FgMaker."""
        return shown.light

    def grid(self) -> tuple[Untouched, ...]:
        """See FgMaker."""
        return (self,)
