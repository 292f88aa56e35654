"""The network's behaviour; its numbers are held by the parity suite."""

import dataclasses

import numpy as np
import pytest
import torch

from corridorkey.errors import BackendUnavailableError, SettingsError, WeightMismatchError
from corridorkey.prepare import MEAN, STD
from corridorkey_torch import load_greenformer, load_keyer
from tests.conftest import TINY, write_synthetic


def inputs(h, w, channels=8, seed=1):
    return np.random.default_rng(seed).standard_normal((1, h, w, channels), np.float32)


@pytest.mark.parametrize("size", [(32, 32), (64, 160), (128, 96)])
def test_any_rectangle_of_multiples_of_32(tiny_checkpoint, size):
    prediction = load_keyer(tiny_checkpoint).predict(inputs(*size))
    assert prediction.alpha.shape == (*size, 1)
    assert prediction.fg.shape == (*size, 3)
    assert prediction.alpha.dtype == prediction.fg.dtype == np.float32


@pytest.mark.parametrize(("dtype", "bound"), [("float16", 0.01), ("bfloat16", 0.08)])
def test_half_precision_stays_near_float32(tiny_checkpoint, dtype, bound):
    x = inputs(64, 96)
    whole = load_keyer(tiny_checkpoint).predict(x)
    keyer = load_keyer(tiny_checkpoint, dtype=dtype)
    half = keyer.predict(x)
    assert half.alpha.dtype == np.float32
    assert 0 < np.abs(half.alpha - whole.alpha).max() < bound
    norms = [m for m in keyer.model.modules() if "Norm" in type(m).__name__]
    assert norms
    assert all(p.dtype == torch.float32 for m in norms for p in m.parameters())


def test_statistics_do_not_overflow_in_half_precision():
    from corridorkey_torch.norms import GroupNorm, LayerNorm

    large = torch.randn(1, 16, 32, 32, dtype=torch.float16) * 3000  # squares are beyond 65504
    assert torch.isfinite(GroupNorm(16)(large)).all()
    assert torch.isfinite(LayerNorm(32)(large)).all()


def test_refiner_scale_multiplies_the_delta_logits(tiny_checkpoint):
    model = load_greenformer(tiny_checkpoint)
    x = torch.from_numpy(inputs(32, 64))
    coarse = model.coarse(x, *model.decode(model.encode(x)))
    delta = model.refine(x, coarse)
    for scale in (0.0, 0.5, 1.0):
        alpha, fg = model(x, scale)
        wanted = torch.sigmoid(coarse + scale * delta)
        torch.testing.assert_close(torch.cat([alpha, fg], -1), wanted)


def test_base_is_the_key_and_the_limited_plate(tiny_checkpoint):
    model = load_greenformer(tiny_checkpoint)
    x = np.zeros((1, 1, 2, 8), np.float32)
    x[0, 0, :, :3] = (np.array([[0.2, 0.9, 0.4], [0.7, 0.5, 0.1]], np.float32) - MEAN) / STD
    x[0, 0, :, 4] = (0.3, 1.0)
    base = torch.sigmoid(model.base(torch.from_numpy(x)))[0, 0].numpy()
    np.testing.assert_allclose(base, [[0.3, 0.2, 0.4, 0.4], [0.99, 0.7, 0.5, 0.1]], atol=1e-5)


def test_the_frame_is_seen_whole(tiny_checkpoint):
    """Tokens of one mask unit reach every other: attention is global in the later stages."""
    keyer, x = load_keyer(tiny_checkpoint), inputs(64, 128)
    changed = x.copy()
    changed[0, :32, :32] += 1
    far = np.abs(keyer.predict(x, 0.0).alpha - keyer.predict(changed, 0.0).alpha)[32:, 96:]
    assert far.max() > 1e-6


def test_a_prediction_does_not_depend_on_frames_before_it(tiny_checkpoint):
    keyer = load_keyer(tiny_checkpoint)
    first = keyer.predict(inputs(64, 96)).alpha
    keyer.predict(inputs(96, 32, seed=2))
    np.testing.assert_array_equal(keyer.predict(inputs(64, 96)).alpha, first)


def test_a_square_network_is_resampled_to_its_size(tmp_path):
    config = dataclasses.replace(TINY, sizing="square", inputs=("rgb", "hint"), base=False, screen="green")
    path = write_synthetic(tmp_path / "square.safetensors", config)
    keyer = load_keyer(path, size=96)
    assert keyer.contract.size == 96
    assert keyer.model.encoder.model.pos_embed.shape == (1, 24 * 24, 8)
    assert keyer.predict(inputs(96, 96, 4)).alpha.shape == (96, 96, 1)


@pytest.mark.parametrize("size", [0, 31, 100, -64])
def test_a_size_that_no_network_takes_is_refused(tiny_checkpoint, size):
    with pytest.raises(SettingsError, match="multiple of 32"):
        load_keyer(tiny_checkpoint, size=size)


def test_unknown_dtype_and_device_are_refused(tiny_checkpoint, monkeypatch):
    with pytest.raises(SettingsError, match="float64"):
        load_keyer(tiny_checkpoint, dtype="float64")
    with pytest.raises(SettingsError, match="gpu"):
        load_keyer(tiny_checkpoint, device="gpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BackendUnavailableError, match="cuda"):
        load_keyer(tiny_checkpoint, device="cuda")
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cuda:7")
    with pytest.raises(BackendUnavailableError, match="cuda:7"):
        load_keyer(tiny_checkpoint)


def test_a_checkpoint_of_another_network_is_refused(tmp_path, tiny_checkpoint):
    from corridorkey.checkpoint import read_checkpoint, write_checkpoint

    tensors, info = read_checkpoint(tiny_checkpoint)
    tensors["extra"] = np.zeros(1, np.float32)
    del tensors["refiner.final.bias"]
    tensors["refiner.stem.0.bias"][0] = np.inf
    write_checkpoint(tmp_path / "broken.safetensors", tensors, info)
    with pytest.raises(WeightMismatchError, match=r"broken.*refiner\.final\.bias.*extra.*refiner\.stem\.0\.bias"):
        load_keyer(tmp_path / "broken.safetensors")
