"""What honest Torch files hold arrives bit for bit as Torch itself reads it."""

import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert import read_tensors
from corridorkey_convert.pth import read_pth
from corridorkey_convert.source import opened
from tests.convert.crafted import state, storage, tensor, write_zip

NAME = "encoder.model.pos_embed"


def content(path):
    with opened(path) as source:
        return read_pth(source)


def as_numpy(value: torch.Tensor) -> np.ndarray:
    value = value.detach()
    return (value.float() if value.dtype == torch.bfloat16 else value).numpy()


def assert_same(path, wanted=None) -> dict[str, np.ndarray]:
    wanted, got = wanted or torch.load(path, weights_only=True), content(path)
    assert list(got) == list(wanted)
    for name, value in wanted.items():
        array = as_numpy(value)
        assert got[name].shape == array.shape
        assert got[name].dtype == array.dtype
        assert got[name].tobytes() == array.tobytes(), name
    return got


DTYPES = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_dtype_and_shape(tmp_path, protocol):
    values = torch.randn(3, 4, 5, generator=torch.manual_seed(1)) * 100
    tensors = {dtype: values.to(getattr(torch, dtype)) for dtype in DTYPES}
    tensors |= {"scalar": torch.tensor(7), "half scalar": torch.tensor(0.5, dtype=torch.bfloat16)}
    tensors |= {"empty": torch.zeros(0, 3), "nothing": torch.zeros(0)}
    torch.save(tensors, tmp_path / "a.pth", pickle_protocol=protocol)
    # Torch itself warns of protocols other than its own.
    got = assert_same(tmp_path / "a.pth", tensors if protocol > 2 else None)
    assert got["bfloat16"].dtype == np.float32
    assert got["float16"].dtype == np.float16


def test_strided_and_shared_storages_and_offsets(tmp_path):
    base = torch.arange(120, dtype=torch.float32).reshape(4, 5, 6)
    half = base.bfloat16()
    tensors = {
        "base": base,
        "transposed": base.permute(2, 0, 1),
        "every other": base[1:, ::2, 3],
        "offset": base[2],
        "one": base[3, 4, 5],
        "expanded": base[0, 0, :1].expand(7),
        "channels last": torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        "half, strided": half[:, 1:3].transpose(0, 2),
    }
    torch.save(tensors, tmp_path / "a.pth")
    with zipfile.ZipFile(tmp_path / "a.pth") as archive:
        assert sum("/data/" in name for name in archive.namelist()) == 3  # shared indeed
    assert_same(tmp_path / "a.pth")


def test_parameters_state_dicts_and_modules_versions(tmp_path):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    module.requires_grad_(False)
    torch.save(OrderedDict(module.named_parameters()), tmp_path / "parameters.pth")  # _rebuild_parameter
    assert_same(tmp_path / "parameters.pth")
    torch.save(module.state_dict(), tmp_path / "state.pth")  # an OrderedDict whose _metadata is set by BUILD
    assert_same(tmp_path / "state.pth")


def test_a_training_checkpoint_with_its_optimizer(tmp_path):
    module = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(module.parameters())
    module(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    saved = {"epoch": 3, "loss": 0.25, "best": None, "done": True, "shape": torch.Size([1, 2]), "raw": b"abc"}
    saved |= {"dtype": torch.float16, "history": [1.5, float("inf"), -(2**70)], "name": "é"}
    saved |= {"state_dict": module.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(saved, tmp_path / "a.pth", pickle_protocol=4)
    got = content(tmp_path / "a.pth")
    assert got["shape"] == (1, 2)
    assert got["history"] == [1.5, float("inf"), -(2**70)]
    assert [got[key] for key in ("epoch", "loss", "best", "done", "raw", "name")] == [3, 0.25, None, True, b"abc", "é"]
    assert got["optimizer"]["param_groups"][0]["betas"] == (0.9, 0.999)
    moments = optimizer.state_dict()["state"][0]["exp_avg"].numpy()
    np.testing.assert_array_equal(got["optimizer"]["state"][0]["exp_avg"], moments)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_plain_values(tmp_path, protocol):
    values = [0, -1, 255, 65535, 2**31 - 1, 2**40, -(2**3000), 1.5, None, True, False, "é" * 300, "", (), (1,), (1, 2)]
    values += [(1, 2, 3), (1,) * 5, [], [1], {}, {"a": {}, 1: 2, None: 3, b"": 4} if protocol > 2 else {}]
    values += [b"x", b"x" * 300, values[-1]] if protocol > 2 else []
    assert content(write_zip(tmp_path / "a.pth", pickle.dumps(values, protocol))) == values


def test_big_endian_storages(tmp_path):
    values = np.arange(4, dtype=np.float32)
    big = {"0": values.astype(">f4").tobytes()}
    got = read_tensors(write_zip(tmp_path / "a.pth", state(tensor()), big, byteorder=b"big"))[NAME]
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, values.reshape(2, 2))
    with pytest.raises(CheckpointFormatError, match="byte order"):
        read_tensors(write_zip(tmp_path / "b.pth", state(tensor()), byteorder=b"middle"))
    halves = {"0": (values.view(np.uint32) >> 16).astype(">u2").tobytes()}
    program = state(tensor(at=storage(kind=b"ctorch\nBFloat16Storage\n")))
    got = read_tensors(write_zip(tmp_path / "c.pth", program, halves, byteorder=b"big"))[NAME]
    np.testing.assert_array_equal(got, values.reshape(2, 2))


def test_a_deflated_zip_is_read_too(tmp_path):
    torch.save({NAME: torch.randn(50, 3)}, tmp_path / "a.pth")
    with zipfile.ZipFile(tmp_path / "a.pth") as stored, zipfile.ZipFile(tmp_path / "b.pth", "w", 8) as deflated:
        for name in stored.namelist():
            deflated.writestr(name, stored.read(name))
    np.testing.assert_array_equal(read_tensors(tmp_path / "b.pth")[NAME], read_tensors(tmp_path / "a.pth")[NAME])


def test_arrays_outlive_the_open_file_and_look_into_it(tmp_path):
    torch.save({NAME: torch.arange(1000.0)}, tmp_path / "a.pth")
    array = read_tensors(tmp_path / "a.pth")[NAME]
    assert not array.flags.owndata
    assert not array.flags.writeable
    np.testing.assert_array_equal(array, np.arange(1000, dtype=np.float32))


def test_neither_torch_nor_mlx_is_imported():
    code = "import sys, corridorkey_convert\nfound = {'torch', 'mlx'} & set(sys.modules)\nassert not found, found\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
