"""Scores: of the truth itself, of answers whose error is known, of many frames."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from corridorkey.errors import SettingsError
from corridorkey.evaluate import score
from corridorkey.evaluation.scores import FIGURES, FLICKER, FrameScores, MethodScores, figures, flicker
from corridorkey.synth import ShotStyle, render_shot
from tests.evaluation.frames import disc_frame

FRAME = disc_frame()


def test_the_truth_scores_zero_in_everything():
    found = figures(FRAME, FRAME.alpha, FRAME.fg)
    assert set(found) == set(FIGURES) - {FLICKER}
    assert found == dict.fromkeys(found, 0.0)


def test_an_alpha_off_by_a_tenth_is_off_by_a_tenth():
    found = figures(FRAME, FRAME.alpha + np.float32(0.1), FRAME.fg)
    assert (found["mad"], found["mad_transition"]) == pytest.approx((0.1, 0.1), rel=1e-5)
    assert found["mse"] == pytest.approx(0.01, rel=1e-5)
    assert found["sad"] == pytest.approx(0.1 * 64 * 96 / 1000, rel=1e-5)
    assert found["gradient"] == pytest.approx(0, abs=1e-9)
    assert found["fg_interior"] == found["spill"] == 0
    assert found["premultiplied"] == pytest.approx(0.1 * FRAME.fg.mean(), rel=1e-5)


def test_an_error_outside_the_edge_is_not_in_the_transition():
    alpha = FRAME.alpha.copy()
    alpha[:4] = 1  # a band of screen
    found = figures(FRAME, alpha, FRAME.fg)
    assert found["mse"] == pytest.approx(4 / 64)
    assert found["mse_transition"] == found["gradient_transition"] == 0
    assert found["connectivity"] > 0
    assert found["gradient"] > 0


def test_green_left_in_fg_is_spill_and_grey_is_not():
    green, grey = FRAME.fg.copy(), FRAME.fg.copy()
    green[..., 1] += 0.25
    grey -= 0.1
    # Truth has 0.3 of green between 0.6 and 0.2; 0.15 over their mean is too much.
    assert figures(FRAME, FRAME.alpha, green)["spill"] == pytest.approx(0.15, abs=1e-6)
    assert figures(FRAME, FRAME.alpha, green)["fg_interior"] == pytest.approx(0.25 / 3, rel=1e-5)
    assert figures(FRAME, FRAME.alpha, grey)["spill"] == 0
    assert figures(FRAME, FRAME.alpha, grey)["fg_transition"] == pytest.approx(0.1, rel=1e-5)


def test_what_a_frame_has_no_pixels_for_is_left_out():
    empty = replace(FRAME, alpha=np.zeros_like(FRAME.alpha))
    found = figures(empty, empty.alpha, empty.fg)
    assert {"fg_interior", "mse_transition", "spill"}.isdisjoint(found)
    assert found["mse"] == 0


def test_a_frame_without_truth_cannot_be_scored():
    with pytest.raises(SettingsError, match="disc"):
        figures(replace(FRAME, alpha=None), FRAME.alpha, FRAME.fg)


def test_an_error_that_stays_does_not_flicker_and_one_that_comes_does():
    one, two = disc_frame(at=40.0), disc_frame(at=44.0)
    off = np.float32(0.2)
    assert flicker((one, one.alpha + off), (two, two.alpha + off)) == pytest.approx(0, abs=1e-6)
    assert flicker((one, one.alpha), (two, two.alpha + off)) == pytest.approx(0.2, rel=1e-5)


def scores(method, *values, shots=None):
    shots = shots or [str(k) for k in range(len(values))]
    return MethodScores(
        method,
        tuple(
            FrameScores(f"{shot}/{k}", shot, ("even" if k % 2 == 0 else "odd",), {"mse": v})
            for k, (shot, v) in enumerate(zip(shots, values, strict=True))
        ),
    )


def test_a_shot_counts_once_however_long():
    assert scores("a", 1.0, 3.0, 8.0, shots=["x", "x", "y"]).means() == {"mse": 5.0}


def test_means_by_tag():
    assert scores("a", 1.0, 10.0, 3.0).tagged("even").means() == {"mse": 2.0}
    assert scores("a", 1.0).tagged("odd").means() == {}


def test_wins_are_counted_on_common_frames_and_a_draw_is_none():
    a, b = scores("a", 1.0, 2.0, 3.0, 4.0), scores("b", 2.0, 2.0, 1.0, 5.0, 0.0)
    assert a.wins(b) == 0.5
    assert b.wins(a) == 0.25
    with pytest.raises(SettingsError, match="common"):
        a.wins(b, "dtssd")


def test_scores_go_through_json():
    kept = scores("a", 1.0, 2.0)
    facts = json.loads(json.dumps(kept.to_json()))
    assert MethodScores.from_json(facts) == kept
    assert facts["mean"] == {"mse": 1.5}
    with pytest.raises(SettingsError, match="ck evaluate"):
        MethodScores.from_json({"method": "a", "frames": [{"frame": 3}]})


def test_the_demos_four_figures_are_these():
    frame = next(render_shot(5, (64, 96), style=ShotStyle(screen="green", subjects=("shape",))))
    perfect = score(frame, frame.alpha, frame.alpha, frame.fg)
    assert (perfect.alpha_mse, perfect.key_mse, perfect.fg_mae) == (0, 0, 0)
    assert perfect.despilled_mae > 0
    assert score(frame, frame.alpha, frame.alpha + np.float32(0.1), frame.fg).alpha_mse == pytest.approx(0.01, rel=1e-4)
