"""Files made by hand, byte by byte: what no encoder here would write."""

import struct
import zlib

import numpy as np


def png_header(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that claims a size and brings a kilobyte."""
    ihdr = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    chunks = ((b"IHDR", ihdr), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    packed = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def exr_header(width: int, height: int, *, sampling: int = 1, deep: bool = False) -> bytes:
    """An EXR with one channel that claims a size and brings next to nothing."""

    def attribute(name: str, kind: str, value: bytes) -> bytes:
        return name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value

    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    data = b"\x76\x2f\x31\x01" + struct.pack("<I", 2 | (0x800 if deep else 0))
    data += attribute("channels", "chlist", b"Y\0" + struct.pack("<IBxxxII", 1, 0, sampling, sampling) + b"\0")
    data += attribute("compression", "compression", b"\0")
    data += attribute("dataWindow", "box2i", window) + attribute("displayWindow", "box2i", window)
    data += attribute("lineOrder", "lineOrder", b"\0") + attribute("pixelAspectRatio", "float", struct.pack("<f", 1))
    data += attribute("screenWindowCenter", "v2f", bytes(8)) + attribute(
        "screenWindowWidth", "float", struct.pack("<f", 1)
    )
    data += attribute("type", "string", b"deepscanline" if deep else b"scanlineimage")
    if deep:
        for name, value in (("version", 1), ("chunkCount", height), ("maxSamplesPerPixel", 1)):
            data += attribute(name, "int", struct.pack("<i", value))
    return data + b"\0" + bytes(8 * min(height, 100) + 100)


def tiff(
    pixels: np.ndarray, *, photometric: int = 2, planar: int = 1, extra: int | None = None, order: str = "<", size=None
) -> bytes:
    """An uncompressed TIFF of `pixels` (H, W) or (H, W, C); `size` claims another (width, height)."""
    height, width = pixels.shape[:2]
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    pixels = pixels.astype(pixels.dtype.newbyteorder(order))
    planes = [pixels] if planar == 1 else list(np.moveaxis(pixels, 2, 0))
    data = bytearray({"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, 0))
    offsets = []
    for plane in planes:
        offsets.append(len(data))
        data += plane.tobytes()
    claimed = size or (width, height)
    sample_format = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    entries = [(256, "I", [claimed[0]]), (257, "I", [claimed[1]]), (258, "H", [8 * pixels.dtype.itemsize] * samples)]
    entries += [(259, "H", [1]), (262, "H", [photometric]), (273, "I", offsets), (277, "H", [samples])]
    entries += [(278, "I", [height]), (279, "I", [p.nbytes for p in planes]), (284, "H", [planar])]
    entries += [(338, "H", [extra])] if extra is not None else []
    entries += [(339, "H", [sample_format] * samples)]
    packed = b""
    for tag, form, values in entries:
        value = struct.pack(f"{order}{len(values)}{form}", *values)
        if len(value) > 4:
            data += value
            value = struct.pack(f"{order}I", len(data) - len(value))
        packed += struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[form], len(values)) + value.ljust(4, b"\0")
    data[4:8] = struct.pack(f"{order}I", len(data))
    return bytes(data) + struct.pack(f"{order}H", len(entries)) + packed + bytes(4)
