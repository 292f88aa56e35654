"""A keyed frame to disk: Matte/, FG/ and Processed/ as EXR, Comp/ and RGBA/ as PNG, under the plate's own name."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from corridorkey import __version__
from corridorkey.color import linear_to_srgb
from corridorkey.composite import linear_fg, straight
from corridorkey.config import KeySettings
from corridorkey.errors import FrameWriteError
from corridorkey.files import write_files
from corridorkey.media.colorspace import INTEROP_ID, NO_COLOUR, has_other_primaries
from corridorkey.media.exr import encode_exr
from corridorkey.media.footage import Source, file_of
from corridorkey.media.notes import say_once
from corridorkey.media.provenance import stamp_of, stamped
from corridorkey.media.rgba_png import encode_rgba_png
from corridorkey.media.windows import displayed_comp
from corridorkey.media.written import tagged_as, written_as
from corridorkey.ocio import REC709, WrittenSpace
from corridorkey.types import Array, KeyedFrame

FOLDERS = {
    "matte": ("Matte", ".exr"),
    "fg": ("FG", ".exr"),
    "processed": ("Processed", ".exr"),
    "comp": ("Comp", ".png"),
    "rgba": ("RGBA", ".png"),
}

log = logging.getLogger(__name__)

_COLOUR = ("chromaticities", "whiteLuminance", "adoptedNeutral")  # no matte has them


def output_paths(out: Path, plate: Source, outputs: Iterable[str]) -> dict[str, Path]:
    """Where a plate's outputs go: shot/sh010.1001.exr gives out/Matte/sh010.1001.exr.

    Args:
        out: the output folder.
        plate: the plate's file; its name without suffix is kept.
        outputs: names from config.OUTPUTS.
    """
    return {name: out / FOLDERS[name][0] / f"{plate.stem}{FOLDERS[name][1]}" for name in outputs}


def write_frame(
    frame: KeyedFrame,
    out: Path,
    plate: Source,
    settings: KeySettings,
    header: Mapping[str, Any] | None = None,
    provenance: Mapping[str, str] | None = None,
) -> list[Path]:
    """Write a keyed frame's outputs: all of them whole, or none.

    Args:
        frame: finished, at the plate's size.
        out: the output folder; made if it is missing.
        plate: the plate's file, which the outputs are named after.
        settings: outputs, exr_bits, exr_compression, png_bits and the colour spaces count here.
        header: the plate's attributes, carried on. EXRs keep both its windows; the comp shows the display window; the
            RGBA PNG is all of the data window, overscan included.
        provenance: from `provenance_of`, written into every output; an earlier key's is not carried on.
    Returns:
        The files written, in the order of settings.outputs.
    Raises:
        FrameWriteError: NaN or infinity in the frame, or the disk refuses.
    """
    files = encode_frame(frame, out, plate, settings, header, provenance)
    write_files(files)
    return list(files)


def encode_frame(
    frame: KeyedFrame,
    out: Path,
    plate: Source,
    settings: KeySettings,
    header: Mapping[str, Any] | None = None,
    provenance: Mapping[str, str] | None = None,
) -> dict[Path, bytes]:
    """What `write_frame` writes: each file and its bytes, in the order of settings.outputs.

    Args, Raises: as there; nothing touches the disk.
    """
    written = written_as(header or {}, settings)
    stamp = dict(provenance or {}) | dict(written.stamp if written else {})
    paths, header = output_paths(out, plate, settings.outputs), stamped(header or {}, file_of(plate), stamp)
    return {path: _encode(path, frame, name, settings, header, written) for name, path in paths.items()}


def _encode(
    path: Path,
    frame: KeyedFrame,
    name: str,
    settings: KeySettings,
    header: Mapping[str, Any],
    written: WrittenSpace | None,
) -> bytes:
    if name == "comp":
        return encode_png(path, displayed_comp(path, frame, header), stamp_of(header))
    if name == "rgba":
        return encode_rgba_png(path, straight(frame.processed), settings.png_bits, stamp_of(header))
    channels, curve = _channels(frame, name, settings, written or REC709)
    compression = settings.exr_compression
    if name == "matte" and compression == "dwaa":
        compression = "zip"
        say_once(log, logging.INFO, "dwaa would change the mattes; they are written as zip")
    return encode_exr(path, channels, _tagged(header, curve, written), settings.exr_bits, compression)


def _channels(
    frame: KeyedFrame, name: str, settings: KeySettings, written: WrittenSpace
) -> tuple[dict[str, Array], str]:
    """An output's EXR channels, and the curve they are in."""
    if name == "matte":
        return {"Y": frame.alpha[..., 0]}, "data"
    if name == "processed":
        processed = written.from_rec709(frame.processed)
        return dict(zip("RGBA", np.moveaxis(processed, 2, 0), strict=True)), "lin"
    if settings.fg_colorspace == "linear":
        return dict(zip("RGB", np.moveaxis(written.from_rec709(linear_fg(frame)), 2, 0), strict=True)), "lin"
    fg = frame.fg if frame.light is None else linear_to_srgb(frame.light)
    return dict(zip("RGB", np.moveaxis(fg, 2, 0), strict=True)), "srgb"


def _tagged(header: Mapping[str, Any], curve: str, written: WrittenSpace | None) -> dict[str, Any]:
    """The plate's attributes with this file's own colour tag and writer."""
    tagged = {name: value for name, value in header.items() if name != INTEROP_ID}
    tagged["software"] = f"CorridorKey {__version__}"
    if curve == "data":
        return {name: value for name, value in tagged.items() if name not in _COLOUR} | {INTEROP_ID: "data"}
    if written:
        return tagged_as(tagged, curve, written)
    # Primaries pass through the key unchanged, so the plate's own stay, whatever its curve was.
    tag = str(header.get(INTEROP_ID, "")).lower()
    primaries = [] if tag in NO_COLOUR else tag.split("_")[1:]
    if primaries:
        return tagged | {INTEROP_ID: f"{curve}_{primaries[0]}_scene"}
    return tagged if has_other_primaries(header) else tagged | {INTEROP_ID: f"{curve}_rec709_scene"}


def encode_png(path: Path, srgb: Array, texts: Mapping[str, str] | None = None) -> bytes:
    """An 8-bit PNG, rounded and clipped.

    Args:
        path: where it will go; named in the error.
        srgb: (H, W, 3) float32.
        texts: keyword -> text, kept in the file.
    Raises:
        FrameWriteError: the picture holds NaN or infinity.
    """
    if not np.isfinite(srgb).all():
        raise FrameWriteError(f"{path}: the picture holds NaN or infinity; nothing was written")
    levels = np.rint(np.clip(srgb, 0, 1) * np.float32(255)).astype(np.uint8)
    info = PngInfo()
    for keyword, text in (texts or {}).items():
        info.add_itxt(keyword, text)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG", compress_level=1, pnginfo=info)
    return buffer.getvalue()
