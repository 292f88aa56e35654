"""A layer: a subject's premultiplied light and coverage, and the light that a white screen would throw on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.media.cutout import cutout_of, read_cutout
from corridorkey.media.exr import encode_exr, read_exr
from corridorkey.media.limits import check_finite
from corridorkey.types import Array

THROWN = tuple(f"thrown.{c}" for c in "RGB")


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One rendered subject; over a screen it is rgb + screen · thrown + (1 − alpha) · screen.

    Attributes:
        rgba: (H, W, 4) float32, premultiplied, linear; alpha is the coverage, as if hair let no light through.
        thrown: (H, W, 3) float32, linear: what a screen of 1 throws on the subject and, from behind, through its
            hair; 0 where alpha is. None where nobody knows, as of a cut-out.
    """

    rgba: Array
    thrown: Array | None = None


def encode_layer(path: Path, layer: Layer) -> bytes:
    """The bytes of a layer's EXR: half R, G, B, A and thrown.R, thrown.G, thrown.B.

    Raises:
        FrameWriteError: it holds NaN or infinity; the message names the path.
    """
    planes = dict(zip("RGBA", np.moveaxis(layer.rgba, -1, 0), strict=True))
    if layer.thrown is not None:
        planes |= dict(zip(THROWN, np.moveaxis(layer.thrown, -1, 0), strict=True))
    return encode_exr(path, planes, {})


def read_layer(path: Path) -> Layer:
    """A layer from its EXR, or a cut-out as one.

    Raises:
        FrameReadError: missing, damaged, not finite, or without an alpha that varies; the message names the file.
    """
    channels = read_exr(path)[0] if path.suffix.lower() == ".exr" else None
    if channels is None or not channels.keys() >= {*"RGBA", *THROWN}:
        cutout = read_cutout(path) if channels is None else cutout_of(path, channels)
        if cutout is None:
            raise FrameReadError(f"{path}: no alpha that varies; a layer or a cut-out has one")
        return Layer(cutout)
    rgba, thrown = (np.stack([channels[name] for name in names], axis=-1) for names in ("RGBA", THROWN))
    check_finite(path, rgba)
    check_finite(path, thrown)
    return Layer(rgba, thrown)
