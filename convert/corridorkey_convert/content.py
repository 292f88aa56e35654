"""A weights file's tensors as they are, whatever kind of file it is: told by its content, not by its name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert.arrays import AnyArray
from corridorkey_convert.names import find_state_dict, recognise, unwrapped
from corridorkey_convert.pth import read_pth
from corridorkey_convert.source import Source, opened
from corridorkey_convert.tensor_file import is_tensor_file, read_tensor_file

_REMEDY = "In Torch 1.6 or newer, load it and save it again: torch.save(torch.load(old, weights_only=True), new)"
_STRANGERS = (
    (b"\x80", f"a Torch file from before version 1.6, or a bare pickle. {_REMEDY}"),
    (b"version https://git-lfs", "a pointer of git LFS, not the file it stands for. Run: git lfs pull"),
    (b"<", "a web page, not weights: the download went wrong. Fetch it again."),
    (b"PK\x05\x06", "an empty zip. Fetch or copy it again."),
)
_TAR = slice(257, 262)


@dataclass(frozen=True, slots=True)
class Content:
    """What lies in a weights file.

    Attributes:
        tensors: name in the file -> array, perhaps a read-only view of the file.
        kind: "Torch .pth" or "safetensors", and where in it the weights were found.
        header: a safetensors file's own metadata.
        sha256: hash of the whole file.
    """

    tensors: dict[str, AnyArray]
    kind: str
    header: dict[str, str]
    sha256: str


def read_content(path: Path) -> Content:
    """Everything that a weights file holds, and its hash.

    Raises:
        CheckpointFormatError: unreadable, of no known kind, damaged, it asks for more than tensors, or has none of this
            network's.
    """
    with opened(path) as source:
        tensors, kind, header = _tensors(source)
        find_state_dict(path, tensors)  # another network's file is named as such, not by 367 missing tensors
        return Content(tensors, kind, header, source.sha256())


def read_tensors(path: Path) -> dict[str, AnyArray]:
    """A weights file's tensors under the names and in the layout they have there.

    Args:
        path: a Torch `.pth` or a safetensors file, whatever it is called.
    Returns:
        name -> array; read-only views of the file where possible. bfloat16 has become float32.
    Raises:
        CheckpointFormatError: unreadable, of no known kind, damaged, or it asks for more than tensors.
    """
    with opened(path) as source:
        return _tensors(source)[0]


def _tensors(source: Source) -> tuple[dict[str, AnyArray], str, dict[str, str]]:
    data = source.data
    if bytes(data[:4]) == b"PK\x03\x04":
        tensors, under = find_state_dict(source.path, read_pth(source))
        return tensors, f"Torch .pth, under {under!r}" if under else "Torch .pth", {}
    if is_tensor_file(data):
        tensors, header = read_tensor_file(source)
        return tensors, "safetensors", header
    for start, what in _STRANGERS:
        if bytes(data[: len(start)]) == start:
            raise CheckpointFormatError(f"{source.path}: {what}")
    if bytes(data[_TAR]) == b"ustar":
        raise CheckpointFormatError(f"{source.path}: a tar, as Torch wrote it before version 0.2. {_REMEDY}")
    raise CheckpointFormatError(f"{source.path}: neither a Torch .pth nor a safetensors file. Fetch or copy it again.")


def refuse_unconverted(path: Path) -> NoReturn:
    """Say what a file that is no checkpoint is instead, and how it becomes one.

    Raises:
        CheckpointFormatError: always.
    """
    content = read_content(path)
    layout = recognise(dict.fromkeys(map(unwrapped, content.tensors)))
    raise CheckpointFormatError(
        f"{path}: no checkpoint yet, but {content.kind}, {layout.name}, {len(content.tensors)} tensors. "
        f"Make one: ck convert {path} --screen green (or blue)"
    )
