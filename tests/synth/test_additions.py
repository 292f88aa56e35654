"""What the rendered suite asks of synth beyond what a seed draws."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from corridorkey.errors import SettingsError
from corridorkey.synth import ShotStyle, render_shot
from corridorkey.synth.camera import Camera
from corridorkey.synth.palette import dressed
from corridorkey.synth.unseen import crimped, unseen_pattern
from corridorkey.synth.ycbcr import through_video

SIZE = (96, 128)
EXACT = ShotStyle(spill=0.0, degrade=False, motion=0.0)


def still(seed, style):
    return next(render_shot(seed, SIZE, style=style))


def test_light_on_the_screen_alone_is_multiplied():
    one, two = (still(3, replace(EXACT, subjects=("person",), exposure=e)) for e in (1.0, 2.5))
    np.testing.assert_allclose(two.clean_plate, one.clean_plate * 2.5, rtol=1e-6)
    np.testing.assert_array_equal(one.fg, two.fg)
    assert two.linear.max() > 1
    assert two.plate.max() == pytest.approx(1, abs=1e-6)


def test_a_lattice_has_holes_in_a_solid_body():
    open_, solid = [], []
    for seed in range(6):
        alpha = next(render_shot(seed, (240, 320), style=replace(EXACT, subjects=("lattice",), defocus=0.0))).alpha
        body = cv2.morphologyEx((alpha > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((41, 41)))
        inside = cv2.erode(body, np.ones((5, 5)), borderValue=0) > 0
        open_.append((alpha[inside] < 0.02).mean())
        solid.append((alpha[inside] > 0.98).mean())
    assert 0.15 < np.mean(open_) < 0.6
    assert min(solid) > 0.2


@pytest.mark.parametrize(("wardrobe", "holds"), [
    ("dark", lambda c: c.max() < 0.02),
    ("white", lambda c: c.min() > 0.55),
    ("screen", lambda c: c.argmax() == 1),
    ("denim", lambda c: c.argmax() == 2),
])  # fmt: skip
def test_a_wardrobe_is_of_one_kind(wardrobe, holds):
    screen = "blue" if wardrobe == "denim" else "green"
    colours = [dressed(np.random.default_rng(k), screen, wardrobe) for k in range(40)]
    assert all(holds(c) for c in colours)
    assert len({c.tobytes() for c in colours}) == 40


def test_more_instants_leave_the_same_subject_with_finer_blur():
    style = replace(EXACT, subjects=("shape",), motion=4.0, shutter=0.9)
    few, more, many = (still(1, replace(style, instants=n)).alpha for n in (2, 9, 65))
    assert np.abs(few - many).max() > 3 * np.abs(more - many).max()
    assert few.sum() == pytest.approx(many.sum(), rel=0.1)
    frozen = still(1, replace(style, instants=1)).alpha
    np.testing.assert_array_equal(frozen, still(1, replace(style, shutter=0.0)).alpha)


def test_a_zigzag_keeps_roots_and_changes_the_rest():
    line = np.stack((np.linspace(0, 40, 20), np.linspace(0, 30, 20)), axis=1)
    bent = crimped(np.random.default_rng(0), np.stack([line, line + 5]))
    np.testing.assert_allclose(bent[:, 0], [[0, 0], [5, 5]], atol=1e-9)
    off = np.abs((bent[0] - line) @ [-0.6, 0.8])
    assert 0.3 < off.max() < 4
    turns = np.sign(np.diff((bent[0] - line) @ [-0.6, 0.8]))
    assert (turns[1:] != turns[:-1]).sum() >= 3


def test_patterns_kept_for_tests_are_weights_that_vary():
    for seed in range(12):
        weight = unseen_pattern(np.random.default_rng(seed), 60, 90)
        assert weight.shape == (60, 90)
        assert weight.dtype == np.float32
        assert weight.min() >= 0
        assert weight.max() <= 1
        assert weight.std() > 0.02


def test_unseen_styles_differ_only_where_they_should():
    plain, unseen = (still(4, replace(EXACT, subjects=("fur",), unseen=u)) for u in (False, True))
    assert np.abs(plain.alpha - unseen.alpha).max() > 0.3
    np.testing.assert_array_equal(plain.clean_plate[0, 0], unseen.clean_plate[0, 0])


@pytest.mark.parametrize(("bits", "most"), [(8, 0.0065), (10, 0.0016)])
def test_video_without_subsampling_is_as_exact_as_its_codes(bits, most):
    rgb = np.random.default_rng(0).random((32, 48, 3), np.float32)
    assert np.abs(through_video(rgb, "4:4:4", bits) - rgb).max() < most


def test_subsampled_video_keeps_luma_and_blurs_colour():
    rgb = np.full((32, 48, 3), 0.4, np.float32)
    rgb[:, ::2, 0], rgb[:, 1::2, 1] = 0.7, 0.7
    luma = np.array([0.2126, 0.7152, 0.0722])
    for sampling in ("4:2:2", "4:2:0"):
        seen = through_video(rgb, sampling, 8)
        assert np.abs(seen @ luma - rgb @ luma).max() < 0.005
        assert (seen[..., 0] - seen[..., 1]).std() < 0.1 * (rgb[..., 0] - rgb[..., 1]).std()
    assert through_video(rgb[:31, :47], "4:2:0", 8).shape == (31, 47, 3)


def test_a_camera_records_video_and_may_be_given():
    light = np.full((16, 16, 3), 0.2, np.float32)
    film = Camera(steps=1023, video="4:2:0").expose(np.random.default_rng(0), light)
    np.testing.assert_allclose(film, 0.4845, atol=1e-3)
    given = next(render_shot(1, SIZE, style=EXACT, camera=Camera(quality=30)))
    assert np.abs(given.plate - still(1, EXACT).plate).max() > 0.02


@pytest.mark.parametrize("arguments", [{"wardrobe": "pyjamas"}, {"instants": 0}, {"exposure": -1.0}])
def test_an_addition_out_of_range_is_an_error(arguments):
    with pytest.raises(SettingsError, match=f"synth {next(iter(arguments))}"):
        ShotStyle(**arguments)
