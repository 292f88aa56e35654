"""A keyer against the truth of rendered shots, in four figures; `evaluation` has the whole of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from corridorkey.color import srgb_to_linear
from corridorkey.composite import linear_fg
from corridorkey.config import KeySettings
from corridorkey.despill import despill
from corridorkey.evaluation.frame import from_synth
from corridorkey.evaluation.scores import figures
from corridorkey.pipeline import Keyer, guide_frame, key_frame
from corridorkey.synth import SynthFrame
from corridorkey.types import Array, Guide, KeyedFrame, Plate


@dataclass(frozen=True, slots=True)
class Scores:
    """Mean errors over frames; lower is better.

    Attributes:
        alpha_mse: of the keyer's alpha.
        key_mse: of the soft colour-difference key, un-eroded and unblurred.
        fg_mae: of the keyer's straight fg where true alpha > 0.98, linear light.
        despilled_mae: of the despilled plate there.
    """

    alpha_mse: float
    key_mse: float
    fg_mae: float
    despilled_mae: float

    def __str__(self) -> str:
        return (
            f"alpha MSE {self.alpha_mse:.5f} (colour-difference key {self.key_mse:.5f}, "
            f"{self.alpha_mse / max(self.key_mse, 1e-12):.2f} of it); "
            f"interior fg error {self.fg_mae:.4f} (despilled plate {self.despilled_mae:.4f})"
        )


def key_synthetic(frame: SynthFrame, keyer: Keyer, settings: KeySettings) -> tuple[Guide, KeyedFrame]:
    """Key a rendered frame as `ck key` would: its hint comes from its screen."""
    plate = Plate(frame.plate, "srgb")
    guide = guide_frame(plate, frame.screen, keyer.contract)
    return guide, key_frame(plate, guide, keyer, settings)


def score(frame: SynthFrame, key: Array, alpha: Array, fg: Array) -> Scores:
    """One frame's errors.

    Args:
        frame: plate and truth, (H, W).
        key: (H, W) float32, the soft colour-difference key of the plate; the baseline.
        alpha: (H, W) float32, what the keyer made of it.
        fg: (H, W, 3) float32, its straight fg, linear.
    Returns:
        Scores; both fg errors are 0 where nothing is all subject.
    """
    wanted, truth = ("mse", "fg_interior"), from_synth(frame)
    keyer = figures(truth, alpha, fg, wanted)
    baseline = figures(truth, key, srgb_to_linear(despill(frame.plate, frame.screen)), wanted)
    return Scores(keyer["mse"], baseline["mse"], keyer.get("fg_interior", 0.0), baseline.get("fg_interior", 0.0))


def score_frame(frame: SynthFrame, guide: Guide, keyed: KeyedFrame) -> Scores:
    """One keyed frame's errors; its guide's key is the baseline."""
    assert guide.key is not None
    return score(frame, guide.key, keyed.alpha[..., 0], linear_fg(keyed))


def mean_scores(scores: Iterable[Scores]) -> Scores:
    """The mean of each figure."""
    rows = np.array([dataclasses.astuple(s) for s in scores])
    return Scores(*(float(v) for v in rows.mean(axis=0)))
