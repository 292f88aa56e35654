"""Weights: `.pth` and safetensors for the converter, checkpoints for the networks."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from corridorkey.checkpoint import CheckpointInfo, read_info, write_checkpoint
from corridorkey_convert import convert
from corridorkey_convert.archive import Archive
from corridorkey_convert.source import opened
from corridorkey_convert.tensor_file import read_header
from corridorkey_torch.load import load_greenformer
from tests.convert.crafted import NETWORK, mlx_short, weights, write_zip
from tests.fuzz.reader import Reader, Sample


def pth_samples(folder: Path) -> dict[str, Sample]:
    """As zips, damaged with wrong and with right checksums; and their pickles alone, in zips that are whole."""
    found = {}
    for name, data in (("network", _pth({n: torch.from_numpy(a) for n, a in weights().items()})), ("mixed", _mixed())):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            stored = {entry.filename.partition("/")[2]: archive.read(entry) for entry in archive.infolist()}
        pickle = stored.pop("data.pkl")
        storages = {key.removeprefix("data/"): raw for key, raw in stored.items() if key.startswith("data/")}
        found[name] = Sample(data, _zip_body(data))
        found[f"{name}, sealed"] = Sample(data, _zip_body(data), zip_sealed)
        found[f"{name}, pickle"] = Sample(pickle, range(2, len(pickle)), partial(_zipped, folder / "zip", storages))
    return found


def zip_sealed(data: bytes) -> bytes:
    """With the checksums in a zip's directory put right, as far as it can be followed."""
    out, at = bytearray(data), data.find(b"PK\1\2")
    while at >= 0 and at + 46 <= len(data):
        (size,), (place,) = struct.unpack_from("<I", data, at + 20), struct.unpack_from("<I", data, at + 42)
        if place + 30 <= len(data):
            name, extra = struct.unpack_from("<2H", data, place + 26)
            start = place + 30 + name + extra
            out[at + 16 : at + 20] = struct.pack("<I", zlib.crc32(data[start : start + size]))
        at = data.find(b"PK\1\2", at + 46)
    return bytes(out)


def tensor_file_samples(_: Path) -> dict[str, Sample]:
    """Whole files of several layouts and dtypes; a header alone, before whole tensors; and the other way round."""
    halves = {n: a.astype(np.float16) if a.dtype.kind == "f" else a for n, a in weights().items()}
    found = {"mlx": save(mlx_short(weights())), "torch": save(weights()), "halves": save(halves)}
    parts = {"header": _header_alone(found["mlx"]), "tensors": _tensors_alone(found["torch"])}
    return {name: _whole(data) for name, data in found.items()} | parts


def checkpoint_samples(folder: Path) -> dict[str, Sample]:
    """Our own files: whole, the tensors alone, the header alone, and the network's description alone."""
    path, found = folder / "made.safetensors", {}
    for name, network in (("square", NETWORK), ("aspect", replace(NETWORK, sizing="aspect", screen="any"))):
        write_checkpoint(path, weights(), CheckpointInfo(network, "CC0", "0" * 64, "a note"))
        found[name] = _whole(path.read_bytes())
    data, config = path.read_bytes(), network.to_json().encode()
    parts = {"header": _header_alone(data), "tensors": _tensors_alone(data)}
    return found | parts | {"config": Sample(config, range(0), partial(_of, data, config))}


def pth_head(path: Path) -> None:
    with opened(path) as source:
        Archive(source)


def tensor_file_head(path: Path) -> None:
    with opened(path) as source:
        read_header(source)


def convert_green(path: Path) -> None:
    convert(path, screen="green", network=NETWORK)


def read_network(path: Path) -> None:
    """As a backend does, at another size than the checkpoint's."""
    load_greenformer(path, size=64)


PTH = Reader(pth_samples, pth_head, convert_green, 64, "case.pth")
SAFETENSORS = Reader(tensor_file_samples, tensor_file_head, convert_green, 64, "case.safetensors")
CHECKPOINT = Reader(checkpoint_samples, read_info, read_network, 64, "case.safetensors")


def _pth(state: dict[str, torch.Tensor]) -> bytes:
    buffer = io.BytesIO()
    torch.save({"state_dict": state, "epoch": 3}, buffer)
    return buffer.getvalue()


def _mixed() -> bytes:
    """The network, with all kinds of values and of tensors beside it."""
    plain = {"a": [1, 2.5, None, True, "x", (1, 2), {}], "size": torch.Size([2]), "dtype": torch.float16}
    tensors = {n: torch.from_numpy(a) for n, a in weights().items()}
    name = next(n for n, a in tensors.items() if a.ndim == 2)
    tensors[name] = torch.nn.Parameter(tensors[name].T.contiguous().T.bfloat16(), False)
    buffer = io.BytesIO()
    torch.save({**plain, "model": tensors, "other": [torch.ones(3, 2) > 0, torch.ones(2).long()]}, buffer)
    return buffer.getvalue()


def _zipped(path: Path, storages: dict[str, bytes], pickle: bytes) -> bytes:
    return write_zip(path, pickle, storages).read_bytes()


def _zip_body(data: bytes) -> range:
    return range(30, data.index(b"PK\1\2"))


def _whole(data: bytes) -> Sample:
    return Sample(data, range(8 + int.from_bytes(data[:8], "little"), len(data)))


def _header_alone(data: bytes) -> Sample:
    body = _whole(data).body
    return Sample(data[8 : body.start], range(0), partial(_before, data[body.start :]))


def _tensors_alone(data: bytes) -> Sample:
    tensors = data[_whole(data).body.start :]
    return Sample(tensors, range(len(tensors)), partial(_behind, data[: -len(tensors)], len(tensors)))


def _behind(header: bytes, length: int, tensors: bytes) -> bytes:
    return header + tensors[:length].ljust(length, b"\0")


def _before(tensors: bytes, header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + tensors


def _of(data: bytes, old: bytes, new: bytes) -> bytes:
    """A checkpoint with another network's description."""
    header, texts = (
        _header_alone(data),
        [json.dumps(config.decode(errors="replace"))[1:-1].encode() for config in (old, new)],
    )
    return header.seal(header.data.replace(*texts))
