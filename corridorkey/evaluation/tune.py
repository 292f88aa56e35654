"""The settings under which baselines do best: over a suite, and on each frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np

from corridorkey import metrics
from corridorkey.errors import SettingsError
from corridorkey.evaluation.baselines.baseline import AlphaMaker, Baseline, FgMaker
from corridorkey.evaluation.frame import TestFrame
from corridorkey.evaluation.kept import Example, KeptExamples

EVERY = 4
Maker = TypeVar("Maker")


def tune(
    baselines: Sequence[Baseline],
    frames: Iterable[TestFrame],
    seed: int = 0,
    on_frame: Callable[[str], None] = lambda _: None,
) -> list[Baseline]:
    """Settle the settings of baselines for a suite, by one frame out of every four.

    First those of alpha, by its mean squared error; then, with these, those of fg, by the mean premultiplied error.
    All of a baseline's grid is tried, the settings it has among them, which win a draw. For the second pass the frames
    lie on disk, in a temporary folder; what several baselines have in common is computed once.

    Args:
        baselines: with their defaults.
        frames: of a suite; gone through once.
        seed: decides which frame of four.
        on_frame: is told a frame's name before it is looked at.
    Returns:
        The baselines to key all of the suite with, in the same order; the same arguments give the same.
    Raises:
        SettingsError: no frame, or one whose truth nobody knows.
        FrameWriteError: the temporary folder has no room.
    """
    examples: Iterator[Example] = (Example.of(frame) for frame in drawn(frames, seed))
    if not any(map(_has_choice, baselines)):
        return _settle_alpha(baselines, _told(examples, on_frame))
    with TemporaryDirectory(prefix="ck-tune-") as folder:
        kept = KeptExamples(Path(folder))
        found = _settle_alpha(baselines, _told(kept.keeping(examples), on_frame))
        return _settle_fg(found, _told(kept, on_frame))


def oracle(baseline: Baseline, frame: TestFrame) -> Baseline:
    """The settings that suit one frame best, by its truth: what no artist could better by turning these knobs.

    Args, raises: as `tune`. Of a tuned baseline its alpha has at most the tuned one's squared error.
    """
    example = [Example.of(frame)]
    return _settle_fg(_settle_alpha([baseline], example), example)[0]


def drawn(frames: Iterable[TestFrame], seed: int = 0) -> Iterator[TestFrame]:
    """One frame out of every four in a row, at random, so that no rhythm of the suite decides; seeded."""
    rng = np.random.default_rng(seed)
    rest = iter(frames)
    while row := list(islice(rest, EVERY)):
        picked = row[int(rng.integers(len(row)))]
        del row  # the others are not to wait in memory for the next row
        yield picked
        del picked


def _told(examples: Iterable[Example], on_frame: Callable[[str], None]) -> Iterator[Example]:
    for example in examples:
        on_frame(example.shown.name)
        yield example


def _has_choice(baseline: Baseline) -> bool:
    return len(baseline.fg_maker.grid()) > 1


def _settle_alpha(baselines: Sequence[Baseline], examples: Iterable[Example]) -> list[Baseline]:
    makers = dict.fromkeys(maker for baseline in baselines for maker in baseline.alpha_maker.grid())
    losses = [{maker: metrics.mse(maker.alpha(e.shown), e.alpha) for maker in makers} for e in examples]
    if not losses:
        raise SettingsError(f"no frame to tune {baselines[0].name} by; give a suite that has some")
    return [replace(b, alpha_maker=_best(b.alpha_maker.grid(), losses)) for b in baselines]


def _settle_fg(baselines: Sequence[Baseline], examples: Iterable[Example]) -> list[Baseline]:
    tried: dict[AlphaMaker, dict[FgMaker, None]] = {}  # with each alpha, the makers of fg
    for baseline in filter(_has_choice, baselines):
        tried.setdefault(baseline.alpha_maker, {}).update(dict.fromkeys(baseline.fg_maker.grid()))
    losses = [{alpha: _fg_losses(alpha, makers, e) for alpha, makers in tried.items()} for e in examples]
    return [
        replace(b, fg_maker=_best(b.fg_maker.grid(), [row[b.alpha_maker] for row in losses])) if _has_choice(b) else b
        for b in baselines
    ]


def _fg_losses(alpha_maker: AlphaMaker, makers: Iterable[FgMaker], example: Example) -> dict[FgMaker, float]:
    alpha = alpha_maker.alpha(example.shown)
    return {
        maker: metrics.premultiplied_mae(maker.fg(example.shown, alpha), alpha, example.fg, example.alpha)
        for maker in makers
    }


def _best(choices: Sequence[Maker], losses: Sequence[Mapping[Maker, float]]) -> Maker:
    """The first of those whose mean loss over the frames is least."""
    rows = [[loss[choice] for choice in choices] for loss in losses]
    return choices[int(np.mean(rows, axis=0).argmin())]
