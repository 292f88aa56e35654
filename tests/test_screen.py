"""Which screen, and how sure."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from corridorkey.errors import ScreenError
from corridorkey.screen import detect_screen, measure_screen
from corridorkey.types import Array

GREENS = {
    "bright": (0.15, 0.75, 0.25),
    "dark": (0.05, 0.30, 0.06),
    "teal": (0.10, 0.60, 0.50),
    "pale": (0.55, 0.85, 0.60),
}
BLUES = {"bright": (0.10, 0.30, 0.85), "dark": (0.04, 0.08, 0.30), "royal": (0.15, 0.25, 0.65)}


def _plate(color: tuple[float, float, float], subject: float = 0.3, noise: float = 0.02, seed: int = 0) -> Array:
    """An uneven screen behind a grey subject that takes this share of the frame, from the bottom up."""
    height, width = 180, 320
    light = np.linspace(0.75, 1.1, width, dtype=np.float32)[None, :, None]
    plate = np.broadcast_to(np.asarray(color, np.float32) * light, (height, width, 3)).copy()
    half = int(width * subject**0.5 / 2)
    plate[height - int(height * subject**0.5) :, width // 2 - half : width // 2 + half] = (0.5, 0.42, 0.38)
    plate += np.random.default_rng(seed).normal(0, noise, plate.shape).astype(np.float32)
    return plate.astype(np.float32)


@pytest.mark.parametrize("color", GREENS.values(), ids=GREENS.keys())
def test_green_screens_are_green(color: tuple[float, float, float]) -> None:
    report = detect_screen([_plate(color)])
    assert report.screen == "green"
    assert report.confidence > 0.8
    assert report.share == pytest.approx(0.7, abs=0.05)
    np.testing.assert_allclose(report.color, np.multiply(color, 0.92), atol=0.05)


@pytest.mark.parametrize("color", BLUES.values(), ids=BLUES.keys())
def test_blue_screens_are_blue(color: tuple[float, float, float]) -> None:
    report = detect_screen([_plate(color)])
    assert report.screen == "blue"
    assert report.confidence > 0.8


@pytest.mark.parametrize("subject", [0.0, 0.5, 0.9, 0.96])
def test_subject_may_take_none_or_most_of_the_frame(subject: float) -> None:
    assert detect_screen([_plate(GREENS["bright"], subject)]).screen == "green"


def test_black_border_line_does_not_cut_the_screen_off() -> None:
    plate = _plate(GREENS["dark"])
    plate[:2], plate[-2:], plate[:, :2], plate[:, -2:] = 0, 0, 0, 0
    assert detect_screen([plate]).screen == "green"


@pytest.mark.parametrize("subject", [0.0, 0.3])
def test_border_around_the_frame_is_no_reason_to_refuse(subject: float) -> None:
    plate = np.zeros((360, 640, 3), np.float32)
    plate[20:-20, 20:-20] = cv2.resize(_plate(GREENS["bright"], subject), (600, 320))
    assert detect_screen([plate]).screen == "green"


def test_stage_around_a_screen_is_no_reason_to_refuse() -> None:
    stage = np.full((360, 640, 3), (0.20, 0.19, 0.18), np.float32)
    stage[60:300, 120:520] = GREENS["bright"]  # 42 %
    assert detect_screen([stage]).screen == "green"


def test_blue_coat_before_a_green_screen_does_not_win() -> None:
    plate = _plate(GREENS["bright"])
    plate[100:, 80:240] = (0.08, 0.12, 0.4)
    assert detect_screen([plate]).screen == "green"


def test_clip_is_decided_once_though_some_frames_show_no_screen() -> None:
    clip = [_plate(GREENS["bright"], seed=n) for n in range(3)] + [np.zeros((90, 160, 3), np.float32)] * 2
    report = detect_screen(iter(clip))
    assert report.screen == "green"
    assert report.frames == 5
    assert report.note.startswith("green screen, 4")
    assert "of 5 frames, sure" in report.note


def test_superwhite_lamps_are_no_hindrance() -> None:
    plate = _plate(GREENS["bright"])
    plate[:30, :30] = 40
    assert detect_screen([plate]).screen == "green"


def _meadow() -> Array:
    rng = np.random.default_rng(1)
    hue = cv2.GaussianBlur(rng.normal(0, 1, (360, 640)).astype(np.float32), (0, 0), 3)
    hue = 0.15 * hue / hue.std()
    level = 0.4 + 0.15 * rng.random((360, 640), np.float32)
    return np.clip(np.stack([level * (0.7 + hue), level, level * (0.35 - hue)], axis=2), 0, 1).astype(np.float32)


def _sky() -> Array:
    down = np.linspace(0, 1, 360, dtype=np.float32)[:, None, None]
    top, horizon = np.float32([0.32, 0.55, 0.80]), np.float32([0.70, 0.80, 0.92])
    return np.broadcast_to(top + (horizon - top) * down, (360, 640, 3)).astype(np.float32)


def _green_ball() -> Array:
    plate = np.full((360, 640, 3), 0.6, np.float32)
    cv2.circle(plate, (320, 180), 120, (0.1, 0.7, 0.2), -1)
    return plate


@pytest.mark.parametrize("photo", [_meadow, _sky, _green_ball], ids=["meadow", "sky", "green ball"])
def test_what_is_no_screen_is_an_error_that_says_what_to_do(photo) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ScreenError, match=r"green: \d+ %.*blue: \d+ %.*--screen-color$"):
        detect_screen([photo()])


def test_no_frame_is_an_error() -> None:
    with pytest.raises(ScreenError, match="no frame"):
        detect_screen([])


def test_named_screen_is_measured_though_none_is_detected() -> None:
    stage = np.full((360, 640, 3), (0.20, 0.19, 0.18), np.float32)
    stage[100:160, 200:260] = GREENS["bright"]  # 1.6 %
    with pytest.raises(ScreenError):
        detect_screen([stage])
    color = measure_screen(iter([stage, np.zeros_like(stage)]), "green")
    assert color is not None
    assert color.dtype == np.float32
    np.testing.assert_allclose(color, GREENS["bright"], atol=0.02)


def test_pale_cloth_in_some_frames_has_no_say_in_the_screens_colour() -> None:
    cloth = np.full((180, 320, 3), (0.45, 0.65, 0.45), np.float32)
    color = measure_screen([cloth, _plate(GREENS["bright"]), cloth], "green")
    assert color is not None
    np.testing.assert_allclose(color, np.multiply(GREENS["bright"], 0.92), atol=0.05)


def test_colour_that_no_frame_shows_is_not_measured() -> None:
    assert measure_screen([], "green") is None
    assert measure_screen([np.full((90, 160, 3), 0.5, np.float32)], "green") is None
    assert measure_screen([_plate(GREENS["bright"])], "blue") is None
