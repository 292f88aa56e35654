"""A keyed frame to disk: Matte/, FG/ and Processed/ as EXR, Comp/ as PNG, under the plate's own name."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from corridorkey import __version__
from corridorkey.color import srgb_to_linear
from corridorkey.config import KeySettings
from corridorkey.errors import FrameWriteError
from corridorkey.files import write_files
from corridorkey.media.colorspace import INTEROP_ID, NO_COLOUR, has_other_primaries
from corridorkey.media.exr import encode_exr
from corridorkey.types import Array, KeyedFrame

FOLDERS = {
    "matte": ("Matte", ".exr"),
    "fg": ("FG", ".exr"),
    "processed": ("Processed", ".exr"),
    "comp": ("Comp", ".png"),
}

_COLOUR = ("chromaticities", "whiteLuminance", "adoptedNeutral")  # no matte has them


def output_paths(out: Path, plate: Path, outputs: Iterable[str]) -> dict[str, Path]:
    """Where a plate's outputs go: shot/sh010.1001.exr gives out/Matte/sh010.1001.exr.

    Args:
        out: the output folder.
        plate: the plate's file; its name without suffix is kept.
        outputs: names from config.OUTPUTS.
    """
    return {name: out / FOLDERS[name][0] / f"{plate.stem}{FOLDERS[name][1]}" for name in outputs}


def existing_outputs(out: Path, plates: Iterable[Path], outputs: Iterable[str]) -> list[Path]:
    """The files of a run over `plates` that are there already, as they are called on disk.

    Raises:
        FrameWriteError: a folder cannot be looked at.
    """
    plates = list(plates)
    found: list[Path] = []
    for name in outputs:
        folder, suffix = out / FOLDERS[name][0], FOLDERS[name][1]
        there = _names(folder)
        folded = {other.casefold(): other for other in there}
        for wanted in (f"{plate.stem}{suffix}" for plate in plates):
            if wanted in there:
                found.append(folder / wanted)
            # Only the disk knows whether it tells upper from lower case.
            elif wanted.casefold() in folded and (folder / wanted).exists():
                found.append(folder / folded[wanted.casefold()])
    return found


def write_frame(
    frame: KeyedFrame, out: Path, plate: Path, settings: KeySettings, header: Mapping[str, Any] | None = None
) -> list[Path]:
    """Write a keyed frame's outputs: all of them whole, or none.

    Args:
        frame: finished, at the plate's size.
        out: the output folder; made if it is missing.
        plate: the plate's file, which the outputs are named after.
        settings: outputs, exr_bits and fg_colorspace count here.
        header: the plate's attributes, carried on.
    Returns:
        The files written, in the order of settings.outputs.
    Raises:
        FrameWriteError: NaN or infinity in the frame, or the disk refuses.
    """
    paths = output_paths(out, plate, settings.outputs)
    write_files({path: _encode(path, frame, name, settings, header or {}) for name, path in paths.items()})
    return list(paths.values())


def _names(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208  (names, not 100,000 Paths)
    except (FileNotFoundError, NotADirectoryError):
        return set()
    except OSError as error:
        raise FrameWriteError(f"{folder}: cannot be looked at: {error.strerror or error}") from error


def _encode(path: Path, frame: KeyedFrame, name: str, settings: KeySettings, header: Mapping[str, Any]) -> bytes:
    if name == "comp":
        return encode_png(path, frame.comp)
    channels, curve = _channels(frame, name, settings)
    return encode_exr(path, channels, _tagged(header, curve), settings.exr_bits)


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


def encode_png(path: Path, srgb: Array) -> bytes:
    """An 8-bit PNG, rounded and clipped.

    Args:
        path: where it will go; named in the error.
        srgb: (H, W, 3) float32.
    Raises:
        FrameWriteError: the picture holds NaN or infinity.
    """
    if not np.isfinite(srgb).all():
        raise FrameWriteError(f"{path}: the picture holds NaN or infinity; nothing was written")
    levels = np.rint(np.clip(srgb, 0, 1) * np.float32(255)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
