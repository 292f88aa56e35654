"""The project's own figures: the demo shot's errors, the start of the command line, memory over a long clip."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HELP_RUNS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the bound it must stay under.

    Attributes:
        timing: it is a time on whatever machine this is: printed, never decisive.
    """

    name: str
    value: float
    bound: float
    unit: str
    note: str
    timing: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bound; NaN is not."""
        return self.value <= self.bound

    def __str__(self) -> str:
        sign = "ok  " if self.holds else "slow" if self.timing else "FAIL"
        return f"{sign}  {self.name:<44} {self.value:.4g} {self.unit}  (bound {self.bound:.4g}: {self.note})"


def demo_figures() -> Iterator[Figure]:
    """The embedded checkpoint on the demo shot, through `key_clip` and its EXRs."""
    from corridorkey.backend import choose_backend, load_keyer
    from corridorkey.clip import key_clip
    from corridorkey.config import DEMO_FRAMES, KeySettings
    from corridorkey.demo import score_demo, write_demo_plates
    from corridorkey.look import look_at_clip
    from corridorkey.media import find_sequence, pair_frames
    from corridorkey.weights import small_checkpoint

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        truth = write_demo_plates(out, DEMO_FRAMES)
        pairs, settings = pair_frames(find_sequence(out / "plate")), KeySettings()
        look = look_at_clip(pairs, settings)
        keyer = load_keyer(choose_backend(), small_checkpoint(), device="cpu")
        failed = [frame for frame in key_clip(pairs, keyer, settings, look, out) if frame.error]
        if failed:
            raise RuntimeError(f"demo frames failed: {failed}")
        scores = score_demo(out, truth, pairs, look)
    yield Figure(
        "demo alpha MSE",
        scores.alpha_mse,
        scores.key_mse / 2,
        "",
        f"half of the soft colour-difference key's {scores.key_mse:.2e}",
    )
    yield Figure(
        "demo fg error where alpha > 0.98",
        scores.fg_mae,
        scores.despilled_mae,
        "",
        "the despilled plate's, linear light",
    )


def help_figure() -> Figure:
    """Seconds until `ck --help` is done; the median of several."""
    times = []
    for _ in range(HELP_RUNS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "corridorkey.cli.main", "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - started)
    return Figure("ck --help", median(times[1:]), 0.4, "s", "a command line that answers at once", timing=True)


def figures() -> Iterator[Figure]:
    """All figures that take seconds, in order."""
    yield from demo_figures()
    yield help_figure()


def long_figures() -> Iterator[Figure]:
    """All figures that take minutes, in order."""
    from parity.full_size import full_size_figures
    from parity.memory import memory_figure

    yield from full_size_figures()
    yield memory_figure()
