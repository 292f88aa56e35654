"""From a key to a hint."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from corridorkey.hints.chroma import chroma_guide
from corridorkey.hints.cleanup import drop_islands, erode_and_blur, fill_holes
from tests.hints.shots import SCREENS, SIZE, SUBJECTS, even, person, shoot


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


def test_markers_show_in_the_key_but_not_in_the_hint() -> None:
    guide = chroma_guide(shoot(SCREENS["marked"](), even((0.5, 0.5, 0.5)), np.zeros(SIZE, np.float32)), "green")
    assert guide.key is not None
    assert guide.key.max() > 0.9
    people = chroma_guide(shoot(SCREENS["marked"](), *person(*SUBJECTS["dark hair, grey coat"])), "green")
    assert cv2.resize(people.hint, SIZE[::-1])[:60, 400:].max() < 0.05


@pytest.mark.parametrize("radius", [3, 6])
def test_markers_on_an_empty_frame_stay_out_of_the_hint(radius: int) -> None:
    plate = even((0.15, 0.70, 0.25))
    for x in (60, 200, 440, 580):
        for y in (40, 180, 320):
            cv2.circle(plate, (x, y), radius, (0.9, 0.9, 0.9), -1)
    empty = np.zeros(SIZE, np.float32)
    assert chroma_guide(shoot(plate, even((0, 0, 0)), empty), "green").hint.max() < 0.05
    assert chroma_guide(shoot(SCREENS["marked"](), even((0, 0, 0)), empty), "green").hint.max() < 0.05


def test_islands_alone_in_the_frame_go_if_they_are_small() -> None:
    alpha = np.zeros((200, 300), np.float32)
    alpha[50:57, 50:57] = 1
    alpha[120:127, 200:207] = 1
    assert drop_islands(alpha).max() == 0
    alpha[50:60, 50:60] = 1
    assert drop_islands(alpha)[50:60, 50:60].min() == 1
