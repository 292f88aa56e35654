"""The released size through the converter: a synthetic `.pth` of about 400 MB, read without Torch, loaded by both."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from corridorkey.config import GreenFormerConfig
from corridorkey.shapes import COUNTER, tensor_shapes
from parity.backends import BACKENDS, backends
from parity.figures import Figure
from parity.peak import PEAK
from parity.synthetic import synthetic_weights

DIM, WIDE = 56, 64  # a head of the released network, and what MLX pads it to

CONVERT = f"""
import sys
from pathlib import Path
from corridorkey_convert import convert_file
convert_file(Path(sys.argv[1]), Path(sys.argv[2]), screen="green")
assert "torch" not in sys.modules
{PEAK}
"""
LOAD = f"""
import sys
from pathlib import Path
from parity.full_size import compare_loaded
compare_loaded(sys.argv[1], Path(sys.argv[2]))
{PEAK}
"""


def write_pth(path: Path) -> None:
    """The synthetic network at the released size, wrapped and prefixed as training leaves it. Needs Torch."""
    import torch

    weights = synthetic_weights(tensor_shapes(GreenFormerConfig()))
    wrapped = {f"_orig_mod.{name}": torch.from_numpy(np.asarray(array)) for name, array in weights.items()}
    torch.save({"state_dict": wrapped, "epoch": 3}, path)


def compare_loaded(name: str, checkpoint: Path) -> None:
    """Load a checkpoint of the full size and hold every tensor to the synthetic weights, bit for bit.

    Raises:
        AssertionError: a tensor differs.
    """
    model = BACKENDS[name]().load_greenformer(checkpoint)
    if name == "torch":
        loaded = {key: tensor.numpy() for key, tensor in model.state_dict().items()}
    else:
        from mlx.utils import tree_flatten

        loaded = dict(tree_flatten(model.parameters()))
    for key, shape in tensor_shapes(model.config).items():
        if key.endswith(COUNTER):
            continue
        wanted, got = synthetic_weights({key: shape})[key], np.asarray(loaded[key])
        if name == "mlx":
            got = _as_torch(got, shape, key)
        assert np.array_equal(got, wanted), key


def full_size_figures() -> Iterator[Figure]:
    """Seconds and peak memory of converting and of loading, each in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source, checkpoint = Path(folder) / "full.pth", Path(folder) / "full.safetensors"
        write_pth(source)
        size = f"{source.stat().st_size / 1e6:.0f} MB"
        yield from _run(f"convert a .pth of {size}", CONVERT, 15, 1500, str(source), str(checkpoint))
        for backend in backends():
            yield from _run(f"load and compare in {backend.name}", LOAD, 60, 3000, backend.name, str(checkpoint))


def _run(name: str, code: str, seconds: float, megabytes: float, *words: str) -> Iterator[Figure]:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *words], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    yield Figure(name, time.perf_counter() - started, seconds, "s", "its own process", timing=True)
    peak = float(done.stdout.rsplit("peak", 1)[1]) / 1e6
    yield Figure(f"{name}, peak", peak, megabytes, "MB", "its own process")


def _as_torch(got: np.ndarray, shape: tuple[int, ...], key: str) -> np.ndarray:
    """MLX's tensor in Torch's layout, its padded heads cut off; what is cut off must be zero."""
    got = got.transpose(0, 3, 1, 2) if got.ndim == 4 else got
    for axis, wanted in enumerate(shape):
        if got.shape[axis] == wanted * WIDE // DIM and got.shape[axis] != wanted:
            heads = np.moveaxis(got, axis, 0).reshape(-1, WIDE, *np.delete(got.shape, axis))
            assert not heads[:, DIM:].any(), f"{key}: its padding is not zero"
            got = np.moveaxis(heads[:, :DIM].reshape(wanted, *np.delete(got.shape, axis)), 0, axis)
    return got
