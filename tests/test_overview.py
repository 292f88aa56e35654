import dataclasses

import numpy as np
import pytest

from corridorkey.overview import merge, predict_both
from corridorkey.types import Prediction
from tests.conftest import TINY

HOME = dataclasses.replace(TINY, overview=64)


class Recorded:
    """A network that notes what it is shown: alpha is the hint's channel, fg the colours'."""

    def __init__(self):
        self.shown = []

    def __call__(self, x, refiner_scale):
        self.shown.append((x.shape, refiner_scale, x.flags.c_contiguous))
        return Prediction(x[0, ..., 3:4].copy(), x[0, ..., :3].copy())


def flat(h, w, alpha, fg=0.5):
    return Prediction(np.full((h, w, 1), alpha, np.float32), np.full((h, w, 3), fg, np.float32))


@pytest.mark.parametrize(
    ("contract", "size", "sizes"),
    [
        (TINY, (64, 160), [(64, 160)]),
        (HOME, (64, 64), [(64, 64)]),
        (HOME, (32, 64), [(32, 64)]),
        (HOME, (64, 160), [(64, 160), (32, 64)]),
        (HOME, (320, 64), [(320, 64), (64, 32)]),  # 13 columns, padded
        (dataclasses.replace(TINY, overview=80), (96, 96), [(96, 96)]),
        (HOME, (96, 96), [(96, 96)]),  # 76.8, padded
        (HOME, (128, 128), [(128, 128), (64, 64)]),
    ],
)
def test_what_is_larger_than_the_overview_is_seen_at_both_sizes(contract, size, sizes):
    network, x = Recorded(), np.random.default_rng(1).random((1, *size, 8), np.float32)
    before = x.copy()
    prediction = predict_both(network, x, contract, 0.5)
    assert network.shown == [((1, *shown, 8), 0.5, True) for shown in sizes]
    assert (prediction.alpha.shape, prediction.fg.shape) == ((*size, 1), (*size, 3))
    np.testing.assert_array_equal(x, before)
    if len(sizes) == 1:
        np.testing.assert_array_equal(prediction.alpha, x[0, ..., 3:4])


def test_padding_of_the_small_frame_is_cut_off_again():
    x = np.broadcast_to(np.linspace(0, 1, 320, dtype=np.float32)[:, None, None], (320, 64, 8))[None].copy()
    prediction = predict_both(Recorded(), x, HOME, 1.0)
    np.testing.assert_allclose(prediction.alpha[5:-5], x[0, 5:-5, :, 3:4], atol=1e-4)


def test_the_sure_one_decides():
    veil, empty = flat(96, 192, 0.3, 0.2), flat(32, 64, 0.0, 0.6)
    merged = merge(veil, empty)
    assert merged.alpha.max() < 1e-3
    np.testing.assert_allclose(merged.fg, 0.6, atol=1e-3)
    hole, solid = flat(96, 192, 0.6), flat(32, 64, 1.0)
    assert merge(hole, solid).alpha.min() > 0.999
    assert merge(flat(96, 192, 1.0), flat(32, 64, 0.4)).alpha.min() > 0.999
    np.testing.assert_allclose(merge(flat(96, 192, 1.0), flat(32, 64, 0.0)).alpha, 0.5, atol=1e-3)


def test_detail_is_the_large_frames_own():
    fine = np.random.default_rng(3).random((96, 192, 1)).astype(np.float32)
    means = fine.reshape(32, 3, 64, 3, 1).mean((1, 3))
    colours = np.repeat(fine, 3, axis=2)
    merged = merge(Prediction(fine, colours), Prediction(means, np.repeat(means, 3, axis=2)))
    np.testing.assert_allclose(merged.alpha, fine, atol=1e-5)
    np.testing.assert_allclose(merged.fg, colours, atol=1e-5)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_what_the_small_frame_cannot_resolve_is_no_doubt(width):
    """Strands in a screen, and gaps in a subject: both frames are sure, and they meet halfway."""
    lines = np.zeros((192, 384, 1), np.float32)
    for column in range(20, 380, 40):
        lines[:, column : column + width] = 1.0
    for alpha, nothing in ((lines, 0.0), (1 - lines, 1.0)):
        merged = merge(Prediction(alpha, flat(192, 384, 0).fg), flat(64, 128, nothing)).alpha
        assert np.abs(merged - alpha).max() < 0.501


def test_a_veil_goes_in_its_place_alone():
    alpha = np.zeros((96, 192, 1), np.float32)
    alpha[:, :60], alpha[:, 130:] = 1.0, 0.4
    seen = np.zeros((32, 64, 1), np.float32)
    seen[:, :20] = 1.0
    merged = merge(Prediction(alpha, flat(96, 192, 0).fg), Prediction(seen, flat(32, 64, 0).fg)).alpha
    np.testing.assert_allclose(merged[:, :120], alpha[:, :120], atol=1e-6)
    assert merged[:, 140:].max() < 1e-3
    assert 0 <= merged.min() <= merged.max() <= 1
