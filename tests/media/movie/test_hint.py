"""Movies as hints: alpha where it varies, else grey."""

import av
import numpy as np
import pytest

from corridorkey.media.movie import MovieReader, open_movie

from .made import frame_of, make, smooth, to_yuv

MASK = smooth(np.random.default_rng(5), 1)[..., 0]
GREEN = np.tile(np.array([0.2, 0.7, 0.2]), (48, 64, 1))


def hint(path):
    movie = open_movie(path)
    with MovieReader(movie, with_alpha=True) as reader:
        return movie, reader.read_hint(0)


def rgba(pixel_format, bits, alpha):
    planes = to_yuv(GREEN, bits)
    if "420" in pixel_format:
        planes[1:] = [np.ascontiguousarray(plane[::2, ::2]) for plane in planes[1:]]
    kind = planes[0].dtype
    return frame_of([*planes, np.rint(alpha * (2**bits - 1)).astype(kind)], pixel_format)


@pytest.mark.parametrize(
    ("suffix", "codec", "pixel_format", "bits", "options", "error"),
    [
        (".mov", "prores_ks", "yuva444p10le", 10, {"profile": "4444", "alpha_bits": "16"}, 1e-3),
        (".webm", "libvpx-vp9", "yuva420p", 8, {"lossless": "1"}, 3e-3),
        (".webm", "libvpx", "yuva420p", 8, {"crf": "4", "b": "8000000", "auto-alt-ref": "0"}, 0.03),
        (".mkv", "ffv1", "yuva444p16le", 16, {}, 1e-4),
    ],
)
def test_alpha_that_varies_is_the_hint(tmp_path, suffix, codec, pixel_format, bits, options, error):
    frames = [rgba(pixel_format, bits, MASK) for _ in range(3)]
    movie, found = hint(make(tmp_path / f"a{suffix}", codec, pixel_format, frames=frames, options=options))
    assert movie.has_alpha
    assert np.abs(found - MASK).max() < error


def test_an_opaque_alpha_is_passed_over(tmp_path):
    frames = [rgba("yuva444p10le", 10, np.ones_like(MASK))]
    _, found = hint(make(tmp_path / "a.mov", "prores_ks", "yuva444p10le", frames=frames, options={"profile": "4444"}))
    assert found == pytest.approx(np.full((48, 64), GREEN[0, 0].mean()), abs=0.01)


def test_a_grey_movie_is_the_hint(tmp_path):
    planes = to_yuv(np.repeat(MASK[..., None], 3, axis=2).astype(float), 8)
    options = {"crf": "0", "qp": "0"}
    movie, found = hint(
        make(tmp_path / "a.mp4", "libx264", "yuv444p", frames=[frame_of(planes, "yuv444p")], options=options)
    )
    assert not movie.has_alpha
    assert np.abs(found - MASK).max() < 0.003


def test_grey_with_alpha(tmp_path):
    pairs = np.stack([MASK * 0 + 0.5, MASK], axis=2)
    codes = np.rint(pairs * 65535).astype(">u2").reshape(48, -1)
    frame = frame_of([codes], "ya16be", full=True, width=64)
    movie, found = hint(make(tmp_path / "a.mov", "png", "ya16be", frames=[frame], tags=None))
    assert movie.has_alpha
    assert np.abs(found - MASK).max() < 2e-5
    with MovieReader(movie) as reader:
        assert reader.read(0)[0] == pytest.approx(np.full((48, 64, 3), 0.5), abs=2e-5)


def test_16_bit_rgba_is_exact(tmp_path):
    codes = np.random.default_rng(0).integers(0, 65536, (48, 64, 4)).astype(">u2")
    frame = frame_of([codes.reshape(48, -1)], "rgba64be", full=True, width=64)
    movie, found = hint(make(tmp_path / "a.mov", "png", "rgba64be", frames=[frame], tags=None))
    assert np.array_equal(np.rint(found * 65535), codes[..., 3])
    with MovieReader(movie) as reader:
        assert np.array_equal(np.rint(reader.read(0)[0] * 65535), codes[..., :3])


def test_pictures_of_a_palette(tmp_path):
    rng = np.random.default_rng(0)
    index, palette = rng.integers(0, 256, (48, 64), dtype=np.uint8), rng.integers(0, 256, (256, 4), dtype=np.uint8)
    palette[:, 0] = 255  # alpha comes first
    frame = av.VideoFrame.from_ndarray((index, palette), "pal8")
    movie = open_movie(make(tmp_path / "a.mov", "png", "pal8", frames=[frame], tags=None))
    assert (movie.pixel_format, movie.bits) == ("pal8", 8)
    with MovieReader(movie) as reader:
        assert np.array_equal(np.rint(reader.read(0)[0] * 255), palette[index][..., 1:])
