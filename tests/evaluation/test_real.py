"""Plates without truth: what can be said of a key, and of which pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from corridorkey.color import linear_to_srgb
from corridorkey.errors import ScreenError
from corridorkey.evaluation.real import real_figures, regions
from corridorkey.evaluation.suites import suite


@pytest.fixture
def plates(tmp_path):
    """A folder with one plate: a person's outline, roughly, before green; and its true alpha."""
    y, x = np.mgrid[0:180, 0:320].astype(np.float32)
    alpha = np.clip((50 - np.hypot(x - 160, y - 70)) / 4, 0, 1)
    alpha = np.maximum(alpha, np.clip((60 - np.abs(x - 160)) / 4, 0, 1) * (y > 90)).astype(np.float32)
    rgb = alpha[..., None] * [0.5, 0.25, 0.15] + (1 - alpha[..., None]) * [0.03, 0.4, 0.08]
    code = np.round(linear_to_srgb(rgb.astype(np.float32)) * 255).astype(np.uint8)
    Image.fromarray(code).save(tmp_path / "plate.png")
    return tmp_path, alpha


def test_a_folder_of_plates_has_no_truth_and_its_screen_is_found(plates):
    chosen = suite(str(plates[0]))
    assert not chosen.has_truth
    (frame,) = chosen.frames()
    assert (frame.name, frame.screen, frame.alpha) == ("plate.png", "green", None)


def test_a_plate_without_a_screen_is_an_error(tmp_path):
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(tmp_path / "grey.png")
    with pytest.raises(ScreenError):
        next(suite(str(tmp_path)).frames())


def test_regions_are_surely_inside_and_surely_far(plates):
    (frame,) = suite(str(plates[0])).frames()
    inside, far = regions(frame)
    assert (plates[1][inside] == 1).all()
    assert inside.mean() > 0.1
    assert (plates[1][far] == 0).all()
    assert far.mean() > 0.2


def test_each_fault_has_its_figure(plates):
    (frame,) = suite(str(plates[0])).frames()
    alpha, fg = plates[1], np.broadcast_to(np.float32([0.5, 0.25, 0.15]), (180, 320, 3)).copy()
    good = real_figures(frame, alpha, fg)
    assert good["holes"] == good["veil"] == good["edge_screen"] == 0
    assert 0 < good["soft"] < 0.2
    green = fg.copy()
    green[..., 1] = 0.6
    assert real_figures(frame, alpha, green)["edge_screen"] > 0.02
    assert real_figures(frame, np.maximum(alpha, np.float32(0.05)), fg)["veil"] == pytest.approx(0.05)
    holed = alpha.copy()
    holed[60:80, 150:170] = 0.5
    assert 0.01 < real_figures(frame, holed, fg)["holes"] < 0.2
