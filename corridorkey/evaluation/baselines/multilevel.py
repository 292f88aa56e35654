"""PyMatting's multi-level foreground estimate as fg."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from corridorkey.evaluation.baselines.despilled import Despilled
from corridorkey.evaluation.baselines.library import pymatting
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.types import Array


@dataclass(frozen=True, slots=True)
class Multilevel:
    """`estimate_foreground_ml` of the linear plate, at its own size; what it leaves of the spill is limited.

    Attributes:
        despilled: takes off the screen's light that lies on the subject, of which the estimate knows nothing.

    Source: Germer et al., Fast Multi-Level Foreground Estimation, 2020; PyMatting.
    """

    despilled: Despilled = field(default_factory=Despilled)

    def fg(self, shown: Shown, alpha: Array) -> Array:
        """See FgMaker.

        Raises:
            BackendUnavailableError: PyMatting is not installed.
        """
        plate = np.clip(shown.light, 0, 1)  # beyond these the library's own clamp would bend the colours
        fg = pymatting().estimate_foreground_ml(plate, alpha)
        return self.despilled.of(np.clip(fg, 0, 1).astype(np.float32), shown.screen)

    def grid(self) -> tuple[Multilevel, ...]:
        """See FgMaker."""
        return tuple(replace(self, despilled=setting) for setting in self.despilled.grid())
