"""Frames with their truth, kept on disk between two passes, so that nothing is rendered for the second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridorkey.errors import FrameWriteError, SettingsError
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.evaluation.frame import TestFrame
from corridorkey.types import Array, Plate


@dataclass(frozen=True, slots=True)
class Example:
    """What settings are tried on.

    Attributes:
        shown: the frame without its truth.
        alpha: (H, W) float32, true coverage.
        fg: (H, W, 3) float32, linear, straight; counts only where alpha is over 0.
    """

    shown: Shown
    alpha: Array
    fg: Array

    @classmethod
    def of(cls, frame: TestFrame) -> Example:
        """A suite's frame as an example.

        Raises:
            SettingsError: its truth is unknown.
        """
        if frame.alpha is None or frame.fg is None:
            raise SettingsError(f"{frame.name}: its truth is unknown; settings are tuned on a suite that has it")
        return cls(Shown(frame), frame.alpha, frame.fg)


class KeptExamples:
    """Examples in a folder: without a loss, and one at a time in memory."""

    def __init__(self, folder: Path) -> None:
        """The folder is empty, and the caller's to remove."""
        self.folder = folder
        self.count = 0

    def keeping(self, examples: Iterable[Example]) -> Iterator[Example]:
        """The examples as they come, each kept on its way.

        Raises:
            FrameWriteError: there is no room for one.
        """
        for example in examples:
            self._keep(example)
            yield example

    def __iter__(self) -> Iterator[Example]:
        """What was kept, in its order."""
        for number in range(self.count):
            with np.load(self._path(number)) as kept:
                rgb, alpha, fg, words = (kept[name] for name in ("rgb", "alpha", "fg", "words"))
            name, screen, space = words.tolist()
            yield Example(Shown(TestFrame(name, "", Plate(rgb, space), screen)), alpha, fg)

    def _keep(self, example: Example) -> None:
        path, shown = self._path(self.count), example.shown
        words = np.array([shown.name, shown.screen, shown.plate.space])
        # Colour that nobody will look at packs to nothing.
        fg = np.where(example.alpha[..., None] > 0, example.fg, np.float32(0))
        try:
            np.savez_compressed(path, rgb=shown.plate.rgb, alpha=example.alpha, fg=fg, words=words)
        except OSError as error:
            raise FrameWriteError(
                f"{path}: a frame to tune by cannot be kept: {error.strerror or error}. Set TMPDIR to a folder with "
                "more room, or use --no-tune."
            ) from error
        self.count += 1

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:06d}.npz"
