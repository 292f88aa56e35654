"""The settings under which a baseline does best: over a suite, and on each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from corridorkey import metrics
from corridorkey.errors import SettingsError
from corridorkey.evaluation.baselines.baseline import Baseline
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.evaluation.frame import TestFrame
from corridorkey.types import Array

EVERY = 4
Losses = Callable[[Sequence[Baseline], Shown, Array, Array], list[float]]


def tune(baseline: Baseline, frames: Callable[[], Iterable[TestFrame]], seed: int = 0) -> Baseline:
    """Settle a baseline's settings for a suite, by one frame out of every four.

    First those of alpha, by its mean squared error; then, with these, those of fg, by the mean premultiplied error.
    All of its grid is tried, the settings it has among them, which win a draw.

    Args:
        baseline: with its defaults.
        frames: the suite's `frames`; gone through twice.
        seed: decides which frame of four.
    Returns:
        The baseline to key all of the suite with; the same arguments give the same.
    Raises:
        SettingsError: no frame, or one whose truth nobody knows.
    """
    found = _best(baseline.alpha_grid(), drawn(frames(), seed), _alpha_losses)
    choices = found.fg_grid()
    return _best(choices, drawn(frames(), seed), _fg_losses) if len(choices) > 1 else found


def oracle(baseline: Baseline, frame: TestFrame) -> Baseline:
    """The settings that suit one frame best, by its truth: what no artist could better by turning these knobs.

    Args, raises: as `tune`. Of a tuned baseline its alpha has at most the tuned one's squared error.
    """
    return tune(baseline, lambda: [frame])


def drawn(frames: Iterable[TestFrame], seed: int = 0) -> Iterator[TestFrame]:
    """One frame out of every four in a row, at random, so that no rhythm of the suite decides; seeded."""
    rng = np.random.default_rng(seed)
    rest = iter(frames)
    while row := list(islice(rest, EVERY)):
        yield row[int(rng.integers(len(row)))]


def _best(choices: Sequence[Baseline], frames: Iterable[TestFrame], losses: Losses) -> Baseline:
    rows = []
    for frame in frames:
        if frame.alpha is None or frame.fg is None:
            raise SettingsError(f"{frame.name}: its truth is unknown; settings are tuned on a suite that has it")
        rows.append(losses(choices, Shown(frame), frame.alpha, frame.fg))
    if not rows:
        raise SettingsError(f"no frame to tune {choices[0].name} by; give a suite that has some")
    return choices[int(np.mean(rows, axis=0).argmin())]


def _alpha_losses(choices: Sequence[Baseline], shown: Shown, alpha: Array, fg: Array) -> list[float]:  # noqa: ARG001
    return [metrics.mse(choice.alpha_maker.alpha(shown), alpha) for choice in choices]


def _fg_losses(choices: Sequence[Baseline], shown: Shown, alpha: Array, fg: Array) -> list[float]:
    keyed = choices[0].alpha_maker.alpha(shown)  # they differ in fg alone
    return [metrics.premultiplied_mae(choice.fg_maker.fg(shown, keyed), keyed, fg, alpha) for choice in choices]
