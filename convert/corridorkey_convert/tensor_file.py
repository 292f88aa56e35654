"""Reads a safetensors file whose every number is checked; also bfloat16, which NumPy and safetensors.numpy lack."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert.arrays import BFLOAT16, ITEM_SIZES, AnyArray, dense_strides, may_be_shape, view
from corridorkey_convert.source import Source

HEADER = 16 << 20  # bytes at most; the released file needs about 40 000
DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": BFLOAT16,
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """A tensor as the header tells of it: dtype as in ITEM_SIZES, first byte in the file."""

    kind: str
    shape: tuple[int, ...]
    start: int


def is_tensor_file(data: memoryview) -> bool:
    """Whether these bytes begin as a safetensors file does."""
    return len(data) > 8 and bytes(data[8:9]) == b"{" and int.from_bytes(data[:8], "little") <= len(data) - 8


def read_header(source: Source) -> tuple[dict[str, TensorEntry], dict[str, str]]:
    """Names, dtypes, shapes and places of a safetensors file's tensors, and its free-form metadata.

    Raises:
        CheckpointFormatError: not safetensors, damaged, cut short, or a dtype that weights here never have.
    """
    length = int.from_bytes(source.data[:8], "little")
    if not is_tensor_file(source.data) or length > HEADER:
        raise _damaged(source, "not a safetensors file")
    try:
        header = json.loads(bytes(source.data[8 : 8 + length]), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise _damaged(source, "its header is damaged") from error
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _damaged(source, "its header is damaged")
    start, end, entries = 8 + length, 0, {}
    spans = {name: _span(source, name, entry) for name, entry in header.items()}
    for name, (entry, begin, stop) in sorted(spans.items(), key=lambda item: item[1][1:]):
        if begin != end:
            raise _damaged(source, f"{name!a} does not begin where the tensor before it ends")
        entries[name] = TensorEntry(entry.kind, entry.shape, start + begin)
        end = stop
    if start + end != len(source.data):
        raise _damaged(source, "its tensors do not fill it: it is cut short")
    return entries, metadata


def read_tensor_file(source: Source) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """Tensors and metadata of a safetensors file.

    Returns:
        (name -> array, metadata). Arrays look into the mapped file; bfloat16 has become float32.
    Raises:
        CheckpointFormatError: as `read_header`.
    """
    entries, metadata = read_header(source)
    tensors = {
        name: view(source.data[entry.start :], entry.kind, entry.shape, 0, dense_strides(entry.shape), "<")
        for name, entry in entries.items()
    }
    return tensors, metadata


def _span(source: Source, name: str, entry: Any) -> tuple[TensorEntry, int, int]:
    match entry:
        case {"dtype": str(dtype), "shape": [*sizes], "data_offsets": [int(begin), int(end)], **rest} if not rest:
            shape = tuple(sizes)
        case _:
            raise _damaged(source, f"its header says nothing usable of {name!a}")
    if dtype not in DTYPES:
        raise CheckpointFormatError(
            f"{source.path}: {name!a} has dtype {dtype!a}. Give a file in float32, float16 or bfloat16."
        )
    kind = DTYPES[dtype]
    if not may_be_shape(shape) or begin < 0 or end - begin != math.prod(shape) * ITEM_SIZES[kind]:
        raise _damaged(source, f"{name!a} has another size than its shape")
    return TensorEntry(kind, shape, 0), begin, end


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def _damaged(source: Source, why: str) -> CheckpointFormatError:
    return CheckpointFormatError(f"{source.path}: {why}. Fetch or copy it again.")
