"""Cords: solid, round, of any width, and whole where they cross themselves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from corridorkey.synth import ShotStyle, Textures, render_shot
from corridorkey.synth.cords import STEPS, meander, tube
from corridorkey.synth.practice import practice_style
from corridorkey.synth.stage import Stage
from corridorkey.synth.style import draw_style

EXACT = ShotStyle(subjects=("cord",), spill=0.0, degrade=False, motion=0.0, defocus=0.0)
SIZE = (240, 320)


def drawn(line, width, seed=0):
    """(H, W, 4), premultiplied."""
    rng = np.random.default_rng(seed)
    stage = Stage(rng, SIZE, draw_style(rng, EXACT, 1), Textures(), (0.0, -1.0), np.ones(3, np.float32), 0.5)
    canvas = np.zeros((*SIZE, 4), np.float32)
    for layer, motion in tube(stage, line, width):
        layer.draw(canvas, motion.pose(0.0), 0.0)
    return canvas


@pytest.mark.parametrize("width", [1.5, 6.0, 25.0])
def test_a_cord_is_as_wide_as_it_says(width):
    level = np.stack((np.linspace(-20, 340, STEPS), np.full(STEPS, 120.0)), axis=1)
    across = drawn(level, width)[..., 3].sum(axis=0)
    assert np.median(across) == pytest.approx(width, rel=0.1, abs=0.2)


def test_a_cord_that_crosses_itself_is_whole():
    rng, crossings = np.random.default_rng(3), 0
    for seed in range(12):
        line = meander(rng, np.array([160.0, 120.0]), 600.0, 9.0)
        alpha = drawn(line, 9.0, seed)[..., 3]
        column, row = line[1:-1].astype(int).T
        seen = (column >= 0) & (column < SIZE[1]) & (row >= 0) & (row < SIZE[0])
        assert alpha[row[seen], column[seen]].min() > 0.98
        apart = np.abs(np.arange(STEPS)[:, None] - np.arange(STEPS)) > 12
        crossings += bool((np.linalg.norm(line[:, None] - line, axis=-1)[apart] < 3).any())
    assert crossings >= 2


def test_a_tube_is_brighter_towards_the_light():
    level = np.stack((np.linspace(-20, 340, STEPS), np.full(STEPS, 120.0)), axis=1)
    for seed in range(8):
        light = drawn(level, 30.0, seed)[105:135, 100:200, :3].mean(axis=(1, 2))  # from one side to the other
        brightest = int(light.argmax())
        assert 2 < brightest < 15, "a flat line's is its rim"
        assert light[brightest] > 1.3 * max(light[1], light[-2])


def test_shots_have_cords_of_all_widths_many_of_them_black():
    widths, dark = [], []
    for seed in range(20):
        frame = next(render_shot(seed, SIZE, style=EXACT))
        body = (frame.alpha > 0.5).astype(np.uint8)
        if body.sum() < 30:  # out of the frame
            continue
        widths.append(2 * cv2.distanceTransform(body, cv2.DIST_L2, 5).max())
        dark.append(bool(np.median(frame.fg[body > 0]) < 0.08))
    assert len(widths) > 12
    assert min(widths) < 6 < 20 < max(widths)
    assert 0.3 < np.mean(dark) < 0.9


def test_practice_has_cords_now_and_then():
    styles = [practice_style(seed) for seed in range(1000)]
    with_cords = [s for s in styles if "cord" in (s.subjects or ())]
    assert 80 < len(with_cords) < 160
