"""How a screen is lit, and what that tells of the part that nobody sees."""

from __future__ import annotations

import numpy as np
import pytest

from corridorkey.hints.clean_plate import clean_plate
from corridorkey.hints.lighting import lighting
from corridorkey.types import Array

HEIGHT, WIDTH = 216, 384
GREEN = np.asarray((0.2, 0.7, 0.3), np.float32)
Y, X = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j].astype(np.float32)
SIDE = X > 0.3  # a subject that stands at the side


def _lit(level: Array) -> Array:
    return np.asarray(GREEN * level[..., None], np.float32)


def _seen(hidden: Array) -> Array:
    return np.where(hidden, np.float32(0), np.float32(1))


@pytest.mark.parametrize("level", [1 - 0.15 * X, 1 - 0.2 * X * X - 0.1 * Y * Y], ids=["slope", "vignette"])
def test_the_light_goes_on_behind_the_subject(level: Array) -> None:
    screen = _lit(level)
    shown = np.where(SIDE[..., None], np.float32(0.05), screen)
    last = screen[:, np.flatnonzero(~SIDE[0])[-1]][:, None]
    flat = np.abs(last - screen)[SIDE].mean()  # were it as beside the subject all over
    assert np.abs(lighting(shown, _seen(SIDE)) - screen)[SIDE].mean() < 0.4 * flat
    assert np.abs(clean_plate(shown, ~SIDE, 0.006) - screen)[SIDE].mean() < 0.5 * flat


def test_markers_and_a_shadow_do_not_bend_it() -> None:
    screen = _lit(1 - 0.15 * X)
    spoilt = screen.copy()
    spoilt[::16, ::16], spoilt[40:90, 60:110] = 0.9, screen[40:90, 60:110] * 0.6
    assert np.abs(lighting(spoilt, _seen(SIDE)) - screen).max() < 0.03


def test_it_does_not_run_away_where_little_is_seen() -> None:
    hidden = Y > -0.6
    grain = np.random.default_rng(1).normal(0, 0.02, (HEIGHT, WIDTH)).astype(np.float32)
    found = lighting(_lit(1 - 0.1 * X + grain), _seen(hidden))
    assert found.min() > 0.1
    assert np.abs(found - _lit(1 - 0.1 * X)).max() < 0.12


def test_nothing_is_made_of_a_few_pixels() -> None:
    weight = np.zeros((HEIGHT, WIDTH), np.float32)
    np.testing.assert_array_equal(lighting(_lit(np.ones_like(X)), weight), 0)
    weight[:24, :24] = 1
    np.testing.assert_array_equal(lighting(_lit(np.ones_like(X)), weight), 0)
