"""The decoder's change of size, and the order of what it fuses."""

import numpy as np
import pytest
import torch

from parity.synthetic import synthetic_weights
from tests.backends import filled, on_picture, part
from tests.conftest import TINY


@pytest.mark.parametrize(
    ("small", "size"), [((8, 8), (64, 64)), ((5, 7), (13, 31)), ((1, 3), (9, 10)), ((9, 10), (7, 3)), ((6, 4), (6, 4))]
)
def test_resize_goes_to_any_size_as_torchs_interpolate_in_float64(network, small, size):
    x = np.random.default_rng(1).standard_normal((2, *small, 3), np.float32)
    got = on_picture(network, part(network, "decoder").resize, x, size)
    wide = torch.from_numpy(x).double().permute(0, 3, 1, 2)
    wanted = torch.nn.functional.interpolate(wide, size=size, mode="bilinear", align_corners=False)
    np.testing.assert_allclose(got, wanted.permute(0, 2, 3, 1).numpy(), atol=2e-6)


def test_resize_by_eight_is_one_step(network):
    """Doubling three times is another picture."""
    x = np.random.default_rng(1).standard_normal((1, 4, 4, 1), np.float32)
    resize = part(network, "decoder").resize
    once, thrice = on_picture(network, resize, x, (32, 32)), x
    for side in (8, 16, 32):
        thrice = on_picture(network, resize, thrice, (side, side))
    assert np.abs(once - thrice).max() > 0.1


def test_the_coarsest_feature_is_fused_first(network):
    """[c4, c3, c2, c1]: with all but one block of linear_fuse at zero, one feature alone decides."""
    config, width = TINY, TINY.decoder_dim
    head = part(network, "decoder").DecoderHead(config, 1)
    shapes = {f"linear_c{n}.proj.weight": (width, config.embed_dim << (n - 1)) for n in (1, 2, 3, 4)}
    shapes |= {f"linear_c{n}.proj.bias": (width,) for n in (1, 2, 3, 4)}
    shapes |= {"bn.running_mean": (width,), "bn.running_var": (width,)}
    weights = synthetic_weights(shapes)
    features = [np.random.default_rng(n).standard_normal((1, 8 >> n, 8 >> n, 8 << n), np.float32) for n in range(4)]
    for place, level in enumerate((3, 2, 1, 0)):
        fuse = np.zeros((width, 4 * width), np.float32)
        fuse[:, place * width : (place + 1) * width] = np.eye(width)
        kernel = fuse[:, :, None, None] if network.name == "torch" else fuse[:, None, None, :]
        filled(network, head, **weights, **{"linear_fuse.weight": kernel})
        decided = [
            not np.array_equal(run(network, head, features), run(network, head, changed(features, n))) for n in range(4)
        ]
        assert decided == [n == level for n in range(4)]


def run(network, head, features):
    return network.numpy(head([network.array(feature) for feature in features]))


def changed(features, n):
    return [feature + 1 if i == n else feature for i, feature in enumerate(features)]
