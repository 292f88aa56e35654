"""The project's own soft colour-difference key, with levels."""

from __future__ import annotations

from dataclasses import dataclass

from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.hints.difference import ramp
from corridorkey.types import Array


@dataclass(frozen=True, slots=True)
class SoftKey:
    """The key of `hints.chroma`, un-eroded and unblurred, its levels stretched.

    Attributes:
        black, white: values of the key that become 0 and 1.
    """

    black: float = 0.0
    white: float = 1.0

    def alpha(self, shown: Shown) -> Array:
        """See AlphaMaker."""
        assert shown.guide.key is not None
        return ramp(shown.guide.key, self.black, self.white)

    def grid(self) -> tuple[SoftKey, ...]:
        """See AlphaMaker."""
        return grid(self, black=(0.0, 0.05, 0.1, 0.2, 0.3), white=(1.0, 0.9, 0.8, 0.7, 0.6, 0.5))
