"""What a perfect matte would give: a bound to hold keyers against, and none of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.evaluation.contract import Result
from corridorkey.evaluation.frame import TestFrame

FAINTEST = 0.02  # alpha; below it colour is a guess, and no figure asks for it


@dataclass(frozen=True, slots=True)
class PerfectMatte:
    """The true alpha, and for fg the plate unmixed by it and by the true clean plate; grain and spill stay."""

    name: str = "perfect-matte"

    def key(self, frame: TestFrame) -> Result:
        """Take a frame's truth.

        Raises:
            SettingsError: it has none.
        """
        if frame.alpha is None or frame.clean_plate is None:
            raise SettingsError(f"{self.name}: nobody knows the truth of {frame.name}; use a suite that has it")
        alpha = frame.alpha[..., None]
        plate = Shown(frame).light
        fg = (plate - (1 - alpha) * frame.clean_plate) / np.maximum(alpha, np.float32(FAINTEST))
        return Result(frame.alpha, np.clip(fg, 0, max(1.0, float(plate.max()))))
