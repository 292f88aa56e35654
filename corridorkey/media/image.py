"""PNG, JPEG and TIFF, each by the decoder that keeps its numbers: Pillow for 8 bits, OpenCV above."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import ImageOps
from PIL.Image import Image, new
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from corridorkey.errors import FrameReadError
from corridorkey.media import exr
from corridorkey.media.limits import check_size
from corridorkey.media.tiff import TiffTags, read_tags
from corridorkey.types import Array

Kind = Literal["EXR", "PNG", "JPEG", "TIFF"]

_GREY_OR_RGB = (1, 2)  # TIFF photometric interpretations
_SIXTEEN_BITS = 16
_PNG_BIT_DEPTH = 24  # where IHDR has it

# Of a damaged tag that Pillow passes over; once for all, since frames are read in threads.
warnings.filterwarnings("ignore", module=r"PIL\.")


def kind_of(path: Path, data: bytes) -> Kind:
    """What the bytes are, whatever the file is called.

    Args:
        path: named in the error.
        data: the file, or its first kilobytes.
    Raises:
        FrameReadError: none of the kinds that are read.
    """
    if data.startswith(exr.MAGIC):
        return "EXR"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "TIFF"
    raise FrameReadError(f"{path}: neither EXR, PNG, TIFF nor JPEG inside; save it as one of them")


def decode_image(path: Path, data: bytes) -> Array:
    """Decode a PNG, JPEG or TIFF; one of 8 bits is turned as its EXIF says, one of more is as it lies in the file.

    Args:
        path: named in errors.
        data: the whole file.
    Returns:
        (H, W, C) float32: C is 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGB, alpha). Integers are scaled to 0..1,
        floats are as in the file. Colours are straight, but for a TIFF of 16 bits or float whose alpha is associated:
        they stay premultiplied.
    Raises:
        FrameReadError: damaged, truncated, too large, or of a kind that no decoder here reads right.
    """
    kind = kind_of(path, data)
    if kind == "TIFF":
        tags = read_tags(path, io.BytesIO(data))
        check_size(path, tags.width, tags.height)
        _check_tiff(path, tags)
        if tags.bits > 8:
            return _scaled(_by_opencv(path, data))
        return _scaled(_by_pillow(path, TiffImageFile, data))
    if kind == "JPEG":
        return _scaled(_by_pillow(path, JpegImageFile, data))
    if data[_PNG_BIT_DEPTH : _PNG_BIT_DEPTH + 1] == bytes([_SIXTEEN_BITS]):
        check_size(path, int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        _check_png_chunks(path, data)
        return _scaled(_by_opencv(path, data))
    return _scaled(_by_pillow(path, PngImageFile, data))


def _check_png_chunks(path: Path, data: bytes) -> None:
    # OpenCV allocates what a chunk claims before it looks whether the file has it.
    start = 8
    while data[start + 4 : start + 8] != b"IEND":
        if start + 12 > len(data):
            raise FrameReadError(f"{path}: truncated or damaged; render or copy it again")
        start += 12 + int.from_bytes(data[start : start + 4], "big")


def _check_tiff(path: Path, tags: TiffTags) -> None:
    # Beyond these OpenCV returns wrong pixels: planes mixed up, inverted greys, 16 bits cut to 8; Pillow, signed greys
    # as if unsigned.
    is_readable = (
        (tags.samples <= 4 and not tags.is_signed and not tags.is_float)
        if tags.bits <= 8
        else (
            tags.photometric in _GREY_OR_RGB
            and tags.samples in (1, 3, 4)
            and not tags.is_planar
            and (tags.bits, tags.is_float, tags.is_signed) in ((16, False, False), (32, True, False))
        )
    )
    if not is_readable:
        raise FrameReadError(
            f"{path}: a TIFF of a kind that cannot be read safely ({tags.bits} bits{', signed' * tags.is_signed}, "
            f"{tags.samples} channels, "
            f"photometric {tags.photometric}, {'planar' if tags.is_planar else 'interleaved'}); "
            "save it as interleaved RGB, 8 or 16 bit or 32-bit float"
        )


def _by_opencv(path: Path, data: bytes) -> np.ndarray:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise FrameReadError(f"{path}: damaged ({error.err}); render or copy it again") from error
    if pixels is None:
        raise FrameReadError(f"{path}: truncated or damaged; render or copy it again")
    if pixels.ndim == 2:
        return np.asarray(pixels[..., None])
    return np.asarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])


def _by_pillow(path: Path, opener: type[ImageFile], data: bytes) -> np.ndarray:
    try:
        # The plug-in itself, not Image.open: its size limit is a global of the process, and ours differs.
        with opener(io.BytesIO(data)) as image:
            check_size(path, *image.size)
            if isinstance(image, TiffImageFile):  # it asks for that limit once more, unless the memory is there
                image.im = new(image.mode, image._tile_size).im
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return _pixels(path, image)
    except FrameReadError:
        raise
    except Exception as error:  # a decoder facing damaged bytes raises whatever it stumbles over
        raise FrameReadError(f"{path}: truncated or damaged ({error}); render or copy it again") from error


def _pixels(path: Path, image: Image) -> np.ndarray:
    if image.mode in ("CMYK", "LAB", "YCbCr"):
        raise FrameReadError(f"{path}: its colours are {image.mode}; save it as RGB")
    if image.mode not in ("L", "LA", "RGB", "RGBA"):
        has_alpha = image.mode in ("PA", "RGBa", "La") or "transparency" in image.info
        is_grey = image.mode in ("1", "La")
        image = image.convert(("L" if is_grey else "RGB") + ("A" if has_alpha else ""))
    pixels = np.asarray(image)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _scaled(pixels: np.ndarray) -> Array:
    """To float32, (H, W, C) contiguous."""
    scaled = np.array(pixels, dtype=np.float32, order="C")
    if pixels.dtype.kind == "u":
        scaled /= np.float32(np.iinfo(pixels.dtype).max)
    return scaled
