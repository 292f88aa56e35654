"""EXR, PNG, TIFF and JPEG: samples of many kinds, and how plates and hints are read."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
import OpenImageIO
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from corridorkey.media import read_hint, read_plate
from corridorkey.media.exr import encode_exr
from corridorkey.media.exr_odd import set_odd_aside
from corridorkey.media.tiff import read_tags
from tests.fuzz.reader import Reader, Sample

SIZE = (16, 24)
_RNG = np.random.default_rng(0)
FLOAT = _RNG.random((*SIZE, 4), dtype=np.float32)
EIGHT = _RNG.integers(0, 256, (*SIZE, 4), dtype=np.uint8)
SIXTEEN = EIGHT.astype(np.uint16) * 257
PLANES = dict(zip("RGBA", np.moveaxis(FLOAT, 2, 0), strict=True))
HEADER = {"owner": "me", "pixelAspectRatio": 1.0, "dataWindow": ((5, 7), (28, 22)), "displayWindow": ((0, 0), (31, 31))}
# Seen by people, who are to know what to do next.
SAYS = (
    r"{}: (.*damaged|neither EXR, PNG, TIFF nor JPEG|the header says|[0-9,]+ samples over all|.*not UTF-8|deep data"
    r"|subsampled|a TIFF of a kind|its colours are|[0-9]+ pixels (hold NaN|are beyond)|no channels R|luminance and"
    r"|which channel|tagged )"
)


def read_picture(path: Path) -> None:
    """As a plate and as a hint; what a plate's header says must fit into another file's."""
    failed = None
    try:
        plate = read_plate(path)
        encode_exr(Path("matte.exr"), {"Y": plate.rgb[..., 0]}, plate.header)
    except Exception as error:
        failed = error
    read_hint(path)
    if failed:
        raise failed


def exr_samples(_: Path) -> dict[str, Sample]:
    path = Path("made.exr")
    made = {
        f"half {name}": encode_exr(path, PLANES, HEADER, 16, name) for name in ("none", "zips", "zip", "piz", "dwaa")
    }
    made |= {f"float {name}": encode_exr(path, PLANES, {}, 32, name) for name in ("zip", "piz")}
    lossy = {"rle": OpenEXR.RLE_COMPRESSION, "pxr24": OpenEXR.PXR24_COMPRESSION, "b44": OpenEXR.B44_COMPRESSION}
    made |= {name: _exr({"compression": kind, "type": OpenEXR.scanlineimage}) for name, kind in lossy.items()}
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 8
    made["tiled"] = _exr({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.tiledimage, "tiles": tiles})
    made["two parts"] = _two_parts()
    return {name: Sample(data, _exr_body(data)) for name, data in made.items()}


def exr_head(path: Path) -> None:
    with OpenEXR.File(io.BytesIO(set_odd_aside(path.read_bytes())[0]), header_only=True) as file:
        assert file.parts


def png_samples(_: Path) -> dict[str, Sample]:
    rgb = Image.fromarray(EIGHT[..., :3])
    made = {"rgb": _by_pillow(rgb, "PNG"), "rgba": _by_pillow(Image.fromarray(EIGHT), "PNG")}
    made |= {mode: _by_pillow(rgb.convert(mode), "PNG") for mode in ("L", "LA", "P", "1")}
    made["transparent palette"] = _by_pillow(rgb.convert("P"), "PNG", transparency=3)
    made |= {f"16 bits, {n} channels": _by_opencv(SIXTEEN[..., :n], ".png") for n in (1, 3, 4)}
    made["interlaced"] = _interlaced_png()
    damaged = {name: Sample(data, _png_body(data)) for name, data in made.items()}
    damaged |= {f"{name}, sealed": Sample(s.data, s.body, png_sealed) for name, s in damaged.items()}
    for depth, pixels in ((8, EIGHT), (16, SIXTEEN.byteswap())):
        rows = b"".join(bytes([y % 5]) + row.tobytes() for y, row in enumerate(pixels))  # each filter's
        damaged[f"rows of {depth} bits"] = Sample(rows, range(len(rows)), partial(_png, depth, 6))
    return damaged


def png_sealed(data: bytes) -> bytes:
    """With the checksum of every chunk put right."""
    out, at = bytearray(data), 8
    while at + 12 <= len(out):
        end = at + 8 + int.from_bytes(out[at : at + 4], "big")
        out[end : end + 4] = struct.pack(">I", zlib.crc32(out[at + 4 : end]))[: max(0, len(out) - end)]
        at = end + 4
    return bytes(out)


def tiff_samples(folder: Path) -> dict[str, Sample]:
    rgb = Image.fromarray(EIGHT[..., :3])
    made = {mode: _by_pillow(rgb.convert(mode), "TIFF") for mode in ("RGB", "RGBA", "L", "P", "1")}
    made |= {
        name: _by_pillow(rgb, "TIFF", compression=name) for name in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg")
    }
    made["big"] = _by_pillow(rgb, "TIFF", big_tiff=True)
    for name, compression in (("none", 1), ("lzw", 5), ("deflate", 8)):
        for pixels in (SIXTEEN[..., :3], SIXTEEN, SIXTEEN[..., :1], FLOAT[..., :3]):
            options = [cv2.IMWRITE_TIFF_COMPRESSION, compression]
            made[f"{pixels.dtype} × {pixels.shape[2]} {name}"] = _by_opencv(pixels, ".tiff", *options)
    made["tiled"] = _tiled_tiff(folder / "tiled.tif")
    return {name: Sample(data, _tiff_body(data)) for name, data in made.items()}


def jpeg_samples(_: Path) -> dict[str, Sample]:
    rgb, exif = Image.fromarray(EIGHT[..., :3]), Image.Exif()
    exif[274] = 6
    made = {"baseline": _by_pillow(rgb, "JPEG"), "grey": _by_pillow(rgb.convert("L"), "JPEG")}
    made |= {"progressive": _by_pillow(rgb, "JPEG", progressive=True), "turned": _by_pillow(rgb, "JPEG", exif=exif)}
    made["4:4:4"] = _by_pillow(rgb, "JPEG", subsampling=0)
    made["restarts"] = _by_opencv(EIGHT[..., :3], ".jpg", cv2.IMWRITE_JPEG_RST_INTERVAL, 1)
    return {name: Sample(data, range(data.index(b"\xff\xda") + 14, len(data))) for name, data in made.items()}


def pillow_head(path: Path) -> None:
    with Image.open(path) as image:
        assert image.size


def tiff_head(path: Path) -> None:
    with path.open("rb") as file:
        read_tags(path, file)


def _picture(samples: Callable[[Path], dict[str, Sample]], head: Callable[[Path], None], peak: int) -> Reader:
    return Reader(samples, head, read_picture, peak, "case", SAYS)


EXR = _picture(exr_samples, exr_head, 64)
PNG = _picture(png_samples, pillow_head, 64)
TIFF = _picture(tiff_samples, tiff_head, 64)
JPEG = _picture(jpeg_samples, pillow_head, 64)


def _exr(header: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    halves = {name: np.ascontiguousarray(plane, np.float16) for name, plane in PLANES.items()}
    with OpenEXR.File(header, halves) as file:
        file.write(buffer)
    return buffer.getvalue()


def _two_parts() -> bytes:
    zipped, buffer = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, io.BytesIO()
    parts = {"matte": {"Y": PLANES["A"].copy()}, "rgba": {name: plane.copy() for name, plane in PLANES.items()}}
    with OpenEXR.File([OpenEXR.Part(dict(zipped), planes, name) for name, planes in parts.items()]) as file:
        file.write(buffer)
    return buffer.getvalue()


def _by_pillow(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _by_opencv(pixels: np.ndarray, suffix: str, *options: int) -> bytes:
    return bytes(cv2.imencode(suffix, pixels, list(options))[1])


def _interlaced_png() -> bytes:
    """Adam7 (PNG specification, 8.2), which no writer here writes."""
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = (row for y, x, down, across in passes for row in EIGHT[y::down, x::across, :3])
    return _png(8, 2, b"".join(b"\0" + row.tobytes() for row in rows), interlaced=1)


def _png(depth: int, kind: int, rows: bytes, interlaced: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", SIZE[1], SIZE[0], depth, kind, 0, 0, interlaced)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return png_sealed(b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(d)) + t + d + bytes(4) for t, d in chunks))


def _tiled_tiff(path: Path) -> bytes:
    out, spec = OpenImageIO.ImageOutput.create(str(path)), OpenImageIO.ImageSpec(SIZE[1], SIZE[0], 3, "uint16")
    spec.tile_width = spec.tile_height = 16
    assert out.open(str(path), spec)
    assert out.write_image(np.ascontiguousarray(SIXTEEN[..., :3]))
    out.close()
    return path.read_bytes()


def _exr_body(data: bytes) -> range:
    """Behind the headers lies a table of places, whose first points behind it."""
    pointed = ((at, struct.unpack_from("<Q", data, at)[0]) for at in range(len(data) - 8))
    return range(next(at for at, to in pointed if at < to <= at + 512 and (to - at) % 8 == 0), len(data))


def _png_body(data: bytes) -> range:
    return range(data.index(b"IDAT") + 4, len(data))


def _tiff_body(data: bytes) -> range:
    tags = ImageFileDirectory_v2(data[: 16 if data[2] == 43 else 8])
    file = io.BytesIO(data)
    file.seek(tags.next)
    tags.load(file)
    starts, sizes = tags.get(273, tags.get(324)), tags.get(279, tags.get(325))
    return range(min(starts), max(start + size for start, size in zip(starts, sizes, strict=True)))
