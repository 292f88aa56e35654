"""What a method is tested on: a plate, and the truth of it where there is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from corridorkey.synth import SynthFrame
from corridorkey.types import Array, Plate, Screen


@dataclass(frozen=True, slots=True)
class TestFrame:
    """One frame of a suite.

    Attributes:
        name: unique in its suite, "hair-003/0007".
        shot: frames of one shot share it and come in order.
        plate: as a keyer is given it.
        screen: colour of its screen.
        alpha: (H, W) float32 0..1, true coverage; None where nobody knows it.
        fg: (H, W, 3) float32, linear, straight, free of spill; None as above.
        clean_plate: (H, W, 3) float32, linear, the screen without the subject but with its shadow; None as above.
        tags: category words, e.g. "hair", "motion", "4:2:0".
    """

    __test__: ClassVar[bool] = False  # pytest takes every Test… for tests

    name: str
    shot: str
    plate: Plate
    screen: Screen
    alpha: Array | None = None
    fg: Array | None = None
    clean_plate: Array | None = None
    tags: tuple[str, ...] = ()


def from_synth(frame: SynthFrame, name: str = "", shot: str = "", tags: tuple[str, ...] = ()) -> TestFrame:
    """A rendered frame as one of a suite."""
    plate = Plate(frame.plate, "srgb")
    return TestFrame(name, shot, plate, frame.screen, frame.alpha, frame.fg, frame.clean_plate, tags)
