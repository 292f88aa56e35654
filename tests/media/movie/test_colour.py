"""Matrix, range, depth and chroma siting, against arithmetic from the definition in float64."""

import numpy as np
import pytest

from corridorkey.errors import FrameReadError
from corridorkey.media.movie import MovieReader, open_movie
from corridorkey.media.movie.chroma import halve, upsample
from corridorkey.media.movie.matrix import ColourRule, Tags, colour_rule, from_rgb, to_rgb

from . import made
from .made import frame_of, make

BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)
NOISE = np.random.default_rng(3).random((48, 64, 3))


def read(path, **asked):
    movie = open_movie(path, **asked)
    with MovieReader(movie) as reader:
        return movie, reader.read(0)[0]


def test_rgb_of_16_bits_comes_back_exactly(tmp_path):
    codes = np.rint(NOISE * 65535).astype(np.uint16)
    frame = frame_of([codes[..., 1], codes[..., 2], codes[..., 0]], "gbrp16le", full=True)
    movie, rgb = read(make(tmp_path / "a.mkv", "ffv1", "gbrp16le", frames=[frame], tags=(0, 2, 2, 2)))
    assert np.array_equal(np.rint(rgb * 65535), codes)
    assert movie.rule == "RGB, as the stream has it"


def test_packed_rgb_of_16_bits_comes_back_exactly(tmp_path):
    codes = np.rint(NOISE * 65535).astype(">u2")
    frame = frame_of([codes.reshape(48, -1)], "rgb48be", full=True, width=64)
    _, rgb = read(make(tmp_path / "a.mov", "png", "rgb48be", frames=[frame], tags=None))
    assert np.array_equal(np.rint(rgb * 65535), codes)


def test_float_rgb_comes_back_exactly_and_beyond_1(tmp_path):
    values = (NOISE * 4).astype(np.float32)
    frame = frame_of([values[..., 1], values[..., 2], values[..., 0]], "gbrpf32le", full=True)
    file = make(tmp_path / "a.mkv", "ffv1", "gbrpf32le", frames=[frame], tags=None, options={"strict": "-2"})
    assert np.array_equal(read(file)[1], values)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("matrix", "k"), [(1, BT709), (5, BT601), (6, BT601), (9, BT2020)])
@pytest.mark.parametrize(("codec", "bits"), [("libx264", 8), ("libx264", 10), ("ffv1", 12), ("ffv1", 16)])
def test_yuv_becomes_rgb_as_defined(tmp_path, codec, bits, matrix, k, full):
    pixel_format = "yuv444p" + (f"{bits}le" if bits > 8 else "")
    codes = made.to_yuv(NOISE, bits, *k, full=full)
    options = {"x264-params": f"crf={48 - 6 * bits}", "preset": "ultrafast"} if codec == "libx264" else {}  # lossless
    frame = frame_of(codes, pixel_format, full=full)
    tags = (matrix, 2 if full else 1, 1, 1)
    movie, rgb = read(make(tmp_path / "a.mkv", codec, pixel_format, frames=[frame], options=options, tags=tags))
    expected = made.to_rgb(codes, bits, *k, full=full).clip(0, 1)
    error = (rgb - expected) * (2**bits - 1)
    # Far below a code; float32 has 24 bits.
    assert np.abs(error).max() < (0.01 if bits < 16 else 0.1)
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.005
    # The picture itself, but for its own rounding to codes: no bias.
    whole = (rgb - NOISE) * (2**bits - 1)
    assert np.abs(whole).max() < 2.2
    assert np.abs(whole.mean()) < 0.05
    assert "as the stream says" in movie.rule
    assert ("full range" in movie.rule) == full


@pytest.mark.parametrize(
    ("size", "k", "why"),
    [((64, 48), BT601, "BT.601, because SD is untagged"), ((1280, 96), BT709, "BT.709, because HD is untagged"),
     ((64, 720), BT709, "BT.709, because HD is untagged")],
)  # fmt: skip
@pytest.mark.parametrize("bits", [8, 10])
def test_untagged_is_bt709_for_hd_and_bt601_below(tmp_path, size, k, why, bits):
    pixel_format = "yuv444p" + ("10le" if bits == 10 else "")
    rgb = np.tile(np.array([0.15, 0.65, 0.2]), (size[1], size[0], 1))
    frame = frame_of(made.to_yuv(rgb, bits, *k), pixel_format)
    frame.color_range = 0
    options = {"x264-params": f"crf={48 - 6 * bits}", "preset": "ultrafast"}
    file = make(tmp_path / "a.mp4", "libx264", pixel_format, frames=[frame], size=size, tags=None, options=options)
    movie, got = read(file)
    assert movie.rule == f"{why}; limited range, because it is untagged"
    assert np.abs(got - rgb).max() * (2**bits - 1) < 1.5


@pytest.mark.parametrize(("pixel_format", "bits"), [("yuv420p", 8), ("yuv420p10le", 10), ("yuv422p10le", 10)])
def test_chroma_at_fewer_pixels_lies_on_the_left_column_and_between_rows(tmp_path, pixel_format, bits):
    # A ramp is bilinear's own: any shift of the chroma against the luma shows.
    x, y = np.meshgrid(np.arange(64) / 63, np.arange(48) / 47)
    ramp = np.stack([0.2 + 0.5 * x, 0.3 + 0.3 * y, 0.7 - 0.5 * x], axis=2)
    planes = made.to_yuv(ramp, bits)
    kr, kb = BT709
    luma = ramp @ np.array([kr, 1 - kr - kb, kb])
    exact = [(ramp[..., 2] - luma) / (2 * (1 - kb)), (ramp[..., 0] - luma) / (2 * (1 - kr))]
    step = 2 ** (bits - 8)
    for i, plane in enumerate(exact, 1):
        small = plane[:, 0::2] if "422" in pixel_format else (plane[0::2, 0::2] + plane[1::2, 0::2]) / 2
        planes[i] = np.rint(small * 224 * step + 128 * step).astype(planes[0].dtype)
    _, rgb = read(make(tmp_path / "a.mkv", "ffv1", pixel_format, frames=[frame_of(planes, pixel_format)]))
    error = (rgb - ramp)[2:-2, 2:-2] * (2**bits - 1)
    assert np.abs(error).max() < 2.2
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.1


def test_halving_and_stretching_chroma_keep_a_ramp():
    ramp = np.add.outer(np.arange(20), np.arange(32)).astype(np.float32)
    assert np.abs(upsample(halve(ramp), 20, 32) - ramp)[2:-2, 2:-2].max() < 1e-4


def test_odd_sizes_have_chroma_to_the_last_pixel(tmp_path):
    x, y = np.meshgrid(np.arange(63) / 62, np.arange(47) / 46)
    rgb = np.stack([0.2 + 0.5 * x, 0.3 + 0.3 * y, 0.7 - 0.5 * x], axis=2)
    planes = made.to_yuv(rgb, 8)
    padded = [np.pad(plane.astype(float), ((0, 1), (0, 0)), mode="edge") for plane in planes[1:]]
    planes[1:] = [np.rint((plane[0::2, ::2] + plane[1::2, ::2]) / 2).astype(np.uint8) for plane in padded]
    movie, got = read(make(tmp_path / "a.mkv", "ffv1", "yuv420p", frames=[frame_of(planes, "yuv420p")], size=(63, 47)))
    assert movie.size == (63, 47)
    assert got.shape == (47, 63, 3)
    assert np.abs(got - rgb).max() < 0.02


@pytest.mark.parametrize(("code", "name"), [(8, "linear"), (16, "PQ"), (18, "HLG")])
def test_a_curve_that_is_no_displays_is_an_error_unless_the_caller_says_the_space(tmp_path, code, name):
    file = make(tmp_path / "a.mkv", "ffv1", "yuv420p10le", frames=2, tags=(9, 1, code, 9))
    with pytest.raises(FrameReadError, match=rf"a\.mkv: its transfer curve is {name}.*--input-colorspace"):
        open_movie(file)
    movie = open_movie(file, any_transfer=True)
    assert "BT.2020, as the stream says" in movie.rule
    assert "primaries are BT.2020" in movie.rule


def test_wide_primaries_with_a_display_gamma_are_read_and_said(tmp_path):
    movie = open_movie(make(tmp_path / "a.mkv", "ffv1", "yuv420p10le", frames=1, tags=(9, 1, 14, 9)))
    assert "its primaries are BT.2020, and are kept, not converted" in movie.rule


def test_a_matrix_that_is_no_matrix_is_an_error(tmp_path):
    tags = Tags(8, 1, 1, 1, "h264", "yuv420p", (64, 48))
    with pytest.raises(FrameReadError, match=r"its colour matrix .*export it as BT\.709"):
        colour_rule(tmp_path / "a.mp4", tags)


@pytest.mark.parametrize("bits", [8, 10, 12])
def test_rgb_to_yuv_and_back(bits):
    rule = ColourRule(*BT709, False, "")
    assert np.abs(to_rgb(*from_rgb(NOISE.astype(np.float32), bits), bits, rule) - NOISE).max() < 1e-5
    for ours, theirs in zip(from_rgb(NOISE.astype(np.float32), bits), made.to_yuv(NOISE, bits), strict=True):
        assert np.abs(np.rint(ours) - theirs).max() <= 1
        assert (np.rint(ours) != theirs).mean() < 0.01


def test_grey_is_full_range_where_it_is_made_so(tmp_path):
    codes = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 21
    frame = frame_of([codes], "gray16le")
    frame.color_range = 0
    movie, rgb = read(make(tmp_path / "a.mkv", "ffv1", "gray16le", frames=[frame], tags=None))
    assert np.array_equal(np.rint(rgb[..., 0] * 65535), codes)
    assert np.array_equal(rgb[..., 0], rgb[..., 2])
    assert movie.rule == "grey, full range, because it is untagged grey"
