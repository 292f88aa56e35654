"""safetensors files: every dtype arrives, every lie in the header is refused."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert import read_tensors


def write(path, header: object, data: bytes = bytes(16)):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(dtype="F32", shape=(4,), begin=0, end=16):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def test_every_dtype_arrives_bit_for_bit(tmp_path):
    values = torch.randn(3, 4, generator=torch.manual_seed(1)) * 100
    names = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    tensors = {name: values.to(getattr(torch, name)) for name in names}
    tensors |= {"scalar": torch.tensor(3), "empty": torch.zeros(0, 5)}
    save_file(tensors, tmp_path / "a.safetensors", {"note": "é"})
    got = read_tensors(tmp_path / "a.safetensors")
    assert set(got) == set(tensors)
    for name, tensor in tensors.items():
        array = (tensor.float() if name == "bfloat16" else tensor).numpy()
        assert (got[name].dtype, got[name].shape) == (array.dtype, array.shape)
        assert got[name].tobytes() == array.tobytes()


WRONG = {
    "beyond the end": {"a": entry(shape=(8,), end=32)},
    "not to the end": {"a": entry(shape=(2,), end=8)},
    "not from the start": {"a": entry(shape=(2,), begin=8)},
    "over each other": {"a": entry(), "b": entry()},
    "backwards": {"a": entry(begin=16, end=0)},
    "negative": {"a": entry(begin=-16, end=0)},
    "another size": {"a": entry(shape=(5,))},
    "negative shape": {"a": entry(shape=(-2, -2))},
    "absurd shape": {"a": entry(shape=(0, 2**60, 2**60), end=0)},
    "true": {"a": entry(shape=(True, 4))},
    "text as shape": {"a": {"dtype": "F32", "shape": "4", "data_offsets": [0, 16]}},
    "no dtype": {"a": {"shape": [4], "data_offsets": [0, 16]}},
    "more than it should have": {"a": {**entry(), "more": 1}},
    "a list": {"a": [1]},
    "float8": {"a": entry("F8_E4M3", (16,))},
    "metadata of numbers": {"__metadata__": {"a": 1}, "a": entry()},
    "metadata of lists": {"__metadata__": [], "a": entry()},
    "twice": b'{"a":%s,"a":%s}' % ((json.dumps(entry()).encode(),) * 2),
    "no JSON": b"{abc}",
    "nested": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "not UTF-8": b'{"\xff":1}',
    "a long number": b'{"a":' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("case", WRONG)
def test_a_header_that_lies_is_refused(tmp_path, case):
    path = write(tmp_path / "a.safetensors", WRONG[case])
    with pytest.raises(CheckpointFormatError, match=r"a\.safetensors: "):
        read_tensors(path)


def test_a_header_longer_than_any_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "a.safetensors", {"a": entry()})
    np.testing.assert_array_equal(read_tensors(path)["a"], np.zeros(4))
    monkeypatch.setattr("corridorkey_convert.tensor_file.HEADER", 10)
    with pytest.raises(CheckpointFormatError, match="not a safetensors file"):
        read_tensors(path)
