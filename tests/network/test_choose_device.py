"""Which device each network runs on: the name, then CORRIDORKEY_DEVICE, then the best one here."""

import pytest
import torch

from corridorkey.errors import BackendUnavailableError, SettingsError
from corridorkey_torch import keyer as torch_keyer
from tests.backends import needs_mlx


@pytest.fixture
def cuda(monkeypatch):
    """Pretend that so many CUDA devices are here, and no MPS."""
    monkeypatch.delenv("CORRIDORKEY_DEVICE", raising=False)

    def have(count):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)

    return have


def test_torch_takes_the_best_device_here(cuda, monkeypatch):
    cuda(1)
    assert torch_keyer.choose_device().type == "cuda"
    cuda(0)
    assert torch_keyer.choose_device() == torch_keyer.choose_device("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert torch_keyer.choose_device().type == "mps"


def test_torch_goes_by_the_name_then_the_variable(cuda, monkeypatch):
    cuda(2)
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cuda:1")
    assert torch_keyer.choose_device() == torch.device("cuda:1")
    assert torch_keyer.choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("count", "name"), [(0, "cuda"), (0, "mps"), (2, "cuda:2"), (2, "xpu"), (2, "meta")])
def test_a_device_that_torch_lacks_is_unavailable(cuda, count, name):
    cuda(count)
    with pytest.raises(BackendUnavailableError, match=f"'{name}' is not available here"):
        torch_keyer.choose_device(name)


@pytest.mark.parametrize("name", ["gpu", "tpu", "cuda:x", "CPU "])
def test_a_name_that_is_no_device_of_torch_is_refused(name):
    with pytest.raises(SettingsError, match=r"use auto, cpu, cuda"):
        torch_keyer.choose_device(name)


@pytest.fixture
def gpu(monkeypatch):
    """MLX's keyer module, with or without a GPU."""
    import mlx.core as mx

    from corridorkey_mlx import keyer

    monkeypatch.delenv("CORRIDORKEY_DEVICE", raising=False)

    def have(there):
        monkeypatch.setattr(mx, "is_available", lambda device: there or device in (mx.cpu, mx.Device(mx.cpu)))
        return keyer

    return have


@needs_mlx
def test_mlx_takes_the_gpu_where_there_is_one(gpu):
    import mlx.core as mx

    assert gpu(True).choose_device() == gpu(True).choose_device("auto") == mx.Device(mx.gpu)
    assert gpu(False).choose_device() == gpu(False).choose_device("auto") == mx.Device(mx.cpu)


@needs_mlx
def test_mlx_goes_by_the_name_then_the_variable_and_knows_torchs_word_for_the_gpu(gpu, monkeypatch):
    import mlx.core as mx

    keyer = gpu(True)
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cpu")
    assert keyer.choose_device() == mx.Device(mx.cpu)
    assert keyer.choose_device("gpu") == keyer.choose_device("mps") == mx.Device(mx.gpu)


@needs_mlx
@pytest.mark.parametrize("name", ["gpu", "mps"])
def test_a_gpu_that_mlx_lacks_is_unavailable(gpu, name):
    with pytest.raises(BackendUnavailableError, match=rf"'{name}' is not available here.*--device auto or cpu"):
        gpu(False).choose_device(name)


@needs_mlx
@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_cuda_points_from_mlx_to_torch(gpu, name):
    with pytest.raises(BackendUnavailableError, match=rf"'{name}' is Torch's\. Use --backend torch"):
        gpu(True).choose_device(name)


@needs_mlx
@pytest.mark.parametrize("name", ["tpu", "gpu:1", "CPU"])
def test_a_name_that_is_no_device_of_mlx_is_refused(gpu, name):
    with pytest.raises(SettingsError, match=f"'{name}': use auto, cpu or gpu"):
        gpu(True).choose_device(name)
