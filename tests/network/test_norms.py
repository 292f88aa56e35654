"""The norms against float64: the textbook's formulas, in NumPy."""

import math

import numpy as np
import pytest

from tests.backends import cast, filled, on_picture, part


def normal(shape, seed=1):
    return np.random.default_rng(seed).standard_normal(shape, np.float32)


def group_norm(x, weight, bias, groups=8, eps=1e-5):
    """GroupNorm of (B, H, W, C), float64."""
    b, h, w, c = x.shape
    y = x.astype(np.float64).reshape(b, h * w, groups, c // groups)
    mean, var = y.mean((1, 3), keepdims=True), y.var((1, 3), keepdims=True)
    return ((y - mean) / np.sqrt(var + eps)).reshape(x.shape) * weight + bias


def relative(got, wanted):
    return np.linalg.norm(got - wanted) / np.linalg.norm(wanted)


def test_layer_norm_adds_a_millionth_to_the_variance(network):
    """Tokens of variance 1e-6, where the frameworks' usual 1e-5 would make them less than half as large."""
    x, scale = 1e-3 * normal((1, 5, 64)), 1 + normal(64, seed=2)
    layer = filled(network, part(network, "norms").LayerNorm(64), weight=scale, bias=np.zeros(64, np.float32))
    y = x.astype(np.float64)
    wanted = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-6) * scale
    assert relative(network.numpy(layer(network.array(x))), wanted) < 1e-6


@pytest.mark.parametrize("size", [(512, 512), (33, 1000), (1, 1)])
def test_group_norm_keeps_its_digits_on_a_large_frame(network, size):
    """Torch's own misses this 30 times over in the layout that the refiner's convolutions give, channels last."""
    x, weight, bias = normal((1, *size, 16)) + np.float32(3), 1 + normal(16, seed=2), normal(16, seed=3)
    layer = filled(network, part(network, "norms").GroupNorm(16), weight=weight, bias=bias)
    assert relative(on_picture(network, layer, x), group_norm(x, weight, bias)) < 2e-6


def test_group_norm_tells_groups_and_frames_apart(network):
    x = normal((2, 16, 24, 32)) * np.float32(5) + np.arange(32, dtype=np.float32) ** 2
    x[1] *= 10
    weight, bias = 1 + normal(32, seed=2), normal(32, seed=3)
    layer = filled(network, part(network, "norms").GroupNorm(32), weight=weight, bias=bias)
    assert relative(on_picture(network, layer, x), group_norm(x, weight, bias)) < 2e-6


def test_batch_norm_goes_by_the_running_statistics(network):
    x, weight, bias = 2 * normal((1, 8, 8, 4)) + 1, 1 + normal(4, seed=2), normal(4, seed=3)
    mean, var = normal(4, seed=4), np.square(normal(4, seed=5)) + np.float32(0.1)
    layer = filled(
        network,
        part(network, "norms").BatchNorm2d(4),
        weight=weight,
        bias=bias,
        running_mean=mean,
        running_var=var,
    )
    wanted = (x.astype(np.float64) - mean) / np.sqrt(var + 1e-5) * weight + bias
    assert relative(on_picture(network, layer, x), wanted) < 1e-6
    assert relative(on_picture(network, layer, x[:, :1, :1]), wanted[:, :1, :1]) < 1e-6


@pytest.mark.parametrize("name", ["LayerNorm", "GroupNorm", "BatchNorm2d"])
@pytest.mark.parametrize(("dtype", "unit"), [("float16", 2**-11), ("bfloat16", 2**-8)])
def test_statistics_are_float32_in_half_precision(network, name, dtype, unit):
    """Squares are beyond float16's 65504, and only the result is rounded: half a unit of the last place."""
    layer = filled(network, getattr(part(network, "norms"), name)(16))
    x = on_picture(network, lambda given: given, 3000 * normal((1, 32, 32, 16)) + 5000, dtype=dtype)
    if name == "LayerNorm":
        given = network.array(x)
        half, whole = (
            network.numpy(cast(network, layer(cast(network, given, d)), "float32")) for d in (dtype, "float32")
        )
    else:
        half, whole = (on_picture(network, layer, x, dtype=d) for d in (dtype, "float32"))
    assert np.isfinite(half).all()
    assert 0 < (np.abs(half - whole) / np.maximum(np.abs(whole), 1e-4)).max() <= 1.001 * unit


def test_gelu_is_exact(network):
    """x · Φ(x); the tanh formula is 4.7e-4 off, which a bound of 2e-6 tells."""
    layer = part(network, "hiera").MLP(1)
    eye, none = np.eye(4, 1, dtype=np.float32), np.zeros(4, np.float32)
    layer = filled(network, layer, **{"fc1.weight": eye, "fc1.bias": none, "fc2.weight": eye.T, "fc2.bias": none[:1]})
    x = np.linspace(-6, 6, 481, dtype=np.float32)[:, None]
    wanted = [[v * 0.5 * math.erfc(-v / math.sqrt(2))] for v in x[:, 0].tolist()]
    np.testing.assert_allclose(network.numpy(layer(network.array(x))), wanted, atol=2e-6)
