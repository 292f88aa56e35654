"""The clean plate, and what is screen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from corridorkey.hints.chroma import chroma_guide
from corridorkey.hints.clean_plate import clean_plate, known_screen, seeds
from corridorkey.hints.pushpull import push_pull
from corridorkey.types import Array
from tests.hints.shots import SCREENS, SIZE, SUBJECTS, even, lit, person, shoot, uneven


def test_seeds_are_screen_only() -> None:
    color, alpha = person(*SUBJECTS["grey hair, yellow coat"])
    found = seeds(shoot(SCREENS["uneven"](), color, alpha, noise=0))
    assert found[alpha == 0].mean() > 0.98
    assert not found[alpha > 0.9].any()
    assert found[alpha > 0.6].mean() < 0.02  # mixtures at the edge; the clean plate keeps off it
    assert not seeds(even((0.4, 0.4, 0.4))).any()


def test_clean_plate_bridges_what_is_not_known() -> None:
    plate = uneven((0.2, 0.7, 0.3))
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


@pytest.mark.parametrize("screen", SCREENS)
def test_clean_plate_is_the_screen_without_the_subject(screen: str) -> None:
    plate = SCREENS[screen]()
    color, alpha = person(*SUBJECTS["dark hair, grey coat"])
    found = chroma_guide(shoot(plate, color, alpha), "green").clean_plate
    assert found is not None
    error = np.abs(cv2.resize(found, alpha.shape[::-1]) - plate)
    assert error.mean() < 0.015
    beside = cv2.dilate((alpha > 0.03).astype(np.uint8), np.ones((9, 9))).astype(bool) & (alpha < 0.01)
    assert error[beside].mean() < 0.02  # hair has not darkened it


def test_black_border_line_stays_out_of_hint_and_clean_plate() -> None:
    shot = even((0.15, 0.70, 0.25))
    shot[:2], shot[:, :2] = 0, 0
    guide = chroma_guide(shot, "green")
    assert guide.hint.max() < 0.5
    assert guide.clean_plate is not None
    assert np.abs(guide.clean_plate - np.float32([0.15, 0.70, 0.25])).max() < 0.01


GREEN = (0.12, 0.70, 0.22)
CLOTHS = {
    "olive jacket": (0.33, 0.36, 0.20),
    "sage shirt": (0.55, 0.65, 0.50),
    "mint shirt": (0.55, 0.75, 0.60),
    "light green shirt": (0.45, 0.65, 0.45),
    "dark green coat": (0.08, 0.20, 0.10),
    "greenish grey": (0.47, 0.50, 0.47),
}


@pytest.mark.parametrize("cloth", CLOTHS)
def test_greenish_subject_that_fills_the_frame_is_no_screen(cloth: str) -> None:
    shot = shoot(even(CLOTHS[cloth]), even((0, 0, 0)), np.zeros(SIZE, np.float32))
    color = np.asarray(GREEN, np.float32)
    for frame, screen, own in ((shot, "green", color), (shot[..., [0, 2, 1]], "blue", color[[0, 2, 1]])):
        guide = chroma_guide(frame, screen, own)  # type: ignore[arg-type]
        assert guide.hint.mean() > 0.8
        assert guide.key is not None
        assert guide.key.mean() > 0.6  # of the screen's hue: light green is not wholly opaque to a difference key
        assert guide.clean_plate is not None
        np.testing.assert_allclose(guide.clean_plate, np.broadcast_to(own, guide.clean_plate.shape))


def test_brighter_green_of_another_hue_does_not_hide_a_dim_screen() -> None:
    dim = np.asarray(GREEN, np.float32) * np.float32(0.4)
    shot = even((0.6, 1.0, 0.05))
    shot[:, :200] = dim
    found = seeds(shot, dim)
    assert found[:, :200].all()
    assert not found[:, 200:].any()


def test_denim_that_fills_the_frame_is_no_blue_screen() -> None:
    shot = shoot(even((0.35, 0.42, 0.55)), even((0, 0, 0)), np.zeros(SIZE, np.float32))
    guide = chroma_guide(shot, "blue", np.asarray((0.10, 0.25, 0.75), np.float32))
    assert guide.hint.min() > 0.9
    assert guide.key is not None
    assert guide.key.mean() > 0.6


@pytest.mark.parametrize("screen", SCREENS)
def test_colour_of_the_clip_changes_nothing_where_the_frame_shows_screen(screen: str) -> None:
    plate = SCREENS[screen]()
    shot = shoot(plate, *person(*SUBJECTS["blond, white coat"]))
    free, told = chroma_guide(shot, "green"), chroma_guide(shot, "green", np.median(plate, axis=(0, 1)))
    assert free.key is not None
    assert told.key is not None
    np.testing.assert_allclose(told.key, free.key, atol=1e-3)


def test_screen_may_fall_off_to_a_quarter() -> None:
    light = np.broadcast_to(np.linspace(1, 0.25, SIZE[1], dtype=np.float32), SIZE)
    plate = lit(GREEN, light)
    found = seeds(plate, np.median(plate, axis=(0, 1)))
    assert found[:, : SIZE[1] * 2 // 3].all()  # Otsu leaves the dark end to the first clean plate
    guide = chroma_guide(plate, "green", np.median(plate, axis=(0, 1)))
    assert guide.hint.max() < 0.01


@pytest.mark.parametrize("share", [0.1, 0.3, 0.6, 0.85])
@pytest.mark.parametrize("cloth", ["mint shirt", "sage shirt", "light green shirt"])
def test_pale_cloth_of_the_screens_hue_is_subject_at_any_size(cloth: str, share: float) -> None:
    guide = chroma_guide(*_cloth_before_screen(cloth, share))  # type: ignore[arg-type]
    inside = _cloth(share)
    hint = cv2.resize(guide.hint, SIZE[::-1])
    assert hint[cv2.erode(inside, np.ones((15, 15), np.uint8)) > 0].mean() > 0.8
    assert guide.key is not None
    assert guide.key[inside == 0].max() < 0.3


def _cloth(screen_share: float) -> Array:
    alpha = np.zeros(SIZE, np.float32)
    side = (1 - screen_share) ** 0.5
    width, height = int(SIZE[1] * side), int(SIZE[0] * side)
    alpha[SIZE[0] - height :, (SIZE[1] - width) // 2 : (SIZE[1] + width) // 2] = 1
    return alpha


def _cloth_before_screen(cloth: str, screen_share: float) -> tuple[Array, str]:
    return shoot(even(GREEN), even(CLOTHS[cloth]), _cloth(screen_share)), "green"


def test_known_screen_leaves_out_what_is_paler() -> None:
    plate = even(GREEN)
    assert known_screen(plate, plate).all()
    assert known_screen(plate * np.float32(0.7), plate).all()  # a shadow
    assert not known_screen(plate * np.float32(0.85) + np.float32(0.15), plate).any()
