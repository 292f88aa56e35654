"""Reads a Torch `.pth` without Torch, and without running anything that is in it.

The file is a zip: `data.pkl` describes nested dicts and lists, and each tensor in them as a view of a storage, which is
an entry of its own. What may occur in the description is listed here, by name; all else is refused.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert.archive import Archive
from corridorkey_convert.arrays import BFLOAT16, ITEM_SIZES, AnyArray, may_be_shape, view
from corridorkey_convert.opcodes import Refused, interpret
from corridorkey_convert.source import Source

PICKLE = 64 << 20  # bytes that data.pkl may have
TENSORS = 100_000
SPARE = 64 << 20  # bytes that all tensors may have beyond four times the file: storages are shared, views expanded

_STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": BFLOAT16,
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_REASONS = {
    "torch._utils._rebuild_sparse_tensor": "a sparse tensor",
    "torch._utils._rebuild_sparse_csr_tensor": "a sparse tensor",
    "torch._utils._rebuild_nested_tensor": "a nested tensor",
    "torch._utils._rebuild_qtensor": "a quantised tensor",
    "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without values (device meta)",
    "torch._utils._rebuild_wrapper_subclass": "a tensor subclass",
    "torch._tensor._rebuild_from_type_v2": "a tensor subclass",
    "torch._utils._rebuild_parameter_with_state": "a parameter with attributes of its own",
    "torch._utils._rebuild_tensor_v3": "a tensor in a dtype such as float8",
}
_UNKNOWN_DTYPES = ("Complex", "QInt", "QUInt", "complex", "qint", "quint", "float8", "float4", "bits")
RESAVE = "In Torch, save the dense weights alone: torch.save(model.state_dict(), ...)"


@dataclass(frozen=True, slots=True)
class _Function:
    does: Literal["tensor", "parameter", "dict", "size"]


@dataclass(frozen=True, slots=True)
class _Dtype:
    kind: str  # of ITEM_SIZES


@dataclass(frozen=True, slots=True)
class _StorageClass:
    kind: str  # of ITEM_SIZES; uint8 for an untyped one


@dataclass(frozen=True, slots=True)
class _Storage:
    kind: str
    count: int  # elements
    data: memoryview


_GLOBALS: dict[str, object] = {
    "torch._utils._rebuild_tensor_v2": _Function("tensor"),
    "torch._utils._rebuild_parameter": _Function("parameter"),
    "collections.OrderedDict": _Function("dict"),
    "torch.Size": _Function("size"),
    "torch.storage.UntypedStorage": _StorageClass("uint8"),
    **{f"torch.{name}": _StorageClass(kind) for name, kind in _STORAGES.items()},
    **{f"torch.{kind}": _Dtype(kind) for kind in ITEM_SIZES},
}


def read_pth(source: Source) -> object:
    """What a Torch file holds: dicts, lists, tuples, plain values, and NumPy arrays for its tensors.

    Args:
        source: the open file, a zip.
    Returns:
        the value that was saved. Arrays look into the mapped file where they can, and are read-only then; bfloat16 has
        become float32.
    Raises:
        CheckpointFormatError: damaged, TorchScript, or it asks for anything but dense tensors; says for what.
    """
    archive = Archive(source)
    pickles = [name for name in archive.entries if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise CheckpointFormatError(f"{source.path}: a zip, but not one of weights: no data.pkl. Give a Torch file.")
    root = pickles[0].removesuffix("data.pkl")
    if f"{root}constants.pkl" in archive.entries or any(name.startswith(f"{root}code/") for name in archive.entries):
        raise CheckpointFormatError(f"{source.path}: a TorchScript archive: it holds code, which is not read. {RESAVE}")
    program = bytes(archive.read(pickles[0], most=PICKLE))
    try:
        return interpret(program, _Tensors(archive, root))
    except Refused as error:
        raise CheckpointFormatError(f"{source.path}: {error}; not opened. {RESAVE}") from error


class _Tensors:
    """The builder of everything in a `.pth` that is no plain value."""

    def __init__(self, archive: Archive, root: str) -> None:
        self.archive, self.root = archive, root
        self.order = self._byte_order()
        self.storages: dict[str, memoryview] = {}
        self.made, self.bytes_left = 0, 4 * len(archive.source.data) + SPARE

    def _byte_order(self) -> str:
        name = f"{self.root}byteorder"
        if name not in self.archive.entries:
            return "<"
        order = bytes(self.archive.read(name, most=64)).strip()
        if order not in (b"little", b"big"):
            raise self.archive.refused("its byte order is neither little nor big")
        return "<" if order == b"little" else ">"

    def find(self, name: str) -> object:
        if name in _GLOBALS:
            return _GLOBALS[name]
        shown = ascii(name[:200])[1:-1]
        why = _REASONS.get(name)
        if name.startswith("torch.") and name.removeprefix("torch.").startswith(_UNKNOWN_DTYPES):
            why = "a complex, quantised or float8 tensor"
        raise Refused(f"holds {why} (`{shown}`)" if why else f"asks for `{shown}`, which no weights file needs")

    def call(self, function: object, arguments: tuple[Any, ...]) -> object:
        match function, arguments:
            case _Function("tensor"), (_Storage() as storage, offset, size, stride, bool(), hooks):
                _check_hooks(hooks)
                return self._tensor(storage, offset, size, stride)
            case _Function("tensor"), (_Storage() as storage, offset, size, stride, bool(), hooks, None | {} as extra):
                _check_hooks(hooks)
                if extra:
                    raise Refused("holds a tensor that is conjugated or negated on the fly")
                return self._tensor(storage, offset, size, stride)
            case _Function("parameter"), (np.ndarray() as array, bool(), hooks):
                _check_hooks(hooks)
                return array
            case _Function("dict"), ():
                return OrderedDict()
            case _Function("size"), (tuple() as size,) if may_be_shape(size):
                return size
        raise Refused(f"its pickle calls {_named(function)} in a way that Torch does not")

    def load(self, reference: object) -> object:
        match reference:
            case (str("storage"), _StorageClass(kind), str(key), str(), int(count)) if count >= 0:
                return self._storage(kind, key, count)
        raise Refused("refers to something outside that is no storage")

    def _storage(self, kind: str, key: str, count: int) -> _Storage:
        name = f"{self.root}data/{key}"
        entry = self.archive.entries.get(name)
        if entry is None:
            raise Refused("refers to a storage that is not in the file")
        if entry.size != count * ITEM_SIZES[kind]:
            raise Refused(f"{name} has {entry.size} bytes, not those of its elements")
        if name not in self.storages:
            self.storages[name] = self.archive.read(name)
        return _Storage(kind, count, self.storages[name])

    def _tensor(self, storage: _Storage, offset: object, size: object, stride: object) -> AnyArray:
        if not isinstance(size, tuple) or not may_be_shape(size):
            raise Refused("holds a tensor with an impossible shape")
        if not isinstance(stride, tuple) or len(stride) != len(size):
            raise Refused("holds a tensor with impossible strides")
        if type(offset) is not int or not all(type(step) is int and step >= 0 for step in stride):
            raise Refused("holds a tensor with an impossible offset or stride")
        last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
        if offset < 0 or (0 not in size and last >= storage.count):
            raise Refused("holds a tensor that reaches beyond its storage")
        self._count(math.prod(size) * max(4, ITEM_SIZES[storage.kind]))
        return view(storage.data, storage.kind, size, offset, stride, self.order)

    def _count(self, size: int) -> None:
        self.made, self.bytes_left = self.made + 1, self.bytes_left - size
        if self.made > TENSORS or self.bytes_left < 0:
            raise Refused("holds more tensors, or larger ones, than its size allows")


def _check_hooks(hooks: object) -> None:
    if hooks is not None and not (isinstance(hooks, dict) and not hooks):
        raise Refused("holds a tensor with hooks, which are code")


def _named(function: object) -> str:
    names = (name for name, known in _GLOBALS.items() if known is function)
    return f"`{next(names, type(function).__name__)}`"
