"""The bound that a perfect matte would give."""

from dataclasses import replace

import numpy as np
import pytest

from corridorkey.errors import SettingsError
from corridorkey.evaluation.perfect import PerfectMatte
from corridorkey.evaluation.scores import figures
from corridorkey.types import Plate
from tests.evaluation.frames import disc_frame


def test_a_plate_without_grain_is_unmixed_to_the_truth():
    frame = disc_frame()
    result = PerfectMatte().key(frame)
    np.testing.assert_array_equal(result.alpha, frame.alpha)
    seen = frame.alpha > 0.02
    np.testing.assert_allclose(result.fg[seen], frame.fg[seen], atol=1e-5)
    assert (result.fg[frame.alpha == 0] < 1e-5).all()


def test_grain_stays_and_is_divided_by_alpha():
    frame = disc_frame()
    grain = np.random.default_rng(1).normal(0, 0.01, frame.plate.rgb.shape).astype(np.float32)
    frame = replace(frame, plate=Plate(frame.plate.rgb + grain, "linear"))
    result = PerfectMatte().key(frame)
    got = figures(frame, result.alpha, result.fg, ("mse", "fg_interior", "fg_transition"))
    assert got["mse"] == 0
    assert got["fg_interior"] == pytest.approx(0.008, rel=0.1)  # of a normal distribution
    assert got["fg_transition"] > 1.5 * got["fg_interior"]


def test_fg_is_no_brighter_than_paper_or_the_plate():
    frame = disc_frame()
    for brightest in (0.8, 3.0):
        plate = np.full_like(frame.plate.rgb, brightest)  # far too bright for its truth
        fg = PerfectMatte().key(replace(frame, plate=Plate(plate, "linear"))).fg
        assert fg.max() == pytest.approx(max(1.0, brightest))
        assert fg.dtype == np.float32


def test_what_has_no_truth_is_refused():
    frame = replace(disc_frame(), alpha=None, fg=None, clean_plate=None)
    with pytest.raises(SettingsError, match="perfect-matte: nobody knows the truth of disc; use a suite that has it"):
        PerfectMatte().key(frame)
