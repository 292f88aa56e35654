from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from corridorkey.color import linear_to_srgb
from corridorkey.composite import checker, over
from corridorkey.config import KeySettings
from corridorkey.media import windows, write_frame
from corridorkey.media.windows import displayed_comp
from corridorkey.types import KeyedFrame

HEIGHT, WIDTH = 200, 300


def corners(x, y, width, height):
    return (x, y), (x + width - 1, y + height - 1)


@pytest.fixture
def frame():
    processed = np.random.default_rng(2).random((HEIGHT, WIDTH, 4), dtype=np.float32)
    processed[..., :3] *= processed[..., 3:]
    zeros = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    comp = linear_to_srgb(over(processed, checker((HEIGHT, WIDTH))))
    return KeyedFrame(zeros[..., :1], zeros[..., :3], processed, comp)


def shown(frame, data, display):
    return displayed_comp(Path("a.png"), frame, {"dataWindow": corners(*data), "displayWindow": corners(*display)})


def test_overscan_is_cut_off(frame):
    comp = shown(frame, (-20, -10, WIDTH, HEIGHT), (0, 0, 256, 180))
    expected = over(frame.processed[10:190, 20:276], checker((180, 256)))
    assert np.array_equal(comp, linear_to_srgb(expected))


def test_where_the_plate_has_no_pixels_there_is_the_checker(frame):
    comp = shown(frame, (130, 40, WIDTH, HEIGHT), (0, 0, 600, 400))
    board = linear_to_srgb(checker((400, 600)))
    inside = np.zeros((400, 600), bool)
    inside[40:240, 130:430] = True
    assert np.array_equal(comp[~inside], board[~inside])
    back = over(frame.processed, checker((400, 600))[40:240, 130:430])
    assert np.array_equal(comp[40:240, 130:430], linear_to_srgb(back))


@pytest.mark.parametrize("at", [(5000, 0), (0, 5000), (-5000, 0), (0, -5000), (64, 0), (-WIDTH, 0), (0, -HEIGHT)])
def test_disjoint_windows_show_the_checker_alone(frame, at):
    assert np.array_equal(shown(frame, (*at, WIDTH, HEIGHT), (0, 0, 64, 48)), linear_to_srgb(checker((48, 64))))


@pytest.mark.parametrize("origin", [(0, 0), (-7, 9)])
def test_the_checker_stands_still_while_the_data_window_moves(frame, origin):
    frame.processed[:] = 0
    x, y = origin
    still = linear_to_srgb(checker((300, 400)))
    for step in (0, 1, 60):
        assert np.array_equal(shown(frame, (x + step, y, WIDTH, HEIGHT), (x, y, 400, 300)), still)


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"dataWindow": corners(5, 6, WIDTH, HEIGHT)},
        {"dataWindow": corners(5, 6, WIDTH, HEIGHT), "displayWindow": corners(5, 6, WIDTH, HEIGHT)},
        {"dataWindow": corners(0, 0, 7, 7), "displayWindow": corners(0, 0, 9, 9)},
    ],
)
def test_without_a_window_of_its_own_the_comp_is_as_it_was_made(frame, header):
    assert displayed_comp(Path("a.png"), frame, header) is frame.comp


def test_no_picture_is_made_up_that_is_larger_than_any_camera(frame, caplog):
    assert shown(frame, (0, 0, WIDTH, HEIGHT), (0, 0, 32_000, 32_000)) is frame.comp
    assert "its display window is 32000 × 32000; the comp shows the data window" in caplog.text


def test_a_plate_larger_than_that_is_still_cut(frame, monkeypatch):
    monkeypatch.setattr(windows, "MOST", 4)
    assert shown(frame, (0, 0, WIDTH, HEIGHT), (10, 10, WIDTH, HEIGHT)).shape == (HEIGHT, WIDTH, 3)
    assert shown(frame, (0, 0, WIDTH, HEIGHT), (10, 10, WIDTH, HEIGHT + 1)) is frame.comp


def test_the_png_shows_the_display_window(tmp_path, frame):
    header = {"dataWindow": corners(-20, -10, WIDTH, HEIGHT), "displayWindow": corners(0, 0, 256, 180)}
    write_frame(frame, tmp_path, Path("a.exr"), KeySettings(outputs=("comp",)), header)
    levels = np.asarray(Image.open(tmp_path / "Comp" / "a.png"))
    assert levels.shape == (180, 256, 3)
    # In linear light, by the standard's own formula.
    light = over(frame.processed[10:190, 20:276], checker((180, 256))).astype(np.float64)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(levels - curve * 255).max() < 0.51
