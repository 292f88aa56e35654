"""Frames that any keyer manages: one person, an even screen, no camera."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from importlib.util import find_spec

import pytest

from corridorkey.evaluation.frame import TestFrame, from_synth
from corridorkey.prepare import SWAP
from corridorkey.synth import ShotStyle, render_shot

STYLE = ShotStyle(
    screen="green", screen_rgb=(0.15, 0.7, 0.2), uneven=0.1, wrinkles=0.0, shadows=0.0, markers=False,
    subjects=("person",), motion=0.0, defocus=0.0, spill=0.1, near=False, degrade=False,
)  # fmt: skip
SIZE = (120, 160)

needs_pymatting = pytest.mark.skipif(not find_spec("pymatting"), reason="needs the extra 'evaluate'")
needs_gstreamer = pytest.mark.skipif(not shutil.which("gst-launch-1.0"), reason="needs Debian's gstreamer1.0-tools")
NAMES = [
    "soft-key",
    pytest.param("soft-key-ml", marks=[pytest.mark.slow, needs_pymatting]),
    pytest.param("closed-form", marks=[pytest.mark.slow, needs_pymatting]),
    "chromakey",
    "chromakey-10bit",
    pytest.param("gstreamer", marks=needs_gstreamer),
    "plate",
]


@cache
def easy(seed: int = 2) -> TestFrame:
    return from_synth(next(iter(render_shot(seed, SIZE, style=STYLE))), f"easy-{seed}/0001", f"easy-{seed}")


def as_blue(frame: TestFrame) -> TestFrame:
    """The same frame before a blue screen: green and blue have changed places."""
    assert frame.fg is not None
    plate = replace(frame.plate, rgb=frame.plate.rgb[..., SWAP])
    return replace(frame, plate=plate, fg=frame.fg[..., SWAP], screen="blue")
