"""Plates and hints, from any file that is read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.files import read_file
from corridorkey.media.colorspace import colorspace_rule, converted, space_of
from corridorkey.media.exr import decode_exr, rgb_of
from corridorkey.media.image import decode_image, kind_of
from corridorkey.media.limits import check_colours, check_finite
from corridorkey.media.notes import note_once
from corridorkey.printable import printable
from corridorkey.types import Array, Plate

log = logging.getLogger(__name__)

_CHANNELS = {1: "Y", 2: "YA", 3: "RGB", 4: "RGBA"}


def read_plate(path: Path, colorspace: str = "auto") -> Plate:
    """Read a frame as shot. Grey becomes RGB; an alpha channel is not used.

    Args:
        path: EXR, PNG, TIFF or JPEG.
        colorspace: "auto" goes by `colorspace_rule`; "srgb", "linear", or an OpenColorIO name.
    Raises:
        FrameReadError: it cannot be read, or holds what is no colour.
        SettingsError, BackendUnavailableError: there is no such colour space here.
    """
    data = read_file(path)
    rgb, header = _rgb(path, data)
    check_colours(path, rgb)
    if space := space_of(header, colorspace):
        return Plate(converted(path, rgb, space), "linear", header)
    return Plate(rgb, colorspace_rule(path, header, colorspace, data)[0], header)


def read_hint(path: Path) -> Array:
    """Read where the subject is, coarsely.

    An alpha channel that varies is the hint, and so is an empty one beside the picture: nobody is in that frame. Else
    it is Y, else R, G and B (their mean, if they differ), else R or the only channel there is. An empty alpha beside a
    mask (Y, or a grey that varies) is passed over, as an opaque one always is.

    Args:
        path: EXR, PNG, TIFF or JPEG, of any size.
    Returns:
        (H, W) float32, clipped to 0..1.
    Raises:
        FrameReadError: it cannot be read, holds NaN or infinity, or it is not clear which channel is meant.
    """
    name, hint = mask_of(path, _channels(path))
    note_once(log, "%s: its mask is %s", path, name)
    check_finite(path, hint)
    return np.clip(hint, 0, 1)


def _rgb(path: Path, data: bytes) -> tuple[Array, dict[str, Any]]:
    if kind_of(path, data) == "EXR":
        channels, header = decode_exr(path, data)
        if "A" in channels:
            note_once(log, "%s: its alpha channel is not used", path)
        return rgb_of(path, channels), header
    pixels = decode_image(path, data)
    if pixels.shape[2] in (2, 4):
        note_once(log, "%s: its alpha channel is not used", path)
    return np.ascontiguousarray(pixels[..., :3] if pixels.shape[2] > 2 else pixels[..., [0, 0, 0]]), {}


def _channels(path: Path) -> dict[str, Array]:
    data = read_file(path)
    if kind_of(path, data) == "EXR":
        return decode_exr(path, data)[0]
    pixels = decode_image(path, data)
    return {name: pixels[..., i] for i, name in enumerate(_CHANNELS[pixels.shape[2]])}


def _varies(pixels: Array) -> bool:
    return bool((pixels != pixels.flat[0]).any())  # NaN does, and is found later


def _is_mask(colour: Mapping[str, Array]) -> bool:
    """Whether these channels were made to be a mask: a Y, or a grey that varies."""
    first, *others = [colour[name] for name in "RGB" if name in colour] or colour.values()
    return "Y" in colour or (_varies(first) and all(np.array_equal(first, other) for other in others))


def mask_of(path: Path, channels: Mapping[str, Array]) -> tuple[str, Array]:
    """The hint among a picture's channels.

    Args:
        path: named in the error.
        channels: name -> (H, W) float32.
    Returns:
        What it is called, and it.
    Raises:
        FrameReadError: it is not clear which channel is meant.
    """
    alpha = channels.get("A")
    colour = {name: pixels for name, pixels in channels.items() if name != "A"}
    if alpha is not None and (not colour or _varies(alpha) or not (alpha.any() or _is_mask(colour))):
        return "A", alpha
    if "Y" in colour:
        return "Y", colour["Y"]
    if {"R", "G", "B"} <= colour.keys():
        r, g, b = (colour[name] for name in "RGB")
        if np.array_equal(r, g) and np.array_equal(r, b):
            return "R", r
        with np.errstate(over="ignore", invalid="ignore"):  # infinity is found later
            return "the mean of R, G and B", np.asarray((r + g + b) / np.float32(3))
    if "R" in colour or len(colour) == 1:
        name = "R" if "R" in colour else next(iter(colour))
        return name, colour[name]
    names = ", ".join(map(printable, sorted(channels)))
    raise FrameReadError(f"{path}: which channel is the mask? It has {names}. Save it alone, as Y or A.")
