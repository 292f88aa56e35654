"""The keyer: a loaded network behind one call, NumPy in and out."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import mlx.core as mx
import numpy as np

from corridorkey.config import SIZE_STEP, GreenFormerConfig
from corridorkey.errors import BackendUnavailableError, KeyingError, SettingsError
from corridorkey.overview import predict_both
from corridorkey.types import Array, Prediction
from corridorkey_mlx.greenformer import GreenFormer
from corridorkey_mlx.load import load_greenformer

# An allocator that refuses; Metal when a command finds no room.
NO_MEMORY = ("alloc", "insufficient memory", "outofmemory")
DEVICES = {"cpu": mx.cpu, "gpu": mx.gpu, "mps": mx.gpu}  # the last is what Torch calls Apple's GPU


class GreenFormerKeyer:
    """Predicts with a GreenFormer on one device.

    Attributes:
        contract: what `predict` wants to be given.
        device, dtype: where and in what the network runs.
    """

    def __init__(self, model: GreenFormer, contract: GreenFormerConfig, device: mx.Device, dtype: str) -> None:
        self.model, self.contract, self.device, self.dtype = model, contract, device, dtype

    def predict(self, x: Array, refiner_scale: float = 1.0) -> Prediction:
        """Predict one frame, a large one at the size of the contract's overview too; see `overview`.

        Args:
            x: (1, h, w, C) float32, as `prepare` gives it.
            refiner_scale: multiplies the refiner's logits.
        Returns:
            Prediction at (h, w).
        Raises:
            KeyingError: the frame does not fit into memory.
        """
        return predict_both(self._predict, x, self.contract, refiner_scale)

    def _predict(self, x: Array, refiner_scale: float) -> Prediction:
        try:
            with mx.stream(self.device):
                alpha, fg = self.model(mx.array(x), refiner_scale)
                alpha, fg = alpha[0], fg[0]
                mx.eval(alpha, fg)
        except (RuntimeError, MemoryError) as error:
            if not _lacks_memory(error):
                raise
            raise KeyingError(
                f"a frame of {x.shape[2]}x{x.shape[1]} does not fit into the memory of {self.device}. "
                "Use a smaller --size, --dtype float16, or --device cpu."
            ) from error
        return Prediction(np.array(alpha), np.array(fg))


def choose_device(name: str | None = None) -> mx.Device:
    """The device to run on: the name, else CORRIDORKEY_DEVICE, else the GPU, else the CPU.

    Raises:
        SettingsError: not a device's name.
        BackendUnavailableError: that device is not here.
    """
    name = name or os.environ.get("CORRIDORKEY_DEVICE") or "auto"
    if name == "auto":
        name = "gpu" if mx.is_available(mx.gpu) else "cpu"
    if name.startswith("cuda"):
        raise BackendUnavailableError(f"device {name!r} is Torch's. Use --backend torch, or --device auto, gpu or cpu.")
    if name not in DEVICES:
        raise SettingsError(f"device {name!r}: use auto, cpu or gpu")
    if not mx.is_available(DEVICES[name]):
        raise BackendUnavailableError(f"device {name!r} is not available here. Use --device auto or cpu.")
    return mx.Device(DEVICES[name])


def load_keyer(
    path: Path, *, size: int | None = None, dtype: str = "float32", device: str | None = None
) -> GreenFormerKeyer:
    """Load a checkpoint as a keyer.

    Args:
        path: a canonical checkpoint.
        size: pixels along the (long) side, a multiple of 32; None takes the checkpoint's own.
        dtype: "float32", "float16" or "bfloat16".
        device: "auto", "cpu", "gpu"; None reads CORRIDORKEY_DEVICE.
    Returns:
        GreenFormerKeyer.
    Raises:
        CheckpointError, SettingsError, BackendUnavailableError: as `load_greenformer` and `choose_device`.
    """
    if size is not None and (size < SIZE_STEP or size % SIZE_STEP):
        raise SettingsError(f"size {size}: use a multiple of {SIZE_STEP}, for example 512, 1024 or 2048")
    chosen = choose_device(device)
    with mx.stream(chosen):
        model = load_greenformer(path, size=size, dtype=dtype)
    contract = dataclasses.replace(model.config, size=size) if size else model.config
    return GreenFormerKeyer(model, contract, chosen, dtype)


def _lacks_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in NO_MEMORY)
