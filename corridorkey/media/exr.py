"""OpenEXR behind a guard: its binding reads and writes wrong pixels without a word if one lets it."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from corridorkey.errors import FrameReadError, FrameWriteError
from corridorkey.files import read_file, write_file
from corridorkey.media.exr_header import carriable, fit_windows, left_behind, picture_part, window_size
from corridorkey.media.exr_odd import set_odd_aside
from corridorkey.media.limits import MAX_PIXELS, check_size
from corridorkey.media.notes import note_once
from corridorkey.printable import printable
from corridorkey.types import Array

MAGIC = b"\x76\x2f\x31\x01"
COMPRESSIONS = {
    "none": OpenEXR.NO_COMPRESSION,
    "zips": OpenEXR.ZIPS_COMPRESSION,
    "zip": OpenEXR.ZIP_COMPRESSION,
    "piz": OpenEXR.PIZ_COMPRESSION,
    "dwaa": OpenEXR.DWAA_COMPRESSION,
}
DWA_LEVEL = 45.0  # the file format's default: grain of 0..1 is off by 0.002 on average and 0.05 at most
HALF_MAX = 65504.0
MAX_SAMPLES = 4 * MAX_PIXELS  # over all channels and parts: that is what is decoded

log = logging.getLogger(__name__)


def read_exr(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """`decode_exr` of a file."""
    return decode_exr(path, read_file(path))


def decode_exr(path: Path, data: bytes) -> tuple[dict[str, Array], dict[str, Any]]:
    """Decode the part of an EXR that holds the picture.

    That is the first part with R, G and B at its root, else the first of all. The data window's pixels are
    the picture; the window is in the header.

    Args:
        path: named in errors.
        data: the whole file.
    Returns:
        Channel name -> (H, W) float32, and the attributes another file may carry on.
    Raises:
        FrameReadError: missing, damaged, deep, subsampled, or larger than `limits` allows.
    """
    odd: list[str] = []
    try:
        headers, index = _headers(path, data)
    except FrameReadError:
        data, odd = set_odd_aside(data)
        if not odd:
            raise
        headers, index = _headers(path, data)
    try:
        with OpenEXR.File(io.BytesIO(data), separate_channels=True) as file:
            # A part that fails to decode is dropped with no more than a line on the terminal.
            if len(file.parts) != len(headers):
                raise FrameReadError(f"{path}: truncated or damaged; render or copy it again")
            decoded = file.parts[index].channels
            # One plane after the other, so that a half and its float are never both there for all channels.
            channels = {name: np.asarray(decoded.pop(name).pixels, dtype=np.float32) for name in list(decoded)}
    except (RuntimeError, ValueError, ArithmeticError) as error:
        raise FrameReadError(f"{path}: damaged ({error}); render or copy it again") from error
    if len(headers) > 1:
        part = headers[index].get("name", "")
        note_once(log, "%s: of its %d parts, part %d (%a) is read", path, len(headers), index, part)
    if left := sorted({*odd, *left_behind(headers[index])}):
        note_once(log, "%s: attributes that cannot be carried on are left out: %s", path, ", ".join(map(ascii, left)))
    return channels, carriable({name: value for name, value in headers[index].items() if name not in odd})


def rgb_of(path: Path, channels: Mapping[str, Array]) -> Array:
    """The picture among an EXR's channels.

    Args:
        path: named in errors.
        channels: as `read_exr` returns them.
    Returns:
        (H, W, 3) float32; a lone Y is grey.
    Raises:
        FrameReadError: neither R, G and B nor a lone Y at the root; the channels are listed.
    """
    if {"R", "G", "B"} <= channels.keys():
        return np.stack([channels[name] for name in "RGB"], axis=2)
    if "Y" in channels and not {"RY", "BY"} & channels.keys():
        return np.stack([channels["Y"]] * 3, axis=2)
    if "Y" in channels:
        raise FrameReadError(f"{path}: luminance and chroma (Y, RY, BY); save it with channels R, G and B")
    names = ", ".join(map(printable, sorted(channels)))
    raise FrameReadError(f"{path}: no channels R, G and B; it has {names}. Save the layer to key as R, G and B.")


def write_exr(
    path: Path, channels: Mapping[str, Array], header: Mapping[str, Any], bits: int = 16, compression: str = "zip"
) -> None:
    """Write one picture, as `encode_exr` packs it: whole, or not at all."""
    write_file(path, encode_exr(path, channels, header, bits, compression))


def encode_exr(
    path: Path, channels: Mapping[str, Array], header: Mapping[str, Any], bits: int = 16, compression: str = "zip"
) -> bytes:
    """The bytes of an EXR with one picture.

    Args:
        path: named in errors.
        channels: name -> (H, W) float, all of one size, finite.
        header: attributes to carry; layout is left out, windows are kept if dataWindow has the picture's size.
        bits: 16 (half; what is beyond ±65504 is clamped) or 32.
        compression: one of COMPRESSIONS. All are lossless but dwaa, which keeps A as it is, changes R, G and
            B a little (see DWA_LEVEL), and has half's range at 32 bits, too.
    Raises:
        FrameWriteError: not such arrays, NaN or infinity in them, or dwaa for other channels than R, G, B and A.
    """
    if compression not in COMPRESSIONS or bits not in (16, 32):
        raise FrameWriteError(f"{path}: {compression} at {bits} bits; use {', '.join(COMPRESSIONS)} at 16 or 32")
    if compression == "dwaa" and not channels.keys() <= set("RGBA"):
        raise FrameWriteError(f"{path}: dwaa would change {', '.join(sorted(channels))}, which is data; use zip")
    planes = {name: _plane(path, name, pixels, bits) for name, pixels in channels.items()}
    sizes = {plane.shape for plane in planes.values()}
    if len(sizes) != 1:
        raise FrameWriteError(f"{path}: channels of {len(sizes)} sizes ({sorted(sizes)}); they must share one")
    attributes = fit_windows(carriable(header), sizes.pop())
    attributes |= {"compression": COMPRESSIONS[compression], "type": OpenEXR.scanlineimage}
    attributes |= {"dwaCompressionLevel": DWA_LEVEL} if compression == "dwaa" else {}
    buffer = io.BytesIO()
    try:
        # Into memory, because OpenEXR does not notice a full disk.
        with OpenEXR.File(attributes, planes) as file:
            file.write(buffer)
    except (RuntimeError, ValueError, TypeError, ArithmeticError) as error:
        raise FrameWriteError(f"{path}: cannot be encoded: {error}") from error
    return buffer.getvalue()


def _headers(path: Path, data: bytes) -> tuple[list[dict[str, Any]], int]:
    """The header of each part, and which part is the picture."""
    try:
        with OpenEXR.File(io.BytesIO(data), header_only=True) as file:
            headers = [dict(part.header) for part in file.parts]
        _check_headers(path, headers)
        return headers, picture_part(headers)
    except UnicodeDecodeError as error:
        raise FrameReadError(
            f"{path}: a name in its header is not UTF-8 (Latin-1, or damaged); save it again"
        ) from error
    except (RuntimeError, ValueError, ArithmeticError) as error:
        raise FrameReadError(f"{path}: not an EXR, or its header is damaged; render or copy it again") from error


def _check_headers(path: Path, headers: list[dict[str, Any]]) -> None:
    samples = 0
    for header in headers:
        if header.get("type") in (OpenEXR.deepscanline, OpenEXR.deeptile):
            raise FrameReadError(f"{path}: deep data; flatten it first")
        if any(channel.xSampling != 1 or channel.ySampling != 1 for channel in header["channels"]):
            raise FrameReadError(f"{path}: subsampled channels; save it with full-size channels R, G and B")
        height, width = window_size(header["dataWindow"])
        check_size(path, width, height)
        samples += height * width * len(header["channels"])
    if samples == 0 or samples > MAX_SAMPLES:
        raise FrameReadError(f"{path}: {samples:,} samples over all channels; at most {MAX_SAMPLES:,} are read")


def _plane(path: Path, name: str, pixels: Array, bits: int) -> NDArray[np.floating[Any]]:
    if pixels.ndim != 2 or pixels.dtype.kind != "f" or pixels.size == 0:
        raise FrameWriteError(f"{path}: channel {name} is {pixels.dtype} {pixels.shape}; it must be float (H, W)")
    if not np.isfinite(pixels).all():
        raise FrameWriteError(f"{path}: channel {name} holds NaN or infinity; nothing was written")
    if bits == 16:
        return np.ascontiguousarray(np.clip(pixels, -HALF_MAX, HALF_MAX), dtype=np.float16)
    return np.ascontiguousarray(pixels, dtype=np.float32)
