"""The canonical checkpoint: safetensors with Torch names and layout, and a header that says what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from corridorkey.config import GreenFormerConfig
from corridorkey.errors import CheckpointFormatError, WeightMismatchError
from corridorkey.files import write_file
from corridorkey.printable import printable
from corridorkey.types import Array

FORMAT = "corridorkey-greenformer"
FORMAT_VERSION = "1"
POS_EMBED = "encoder.model.pos_embed"

# What no tensor bears out is bounded: it would cost time and memory before any number is looked at.
_MOST_BLOCKS, _LONGEST, _STRONGEST = 1000, 32_768, 1e6

Tensors = Mapping[str, NDArray[Any]]

DTYPES = {"float32": "F32", "float16": "F16", "int64": "I64"}  # what a checkpoint may hold, in safetensors' words
_HOLDS = f"a checkpoint holds {', '.join(DTYPES)}"


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """What a checkpoint's header says.

    Attributes:
        config: the network.
        licence: terms of the weights, as an SPDX name or a sentence.
        source_sha256: hash of the file these weights were converted from; empty if they were trained here.
        note: one line for people.
    Raises:
        CheckpointFormatError: a line break or control character in a text; they are shown, and a terminal may obey.
    """

    config: GreenFormerConfig
    licence: str
    source_sha256: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("licence", "source_sha256", "note"):
            if not getattr(self, name).isprintable():
                raise CheckpointFormatError(f"its {name} holds line breaks or control characters. Make it one line.")


def write_checkpoint(path: Path, tensors: Tensors, info: CheckpointInfo) -> None:
    """Write a canonical checkpoint, whole or not at all. The same tensors and header give the same bytes.

    Args:
        path: the file to make or replace.
        tensors: Torch name -> array (float32, float16 or int64), Torch layout.
        info: goes into the header.
    Raises:
        CheckpointFormatError: an array of another dtype.
        FrameWriteError: the disk refuses; what was there stays.
    """
    header = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "config": info.config.to_json(),
        "screen": info.config.screen,
        "licence": info.licence,
        "source_sha256": info.source_sha256,
        "note": info.note,
    }
    write_file(path, _serialised(path, tensors, header))


def read_info(path: Path) -> CheckpointInfo:
    """Read a checkpoint's header.

    Raises:
        CheckpointFormatError: no such file, not safetensors, or not ours.
    """
    with _opened(path) as file:
        return _info(path, file.metadata())


def read_checkpoint(path: Path) -> tuple[dict[str, NDArray[Any]], CheckpointInfo]:
    """Read a checkpoint's tensors and header.

    Returns:
        (name -> array in Torch layout, header).
    Raises:
        CheckpointFormatError: no such file, not safetensors, or not ours.
    """
    with _opened(path) as file:
        info = _info(path, file.metadata())
        names = list(file.keys())
        for name in names:
            if (dtype := file.get_slice(name).get_dtype()) not in DTYPES.values():
                raise CheckpointFormatError(f"{path}: {name!a} is {dtype}; {_HOLDS}. Fetch or convert it again.")
        try:
            return {name: file.get_tensor(name) for name in names}, info
        except SafetensorError as error:
            raise CheckpointFormatError(f"{path}: {error}. Fetch or convert it again.") from error


def check_tensors(path: object, tensors: Tensors, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Hold tensors against the network that is to take them.

    Args:
        path: named in the error.
        tensors: what the file holds.
        shapes: what the network wants.
    Raises:
        WeightMismatchError: names every missing, unexpected, misshapen or non-finite tensor.
    """
    common = sorted(set(tensors) & set(shapes))
    wrong = {n: (tensors[n].shape, shapes[n]) for n in common if tensors[n].shape != shapes[n]}
    missing, unexpected = sorted(set(shapes) - set(tensors)), sorted(map(printable, set(tensors) - set(shapes)))
    not_finite = [n for n in common if not np.isfinite(tensors[n]).all()]
    if missing or unexpected or wrong or not_finite:
        raise WeightMismatchError(path, missing=missing, unexpected=unexpected, shapes=wrong, not_finite=not_finite)


def resample_pos_embed(pos_embed: Array, grid: tuple[int, int]) -> Array:
    """Position embedding for another token grid.

    Args:
        pos_embed: (1, n², C) float32, a square raster.
        grid: wanted height and width in tokens.
    Returns:
        (1, height · width, C) float32.
    Source: Torch's bicubic interpolation: a = −0.75, half-pixel, no antialias, edges repeated.
    """
    side = round(pos_embed.shape[1] ** 0.5)
    if grid == (side, side):
        return pos_embed
    square = pos_embed.reshape(side, side, -1)
    rows = _cubic(square, grid[0])
    both = _cubic(rows.transpose(1, 0, 2), grid[1]).transpose(1, 0, 2)
    return np.ascontiguousarray(both).reshape(1, grid[0] * grid[1], -1)


def _cubic(x: Array, size: int) -> Array:
    a = np.float32(-0.75)
    at = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * np.float32(len(x) / size) - np.float32(0.5)
    left = np.floor(at)
    t = (at - left)[:, None, None]

    def near(d: Array) -> Array:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Array) -> Array:
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    weights = (far(t + 1), near(t), near(1 - t), far(2 - t))
    taps = np.clip(left.astype(np.int64)[:, None] + np.arange(-1, 3), 0, len(x) - 1)
    summed = weights[0] * x[taps[:, 0]]
    for i in (1, 2, 3):
        summed = summed + weights[i] * x[taps[:, i]]
    return np.asarray(summed, np.float32)


def _serialised(path: Path, tensors: Tensors, header: Mapping[str, str]) -> bytes:
    # safetensors' own `save` holds every tensor twice and orders its metadata at random.
    for name, array in tensors.items():
        if array.dtype.name not in DTYPES:
            raise CheckpointFormatError(f"{path}: {name} is {array.dtype}; {_HOLDS}")
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))  # the widest first: all are aligned
    entries: dict[str, Any] = {"__metadata__": dict(sorted(header.items()))}
    end = 0
    for name in names:
        array = tensors[name]
        begin, end = end, end + array.nbytes
        entries[name] = {
            "dtype": DTYPES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(entries, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    little = (np.ascontiguousarray(tensors[name], tensors[name].dtype.newbyteorder("<")) for name in names)
    return b"".join([len(text).to_bytes(8, "little"), text, *(array.data for array in little)])


def _opened(path: Path) -> Any:
    try:
        if not path.is_file():
            raise CheckpointFormatError(f"{path}: no such checkpoint. Give --checkpoint a file, or auto or small.")
        return safe_open(path, framework="numpy")
    except (SafetensorError, OSError) as error:
        raise CheckpointFormatError(f"{path}: not a safetensors file ({error}). Fetch or convert it again.") from error


def _info(path: Path, header: Mapping[str, str] | None) -> CheckpointInfo:
    header = header or {}
    if header.get("format") != FORMAT:
        raise CheckpointFormatError(
            f"{path}: has no CorridorKey header, so its network is unknown. "
            f"Released weights need converting first: ck convert {path}"
        )
    if header.get("format_version") != FORMAT_VERSION:
        raise CheckpointFormatError(
            f"{path}: format version {header.get('format_version')}, this program reads {FORMAT_VERSION}. Update it."
        )
    try:
        config = GreenFormerConfig.from_json(header.get("config", ""))
        _check_claims(config)
        return CheckpointInfo(config, *(header.get(name, "") for name in ("licence", "source_sha256", "note")))
    except CheckpointFormatError as error:
        raise CheckpointFormatError(f"{path}: {error}") from error
    except RecursionError as error:
        raise CheckpointFormatError(f"{path}: unreadable network config. Fetch or convert it again.") from error


def _check_claims(config: GreenFormerConfig) -> None:
    lengths = (config.size, config.pos_grid, *config.refiner_dilations)
    blocks = sum(config.depths) + len(config.refiner_dilations)
    is_sane = all(type(n) is int and 1 <= n <= _LONGEST for n in lengths) and blocks <= _MOST_BLOCKS
    is_sane = is_sane and type(config.overview) is int and config.overview <= _LONGEST
    if not (is_sane and abs(config.refiner_gain) <= _STRONGEST):
        raise CheckpointFormatError("its config describes no network of this kind. Fetch or convert it again.")
