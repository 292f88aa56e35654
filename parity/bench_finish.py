"""How long finishing takes, step by step: `python -m parity.bench_finish`.

Each step is run here on a whole frame, in bands, as `finish` never does: there a band goes through all of them at once,
so that the steps add up to more than the whole. The plain way is timed in turn with the quick one; whatever else the
machine does falls on both. On a shared machine go by the ratio, the CPU time and the best run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter, process_time
from typing import get_args

import cv2
import numpy as np

from corridorkey.bands import in_bands
from corridorkey.color import linear_to_srgb, srgb_to_linear
from corridorkey.composite import checker, over, premultiply
from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.despeckle import despeckle
from corridorkey.despill import despill
from corridorkey.finish import finish
from corridorkey.resize import resize_lanczos
from corridorkey.types import Array, Plate, Prediction, Screen, Space
from parity import plain_finish as plain

SIZES = {"1080p": (1080, 1920), "4K": (2160, 3840)}
LARGEST = (4320, 7680)  # 8K, once and by the quick way alone
RUNS = 7
SCREEN: Screen = "green"
SETTINGS = KeySettings(SCREEN)
Work = Callable[[], object]
Step = tuple[str, Work, Work]  # its name, the quick way, the plain way


def prediction(side: int = GreenFormerConfig().size) -> Prediction:
    """Soft islands of many sizes, and colours with spill, at the network's size."""
    rng = np.random.default_rng(0)
    alpha, fg = (
        cv2.GaussianBlur(rng.random((side, side, n), np.float32), (0, 0), 9).reshape(side, side, n) for n in (1, 3)
    )
    return Prediction(*(np.clip((x - x.mean()) / x.std() * 0.4 + 0.5, 0, 1, dtype=np.float32) for x in (alpha, fg)))


def steps(given: Prediction, size: tuple[int, int]) -> Iterator[Step]:
    """The steps of one frame, each on what the one before it leaves."""
    yield "resize", lambda: [resize_lanczos(x, size) for x in (given.alpha, given.fg)], lambda: _resized(given, size)
    alpha, fg = _resized(given, size)
    yield "despeckle", lambda: despeckle(alpha, SETTINGS.despeckle), lambda: plain.despeckle(alpha, SETTINGS.despeckle)
    clean_alpha = despeckle(alpha, SETTINGS.despeckle)
    yield "despill", _banded(lambda rows: despill(fg[rows], SCREEN), fg), lambda: plain.despill(fg, SCREEN, 1.0)
    fg = despill(fg, SCREEN)
    yield "to linear", _banded(lambda rows: srgb_to_linear(fg[rows]), fg), lambda: plain.srgb_to_linear(fg)
    linear = srgb_to_linear(fg)
    rgba = premultiply(linear, clean_alpha)
    yield (
        "premultiply",
        _banded(lambda rows: premultiply(linear[rows], clean_alpha[rows]), rgba),
        lambda: plain.premultiply(linear, clean_alpha),
    )
    yield "over checker", _banded(lambda rows: _over(rgba, rows), fg), lambda: plain.over_checker(rgba)
    comp = over(rgba, checker(size))
    yield "to sRGB", _banded(lambda rows: linear_to_srgb(comp[rows]), comp), lambda: plain.linear_to_srgb(comp)


def whole(given: Prediction, size: tuple[int, int]) -> Step:
    """All of it."""
    plate = Plate(np.zeros((*size, 3), np.float32), "srgb")
    return (
        "finish",
        lambda: finish(given, plate, SETTINGS),
        lambda: plain.finish(given.alpha, given.fg, size, SCREEN, SETTINGS.despill, SETTINGS.despeckle),
    )


def with_own_pixels(given: Prediction, size: tuple[int, int], space: Space) -> Step:
    """All of it with the plate's own pixels, most of them solid and half with spill; the plain way does without."""
    solid = Prediction(np.clip(given.alpha * 4, 0, 1), given.fg)
    plate = Plate(np.clip(resize_lanczos(given.fg[::-1], size), 0, 1), space)
    settings = dataclasses.replace(SETTINGS, source_detail=True)
    return f"own, {space}", lambda: finish(solid, plate, settings), lambda: finish(solid, plate, SETTINGS)


def timed(work: Work) -> tuple[float, float]:
    """Wall and CPU time of one call, in milliseconds."""
    wall, cpu = perf_counter(), process_time()
    work()
    return (perf_counter() - wall) * 1e3, (process_time() - cpu) * 1e3


def report(label: str, step: Step) -> str:
    """One line: medians of both ways, one after the other each time, after a run of each that is not counted."""
    name, quick, plainly = step
    for work in (quick, plainly):
        work()
    runs = [(*timed(quick), *timed(plainly)) for _ in range(RUNS)]
    wall, cpu, plain_wall, plain_cpu = (median(run[i] for run in runs) for i in range(4))
    ratio = median(run[2] / run[0] for run in runs)
    best = min(run[0] for run in runs)
    return f"{label:6} {name:13} {wall:6.0f} {best:6.0f} {cpu:6.0f}   {plain_wall:6.0f} {plain_cpu:6.0f}   {ratio:5.1f}"


def main() -> None:
    """Print the table."""
    given = prediction()
    print(f"{cv2.getNumThreads()} threads; milliseconds, medians of {RUNS}")
    print(f"{'':20} {'quick':>6} {'best':>6} {'CPU':>6}   {'plain':>6} {'CPU':>6}   ratio")
    for label, size in SIZES.items():
        for step in steps(given, size):
            print(report(label, step), flush=True)
        print(report(label, whole(given, size)), flush=True)
        for space in get_args(Space):
            print(report(label, with_own_pixels(given, size, space)), flush=True)
    wall, cpu = timed(whole(given, LARGEST)[1])
    print(f"{'8K':6} {'finish':13} {wall:6.0f} {'':6} {cpu:6.0f}   once")


def _resized(given: Prediction, size: tuple[int, int]) -> tuple[Array, Array]:
    return plain.resize(given.alpha, size), plain.resize(given.fg, size)


def _over(rgba: Array, rows: slice) -> Array:
    part = rgba[rows]
    return over(part, checker(part.shape[:2], top=rows.start))


def _banded(work: Callable[[slice], Array], like: Array) -> Work:
    def run() -> None:
        out = np.empty_like(like)

        def band(rows: slice) -> None:
            out[rows] = work(rows)

        in_bands(band, like.shape[:2])

    return run


if __name__ == "__main__":
    main()
