"""Cut-outs: pictures of a subject with an alpha, from anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from corridorkey.color import srgb_to_linear
from corridorkey.files import read_file
from corridorkey.media.exr import decode_exr, rgb_of
from corridorkey.media.image import decode_image, kind_of
from corridorkey.media.limits import check_finite
from corridorkey.types import Array

SUFFIXES = (".png", ".exr", ".tif", ".tiff")


def cutout_files(folder: Path) -> list[Path]:
    """The pictures below a folder that may be cut-outs, in order."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))


def read_cutout(path: Path) -> Array | None:
    """A picture with an alpha that varies.

    Args:
        path: PNG or TIFF with straight sRGB colour, or EXR with premultiplied linear colour.
    Returns:
        (H, W, 4) float32, premultiplied, linear, 0..1; None if it has no such alpha.
    Raises:
        FrameReadError: it cannot be read, or holds NaN or infinity.
    """
    data = read_file(path)
    if kind_of(path, data) == "EXR":
        return cutout_of(path, decode_exr(path, data)[0])
    pixels = decode_image(path, data)
    if pixels.shape[2] not in (2, 4):
        return None
    alpha = np.clip(pixels[..., -1], 0, 1)
    rgb = srgb_to_linear(pixels[..., :3] if pixels.shape[2] == 4 else pixels[..., [0, 0, 0]]) * alpha[..., None]
    return _whole(path, rgb, alpha)


def cutout_of(path: Path, channels: Mapping[str, Array]) -> Array | None:
    """As `read_cutout`, of an EXR that has been read.

    Args:
        path: named in errors.
        channels: name -> (H, W) float32.
    """
    if "A" not in channels:
        return None
    rgb = rgb_of(path, channels)
    check_finite(path, rgb)
    return _whole(path, rgb, np.clip(channels["A"], 0, 1))


def _whole(path: Path, rgb: Array, alpha: Array) -> Array | None:
    check_finite(path, alpha)
    if alpha.min() == alpha.max():
        return None
    return np.dstack((np.clip(rgb, 0, alpha[..., None]), alpha)).astype(np.float32)
