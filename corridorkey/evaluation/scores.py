"""What a frame's result scores, and what the scores of many frames say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from statistics import fmean
from typing import Any

import numpy as np

from corridorkey import metrics
from corridorkey.errors import SettingsError
from corridorkey.evaluation.frame import TestFrame
from corridorkey.types import Array

INTERIOR = 0.98  # alpha above which a pixel is all subject
Metric = Callable[..., float]


@dataclass(frozen=True, slots=True, eq=False)
class _Truth:
    """A frame with truth: what every figure is counted over."""

    frame: TestFrame
    alpha: Array
    fg: Array
    transition: metrics.Region
    interior: metrics.Region
    seen: metrics.Region

    @classmethod
    def of(cls, frame: TestFrame) -> _Truth:
        if frame.alpha is None or frame.fg is None:
            raise SettingsError(f"{frame.name}: its truth is not known, so nothing can be scored against it")
        alpha = frame.alpha
        return cls(frame, alpha, frame.fg, metrics.transition(alpha), alpha > INTERIOR, alpha > 0.02)


def _alpha(metric: Metric, truth: _Truth, alpha: Array, fg: Array) -> float | None:  # noqa: ARG001
    return metric(alpha, truth.alpha)


def _alpha_transition(metric: Metric, truth: _Truth, alpha: Array, fg: Array) -> float | None:  # noqa: ARG001
    return metric(alpha, truth.alpha, truth.transition) if truth.transition.any() else None


def _fg_interior(truth: _Truth, alpha: Array, fg: Array) -> float | None:  # noqa: ARG001
    return metrics.fg_mae(fg, truth.fg, truth.interior) if truth.interior.any() else None


def _fg_transition(truth: _Truth, alpha: Array, fg: Array) -> float | None:  # noqa: ARG001
    return metrics.fg_mae(fg, truth.fg, truth.transition) if truth.transition.any() else None


def _premultiplied(truth: _Truth, alpha: Array, fg: Array) -> float | None:
    return metrics.premultiplied_mae(fg, alpha, truth.fg, truth.alpha)


def _spill(truth: _Truth, alpha: Array, fg: Array) -> float | None:  # noqa: ARG001
    return metrics.spill_excess(fg, truth.fg, truth.frame.screen, truth.seen) if truth.seen.any() else None


_ALPHA: dict[str, Metric] = {
    "sad": metrics.sad,
    "mse": metrics.mse,
    "mad": metrics.mad,
    "gradient": metrics.gradient_error,
    "connectivity": metrics.connectivity_error,
}
_FIGURES: dict[str, Callable[[_Truth, Array, Array], float | None]] = {
    **{name: partial(_alpha, metric) for name, metric in _ALPHA.items()},
    **{f"{name}_transition": partial(_alpha_transition, metric) for name, metric in _ALPHA.items()},
    "fg_interior": _fg_interior,
    "fg_transition": _fg_transition,
    "premultiplied": _premultiplied,
    "spill": _spill,
}
FLICKER = "dtssd"
FIGURES = (*_FIGURES, FLICKER)


def figures(frame: TestFrame, alpha: Array, fg: Array, wanted: Iterable[str] = tuple(_FIGURES)) -> dict[str, float]:
    """One result's errors; lower is better.

    Args:
        frame: with its truth.
        alpha: (H, W) float32, the result's.
        fg: (H, W, 3) float32, its straight colour, linear.
        wanted: names of figures; all but dtSSD, which takes two frames.
    Returns:
        Name -> figure; those that count over pixels the frame does not have are left out.
    Raises:
        SettingsError: the frame's truth is not known.
    """
    truth = _Truth.of(frame)
    found = {name: _FIGURES[name](truth, alpha, fg) for name in wanted}
    return {name: value for name, value in found.items() if value is not None}


def flicker(before: tuple[TestFrame, Array], now: tuple[TestFrame, Array]) -> float:
    """dtSSD of two neighbouring frames of a shot, each with the alpha (H, W) that was made of it."""
    truths = [frame.alpha for frame, _ in (before, now)]
    return metrics.dtssd([before[1], now[1]], [alpha for alpha in truths if alpha is not None])


@dataclass(frozen=True, slots=True)
class FrameScores:
    """One frame's figures.

    Attributes:
        frame, shot, tags: the frame's.
        figures: name -> figure; what the frame has no pixels for is left out.
    """

    frame: str
    shot: str
    tags: tuple[str, ...]
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MethodScores:
    """A method's figures over a suite.

    Attributes:
        method: its name.
        frames: in the suite's order.
    """

    method: str
    frames: tuple[FrameScores, ...]

    def tagged(self, tag: str) -> MethodScores:
        """Only the frames that carry a tag."""
        return MethodScores(self.method, tuple(f for f in self.frames if tag in f.tags))

    def means(self) -> dict[str, float]:
        """Each figure's mean over the shots, of its mean over a shot's frames: a shot counts once, however long."""
        shots: dict[str, dict[str, list[float]]] = {}
        for scored in self.frames:
            for name, value in scored.figures.items():
                shots.setdefault(name, {}).setdefault(scored.shot, []).append(value)
        return {name: fmean(map(fmean, by_shot.values())) for name, by_shot in shots.items()}

    def wins(self, other: MethodScores, figure: str = "mse") -> float:
        """Share of the frames on which this method's figure is below another's, of those that both have it on.

        Raises:
            SettingsError: there is no such frame.
        """
        theirs = {f.frame: f.figures[figure] for f in other.frames if figure in f.figures}
        mine = {f.frame: f.figures[figure] for f in self.frames if figure in f.figures and f.frame in theirs}
        if not mine:
            raise SettingsError(f"{self.method} and {other.method} have no frame with {figure!r} in common")
        return float(np.mean([value < theirs[name] for name, value in mine.items()]))

    def to_json(self) -> dict[str, Any]:
        """For a JSON file; `from_json` takes it back."""
        frames = [{"frame": f.frame, "shot": f.shot, "tags": f.tags, "figures": dict(f.figures)} for f in self.frames]
        return {"method": self.method, "mean": self.means(), "frames": frames}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> MethodScores:
        """What `to_json` gave.

        Raises:
            SettingsError: it is nothing of the kind.
        """
        try:
            frames = tuple(
                FrameScores(f["frame"], f["shot"], tuple(f["tags"]), {k: float(v) for k, v in f["figures"].items()})
                for f in facts["frames"]
            )
            return cls(facts["method"], frames)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SettingsError(f"not the scores of a method ({error!r}); give what `ck evaluate` wrote") from error


def all_tags(scores: MethodScores) -> list[str]:
    """The tags of a suite's frames: first every frame's first one, in order of appearance, then the second ones …"""
    columns = zip_longest(*(scored.tags for scored in scores.frames))
    return list(dict.fromkeys(tag for column in columns for tag in column if tag is not None))
