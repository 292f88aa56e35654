"""Arrays from raw bytes, and from one floating dtype to another."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

AnyArray = NDArray[Any]
Dtype = Literal["float32", "float16"]

BFLOAT16 = "bfloat16"  # NumPy has none: its upper halves of float32 are read as uint16 and widened
ITEM_SIZES = {
    "float64": 8,
    "float32": 4,
    "float16": 2,
    BFLOAT16: 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
DIMENSIONS = 16
LONGEST = 1 << 40


def may_be_shape(shape: object) -> bool:
    """Whether this is a tuple of sizes that some tensor could have."""
    if not isinstance(shape, tuple) or len(shape) > DIMENSIONS:
        return False
    sizes = [n for n in shape if type(n) is int and 0 <= n <= LONGEST]
    return len(sizes) == len(shape) and math.prod(n for n in sizes if n) <= LONGEST


def view(
    data: memoryview, kind: str, shape: tuple[int, ...], offset: int, strides: tuple[int, ...], order: str
) -> AnyArray:
    """An array that looks into bytes; bool and bfloat16 are copies. The caller has checked that it lies inside.

    Args:
        data: the bytes.
        kind: a key of ITEM_SIZES.
        shape: sizes.
        offset, strides: in elements, as Torch counts.
        order: "<" or ">", of the bytes in `data`.
    Returns:
        the array, in this machine's byte order; float32 for bfloat16.
    """
    size = ITEM_SIZES[kind]
    raw = np.dtype({BFLOAT16: "uint16", "bool": "uint8"}.get(kind, kind)).newbyteorder(order)  # type: ignore[arg-type]
    if 0 in shape:
        array: AnyArray = np.zeros(shape, raw)
    else:
        steps = tuple(step * size if n > 1 else 0 for step, n in zip(strides, shape, strict=True))
        array = np.ndarray(shape, raw, data, offset * size, steps)
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if kind == BFLOAT16:
        return np.asarray(np.left_shift(array, 16, dtype=np.uint32)).view(np.float32)
    return array != 0 if kind == "bool" else array


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Strides in elements of an array whose last axis runs fastest."""
    return tuple(math.prod(shape[i + 1 :]) for i in range(len(shape)))


def as_floating(array: AnyArray, dtype: Dtype) -> AnyArray:
    """The array in another floating dtype, itself if it is that already; values out of range become infinite."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return array.astype(dtype, copy=False)
