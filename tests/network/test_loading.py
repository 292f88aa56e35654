"""What a checkpoint must be to become a network, and what the network keeps of it."""

import dataclasses

import numpy as np
import pytest

from corridorkey.checkpoint import read_checkpoint, write_checkpoint
from corridorkey.errors import BackendUnavailableError, CheckpointFormatError, SettingsError, WeightMismatchError
from tests.backends import part
from tests.conftest import TINY, write_synthetic


@pytest.mark.parametrize("size", [0, 31, 100, -64])
def test_a_size_that_no_network_takes_is_refused(network, tiny_checkpoint, size):
    with pytest.raises(SettingsError, match="multiple of 32"):
        network.load_keyer(tiny_checkpoint, size=size)


def test_an_unknown_dtype_is_refused(network, tiny_checkpoint):
    for load in (network.load_keyer, network.load_greenformer):
        with pytest.raises(SettingsError, match=r"float64.*float32, float16, bfloat16"):
            load(tiny_checkpoint, dtype="float64")


def test_an_unknown_device_is_refused_and_the_variable_is_read(network, tiny_checkpoint, monkeypatch):
    with pytest.raises(SettingsError, match=r"'tpu'.*use auto"):
        network.load_keyer(tiny_checkpoint, device="tpu")
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cuda:77")
    with pytest.raises(BackendUnavailableError, match=r"cuda:77.*--device auto"):
        network.load_keyer(tiny_checkpoint)
    assert "cpu" in str(network.load_keyer(tiny_checkpoint, device="cpu").device)


def test_a_checkpoint_of_another_network_is_refused(network, tmp_path, tiny_checkpoint):
    tensors, info = read_checkpoint(tiny_checkpoint)
    tensors["extra"] = np.zeros(1, np.float32)
    del tensors["refiner.final.bias"]
    tensors["refiner.stem.0.bias"][0] = np.inf
    write_checkpoint(tmp_path / "broken.safetensors", tensors, info)
    with pytest.raises(WeightMismatchError, match=r"broken.*refiner\.final\.bias.*extra.*refiner\.stem\.0\.bias"):
        network.load_keyer(tmp_path / "broken.safetensors")


def test_a_tensor_of_another_shape_and_a_file_that_is_none_are_refused(network, tmp_path, tiny_checkpoint):
    tensors, info = read_checkpoint(tiny_checkpoint)
    # As many numbers, so that only the shape tells: a kernel in MLX's layout.
    kernel = tensors["refiner.stem.0.weight"]
    tensors["refiner.stem.0.weight"] = np.ascontiguousarray(kernel.transpose(0, 2, 3, 1))
    path = tmp_path / "misshapen.safetensors"
    write_checkpoint(path, tensors, info)
    with pytest.raises(WeightMismatchError, match=r"misshapen refiner\.stem\.0\.weight"):
        network.load_greenformer(path)
    path.write_bytes(b"no weights")
    with pytest.raises(CheckpointFormatError, match="misshapen"):
        network.load_greenformer(path)


def weights(network, layer):
    """Name -> array of a layer's own parameters and buffers."""
    if network.name == "torch":
        own = {**layer._parameters, **layer._buffers}
        return {name: tensor for name, tensor in own.items() if tensor is not None and tensor.ndim}
    return {name: layer[name] for name in layer if hasattr(layer[name], "dtype")}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_norms_keep_their_float32_values_and_all_else_is_half(network, tiny_checkpoint, dtype):
    stored = read_checkpoint(tiny_checkpoint)[0]
    norms, others = 0, 0
    for name, layer in network.load_greenformer(tiny_checkpoint, dtype=dtype).named_modules():
        is_norm = isinstance(layer, part(network, "norms").NORMS)
        for key, value in weights(network, layer).items():
            assert str(value.dtype).endswith("float32" if is_norm else f".{dtype}"), f"{name}.{key}"
            if is_norm:
                np.testing.assert_array_equal(network.numpy(value), stored[f"{name}.{key}"])
        norms, others = norms + is_norm, others + (not is_norm)
    assert norms == 10 + 2 + 5  # two a block, one a decoder, the stem's and two of each residual block
    assert others > norms


def test_the_network_evaluates_and_learns_nothing(network, tiny_checkpoint):
    model = network.load_greenformer(tiny_checkpoint)
    assert not model.training
    assert not any(layer.training for _, layer in model.named_modules())
    if network.name == "torch":  # MLX records gradients only where it is asked to
        assert not any(tensor.requires_grad for tensor in model.parameters())


def test_the_contract_is_the_checkpoints(network, tmp_path):
    config = dataclasses.replace(TINY, size=64, refiner_gain=2.5)
    path = write_synthetic(tmp_path / "other.safetensors", config)
    assert network.load_keyer(path).contract == config
    assert network.load_keyer(path, size=96).contract == dataclasses.replace(config, size=96)
