"""The peak memory of keying 30 frames and 300 frames at 1080p, each in a process of its own.

The network runs small: the smaller its share of the peak, the sooner a leak elsewhere shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from corridorkey.synth import render_shot
from parity.figures import Figure
from parity.peak import PEAK

SIZE = (1080, 1920)
RENDERED = 3  # frames that differ; the others are links to them
GROWTH = 1.05

CHILD = f"""
import sys
from corridorkey.cli.main import main
code = 1
try:
    main(sys.argv[1:])
except SystemExit as stopped:
    code = stopped.code
{PEAK}
sys.exit(code)
"""


def write_plates(folder: Path, frames: int) -> None:
    """A 1080p sequence as PNG: a few rendered frames, repeated."""
    from PIL import Image

    folder.mkdir(parents=True)
    for number, frame in enumerate(render_shot(77, SIZE, RENDERED)):
        Image.fromarray(np.rint(frame.plate * 255).astype(np.uint8)).save(
            folder / f"f.{number:04d}.png", compress_level=1
        )
    for number in range(RENDERED, frames):
        os.link(folder / f"f.{number % RENDERED:04d}.png", folder / f"f.{number:04d}.png")


def peak_memory(plates: Path, frames: int, size: int) -> float:
    """Peak resident bytes of `ck key` over the first `frames` plates, float32 on the CPU."""
    with tempfile.TemporaryDirectory() as out:
        words = ["key", str(plates), "-o", out, "--frames", f"0-{frames - 1}", "--size", str(size), "--device", "cpu"]
        words += ["--checkpoint", "small", "--screen-color", "auto"]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *words], check=True, capture_output=True, text=True, encoding="utf-8"
        )
        written = len(list((Path(out) / "Processed").glob("*.exr")))
        assert written == frames, f"{written} of {frames} frames were written"
        return float(done.stdout.rsplit("peak", 1)[1])


def memory_figure(short: int = 30, long: int = 300, size: int = 256) -> Figure:
    """Peak of the long clip over the peak of the short one.

    Args:
        short, long: frames.
        size: the network's long side in pixels.
    """
    with tempfile.TemporaryDirectory() as folder:
        plates = Path(folder) / "plates"
        write_plates(plates, long)
        few, many = (peak_memory(plates, n, size) for n in (short, long))
    note = f"{few / 2**20:.0f} MiB at {short} frames of 1080p, {many / 2**20:.0f} MiB at {long}"
    return Figure("memory of a long clip over a short one", many / few, GROWTH, "", note)
