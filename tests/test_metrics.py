import numpy as np
import pytest

from corridorkey import metrics


@pytest.fixture
def rng():
    return np.random.default_rng(0)


ALPHA = (metrics.sad, metrics.mse, metrics.mad, metrics.gradient_error, metrics.connectivity_error)


@pytest.mark.parametrize("metric", ALPHA)
def test_the_truth_has_no_error(metric, rng):
    truth = rng.random((20, 30)).astype(np.float32)
    assert metric(truth, truth) == 0


@pytest.mark.parametrize("metric", ALPHA)
def test_pred_and_truth_may_be_exchanged(metric, rng):
    a, b = rng.random((2, 20, 30)).astype(np.float32)
    assert metric(a, b) == pytest.approx(metric(b, a))


@pytest.mark.parametrize("metric", ALPHA)
def test_a_channel_axis_makes_no_difference(metric, rng):
    a, b = rng.random((2, 20, 30)).astype(np.float32)
    assert metric(a[..., None], b) == metric(a, b)


@pytest.mark.parametrize("metric", ALPHA)
def test_other_shapes_are_an_error(metric):
    with pytest.raises(ValueError, match="must both be"):
        metric(np.zeros((4, 4)), np.zeros((4, 5)))
    with pytest.raises(ValueError, match="mask"):
        metric(np.zeros((4, 4)), np.zeros((4, 4)), np.ones((4, 5), bool))


def test_a_constant_difference():
    truth, pred = np.zeros((10, 20)), np.full((10, 20), 0.25)
    assert metrics.sad(pred, truth) == pytest.approx(0.05)
    assert metrics.mad(pred, truth) == pytest.approx(0.25)
    assert metrics.mse(pred, truth) == pytest.approx(0.0625)
    assert metrics.gradient_error(pred, truth) == pytest.approx(0, abs=1e-12)


def test_the_mask_chooses():
    truth, pred = np.zeros((4, 4)), np.zeros((4, 4))
    pred[0, 0] = 1
    mask = np.zeros((4, 4), bool)
    mask[0, :2] = True
    assert metrics.mad(pred, truth, mask) == 0.5
    assert metrics.sad(pred, truth, ~mask) == 0
    assert metrics.mad(pred, truth, np.zeros((4, 4), bool)) == 0


def test_gradient_of_a_ramp():
    # The kernel has length 1, so a ramp's slope is enlarged by (sum of -x·g'(x)·sum of g) / length.
    s, x = 1.4, np.arange(-4, 5)
    bell = np.exp(-(x**2) / (2 * s**2)) / (s * np.sqrt(2 * np.pi))
    rise = -x * bell / s**2
    gain = -(x * rise).sum() * bell.sum() / np.sqrt((np.outer(bell, rise) ** 2).sum())
    ramp = np.tile(np.arange(40) * 0.01, (30, 1))
    middle = np.zeros((30, 40), bool)
    middle[10:20, 10:30] = True
    assert metrics.gradient_error(ramp, 0 * ramp, middle) == pytest.approx(200 * (0.01 * gain) ** 2 / 1000, rel=0.03)
    assert metrics.gradient_error(ramp.T, 0 * ramp.T, middle.T) == pytest.approx(
        metrics.gradient_error(ramp, 0 * ramp, middle)
    )


def test_an_island_is_not_connected():
    truth = np.zeros((10, 10))
    truth[2:6, 2:6] = 1
    pred = truth.copy()
    pred[8, 8:10] = 0.8
    assert metrics.connectivity_error(pred, truth) == pytest.approx(2 * 0.8 / 1000)
    pred[8, 8:10] = 0.1  # under theta
    assert metrics.connectivity_error(pred, truth) == 0


def test_dtssd_sees_change_and_not_offset(rng):
    truth = list(rng.random((4, 8, 8)) * 0.5)
    assert metrics.dtssd([t + 0.2 for t in truth], truth) == pytest.approx(0, abs=1e-9)
    flicker = [t + 0.1 * (k % 2) for k, t in enumerate(truth)]
    assert metrics.dtssd(flicker, truth) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="two or more"):
        metrics.dtssd(truth[:1], truth[:1])
    with pytest.raises(ValueError, match="as many"):
        metrics.dtssd(truth[:2], truth)


def test_the_transition_is_between():
    alpha = np.array([[0.0, 0.02, 0.03, 0.5, 0.97, 0.98, 1.0]])
    assert metrics.transition(alpha).tolist() == [[False, False, True, True, True, False, False]]


def test_colour_errors():
    truth, pred = np.zeros((2, 2, 3)), np.zeros((2, 2, 3))
    pred[0, 0] = (0.3, 0.6, 0.0)
    assert metrics.fg_mae(pred, truth) == pytest.approx(0.3 / 4)
    assert metrics.fg_mae(pred, truth, np.array([[True, False], [False, False]])) == pytest.approx(0.3)
    half, one = np.full((2, 2), 0.5), np.ones((2, 2))
    assert metrics.premultiplied_mae(pred, half, truth, one) == pytest.approx(0.15 / 4)
    assert metrics.premultiplied_mae(pred, 0 * one, truth, one) == 0
    with pytest.raises(ValueError, match="picture"):
        metrics.premultiplied_mae(pred, np.ones((3, 3)), truth, np.ones((3, 3)))
    with pytest.raises(ValueError, match="must both be"):
        metrics.fg_mae(half, half)


def test_spill_excess_counts_only_what_truth_has_not():
    truth = np.broadcast_to(np.array([0.2, 0.3, 0.2]), (3, 3, 3))
    pred = np.broadcast_to(np.array([0.2, 0.5, 0.2]), (3, 3, 3))
    assert metrics.spill_excess(pred, truth) == pytest.approx(0.2)
    assert metrics.spill_excess(truth, pred) == 0
    assert metrics.spill_excess(pred, truth, "blue") == 0
    assert metrics.spill_excess(pred[..., [0, 2, 1]], truth[..., [0, 2, 1]], "blue") == pytest.approx(0.2)
