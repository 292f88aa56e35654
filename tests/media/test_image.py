import io
import struct
import zlib

import cv2
import numpy as np
import PIL.Image
import pytest
from PIL import Image

from corridorkey.errors import FrameReadError
from corridorkey.media.image import decode_image, kind_of
from tests.media.crafted import png_header, tiff


def noise(dtype, *shape):
    """The same in every run, whichever tests run and in whatever order."""
    return np.random.default_rng(shape).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


RGB8, RGBA8 = noise(np.uint8, 6, 9, 3), noise(np.uint8, 6, 9, 4)
RGB16, RGBA16 = noise(np.uint16, 6, 9, 3), noise(np.uint16, 6, 9, 4)
FLOAT = (RGB16 / 16384 - 1).astype(np.float32)


def by_pillow(pixels, kind, mode=None, **options):
    picture = Image.fromarray(pixels)
    buffer = io.BytesIO()
    (picture.convert(mode) if mode else picture).save(buffer, kind, **options)
    return buffer.getvalue()


def by_opencv(pixels, suffix, *options):
    if pixels.ndim == 3:
        pixels = pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]
    return cv2.imencode(suffix, pixels, list(options))[1].tobytes()


@pytest.fixture
def decode(tmp_path):
    return lambda data: decode_image(tmp_path / "plate", data)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("pixels", [RGB8, RGBA8, RGB8[..., 0]], ids=["rgb", "rgba", "grey"])
def test_8_bits_are_exact(decode, kind, pixels):
    decoded = decode(by_pillow(pixels, kind))
    assert decoded.dtype == np.float32
    assert decoded.flags.c_contiguous
    assert np.array_equal(decoded, pixels.reshape(6, 9, -1) / np.float32(255))


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize("pixels", [RGB16, RGBA16, RGB16[..., 0]], ids=["rgb", "rgba", "grey"])
def test_16_bits_are_exact(decode, suffix, pixels):
    decoded = decode(by_opencv(pixels, suffix))
    assert np.array_equal(decoded, pixels.reshape(6, 9, -1) / np.float32(65535))


def test_float_tiff_is_as_in_the_file(decode):
    assert np.array_equal(decode(by_opencv(FLOAT, ".tiff")), FLOAT)
    assert np.array_equal(decode(tiff(FLOAT[..., 0], photometric=1)), FLOAT[..., :1])
    assert np.array_equal(decode(tiff(FLOAT, order=">")), FLOAT)


def test_white_is_exactly_one(decode):
    assert decode(by_pillow(np.full((2, 2, 3), 255, np.uint8), "PNG")).max() == 1
    assert decode(by_opencv(np.full((2, 2, 3), 65535, np.uint16), ".png")).max() == 1


def test_jpeg_is_close(decode):
    smooth = cv2.resize(RGB8, (90, 60), interpolation=cv2.INTER_CUBIC)
    assert np.abs(decode(by_pillow(smooth, "JPEG", quality=98, subsampling=0)) - smooth / 255).mean() < 0.01


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 100, "subsampling": 0}), ("PNG", {}), ("TIFF", {})])
@pytest.mark.parametrize(("orientation", "turns"), [(6, -1), (8, 1), (3, 2)])
def test_exif_rotation_is_applied_once(decode, kind, options, orientation, turns):
    exif = Image.Exif()
    exif[274] = orientation
    smooth = cv2.resize(RGB8, (90, 60), interpolation=cv2.INTER_CUBIC)
    decoded = decode(by_pillow(smooth, kind, exif=exif, **options))
    upright = np.rot90(smooth, turns) / 255
    assert decoded.shape == upright.shape
    assert np.abs(decoded - upright).mean() < 0.01


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("L", 1), ("LA", 2), ("P", 3), ("RGB", 3), ("RGBA", 4)])
def test_every_8_bit_mode_becomes_grey_or_rgb(decode, kind, mode, channels):
    picture = Image.fromarray(RGB8).convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    expected = np.asarray(picture.convert({1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels])).reshape(6, 9, channels)
    assert np.array_equal(decode(buffer.getvalue()), expected / np.float32(255))


def test_a_transparent_palette_has_an_alpha_channel(decode):
    picture = Image.fromarray(RGB8).convert("P")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=picture.getpixel((0, 0)))
    decoded = decode(buffer.getvalue())
    assert decoded.shape == (6, 9, 4)
    assert decoded[0, 0, 3] == 0


def test_straight_colour_under_a_tiffs_alpha_is_kept(decode):
    assert np.array_equal(decode(tiff(RGBA8, extra=2)), RGBA8 / np.float32(255))
    assert np.array_equal(decode(tiff(RGBA16, extra=2)), RGBA16 / np.float32(65535))


@pytest.mark.parametrize(
    "data",
    [
        tiff(RGB16, planar=2),
        tiff(FLOAT, planar=2),
        tiff(RGB16[..., 0], photometric=0),
        tiff(RGB16[..., :2], photometric=1, extra=2),
        tiff(RGBA16, photometric=5),
        tiff(RGB16.astype(np.uint32)),
        tiff(RGB16.astype(np.int16)),
        tiff(FLOAT.astype(np.float64)),
        tiff(FLOAT.astype(np.float16)),
        tiff(noise(np.uint16, 6, 9, 5), extra=0),
        tiff(noise(np.uint8, 6, 9, 5), extra=0),
        tiff(RGB8.astype(np.int8)),
        tiff(RGB8[..., 0].astype(np.int8), photometric=1),
    ],
    ids=[
        "planar16",
        "planar32",
        "inverted",
        "grey+alpha",
        "cmyk",
        "uint32",
        "int16",
        "float64",
        "float16",
        "five16",
        "five8",
        "int8",
        "grey-int8",
    ],
)
def test_tiffs_that_the_decoders_get_wrong_are_refused(decode, data):
    with pytest.raises(FrameReadError, match="cannot be read safely"):
        decode(data)


def test_colour_under_an_associated_alpha_is_straight_at_8_bits_and_as_in_the_file_above(decode):
    alpha = np.full((6, 9), 51, np.uint8)  # a fifth
    assert np.allclose(decode(tiff(np.dstack([RGB8 // 5, alpha]), extra=1))[..., :3], RGB8 / 255, atol=5 / 255)
    assert np.array_equal(decode(tiff(RGBA16, extra=1)), RGBA16 / np.float32(65535))


def test_a_16_bit_png_lies_as_in_the_file_whatever_its_exif_says(decode):
    data, exif = by_opencv(RGB16, ".png"), Image.Exif()
    exif[274] = 6
    body = b"eXIf" + exif.tobytes()[6:]
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert np.array_equal(decode(data[:33] + chunk + data[33:]), RGB16 / np.float32(65535))


def test_planar_8_bits_are_read_right(decode):
    assert np.array_equal(decode(tiff(RGB8, planar=2)), RGB8 / np.float32(255))


def test_cmyk_is_refused(decode):
    with pytest.raises(FrameReadError, match="colours are CMYK; save it as RGB"):
        decode(by_pillow(RGB8, "JPEG", "CMYK"))


NOISE8, NOISE16 = noise(np.uint8, 80, 90, 3), noise(np.uint16, 80, 90, 3)
WHOLE = {
    "png8": by_pillow(NOISE8, "PNG"),
    "png16": by_opencv(NOISE16, ".png"),
    "jpeg": by_pillow(NOISE8, "JPEG"),
    "tiff8": by_pillow(NOISE8, "TIFF"),
    "tiff16": by_opencv(NOISE16, ".tiff"),
    "float": by_opencv(NOISE16.astype(np.float32), ".tiff"),
    "tags first": by_pillow(NOISE8, "TIFF", compression="tiff_lzw"),
}


@pytest.mark.parametrize("keep", [0.005, 0.1, 0.5, 0.98])
@pytest.mark.parametrize("kind", WHOLE)
def test_truncated_files_are_errors(decode, kind, keep):
    assert decode(WHOLE[kind]).shape == (80, 90, 3)
    with pytest.raises(FrameReadError, match=r"plate: .*(truncated|damaged)"):
        decode(WHOLE[kind][: int(len(WHOLE[kind]) * keep)])


def test_a_png_chunk_that_claims_gigabytes_never_reaches_the_decoder(decode, monkeypatch):
    data = bytearray(WHOLE["png16"])
    start = data.index(b"IDAT") - 4
    data[start] = 0xFF
    monkeypatch.delattr(cv2, "imdecode")
    with pytest.raises(FrameReadError, match="truncated or damaged"):
        decode(bytes(data))


@pytest.mark.parametrize("kind", ["png8", "png16"])
def test_scrambled_pixels_are_errors(decode, kind):
    data = bytearray(WHOLE[kind])
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(FrameReadError, match="truncated or damaged"):
        decode(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        png_header(60_000, 60_000),
        png_header(60_000, 60_000, depth=16),
        tiff(RGB8, size=(60_000, 60_000)),
        tiff(RGB16, size=(60_000, 60_000)),
        tiff(FLOAT, size=(60_000, 60_000)),
    ],
    ids=["png8", "png16", "tiff8", "tiff16", "float"],
)
def test_a_claim_of_60000_squared_is_refused_from_the_header(decode, monkeypatch, data):
    def must_not_decode(*_):
        raise AssertionError("decoded")

    monkeypatch.setattr(cv2, "imdecode", must_not_decode)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", must_not_decode)
    with pytest.raises(FrameReadError, match="60000 × 60000 pixels; at most 32768"):
        decode(data)


def test_a_large_jpeg_claim_is_refused_from_the_header(decode):
    data = by_pillow(NOISE8, "JPEG")
    start = data.index(b"\xff\xc0")
    claimed = data[: start + 5] + (60_000).to_bytes(2, "big") * 2 + data[start + 9 :]
    with pytest.raises(FrameReadError, match="60000 × 60000 pixels; at most 32768"):
        decode(claimed)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG"])
def test_pictures_past_pillows_own_limit_are_not_refused(decode, monkeypatch, kind):
    """Pillow's limit is a global of the process; at twice it Pillow itself would refuse."""
    data = by_pillow(RGB8, kind)
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(PIL.Image.DecompressionBombError):
        Image.open(io.BytesIO(data))
    assert decode(data).shape == (6, 9, 3)


@pytest.mark.parametrize("data", [b"plain text, called .png", b"\0" * 50, b"GIF89a....", b"RIFF....WEBP"])
def test_foreign_bytes_are_refused(tmp_path, data):
    with pytest.raises(FrameReadError, match="neither EXR, PNG, TIFF nor JPEG inside"):
        kind_of(tmp_path / "x.png", data)
