"""Methods over a suite: every frame keyed at full size, scored, and the worst kept to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corridorkey.errors import SettingsError
from corridorkey.evaluation.baselines.baseline import Baseline
from corridorkey.evaluation.contract import Method, Result
from corridorkey.evaluation.frame import TestFrame
from corridorkey.evaluation.pictures import Row, look_at, small
from corridorkey.evaluation.real import real_figures
from corridorkey.evaluation.report import Report
from corridorkey.evaluation.scores import FLICKER, FrameScores, MethodScores, figures, flicker
from corridorkey.evaluation.suites import Suite
from corridorkey.types import Array

WORST = 8  # frames on a sheet, no two of one shot
RANKED_BY = "mse"


@dataclass(slots=True)
class _Running:
    """One method on its way through a suite."""

    method: Method
    scores: list[FrameScores] = field(default_factory=list)
    before: tuple[TestFrame, Array] | None = None
    worst: dict[str, tuple[float, list[Row]]] = field(default_factory=dict)  # by shot

    def take(self, frame: TestFrame) -> None:
        result = self.method.key(frame)
        if frame.alpha is None:
            found = real_figures(frame, result.alpha, result.fg)
        else:
            found = figures(frame, result.alpha, result.fg)
            if self.before is not None and self.before[0].shot == frame.shot:
                found[FLICKER] = flicker(self.before, (frame, result.alpha))
            self.before = frame, result.alpha
        self.scores.append(FrameScores(frame.name, frame.shot, frame.tags, found))
        self._keep(frame, result, found.get(RANKED_BY))

    def _keep(self, frame: TestFrame, result: Result, error: float | None) -> None:
        if error is not None:
            if error <= self.worst.get(frame.shot, (-1.0, []))[0]:
                return
            others = sorted(kept for shot, (kept, _) in self.worst.items() if shot != frame.shot)
            if len(others) >= WORST and error <= others[-WORST]:
                return
        rows = look_at(frame, result, "" if error is None else f": {error:.4f}")
        # The first picture is the whole plate, the others are crops.
        rows = [{label: p if k else small(p) for k, (label, p) in enumerate(row.items())} for row in rows]
        self.worst[frame.shot] = (error or 0.0, rows)
        if error is not None and len(self.worst) > WORST:
            del self.worst[min(self.worst, key=lambda shot: self.worst[shot][0])]

    def rows(self) -> list[Row]:
        kept = sorted(self.worst.values(), key=lambda item: -item[0])
        return [row for _, rows in kept for row in rows]


def check_names(methods: Sequence[Method]) -> None:
    """Refuse methods that could not be told apart.

    Raises:
        SettingsError: none, or two of one name.
    """
    if len({method.name for method in methods}) < len(methods) or not methods:
        raise SettingsError("name one method or more, and each once")


def run_suite(
    suite: Suite, methods: Sequence[Method], on_frame: Callable[[str], None] = lambda _: None
) -> tuple[Report, dict[str, list[Row]]]:
    """Key all of a suite with every method.

    Args:
        suite: each of its frames is made once.
        methods: of different names.
        on_frame: is told a frame's name before it is keyed.
    Returns:
        The scores, and by method the rows of a contact sheet: the worst frame of each of the worst shots, or
        every frame where there is no truth.
    Raises:
        SettingsError: no frame, or two methods of one name.
    """
    check_names(methods)
    running = [_Running(method) for method in methods]
    for frame in suite.frames():
        on_frame(frame.name)
        for one in running:
            one.take(frame)
    if not running[0].scores:
        raise SettingsError(f"suite {suite.name} has no frames")
    scores = tuple(MethodScores(r.method.name, tuple(r.scores)) for r in running)
    settings = {method.name: method.settings for method in methods if isinstance(method, Baseline)}
    return Report(suite.name, scores, settings), {r.method.name: r.rows() for r in running}
