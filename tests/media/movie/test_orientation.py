"""Phones: the picture lies on its side, and a matrix says so."""

import numpy as np
import pytest

from corridorkey.media.movie import MovieReader, open_movie
from corridorkey.media.movie.orientation import Orientation

from .made import make, picture, rgb_frame


def read(path):
    movie = open_movie(path)
    with MovieReader(movie) as reader:
        return movie, reader.read(0)[0], reader.read_hint(0)


@pytest.mark.parametrize(
    ("degrees", "flips", "upright", "words"),
    [
        (90, {}, lambda x: np.rot90(x, 1), "90° counterclockwise"),
        (-90, {}, lambda x: np.rot90(x, -1), "90° clockwise"),
        (180, {}, lambda x: np.rot90(x, 2), "180°"),
        (0, {"hflip": True}, lambda x: x[:, ::-1], "mirrored left to right"),
        (0, {"vflip": True}, lambda x: x[::-1], "mirrored top to bottom"),
        (0, {}, lambda x: x, "upright"),
    ],
)
def test_the_picture_is_turned_as_the_file_says(tmp_path, caplog, degrees, flips, upright, words):
    caplog.set_level("INFO")
    stored = picture(0b00100110)

    def turn(stream):
        if degrees or flips:
            stream.set_display_rotation(degrees, **flips)

    frames = [rgb_frame(stored, "rgb24")]
    movie, rgb, hint = read(make(tmp_path / "a.mov", "png", "rgb24", frames=frames, before=turn, tags=None))
    expected = upright(np.rint(stored * 255) / 255)
    assert movie.size == expected.shape[1::-1]
    assert np.abs(rgb - expected).max() < 1e-6
    assert np.abs(hint - expected.mean(axis=2)).max() < 1e-6
    assert str(movie.orientation) == words
    assert ("turned as the file says" in caplog.text) == (words != "upright")


def test_a_slanted_turn_is_left_alone_with_a_warning(tmp_path, caplog):
    file = make(tmp_path / "a.mov", "png", "rgb24", frames=1, before=lambda stream: stream.set_display_rotation(30))
    assert open_movie(file).orientation == Orientation()
    assert "no multiple of 90°" in caplog.text
