"""A classical keyer with its knobs turned, frame by frame, by somebody who knows the truth."""

from __future__ import annotations

from dataclasses import dataclass

from corridorkey.evaluation.baselines.baseline import Baseline
from corridorkey.evaluation.contract import Result
from corridorkey.evaluation.frame import TestFrame
from corridorkey.evaluation.tune import oracle


@dataclass(frozen=True, slots=True)
class BestPerFrame:
    """A baseline's oracle as a method.

    Attributes:
        baseline: its settings are where the search begins.
    """

    baseline: Baseline

    @property
    def name(self) -> str:
        """As tables have it."""
        return f"{self.baseline.name}, oracle"

    def key(self, frame: TestFrame) -> Result:
        """Key one frame with the settings that suit it best, by its truth."""
        return oracle(self.baseline, frame).key(frame)
