"""Every codec family: all frames, in order and out of it, at full depth."""

import random

import numpy as np
import pytest

from corridorkey.media.movie import MovieReader, open_movie

from .made import COLOURS, colours_in, make, number_in

SD = {"tags": (5, 1, 1, 1)}  # no tag reaches the decoder
DNX = {"size": (256, 128)}
X265 = {"options": {"x265-params": "log-level=none:keyint=8"}}
# suffix, encoder, pixel format, how it comes back, bits, extra
FAMILIES = {
    "prores 422": (".mov", "prores_ks", "yuv422p10le", "yuv422p10le", 10, {"options": {"profile": "hq"}}),
    "prores 4444": (".mov", "prores_ks", "yuva444p10le", "yuva444p12le", 12, {"options": {"profile": "4444"}}),
    "dnxhr hqx": (".mov", "dnxhd", "yuv422p10le", "yuv422p10le", 10, {"options": {"profile": "dnxhr_hqx"}, **DNX}),
    "dnxhr 444": (".mov", "dnxhd", "yuv444p10le", "yuv444p10le", 10, {"options": {"profile": "dnxhr_444"}, **DNX}),
    "dnxhr mxf": (".mxf", "dnxhd", "yuv422p", "yuv422p", 8, {"options": {"profile": "dnxhr_sq"}, **DNX}),
    "h264 8": (".mp4", "libx264", "yuv420p", "yuv420p", 8, {"options": {"g": "8"}}),
    "h264 10 422": (".mov", "libx264", "yuv422p10le", "yuv422p10le", 10, {}),
    "h264 444 mkv": (".mkv", "libx264", "yuv444p", "yuv444p", 8, {"options": {"g": "6"}}),
    "h264 ts": (".ts", "libx264", "yuv420p", "yuv420p", 8, {"options": {"g": "5"}}),
    "h264 avi": (".avi", "libx264", "yuv420p", "yuv420p", 8, {"options": {"g": "7"}}),
    "h264 rgb": (".mkv", "libx264rgb", "rgb24", "gbrp", 8, {"tags": (0, 2, 1, 1)}),
    "h265 8": (".mp4", "libx265", "yuv420p", "yuv420p", 8, X265),
    "h265 10": (".mkv", "libx265", "yuv420p10le", "yuv420p10le", 10, X265),
    "h265 12": (".mov", "libx265", "yuv444p12le", "yuv444p12le", 12, X265),
    "vp8": (".webm", "libvpx", "yuv420p", "yuv420p", 8, {"options": {"auto-alt-ref": "1", "lag-in-frames": "8"}, **SD}),
    "vp9": (".webm", "libvpx-vp9", "yuv420p", "yuv420p", 8, {"options": {"cpu-used": "8", "g": "9"}}),
    "av1": (".mkv", "libsvtav1", "yuv420p10le", "yuv420p10le", 10, {"options": {"preset": "12", "g": "6"}}),
    "ffv1 8": (".mkv", "ffv1", "yuv420p", "yuv420p", 8, {}),
    "ffv1 rgb 16": (".mkv", "ffv1", "gbrp16le", "gbrp16le", 16, {}),
    "ffv1 grey 16": (".mkv", "ffv1", "gray16le", "gray16le", 16, {"tags": None}),
    "ffv1 rgb 12": (".mkv", "ffv1", "gbrp12le", "gbrp12le", 12, {}),
    "mjpeg mov": (".mov", "mjpeg", "yuvj420p", "yuvj420p", 8, {"tags": (5, 2, 1, 1), "options": {"qscale": "2"}}),
    "mjpeg avi": (".avi", "mjpeg", "yuvj422p", "yuvj422p", 8, {"tags": (5, 2, 1, 1)}),
    "qtrle": (".mov", "qtrle", "rgb24", "rgb24", 8, {}),
    "png 8": (".mov", "png", "rgb24", "rgb24", 8, {}),
    "png 16": (".mov", "png", "rgb48be", "rgb48be", 16, {}),
    "mpeg2 ps": (".mpg", "mpeg2video", "yuv420p", "yuv420p", 8, {"options": {"g": "6", "bf": "2", "b": "2000000"}}),
    "mpeg2 ts": (".ts", "mpeg2video", "yuv422p", "yuv422p", 8, {"options": {"g": "6", "bf": "2", "b": "2000000"}}),
    "mpeg4 avi": (".avi", "mpeg4", "yuv420p", "yuv420p", 8, {**SD, "options": {"g": "6", "b": "2000000"}}),
    "cineform": (".mov", "cfhd", "yuv422p10le", "yuv422p10le", 10, {}),
    "utvideo": (".avi", "utvideo", "gbrp", "gbrp", 8, {"tags": (0, 2, 1, 1)}),
    "v210": (".mov", "v210", "yuv422p10le", "yuv422p10le", 10, {}),
    "raw uyvy": (".mov", "rawvideo", "uyvy422", "uyvy422", 8, {}),
    "raw nv12": (".mkv", "rawvideo", "nv12", "nv12", 8, {}),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_frame_of_each_family_is_the_one_asked_for_and_has_its_colours(tmp_path, family):
    suffix, codec, made_as, pixel_format, bits, extra = FAMILIES[family]
    movie = open_movie(make(tmp_path / f"a{suffix}", codec, made_as, frames=20, **extra))
    assert (movie.pixel_format, movie.bits) == (pixel_format, bits)
    assert (len(movie), movie.timing.promised, movie.frames) == (20, 20, range(20))
    assert movie.size == extra.get("size", (64, 48))
    assert movie.rate == 24
    jumps = list(range(20))
    random.Random(1).shuffle(jumps)
    with MovieReader(movie) as reader:
        for index in [*range(20), 19, 19, *jumps]:
            rgb, _ = reader.read(index)
            assert rgb.dtype == np.float32
            assert number_in(rgb) == index
            if "grey" not in family:
                assert np.abs(colours_in(rgb) - COLOURS).max() < 0.06
        assert reader.damaged == []


def test_the_alpha_of_a_plate_is_not_used(tmp_path):
    movie = open_movie(make(tmp_path / "a.mov", "prores_ks", "yuva444p10le", options={"profile": "4444"}))
    assert movie.has_alpha
    with MovieReader(movie) as reader:
        assert reader.read(0)[0].shape == (48, 64, 3)
