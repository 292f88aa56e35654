"""What a loaded network does with a frame; its numbers are held by the parity suite."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from corridorkey.overview import merge
from tests.conftest import TINY, write_synthetic
from tests.network.conftest import inputs


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


@pytest.mark.parametrize("size", [(32, 32), (64, 160), (128, 96)])
def test_any_rectangle_of_multiples_of_32(network, tiny_checkpoint, size):
    prediction = network.load_keyer(tiny_checkpoint).predict(inputs(*size))
    assert prediction.alpha.shape == (*size, 1)
    assert prediction.fg.shape == (*size, 3)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_prediction_is_contiguous_float32_and_the_input_is_left_alone(network, tiny_checkpoint, dtype):
    x = inputs(32, 64)
    before = x.copy()
    prediction = network.load_keyer(tiny_checkpoint, dtype=dtype).predict(x)
    np.testing.assert_array_equal(x, before)
    for array in (prediction.alpha, prediction.fg):
        assert isinstance(array, np.ndarray)
        assert array.dtype == np.float32
        assert array.flags.c_contiguous
        assert array.min() >= 0
        assert array.max() <= 1


@pytest.mark.parametrize(("dtype", "bound"), [("float16", 0.01), ("bfloat16", 0.08)])
def test_half_precision_stays_near_float32(network, tiny_checkpoint, dtype, bound):
    x = inputs(64, 96)
    whole, half = (network.load_keyer(tiny_checkpoint, dtype=d).predict(x) for d in ("float32", dtype))
    assert 0 < np.abs(half.alpha - whole.alpha).max() < bound


@pytest.mark.parametrize("base", ["none", "unmixed"])
def test_refiner_scale_multiplies_the_delta_logits(network, tmp_path, base):
    path = write_synthetic(tmp_path / "w.safetensors", dataclasses.replace(TINY, base=base))
    model, x = network.load_greenformer(path), network.array(inputs(32, 64))
    start, logits = model.base(x), model.coarse(x, *model.decode(model.encode(x)))
    delta = model.refine(x, start.plus(logits))
    for scale in (0.0, 0.5, 1.0, 2.0):
        got = np.concatenate([network.numpy(part) for part in model(x, scale)], -1)
        wanted = sigmoid(network.numpy(start.plus(logits + scale * delta)))
        np.testing.assert_allclose(got, wanted, atol=1e-6)


def test_the_hint_is_not_shown_to_the_refiner(network, tiny_checkpoint):
    model, x = network.load_greenformer(tiny_checkpoint), inputs(32, 32)
    hinted = x.copy()
    hinted[..., TINY.channel_of("hint")] += 1
    coarse = network.array(inputs(32, 32, 4))
    deltas = [network.numpy(model.refine(network.array(each), coarse)) for each in (x, hinted, -x)]
    np.testing.assert_array_equal(deltas[0], deltas[1])
    assert np.abs(deltas[0] - deltas[2]).max() > 0.1


def test_the_frame_is_seen_whole(network, tiny_checkpoint):
    """Tokens of one mask unit reach every other: attention is global in the later stages."""
    keyer, x = network.load_keyer(tiny_checkpoint), inputs(64, 128)
    changed = x.copy()
    changed[0, :32, :32] += 1
    far = np.abs(keyer.predict(x, 0.0).alpha - keyer.predict(changed, 0.0).alpha)[32:, 96:]
    assert far.max() > 1e-6


def test_a_prediction_does_not_depend_on_frames_before_it(network, tiny_checkpoint):
    keyer = network.load_keyer(tiny_checkpoint)
    first = keyer.predict(inputs(64, 96)).alpha
    keyer.predict(inputs(96, 32, seed=2))
    np.testing.assert_array_equal(keyer.predict(inputs(64, 96)).alpha, first)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_keyer_that_one_thread_loaded_predicts_in_others(network, tiny_checkpoint, dtype):
    """MLX's streams belong to their thread: nothing may be left to compute when the loading one has ended."""
    x = inputs(32, 64)
    with ThreadPoolExecutor(1) as loader:
        keyer = loader.submit(network.load_keyer, tiny_checkpoint, dtype=dtype).result()
    here = keyer.predict(x).alpha
    with ThreadPoolExecutor(1) as other:
        np.testing.assert_array_equal(other.submit(keyer.predict, x).result().alpha, here)


def test_frames_of_a_batch_do_not_see_each_other(network, tiny_checkpoint):
    model, frames = network.load_greenformer(tiny_checkpoint), [inputs(32, 64, seed=seed) for seed in (1, 2)]
    both = network.numpy(model(network.array(np.concatenate(frames)))[0])
    for frame, together in zip(frames, both, strict=True):
        np.testing.assert_allclose(together, network.numpy(model(network.array(frame))[0])[0], atol=2e-5)


def test_a_square_network_is_resampled_to_its_size(network, tmp_path):
    config = dataclasses.replace(TINY, sizing="square", inputs=("rgb", "hint"), base="none", screen="green")
    path = write_synthetic(tmp_path / "square.safetensors", config)
    keyer = network.load_keyer(path, size=96)
    assert keyer.contract.size == 96
    assert tuple(keyer.model.encoder.model.pos_embed.shape) == (1, 24 * 24, 8)
    # Resampled once at loading, or by the forward pass from what is stored: the same numbers.
    once, each_time = (load.predict(inputs(96, 96, 4)).alpha for load in (keyer, network.load_keyer(path)))
    np.testing.assert_allclose(once, each_time, atol=2e-6)


def test_a_large_frame_is_keyed_at_the_size_of_the_overview_too(network, tmp_path):
    plain, home = (
        network.load_keyer(write_synthetic(tmp_path / f"{overview}", dataclasses.replace(TINY, overview=overview)))
        for overview in (0, 64)
    )
    x = inputs(64, 128)
    small = plain.predict(np.ascontiguousarray(x.reshape(1, 32, 2, 64, 2, -1).mean((2, 4))))
    wanted, got = merge(plain.predict(x), small), home.predict(x)
    np.testing.assert_allclose(got.alpha, wanted.alpha, atol=1e-5)
    np.testing.assert_allclose(got.fg, wanted.fg, atol=1e-5)
    assert np.abs(got.alpha - plain.predict(x).alpha).max() > 1e-3
    np.testing.assert_array_equal(home.predict(x[:, :, :64]).alpha, plain.predict(x[:, :, :64]).alpha)
