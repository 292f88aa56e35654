"""A plate as classical keyers are given it, and what is seen in it whatever their settings."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corridorkey.color import srgb_to_linear
from corridorkey.hints.chroma import chroma_guide
from corridorkey.pipeline import display_rgb
from corridorkey.screen import measure_screen
from corridorkey.types import Array, Guide

if TYPE_CHECKING:
    from corridorkey.evaluation.frame import TestFrame

PURE = {"green": (0, 255, 0), "blue": (0, 0, 255)}


class Shown:
    """A frame without its truth. What it is asked for it works out once, so that many settings can share it.

    Attributes:
        name: the frame's.
        screen: colour of its screen.
        plate: as it was given.
    """

    def __init__(self, frame: TestFrame) -> None:
        self.name = frame.name
        self.screen = frame.screen
        self.plate = frame.plate

    @cached_property
    def rgb(self) -> Array:
        """The plate in sRGB, clipped to 0..1: (H, W, 3) float32."""
        return np.clip(display_rgb(self.plate), 0, 1)

    @cached_property
    def rgba8(self) -> NDArray[np.uint8]:
        """`rgb` in 8 bits, with a full alpha: (H, W, 4)."""
        rgb = np.rint(self.rgb * 255).astype(np.uint8)
        return np.concatenate([rgb, np.full((*rgb.shape[:2], 1), 255, np.uint8)], axis=2)

    @cached_property
    def light(self) -> Array:
        """The plate in linear light, floored at 0: (H, W, 3) float32."""
        rgb = self.plate.rgb
        return srgb_to_linear(rgb) if self.plate.space == "srgb" else np.maximum(rgb, np.float32(0))

    @cached_property
    def guide(self) -> Guide:
        """The project's own hint and soft key."""
        return chroma_guide(self.rgb, self.screen)

    @cached_property
    def color(self) -> tuple[int, int, int]:
        """The screen's median, 8-bit sRGB, as somebody would pick it; the pure colour where nothing looks like one."""
        color = measure_screen([self.rgb], self.screen)
        if color is None:
            return PURE[self.screen]
        red, green, blue = (round(float(c) * 255) for c in color)
        return red, green, blue
