"""An EXR's attributes: which of them another file may carry on, and what its windows say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import OpenEXR

Window = tuple[tuple[int, int], tuple[int, int]]

WINDOWS = ("dataWindow", "displayWindow")

# How a file is laid out, or what describes its pixels: never carried to another file.
_LAYOUT = frozenset(
    {"channels", "chunkCount", "compression", "deepImageState", "dwaCompressionLevel", "idManifest", "lineOrder"}
    | {"maxSamplesPerPixel", "multiView", "name", "preview", "textureformat", "tiles", "type", "version", "view"}
    | {"zipCompressionLevel"}
)
_CARRIED = (
    *(str, int, float, Fraction, OpenEXR.TimeCode, OpenEXR.KeyCode, OpenEXR.Envmap),
    *(OpenEXR.Bytes, OpenEXR.OpaqueAttribute),  # the bytes of a kind that OpenEXR does not know
)


def carriable(header: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that another file may carry on, each with the type it had.

    Args:
        header: as OpenEXR reads it, or made by hand.
    Returns:
        All but the file's own layout, and what no EXR can hold; windows as integers.
    """
    kept = {name: value for name, value in header.items() if name not in _LAYOUT and _is_carried(name, value)}
    return kept | {name: _window(kept[name]) for name in WINDOWS if name in kept}


def left_behind(header: Mapping[str, Any]) -> list[str]:
    """Names of the attributes that `carriable` leaves out although they are not layout."""
    return sorted(name for name, value in header.items() if name not in _LAYOUT and not _is_carried(name, value))


def fit_windows(header: Mapping[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """A header without its windows, if they describe a picture of another size.

    Args:
        header: from `carriable`.
        size: the picture's height and width.
    """
    if "dataWindow" in header and window_size(header["dataWindow"]) == size:
        return dict(header)
    return {name: value for name, value in header.items() if name not in WINDOWS}


def window_size(window: Any) -> tuple[int, int]:
    """Height and width of a window, whose corners are both inside."""
    (x0, y0), (x1, y1) = _window(window)
    return y1 - y0 + 1, x1 - x0 + 1


def picture_part(headers: Sequence[Mapping[str, Any]]) -> int:
    """Which part holds the picture: the first with R, G and B at its root, else the first of all."""
    names = [{channel.name for channel in header["channels"]} for header in headers]
    return next((i for i, found in enumerate(names) if {"R", "G", "B"} <= found), 0)


def _is_carried(name: str, value: object) -> bool:
    if name == "chromaticities":
        return isinstance(value, tuple) and len(value) == 8
    if isinstance(value, np.ndarray):
        return value.size > 0
    if isinstance(value, list | tuple):
        # The binding reads an empty list but cannot tell which kind to write.
        return len(value) > 0 and all(isinstance(item, str | int | float | tuple | np.ndarray) for item in value)
    return isinstance(value, _CARRIED)


def _window(value: Any) -> Window:
    (x0, y0), (x1, y1) = value
    return (int(x0), int(y0)), (int(x1), int(y1))
