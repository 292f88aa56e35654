"""Which transfer curve a picture has: the user's word, then the file's tag, then the file's kind."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.media.image import kind_of
from corridorkey.media.tiff import read_tags
from corridorkey.types import Space

INTEROP_ID = "colorInteropID"  # https://github.com/AcademySoftwareFoundation/ColorInterop
Requested = Literal["auto", "srgb", "linear"]

NO_COLOUR = ("data", "unknown", "")  # tags that name no primaries and no curve
_REC709 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)  # x and y of red, green, blue, white
_KEPT = "; its primaries are not Rec.709, and are kept, not converted"


def has_other_primaries(header: Mapping[str, Any]) -> bool:
    """Whether a `chromaticities` attribute names other primaries than Rec.709's."""
    return "chromaticities" in header and not np.allclose(header["chromaticities"], _REC709, atol=1e-3)


def colorspace_rule(
    path: Path, header: Mapping[str, Any], requested: Requested = "auto", data: bytes | None = None
) -> tuple[Space, str]:
    """Decide a plate's transfer curve.

    Args:
        path: the picture.
        header: its attributes.
        requested: --input-colorspace.
        data: the whole file, where it has been read already.
    Returns:
        The space, and the rule that decided, as a line for the user.
    Raises:
        FrameReadError: unreadable, or tagged as something that is neither linear nor sRGB.
    """
    if requested != "auto":
        return requested, f"{requested}, as --input-colorspace says"
    tag = str(header.get(INTEROP_ID, "")).lower()
    if tag not in NO_COLOUR:
        return _by_tag(path, tag)
    space, reason = _by_kind(path, data)
    return space, reason + (_KEPT if has_other_primaries(header) else "")


def _by_tag(path: Path, tag: str) -> tuple[Space, str]:
    curve, _, primaries = tag.partition("_")
    spaces: dict[str, Space] = {"lin": "linear", "srgb": "srgb"}
    if curve not in spaces:
        raise FrameReadError(
            f"{path}: tagged {tag}, which is neither linear nor sRGB; convert it, or say --input-colorspace"
        )
    kept = "" if primaries.startswith("rec709") else _KEPT
    return spaces[curve], f"{spaces[curve]}, as the file's tag {tag} says{kept}"


def _by_kind(path: Path, data: bytes | None) -> tuple[Space, str]:
    try:
        with path.open("rb") if data is None else io.BytesIO(data) as file:
            kind: str = kind_of(path, file.read(16))
            file.seek(0)
            if kind == "TIFF" and read_tags(path, file).is_float:
                kind = "float TIFF"
    except OSError as error:
        raise FrameReadError(f"{path}: cannot be read: {error.strerror or error}") from error
    space: Space = "linear" if kind in ("EXR", "float TIFF") else "srgb"
    return space, f"{space}, because the file is {'an' if kind == 'EXR' else 'a'} {kind} without a colour tag"
