import io

import cv2
import numpy as np
import pytest
from PIL import Image

from corridorkey.errors import FrameReadError
from corridorkey.media.image import decode_image, kind_of
from tests.media.crafted import png_header, tiff

rng = np.random.default_rng(5)
RGB8 = rng.integers(0, 256, (6, 9, 3), dtype=np.uint8)
RGBA8 = rng.integers(0, 256, (6, 9, 4), dtype=np.uint8)
RGB16 = rng.integers(0, 65536, (6, 9, 3), dtype=np.uint16)
RGBA16 = rng.integers(0, 65536, (6, 9, 4), dtype=np.uint16)
FLOAT = (rng.random((6, 9, 3)) * 4 - 1).astype(np.float32)


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


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("L", 1), ("LA", 2), ("P", 3), ("RGB", 3), ("RGBA", 4)])
def test_every_8_bit_mode_becomes_grey_or_rgb(decode, mode, channels):
    picture = Image.fromarray(RGB8).convert(mode)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
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
    ],
    ids=["planar16", "planar32", "inverted", "grey+alpha", "cmyk", "uint32", "int16", "float64", "float16"],
)
def test_tiffs_that_opencv_gets_wrong_are_refused(decode, data):
    with pytest.raises(FrameReadError, match="cannot be read safely"):
        decode(data)


def test_planar_8_bits_are_read_right(decode):
    assert np.array_equal(decode(tiff(RGB8, planar=2)), RGB8 / np.float32(255))


def test_cmyk_is_refused(decode):
    with pytest.raises(FrameReadError, match="colours are CMYK; save it as RGB"):
        decode(by_pillow(RGB8, "JPEG", "CMYK"))


NOISE8 = rng.integers(0, 256, (80, 90, 3), dtype=np.uint8)
NOISE16 = rng.integers(0, 65536, (80, 90, 3), dtype=np.uint16)
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


def test_pictures_past_pillows_own_limit_are_not_refused(decode):
    """Pillow would warn at 89 megapixels, and a warning is an error in these tests."""
    wide = np.zeros((3000, 32_000), np.uint8)
    assert decode(by_pillow(wide, "PNG", "1")).shape == (3000, 32_000, 1)


@pytest.mark.parametrize("data", [b"plain text, called .png", b"\0" * 50, b"GIF89a....", b"RIFF....WEBP"])
def test_foreign_bytes_are_refused(tmp_path, data):
    with pytest.raises(FrameReadError, match="neither EXR, PNG, TIFF nor JPEG inside"):
        kind_of(tmp_path / "x.png", data)
