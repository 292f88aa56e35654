"""GStreamer's element `alpha`, through gst-launch-1.0."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

import numpy as np

from corridorkey.errors import BackendUnavailableError, KeyingError
from corridorkey.evaluation.baselines.grid import grid
from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.types import Array

LAUNCH = "gst-launch-1.0"
KEYED_BY = "alpha"
ELEMENTS = KEYED_BY, "rawvideoparse", "fdsrc"
HOW = "apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
TIMEOUT = 120.0  # seconds for a frame; its first start on a machine scans every plugin


@dataclass(frozen=True, slots=True)
class GstAlpha:
    """The element on 8-bit RGBA, keying on the screen's measured colour.

    Attributes:
        angle: half the wedge of hues that is keyed, in degrees, 0..90.
        noise: radius about the screen's own chroma that is taken for noise, 0..64.
        black, white: sensitivity to dark and to bright colours, 0..128; lower spares more of them.
    """

    angle: float = 60.0
    noise: float = 16.0
    black: int = 100
    white: int = 128

    def alpha(self, shown: Shown) -> Array:
        """See AlphaMaker.

        Raises:
            BackendUnavailableError: GStreamer or one of the elements is not installed.
            KeyingError: it failed on this frame.
        """
        height, width = shown.rgba8.shape[:2]
        red, green, blue = shown.color
        out = _run(
            shown.name,
            shown.rgba8.tobytes(),
            f"fdsrc fd=0 ! rawvideoparse format=rgba width={width} height={height} framerate=1/1 "
            f"! {KEYED_BY} method=custom target-r={red} target-g={green} target-b={blue} angle={self.angle} "
            f"noise-level={self.noise} black-sensitivity={self.black} white-sensitivity={self.white} "
            "! video/x-raw,format=RGBA ! fdsink fd=1",
        )
        return np.frombuffer(out, np.uint8).reshape(shown.rgba8.shape)[..., 3] * np.float32(1 / 255)

    def grid(self) -> tuple[GstAlpha, ...]:
        """See AlphaMaker."""
        return grid(self, angle=(20.0, 40.0, 60.0, 75.0), noise=(2.0, 16.0), black=(100, 128), white=(100, 128))


def _run(name: str, picture: bytes, pipeline: str) -> bytes:
    program = shutil.which(LAUNCH)
    if program is None:
        raise BackendUnavailableError(f"this baseline needs GStreamer's {LAUNCH}, which is not on the PATH; {HOW}")
    try:
        done = subprocess.run(
            [program, "-q", *pipeline.split()], input=picture, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise KeyingError(f"{name}: {LAUNCH} took over {TIMEOUT:.0f} s; leave this method out") from error
    said = done.stderr.decode(errors="replace").strip()
    lacking = [element for element in ELEMENTS if f'no element "{element}"' in said]
    if lacking:
        raise BackendUnavailableError(f"GStreamer lacks {', '.join(lacking)}; {HOW}")
    if done.returncode or len(done.stdout) != len(picture):
        raise KeyingError(
            f"{name}: {LAUNCH} ended with {done.returncode} after {len(done.stdout)} of {len(picture)} bytes: {said}"
        )
    return done.stdout
