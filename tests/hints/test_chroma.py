"""The chroma hint as a whole, its key, and the colour difference under it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from corridorkey.hints.chroma import chroma_guide, coarse_hint, screen_level, soft_key
from corridorkey.hints.difference import hue_gate, planar, same_hue, screen_difference, screen_ratio
from corridorkey.hints.shrink import shrink
from tests.hints.shots import SCREENS, SIZE, SUBJECTS, even, person, scores, shoot


@pytest.mark.parametrize("screen", SCREENS)
def test_hint_keeps_the_subject_and_leaves_the_screen(screen: str) -> None:
    plate = SCREENS[screen]()
    kept = []
    for look in SUBJECTS.values():
        color, alpha = person(*look)
        guide = chroma_guide(shoot(plate, color, alpha), "green")
        share, leaked = scores(guide.hint, alpha)
        assert share > 0.95  # what is missing is strands, taken by the erosion
        assert leaked < 0.004
        kept.append(share)
    assert np.mean(kept) > 0.96


@pytest.mark.parametrize("screen", SCREENS)
def test_key_is_near_the_truth(screen: str) -> None:
    plate = SCREENS[screen]()
    for look in SUBJECTS.values():
        color, alpha = person(*look)
        key = chroma_guide(shoot(plate, color, alpha), "green").key
        assert key is not None
        assert key.shape == alpha.shape
        assert np.abs(key - alpha).mean() < 0.007
        assert key[alpha > 0.99].mean() > 0.99
        assert key[alpha < 0.01].mean() < 0.006
        edge = (alpha > 0.03) & (alpha < 0.97)
        assert np.abs(key - alpha)[edge].mean() < 0.22  # strong-coloured hair on a dark screen; most are below 0.1


def test_blue_screen_is_the_green_one_with_channels_swapped() -> None:
    color, alpha = person(*SUBJECTS["blond, white coat"])
    shot = shoot(SCREENS["uneven"](), color, alpha)
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
    shot = even((0.15, 0.70, 0.25))
    alpha = np.zeros(SIZE, np.float32)
    cv2.circle(alpha, (320, 180), 90, 1.0, -1)
    guide = chroma_guide(shoot(shot, even((0.55, 0.80, 0.10)), alpha), "green")
    kept, leaked = scores(guide.hint, alpha)
    assert kept > 0.93  # all but the erosion, which takes 3 of 90 pixels
    assert leaked < 0.004
    assert guide.key is not None
    assert guide.key[alpha == 1].mean() > 0.85


def test_subject_may_fill_most_of_the_frame() -> None:
    alpha = np.ones(SIZE, np.float32)
    alpha[:70, :180] = 0  # 5 %
    guide = chroma_guide(shoot(even((0.15, 0.70, 0.25)), even((0.5, 0.45, 0.42)), alpha), "green")
    kept, leaked = scores(guide.hint, alpha)
    assert kept > 0.96
    assert leaked < 0.004


def test_empty_screen_gives_an_empty_hint() -> None:
    guide = chroma_guide(shoot(SCREENS["uneven"](), even((0, 0, 0)), np.zeros(SIZE, np.float32)), "green")
    assert guide.hint.max() < 0.01
    assert guide.key is not None
    assert guide.key.mean() < 0.005


def test_frame_without_screen_is_all_subject() -> None:
    guide = chroma_guide(even((0.4, 0.4, 0.4)), "green")
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
    color, alpha = person(*SUBJECTS["red hair, navy coat"])
    shot = shoot(SCREENS["dark"](), color, alpha)
    first = chroma_guide(shot.copy(), "green")
    shot[:8, 600:] += 40  # a lamp: clipped, and no reason to key the rest otherwise
    second = chroma_guide(shot, "green")
    assert first.key is not None
    assert second.key is not None
    np.testing.assert_allclose(first.key[40:, :560], second.key[40:, :560], atol=0.05)


def test_screen_difference_balances_the_other_two() -> None:
    pixel = np.array([[[0.2, 0.8, 0.4]]], np.float32)
    np.testing.assert_allclose(screen_difference(pixel, 1.0), 0.4, rtol=1e-6)
    np.testing.assert_allclose(screen_difference(pixel, 0.5), 0.5, rtol=1e-6)


def test_screen_ratio_is_linear_in_coverage_of_grey() -> None:
    plate = even((0.15, 0.70, 0.25))
    mixed = 0.3 * plate + 0.7 * np.float32(0.5)
    np.testing.assert_allclose(screen_ratio(mixed, plate), 0.3, atol=1e-5)


def test_hue_is_the_same_at_any_light_and_gate_needs_colour() -> None:
    plate = even((0.15, 0.70, 0.25))
    np.testing.assert_allclose(same_hue(plate * np.float32(0.3), plate), 1, atol=1e-5)
    for color, gate in (((0.8, 0.7, 0.1), 1), ((0.41, 0.40, 0.39), 0), ((0.15, 0.70, 0.25), 0)):
        rgb = even(color)
        np.testing.assert_array_equal(hue_gate(same_hue(rgb, plate), rgb, 0.8, 0.35), gate)


def test_grain_moves_the_black_point_of_the_key() -> None:
    noisy = np.random.default_rng(0).normal(0.96, 0.05, (100, 100)).astype(np.float32)
    level, grain = screen_level(noisy, np.ones((100, 100), bool))
    assert level == pytest.approx(0.96, abs=0.01)
    assert grain == pytest.approx(0.05, abs=0.01)
    assert soft_key(noisy, level, grain).mean() < 0.01
    assert soft_key(np.zeros((2, 2), np.float32), level, grain).min() == 1
    assert screen_level(noisy, np.zeros((100, 100), bool)) == (1.0, 0.0)


def test_coarse_hint_takes_a_green_but_yellower_prop() -> None:
    plate = even((0.15, 0.70, 0.25))
    assert coarse_hint(even((0.55, 0.80, 0.10)), plate).min() > 0.99
    assert coarse_hint(plate, plate).max() == 0


@pytest.mark.parametrize("height", [31, 32, 33, 360])
def test_key_of_strips_is_the_key_of_the_whole(height: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = shoot(SCREENS["uneven"](), *person(*SUBJECTS["red hair, navy coat"]))[:height]
    strips = chroma_guide(shot, "green").key
    monkeypatch.setattr("corridorkey.hints.chroma.STRIP", 1000)
    np.testing.assert_array_equal(strips, chroma_guide(shot, "green").key)


def test_planar_is_the_same_picture_clipped_and_reordered() -> None:
    shot = shoot(SCREENS["even"](), *person(*SUBJECTS["blond, white coat"])) * np.float32(1.5) - np.float32(0.2)
    laid_out = planar(shot, [0, 2, 1])
    np.testing.assert_array_equal(laid_out, np.clip(shot[..., [0, 2, 1]], 0, 1))
    assert all(laid_out[..., i].flags.c_contiguous for i in range(3))
    np.testing.assert_array_equal(
        screen_ratio(laid_out, laid_out[::-1]), screen_ratio(laid_out.copy("C"), laid_out[::-1])
    )


def test_shrink_averages_and_never_enlarges() -> None:
    shot = np.random.default_rng(0).random((40, 60, 3), np.float32)
    small = shrink(planar(shot), 30)
    np.testing.assert_allclose(small, cv2.resize(shot, (30, 20), interpolation=cv2.INTER_AREA), atol=1e-6)
    np.testing.assert_array_equal(shrink(shot, 100), shot)
