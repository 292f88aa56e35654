"""A frame that does not fit is an error with advice; any other failure stays what it is."""

import pytest
import torch

from corridorkey.errors import KeyingError
from tests.backends import BACKENDS, needs_mlx
from tests.network.conftest import inputs

# What the frameworks say when there is no room.
NO_ROOM = {
    "mlx": [
        RuntimeError("[metal::malloc] Attempting to allocate 99 bytes which is greater than the maximum allowed"),
        RuntimeError("[malloc_or_wait] Unable to allocate 99 bytes."),
        RuntimeError("[METAL] Command buffer execution failed: Insufficient Memory (00000008:kIOGPUCommandBuffer…"),
        MemoryError("std::bad_alloc"),
    ],
    "torch": [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("MPS backend out of memory (MPS allocated: 17.00 GB, max allowed: 18.13 GB)."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:80] data. DefaultCPUAllocator: not enough memory"),
        MemoryError("std::bad_alloc"),
    ],
}
OTHER = [
    RuntimeError("shapes do not match"),
    RuntimeError("CUDA error: an illegal memory access was encountered"),
    ValueError("allocated"),
    KeyError("alloc"),
]


class Failing:
    """A network that fails with one error."""

    def __init__(self, error):
        self.error = error

    def __call__(self, x, refiner_scale):
        raise self.error


def test_no_room_for_a_frame_is_a_keying_error_with_advice(network, tiny_checkpoint):
    keyer = network.load_keyer(tiny_checkpoint)
    for error in NO_ROOM[network.name]:
        keyer.model = Failing(error)
        with pytest.raises(KeyingError, match=r"96x32 does not fit.*cpu.*Use a smaller --size") as caught:
            keyer.predict(inputs(32, 96))
        assert caught.value.__cause__ is error


def test_an_allocation_that_torch_really_refuses_is_a_keying_error(tiny_checkpoint):
    """In the words of the version that is here; MLX on a CPU cannot be asked, it crashes."""
    keyer = BACKENDS["torch"]().load_keyer(tiny_checkpoint, device="cpu")
    keyer.model = lambda x, refiner_scale: torch.empty(1 << 55, dtype=torch.uint8)
    with pytest.raises(KeyingError, match="does not fit"):
        keyer.predict(inputs(32, 32))


@pytest.mark.parametrize("error", OTHER)
def test_another_failure_is_not_called_a_lack_of_memory(network, tiny_checkpoint, error):
    keyer = network.load_keyer(tiny_checkpoint)
    keyer.model = Failing(error)
    with pytest.raises(type(error)) as caught:
        keyer.predict(inputs(32, 32))
    assert caught.value is error


@needs_mlx
def test_the_cache_is_bounded_by_the_gpus_memory_whatever_device_is_the_default(monkeypatch):
    import mlx.core as mx

    from corridorkey_mlx.memory import bound_cache

    bounds = []
    monkeypatch.setattr(mx, "set_cache_limit", bounds.append)
    assert (bound_cache() == 0) is not mx.metal.is_available()
    bounds.clear()
    monkeypatch.setattr(mx.metal, "is_available", lambda: True)
    monkeypatch.setattr(mx, "device_info", lambda device=mx.cpu: {"memory_size": 4096} if device == mx.gpu else {})
    assert bound_cache() == 1024
    assert bounds == [1024]
