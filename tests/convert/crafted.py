"""Weights files made by hand: zips as Torch writes them, pickles as no one should."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from corridorkey.shapes import tensor_shapes
from parity.synthetic import synthetic_weights
from tests.conftest import TINY

# The released network's names with almost no weights: 4 inputs, no base, square.
NETWORK = replace(TINY, inputs=("rgb", "hint"), base="none", screen="green", sizing="square", pos_grid=8, size=32)

TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
ORDERED = b"ccollections\nOrderedDict\n)R"
FLOATS = b"ctorch\nFloatStorage\n"


def weights(seed: int = 1) -> dict[str, np.ndarray]:
    """Canonical arrays of NETWORK."""
    return synthetic_weights(tensor_shapes(NETWORK), seed)


def text(value: str) -> bytes:
    """BINUNICODE."""
    raw = value.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def number(value: int) -> bytes:
    """LONG1, whatever the size."""
    raw = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(raw)]) + raw


def numbers(values: tuple[int, ...]) -> bytes:
    """A tuple of ints."""
    return b"(" + b"".join(number(v) for v in values) + b"t"


def storage(count: int = 4, kind: bytes = FLOATS, key: str = "0") -> bytes:
    """A storage by its persistent id."""
    return b"(" + text("storage") + kind + text(key) + text("cpu") + number(count) + b"tQ"


def tensor(size=(2, 2), stride=(2, 1), offset: int = 0, at: bytes | None = None, hooks: bytes = ORDERED) -> bytes:
    """A call of `_rebuild_tensor_v2`."""
    at = storage() if at is None else at
    return TENSOR + b"(" + at + number(offset) + numbers(size) + numbers(stride) + b"\x89" + hooks + b"tR"


def state(value: bytes, name: str = "encoder.model.pos_embed") -> bytes:
    """A whole pickle: a dict with one entry."""
    return b"\x80\x02}" + text(name) + value + b"s."


def write_zip(path: Path, pickle: bytes, storages: dict[str, bytes] | None = None, **more: bytes) -> Path:
    """A `.pth` around a pickle, with right checksums."""
    storages = {"0": np.arange(4, dtype="<f4").tobytes()} if storages is None else storages
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle)
        for name, data in {**{f"data/{key}": data for key, data in storages.items()}, **more}.items():
            archive.writestr(f"archive/{name}", data)
    path.write_bytes(buffer.getvalue())
    return path


def mlx(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """corridorkey-mlx's layout of canonical arrays."""
    kept = {n: a for n, a in tensors.items() if not n.endswith("num_batches_tracked")}
    names = {n: n.replace("stem.0", "stem_conv").replace("stem.1", "stem_gn") for n in kept}
    return {names[n]: np.ascontiguousarray(a.transpose(0, 2, 3, 1)) if a.ndim == 4 else a for n, a in kept.items()}


def mlx_short(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """EZ-CorridorKey's layout of canonical arrays."""

    def rename(name: str) -> str:
        name = name.replace("encoder.model.", "encoder.")
        return name.replace(".proj", "") if ".linear_c" in name else name

    return {rename(name): array for name, array in mlx(tensors).items()}
