"""Screens as measured on real footage, for cut-outs to stand before; numbers, since the footage cannot be shipped."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.synth.backdrop import backdrop
from corridorkey.synth.camera import Camera
from corridorkey.synth.f32 import f32
from corridorkey.synth.palette import linear
from corridorkey.synth.style import DrawnStyle, ShotStyle, draw_style
from corridorkey.types import Array, Screen


@dataclass(frozen=True, slots=True)
class RealScreen:
    """A screen and how it was recorded.

    Attributes:
        name: a word for tables.
        screen: its colour.
        rgb: its median, sRGB.
        darkest, brightest: the 2nd and the 98th percentile of its light, as multiples of the median, linear.
        wrinkles: relative depth of folds, by eye.
        camera: grain and file, as far as they can be told.
    """

    name: str
    screen: Screen
    rgb: tuple[float, float, float]
    darkest: float
    brightest: float
    wrinkles: float
    camera: Camera

    def clean_plate(self, rng: np.random.Generator, size: tuple[int, int]) -> Array:
        """The screen without anybody: (H, W, 3) float32, linear, as uneven as the real one."""
        drawn = backdrop(rng, size, self._style(rng))
        light = drawn[..., 1 if self.screen == "green" else 2]
        light = light / np.float32(np.median(light))
        low, high = np.percentile(light, (2, 98))
        # Its own percentiles take the place of the drawn ones, each side by a power of the light.
        down, up = np.log(self.darkest) / np.log(min(low, 0.999)), np.log(self.brightest) / np.log(max(high, 1.001))
        light = np.where(light < 1, light ** np.float32(down), light ** np.float32(up))
        return f32(linear(self.rgb) * light[..., None])

    def _style(self, rng: np.random.Generator) -> DrawnStyle:
        fixed = ShotStyle(
            screen=self.screen,
            screen_rgb=self.rgb,
            uneven=0.3,
            wrinkles=self.wrinkles,
            shadows=0.0,
            markers=False,
            subjects=(),
        )
        return draw_style(rng, fixed, 1)


# Green: measured on the five real frames that this project looks at. Blue: their light on two common blue paints.
REAL_SCREENS = (
    RealScreen("pure", "green", (0.02, 0.83, 0.42), 0.83, 1.10, 0.0, Camera(0.010, 0.001, 0.6, quality=80)),
    RealScreen("dark", "green", (0.05, 0.36, 0.03), 0.79, 1.09, 0.0, Camera(0.005, 0.001, 0.5, quality=85)),
    RealScreen("uneven", "green", (0.19, 0.62, 0.31), 0.82, 1.25, 0.06, Camera(0.006, 0.001, 0.8)),
    RealScreen("pale", "green", (0.23, 0.75, 0.45), 0.92, 1.10, 0.0, Camera(0.006, 0.001, 0.7, video="4:2:0")),
    RealScreen("flat", "green", (0.28, 0.58, 0.21), 0.99, 1.01, 0.0, Camera(0.001, 0.0003)),
    RealScreen("blue", "blue", (0.10, 0.22, 0.72), 0.82, 1.25, 0.06, Camera(0.010, 0.001, 0.7, video="4:2:0")),
    RealScreen("pale-blue", "blue", (0.20, 0.40, 0.80), 0.88, 1.12, 0.0, Camera(0.006, 0.001, 0.6, quality=85)),
)
