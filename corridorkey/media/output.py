"""A keyed frame to disk: Matte/, FG/ and Processed/ as EXR, Comp/ as PNG, under the plate's own name."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from corridorkey import __version__
from corridorkey.color import srgb_to_linear
from corridorkey.config import KeySettings
from corridorkey.errors import FrameWriteError
from corridorkey.files import write_files
from corridorkey.media.colorspace import INTEROP_ID, NO_COLOUR, has_other_primaries
from corridorkey.media.exr import encode_exr
from corridorkey.media.footage import Source, file_of
from corridorkey.media.provenance import stamp_of, stamped
from corridorkey.media.windows import displayed_comp
from corridorkey.types import Array, KeyedFrame

FOLDERS = {
    "matte": ("Matte", ".exr"),
    "fg": ("FG", ".exr"),
    "processed": ("Processed", ".exr"),
    "comp": ("Comp", ".png"),
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
        settings: outputs, exr_bits, exr_compression and fg_colorspace count here.
        header: the plate's attributes, carried on. EXRs keep both its windows; the comp shows the display window.
        provenance: from `provenance_of`, written into every output; an earlier key's is not carried on.
    Returns:
        The files written, in the order of settings.outputs.
    Raises:
        FrameWriteError: NaN or infinity in the frame, or the disk refuses.
    """
    paths, header = output_paths(out, plate, settings.outputs), stamped(header or {}, file_of(plate), provenance)
    write_files({path: _encode(path, frame, name, settings, header) for name, path in paths.items()})
    return list(paths.values())


def _encode(path: Path, frame: KeyedFrame, name: str, settings: KeySettings, header: Mapping[str, Any]) -> bytes:
    if name == "comp":
        return encode_png(path, displayed_comp(path, frame, header), stamp_of(header))
    channels, curve = _channels(frame, name, settings)
    compression = settings.exr_compression
    if name == "matte" and compression == "dwaa":
        compression = "zip"
        _say_once("dwaa would change the mattes; they are written as zip")
    return encode_exr(path, channels, _tagged(header, curve), settings.exr_bits, compression)


@cache
def _say_once(message: str) -> None:
    log.info(message)


def _channels(frame: KeyedFrame, name: str, settings: KeySettings) -> tuple[dict[str, Array], str]:
    """An output's EXR channels, and the curve they are in."""
    if name == "matte":
        return {"Y": frame.alpha[..., 0]}, "data"
    if name == "processed":
        return dict(zip("RGBA", np.moveaxis(frame.processed, 2, 0), strict=True)), "lin"
    is_linear = settings.fg_colorspace == "linear"
    fg = srgb_to_linear(frame.fg) if is_linear else frame.fg
    return dict(zip("RGB", np.moveaxis(fg, 2, 0), strict=True)), "lin" if is_linear else "srgb"


def _tagged(header: Mapping[str, Any], curve: str) -> dict[str, Any]:
    """The plate's attributes with this file's own colour tag and writer."""
    tagged = {name: value for name, value in header.items() if name != INTEROP_ID}
    tagged["software"] = f"CorridorKey {__version__}"
    if curve == "data":
        return {name: value for name, value in tagged.items() if name not in _COLOUR} | {INTEROP_ID: "data"}
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
