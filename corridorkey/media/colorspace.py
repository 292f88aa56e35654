"""Which colours a picture holds: the user's word, then the file's tag, then its primaries, then the file's kind."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from corridorkey.errors import FrameReadError
from corridorkey.media.image import kind_of
from corridorkey.media.limits import LARGEST_COLOUR
from corridorkey.media.tiff import read_tags
from corridorkey.ocio import PlateSpace, current_config, is_installed, plate_space
from corridorkey.ocio.primaries import REC709, gamut_of
from corridorkey.types import Array, Space

INTEROP_ID = "colorInteropID"  # https://github.com/AcademySoftwareFoundation/ColorInterop

NO_COLOUR = ("data", "unknown", "")  # tags that name no primaries and no curve
_BARE: tuple[Space, ...] = ("srgb", "linear")  # what is read without OpenColorIO
_KEPT = "; its primaries are not Rec.709, and are kept, not converted"
_REMEDY = ' (pip install "ck-mlx[color]" to have them converted)'


def has_other_primaries(header: Mapping[str, Any]) -> bool:
    """Whether a `chromaticities` attribute names other primaries than Rec.709's."""
    return "chromaticities" in header and not np.allclose(header["chromaticities"], REC709.chromaticities, atol=1e-3)


def is_kept(header: Mapping[str, Any]) -> bool:
    """Whether a header names other primaries than Rec.709's, which are kept where nothing converts them."""
    tag = str(header.get(INTEROP_ID, "")).lower()
    if tag not in NO_COLOUR:
        return "_rec709" not in tag
    return has_other_primaries(header)


def space_of(header: Mapping[str, Any], requested: str = "auto") -> PlateSpace | None:
    """The OpenColorIO space that a plate is converted from: the one asked for, or the one its header names.

    Args:
        header: the plate's attributes.
        requested: --input-colorspace.
    Returns:
        The space; None reads the plate as sRGB or linear and keeps its primaries. That is so for Rec.709, and for
        other primaries where OpenColorIO is not installed or its config does not know them.
    Raises:
        SettingsError: no such space, or $OCIO names no config.
        BackendUnavailableError: one was asked for, and OpenColorIO is not installed.
    """
    if requested in _BARE:
        return None
    if requested != "auto":
        return plate_space(requested)
    names = _names_in(header)
    if not names or not is_installed():
        return None
    known = next((own for name in names if (own := current_config().has(name))), "")
    return plate_space(known) if known else None


def converted(path: object, rgb: Array, space: PlateSpace) -> Array:
    """A plate's pixels in linear Rec.709.

    Args:
        path: the picture or movie; named in the error.
        rgb: (H, W, 3) float32 in `space`.
        space: from `space_of`.
    Returns:
        (H, W, 3) float32, linear.
    Raises:
        FrameReadError: its curve makes of them what is no colour.
    """
    linear = space.to_rec709(rgb)
    if not -LARGEST_COLOUR <= linear.min() <= linear.max() <= LARGEST_COLOUR:  # NaN is no more within
        raise FrameReadError(
            f"{path}: as {space.name} its pixels are beyond ±{LARGEST_COLOUR:.3g}, which is not a colour; "
            "say with --input-colorspace what it is"
        )
    return linear


def colorspace_rule(
    path: Path, header: Mapping[str, Any], requested: str = "auto", data: bytes | None = None
) -> tuple[Space, str]:
    """Decide what a plate is read as.

    Args:
        path: the picture.
        header: its attributes.
        requested: --input-colorspace.
        data: the whole file, where it has been read already.
    Returns:
        The space that Plate.rgb has, and the rule that decided, as a line for the user.
    Raises:
        FrameReadError: unreadable, or tagged as something that is neither linear nor sRGB, nor known to OpenColorIO.
        SettingsError, BackendUnavailableError: as `space_of`.
    """
    for bare in _BARE:
        if requested == bare:
            return bare, f"{bare}, as --input-colorspace says"
    tag = str(header.get(INTEROP_ID, "")).lower()
    if space := space_of(header, requested):
        says = f"the file's tag {tag} says" if tag not in NO_COLOUR else "the file's primaries say"
        return "linear", f"{space.name}, as {says if requested == 'auto' else '--input-colorspace says'}"
    if tag not in NO_COLOUR:
        return _by_tag(path, tag)
    found, reason = _by_kind(path, data)
    return found, reason + (_kept() if has_other_primaries(header) else "")


def _names_in(header: Mapping[str, Any]) -> tuple[str, ...]:
    """What OpenColorIO may know a plate's space by, as its header says; none for Rec.709, which needs no converting."""
    tag = str(header.get(INTEROP_ID, "")).lower()
    if tag not in NO_COLOUR:
        return () if tag.startswith(("lin_rec709", "srgb_rec709")) else (tag,)
    gamut = gamut_of(header["chromaticities"]) if has_other_primaries(header) else None
    return gamut.names if gamut else ()


def _kept() -> str:
    return _KEPT + ("" if is_installed() else _REMEDY)


def _by_tag(path: Path, tag: str) -> tuple[Space, str]:
    curve, _, primaries = tag.partition("_")
    spaces: dict[str, Space] = {"lin": "linear", "srgb": "srgb"}
    if curve not in spaces:
        raise FrameReadError(
            f"{path}: tagged {tag}, which is neither linear nor sRGB; convert it, or say --input-colorspace"
        )
    kept = "" if primaries.startswith("rec709") else _kept()
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
