"""The linear space that FG and Processed are written in: decided from the plate's, told in the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from corridorkey.config import KeySettings
from corridorkey.errors import SettingsError
from corridorkey.media.colorspace import INTEROP_ID, is_kept, space_of
from corridorkey.ocio import TO_REC709, WrittenSpace, through, written_space
from corridorkey.types import Array


def written_as(header: Mapping[str, Any], settings: KeySettings) -> WrittenSpace | None:
    """The linear space that a plate's FG and Processed are written in.

    Args:
        header: the plate's attributes.
        settings: input_colorspace, output_colorspace and fg_colorspace count here.
    Returns:
        The space; None leaves the colours, and what the header says of its primaries, as they are.
    Raises:
        SettingsError: no such space, or one that cannot be written as asked.
        BackendUnavailableError: one was asked for, and OpenColorIO is not installed.
    """
    plate = space_of(header, settings.input_colorspace)
    written = written_space(settings.output_colorspace, plate)
    if written and not plate and is_kept(header):
        raise SettingsError(
            f"the plate's primaries are not Rec.709; to write {written.name}, name its space with --input-colorspace"
        )
    if written and written.matrix is not None and settings.fg_colorspace == "srgb":
        raise SettingsError(
            f"--fg-colorspace srgb is the original program's, in Rec.709, and FG is to be {written.name}; "
            "say --output-colorspace linear, or leave FG linear"
        )
    return written


def tagged_as(header: Mapping[str, Any], curve: str, written: WrittenSpace) -> dict[str, Any]:
    """A header whose colour attributes say that its file is in a space, and nothing of the plate's.

    Args:
        header: without a `colorInteropID`.
        curve: "lin", or "srgb", which is of Rec.709 alone.
        written: the space.
    """
    tagged = {name: value for name, value in header.items() if name != "chromaticities"}
    tagged |= {} if written.chromaticities is None else {"chromaticities": written.chromaticities}
    tagged |= {INTEROP_ID: curve + written.interop_id.removeprefix("lin")} if written.interop_id else {}
    return tagged | dict(written.label)


def in_rec709(header: Mapping[str, Any], rgb: Array) -> Array:
    """Linear pixels of a file that `tagged_as` describes, in Rec.709; of any other as they are.

    Args:
        header: the file's attributes.
        rgb: (H, W, 3) or (H, W, 4) float32, straight or premultiplied.
    Returns:
        Same shape; the same array where nothing is to be done.
    """
    numbers = np.array(str(header.get(TO_REC709, "")).split(), np.float32)
    return through(numbers.reshape(3, 3), rgb) if numbers.size == 9 else rgb
