"""The chroma hint, against composites whose alpha is known."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from corridorkey.hints.chroma import chroma_guide, coarse_hint, screen_level, soft_key
from corridorkey.hints.clean_plate import clean_plate, seeds
from corridorkey.hints.cleanup import drop_islands, erode_and_blur, fill_holes
from corridorkey.hints.difference import hue_gate, same_hue, screen_difference, screen_ratio
from corridorkey.hints.pushpull import push_pull
from corridorkey.types import Array

SIZE = (360, 640)

# ---- shots -----------------------------------------------------------------------------------------------------------


def _grid() -> tuple[Array, Array]:
    y, x = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    return y / SIZE[0], x / SIZE[1]


def _lit(color: tuple[float, float, float], light: Array) -> Array:
    return (np.asarray(color, np.float32) * light[..., None]).astype(np.float32)


def _even(color: tuple[float, float, float]) -> Array:
    return _lit(color, np.ones(SIZE, np.float32))


def _uneven(color: tuple[float, float, float]) -> Array:
    y, x = _grid()
    return _lit(color, 1.1 - 0.45 * x - 0.25 * (y - 0.5) ** 2)


def _shadowed(color: tuple[float, float, float]) -> Array:
    y, x = _grid()
    shadow = np.exp(-(((x - 0.75) / 0.13) ** 2) - ((y - 0.75) / 0.2) ** 2)
    return _lit(color, 1.0 - 0.4 * shadow)


def _wrinkled(color: tuple[float, float, float]) -> Array:
    y, x = _grid()
    return _lit(color, 1.0 + 0.08 * np.sin(40 * x + 9 * y) * np.sin(13 * y))


def _marked(color: tuple[float, float, float]) -> Array:
    plate = _even(color)
    for x in (60, 200, 440, 580):
        for y in (40, 180, 320):
            cv2.line(plate, (x - 4, y), (x + 4, y), (0.9, 0.9, 0.9), 2)
            cv2.line(plate, (x, y - 4), (x, y + 4), (0.9, 0.9, 0.9), 2)
    return plate


SCREENS: dict[str, Callable[[], Array]] = {
    "even": lambda: _even((0.15, 0.70, 0.25)),
    "uneven": lambda: _uneven((0.20, 0.75, 0.35)),
    "shadowed": lambda: _shadowed((0.12, 0.62, 0.22)),
    "wrinkled": lambda: _wrinkled((0.20, 0.65, 0.30)),
    "teal": lambda: _wrinkled((0.10, 0.60, 0.50)),
    "dark": lambda: _uneven((0.06, 0.30, 0.08)),
    "washed-out": lambda: _uneven((0.55, 0.85, 0.60)),
    "marked": lambda: _marked((0.15, 0.70, 0.25)),
}


def _person(hair: tuple[float, float, float], coat: tuple[float, float, float]) -> tuple[Array, Array]:
    """A head with strands of hair and shoulders; straight colour and alpha, (H, W, 3) and (H, W)."""
    scale = 4  # drawn large, then averaged: an alpha that is right at the edge
    height, width = SIZE[0] * scale, SIZE[1] * scale
    alpha = np.zeros((height, width), np.float32)
    color = np.empty((height, width, 3), np.float32)
    color[:] = hair
    rng = np.random.default_rng(7)
    middle = np.array([0.42 * width, 0.38 * height])
    for angle in rng.uniform(-3.6, 0.5, 160):
        reach = rng.uniform(0.22, 0.32) * height
        end = middle + reach * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(alpha, middle.astype(int).tolist(), end.astype(int).tolist(), 1.0, int(rng.integers(2, 7)))
    cv2.circle(alpha, middle.astype(int).tolist(), int(0.22 * height), 1.0, -1)
    shoulders = (int(0.42 * width), int(1.02 * height))
    cv2.ellipse(color, shoulders, (int(0.28 * width), int(0.42 * height)), 0, 0, 360, coat, -1)
    cv2.ellipse(alpha, shoulders, (int(0.28 * width), int(0.42 * height)), 0, 0, 360, 1.0, -1)
    cv2.circle(color, (int(middle[0]), int(middle[1] + 0.02 * height)), int(0.16 * height), (0.8, 0.6, 0.5), -1)
    size = (SIZE[1], SIZE[0])
    return cv2.resize(color, size, interpolation=cv2.INTER_AREA), cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)


SUBJECTS = {
    "dark hair, grey coat": ((0.12, 0.09, 0.07), (0.45, 0.46, 0.47)),
    "blond, white coat": ((0.75, 0.62, 0.40), (0.92, 0.93, 0.94)),
    "red hair, navy coat": ((0.50, 0.22, 0.10), (0.08, 0.12, 0.25)),
    "grey hair, yellow coat": ((0.60, 0.60, 0.62), (0.85, 0.75, 0.20)),
}


def _shoot(screen: Array, color: Array, alpha: Array, noise: float = 0.012) -> Array:
    grain = np.random.default_rng(3).normal(0, noise, screen.shape).astype(np.float32)
    return np.clip(alpha[..., None] * color + (1 - alpha[..., None]) * screen + grain, 0, 1).astype(np.float32)


def _scores(hint: Array, alpha: Array) -> tuple[float, float]:
    """Shares of the solid subject and of the empty screen that the hint calls subject."""
    hint = cv2.resize(hint, alpha.shape[::-1])
    return float((hint[alpha > 0.95] > 0.5).mean()), float((hint[alpha < 0.05] > 0.5).mean())


# ---- the whole -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", SCREENS)
def test_hint_keeps_the_subject_and_leaves_the_screen(screen: str) -> None:
    plate = SCREENS[screen]()
    kept = []
    for look in SUBJECTS.values():
        color, alpha = _person(*look)
        guide = chroma_guide(_shoot(plate, color, alpha), "green")
        share, leaked = _scores(guide.hint, alpha)
        assert share > 0.95  # what is missing is strands, taken by the erosion
        assert leaked < 0.004
        kept.append(share)
    assert np.mean(kept) > 0.96


@pytest.mark.parametrize("screen", SCREENS)
def test_key_is_near_the_truth(screen: str) -> None:
    plate = SCREENS[screen]()
    for look in SUBJECTS.values():
        color, alpha = _person(*look)
        key = chroma_guide(_shoot(plate, color, alpha), "green").key
        assert key is not None
        assert key.shape == alpha.shape
        assert np.abs(key - alpha).mean() < 0.007
        assert key[alpha > 0.99].mean() > 0.99
        assert key[alpha < 0.01].mean() < 0.006
        edge = (alpha > 0.03) & (alpha < 0.97)
        assert np.abs(key - alpha)[edge].mean() < 0.22  # strong-coloured hair on a dark screen; most are below 0.1


@pytest.mark.parametrize("screen", SCREENS)
def test_clean_plate_is_the_screen_without_the_subject(screen: str) -> None:
    plate = SCREENS[screen]()
    color, alpha = _person(*SUBJECTS["dark hair, grey coat"])
    found = chroma_guide(_shoot(plate, color, alpha), "green").clean_plate
    assert found is not None
    error = np.abs(cv2.resize(found, alpha.shape[::-1]) - plate)
    assert error.mean() < 0.015
    beside = cv2.dilate((alpha > 0.03).astype(np.uint8), np.ones((9, 9))).astype(bool) & (alpha < 0.01)
    assert error[beside].mean() < 0.02  # hair has not darkened it


def test_blue_screen_is_the_green_one_with_channels_swapped() -> None:
    color, alpha = _person(*SUBJECTS["blond, white coat"])
    shot = _shoot(SCREENS["uneven"](), color, alpha)
    green, blue = chroma_guide(shot, "green"), chroma_guide(shot[..., [0, 2, 1]], "blue")
    assert green.key is not None
    assert blue.key is not None
    assert green.clean_plate is not None
    assert blue.clean_plate is not None
    assert blue.screen == "blue"
    np.testing.assert_array_equal(green.hint, blue.hint)
    np.testing.assert_array_equal(green.key, blue.key)
    np.testing.assert_array_equal(green.clean_plate, blue.clean_plate[..., [0, 2, 1]])


def test_green_prop_of_another_hue_is_subject() -> None:
    shot = _even((0.15, 0.70, 0.25))
    alpha = np.zeros(SIZE, np.float32)
    cv2.circle(alpha, (320, 180), 90, 1.0, -1)
    guide = chroma_guide(_shoot(shot, _even((0.55, 0.80, 0.10)), alpha), "green")
    kept, leaked = _scores(guide.hint, alpha)
    assert kept > 0.93  # all but the erosion, which takes 3 of 90 pixels
    assert leaked < 0.004
    assert guide.key is not None
    assert guide.key[alpha == 1].mean() > 0.85


def test_subject_may_fill_most_of_the_frame() -> None:
    alpha = np.ones(SIZE, np.float32)
    alpha[:70, :180] = 0  # 5 %
    guide = chroma_guide(_shoot(_even((0.15, 0.70, 0.25)), _even((0.5, 0.45, 0.42)), alpha), "green")
    kept, leaked = _scores(guide.hint, alpha)
    assert kept > 0.96
    assert leaked < 0.004


def test_markers_show_in_the_key_but_not_in_the_hint() -> None:
    guide = chroma_guide(_shoot(SCREENS["marked"](), _even((0.5, 0.5, 0.5)), np.zeros(SIZE, np.float32)), "green")
    assert guide.key is not None
    assert guide.key.max() > 0.9
    people = chroma_guide(_shoot(SCREENS["marked"](), *_person(*SUBJECTS["dark hair, grey coat"])), "green")
    assert cv2.resize(people.hint, SIZE[::-1])[:60, 400:].max() < 0.05


def test_black_border_line_stays_out_of_hint_and_clean_plate() -> None:
    shot = _even((0.15, 0.70, 0.25))
    shot[:2], shot[:, :2] = 0, 0
    guide = chroma_guide(shot, "green")
    assert guide.hint.max() < 0.5
    assert guide.clean_plate is not None
    assert np.abs(guide.clean_plate - np.float32([0.15, 0.70, 0.25])).max() < 0.01


def test_empty_screen_gives_an_empty_hint() -> None:
    guide = chroma_guide(_shoot(SCREENS["uneven"](), _even((0, 0, 0)), np.zeros(SIZE, np.float32)), "green")
    assert guide.hint.max() < 0.01
    assert guide.key is not None
    assert guide.key.mean() < 0.005


def test_frame_without_screen_is_all_subject() -> None:
    guide = chroma_guide(_even((0.4, 0.4, 0.4)), "green")
    assert guide.hint.min() > 0.99
    assert guide.key is not None
    assert guide.key.min() > 0.99


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (37, 5), (3, 600), (300, 1100)])
def test_any_size_is_keyed(size: tuple[int, int]) -> None:
    guide = chroma_guide(np.full((*size, 3), (0.1, 0.7, 0.2), np.float32), "green")
    assert guide.key is not None
    assert guide.clean_plate is not None
    assert guide.key.shape == size
    assert max(guide.hint.shape) <= 512
    assert {guide.hint.dtype, guide.key.dtype, guide.clean_plate.dtype} == {np.dtype(np.float32)}
    assert guide.key.max() < 0.01


def test_frame_is_keyed_alike_every_time_and_not_normalised() -> None:
    color, alpha = _person(*SUBJECTS["red hair, navy coat"])
    shot = _shoot(SCREENS["dark"](), color, alpha)
    first = chroma_guide(shot.copy(), "green")
    shot[:8, 600:] += 40  # a lamp: clipped, and no reason to key the rest otherwise
    second = chroma_guide(shot, "green")
    assert first.key is not None
    assert second.key is not None
    np.testing.assert_allclose(first.key[40:, :560], second.key[40:, :560], atol=0.05)


# ---- the parts -------------------------------------------------------------------------------------------------------


def test_screen_difference_balances_the_other_two() -> None:
    pixel = np.array([[[0.2, 0.8, 0.4]]], np.float32)
    np.testing.assert_allclose(screen_difference(pixel, 1.0), 0.4, rtol=1e-6)
    np.testing.assert_allclose(screen_difference(pixel, 0.5), 0.5, rtol=1e-6)


def test_screen_ratio_is_linear_in_coverage_of_grey() -> None:
    plate = _even((0.15, 0.70, 0.25))
    mixed = 0.3 * plate + 0.7 * np.float32(0.5)
    np.testing.assert_allclose(screen_ratio(mixed, plate), 0.3, atol=1e-5)


def test_hue_is_the_same_at_any_light_and_gate_needs_colour() -> None:
    plate = _even((0.15, 0.70, 0.25))
    np.testing.assert_allclose(same_hue(plate * np.float32(0.3), plate), 1, atol=1e-5)
    for color, gate in (((0.8, 0.7, 0.1), 1), ((0.41, 0.40, 0.39), 0), ((0.15, 0.70, 0.25), 0)):
        rgb = _even(color)
        np.testing.assert_array_equal(hue_gate(same_hue(rgb, plate), rgb, 0.8, 0.35), gate)


def test_seeds_are_screen_only() -> None:
    color, alpha = _person(*SUBJECTS["grey hair, yellow coat"])
    found = seeds(_shoot(SCREENS["uneven"](), color, alpha, noise=0))
    assert found[alpha == 0].mean() > 0.98
    assert not found[alpha > 0.9].any()
    assert found[alpha > 0.6].mean() < 0.02  # mixtures at the edge; the clean plate keeps off it
    assert not seeds(_even((0.4, 0.4, 0.4))).any()


def test_clean_plate_bridges_what_is_not_known() -> None:
    plate = _uneven((0.2, 0.7, 0.3))
    known = np.ones(SIZE, bool)
    known[100:260, 250:400] = False
    found = clean_plate(np.where(known[..., None], plate, np.float32(0)), known, 0.006)
    assert np.abs(found - plate).max() < 0.06


def test_push_pull_keeps_what_it_trusts_and_fills_the_rest() -> None:
    image = np.zeros((33, 50, 3), np.float32)
    weight = np.zeros((33, 50), np.float32)
    image[:, :5], weight[:, :5] = 0.25, 1
    image[:, -5:], weight[:, -5:] = 0.75, 1
    filled = push_pull(image, weight)
    np.testing.assert_allclose(filled[:, :4], 0.25, atol=1e-5)
    np.testing.assert_allclose(filled[:, -4:], 0.75, atol=1e-5)
    assert 0.35 < filled[16, 25, 0] < 0.65
    assert filled.min() > 0.249
    assert filled.max() < 0.751
    np.testing.assert_array_equal(push_pull(image, np.zeros_like(weight)), 0)


def test_grain_moves_the_black_point_of_the_key() -> None:
    noisy = np.random.default_rng(0).normal(0.96, 0.05, (100, 100)).astype(np.float32)
    level, grain = screen_level(noisy, np.ones((100, 100), bool))
    assert level == pytest.approx(0.96, abs=0.01)
    assert grain == pytest.approx(0.05, abs=0.01)
    assert soft_key(noisy, level, grain).mean() < 0.01
    assert soft_key(np.zeros((2, 2), np.float32), level, grain).min() == 1
    assert screen_level(noisy, np.zeros((100, 100), bool)) == (1.0, 0.0)


def test_islands_go_and_parts_stay() -> None:
    alpha = np.zeros((200, 300), np.float32)
    alpha[50:150, 50:150] = 1
    alpha[20:24, 250:254] = 1  # a marker
    alpha[100:120, 200:230] = 1  # a hand
    cleaned = drop_islands(alpha)
    assert cleaned[:40, 240:].max() == 0
    np.testing.assert_array_equal(cleaned[40:], alpha[40:])
    np.testing.assert_array_equal(drop_islands(np.zeros_like(alpha)), 0)


def test_pinholes_close_and_the_gap_under_an_arm_stays() -> None:
    alpha = np.ones((200, 300), np.float32)
    alpha[50:55, 50:55] = 0
    alpha[100:130, 100:130] = 0
    filled = fill_holes(alpha)
    assert filled[50:55, 50:55].min() == 1
    assert filled[100:130, 100:130].max() == 0


def test_hint_lies_inside_the_subject() -> None:
    alpha = np.zeros((288, 512), np.float32)
    alpha[100:200, 200:300] = 1
    hint = erode_and_blur(alpha)
    assert hint[150, 250] > 0.999
    assert ((hint > 0.5) & (alpha < 0.5)).sum() == 0
    assert (hint > 0.5).sum() < alpha.sum()


def test_coarse_hint_takes_a_green_but_yellower_prop() -> None:
    plate = _even((0.15, 0.70, 0.25))
    assert coarse_hint(_even((0.55, 0.80, 0.10)), plate).min() > 0.99
    assert coarse_hint(plate, plate).max() == 0
