"""The data that flows: plate and guide in, prediction in the middle, keyed frame out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Space = Literal["srgb", "linear"]
Screen = Literal["green", "blue"]


@dataclass(frozen=True, slots=True)
class Plate:
    """A frame as shot.

    Attributes:
        rgb: (H, W, 3) float32, finite; sRGB-encoded 0..1 or scene-linear, as `space` says.
        space: transfer curve of `rgb`; primaries are Rec.709.
        header: attributes of the file that every output carries on (pixelAspectRatio, timeCode …).
    """

    rgb: Array
    space: Space
    header: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.rgb.shape[0], self.rgb.shape[1]


@dataclass(frozen=True, slots=True)
class Mattes:
    """What was decided of a frame by hand. Each is of any size.

    Attributes:
        garbage: (h, w) float32 0..1, 1 is always background; it wins over `core`. None where there is none.
        core: (h, w) float32 0..1, 1 is always foreground. None where there is none.
    """

    garbage: Array | None = None
    core: Array | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """What is known of a frame before the network sees it. The three arrays may differ in size.

    Attributes:
        hint: (h, w) float32 0..1, coarse, rather too small than too large: where the subject is.
        screen: colour of the screen.
        key: (h, w) float32 0..1, the soft colour-difference key; 1 is subject. None where no screen was looked for.
        clean_plate: (h, w, 3) float32 sRGB 0..1, the screen as if the subject had left. None as above.
        hidden: (h, w) float32 0..1, 1 where the network is to be shown the clean plate instead of the plate: what a
            given hint leaves out, and garbage. None hides nothing.
    """

    hint: Array
    screen: Screen = "green"
    key: Array | None = None
    clean_plate: Array | None = None
    hidden: Array | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a keyer says of a frame, at the network's size.

    Attributes:
        alpha: (h, w, 1) float32, linear coverage 0..1.
        fg: (h, w, 3) float32, straight, sRGB 0..1.
    """

    alpha: Array
    fg: Array


@dataclass(frozen=True, slots=True)
class KeyedFrame:
    """A finished frame at the plate's size.

    Attributes:
        alpha: (H, W, 1) float32, linear, raw: neither despeckled nor despilled, but held to the mattes.
        fg: (H, W, 3) float32, straight, sRGB, raw.
        processed: (H, W, 4) float32, linear premultiplied RGBA, despilled and despeckled.
        comp: (H, W, 3) float32, sRGB, `processed` over a checker.
        light: (H, W, 3) float32, straight, linear: `fg` with the plate's own pixels in it; below 0 and above 1 where
            they are. None where none were asked for.
    """

    alpha: Array
    fg: Array
    processed: Array
    comp: Array
    light: Array | None = None
