"""Nothing in a weights file runs, and what is no dense tensor is refused with its reason."""

import builtins
import os
import pickle
import struct
import tarfile

import numpy as np
import pytest
import torch

from corridorkey.errors import CheckpointFormatError
from corridorkey_convert import read_tensors
from tests.convert.crafted import FLOATS, ORDERED, TENSOR, number, numbers, state, storage, tensor, text, write_zip


@pytest.fixture
def nothing_runs(monkeypatch):
    """Fails the test if any of what evil pickles like to call is called."""
    called = []
    for module, name in ((os, "system"), (os, "popen"), (builtins, "eval"), (builtins, "exec")):
        monkeypatch.setattr(module, name, lambda *a, _name=name: called.append(_name))
    yield
    assert not called


def refusal(path) -> str:
    with pytest.raises(CheckpointFormatError) as caught:
        read_tensors(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value)


RUN = text("touch ran")
EVIL = {
    "REDUCE": (b"cos\nsystem\n(" + RUN + b"tR", "asks for `os.system`"),
    "STACK_GLOBAL": (text("builtins") + text("eval") + b"\x93(" + RUN + b"tR", "asks for `builtins.eval`"),
    "dotted name": (text("torch") + text("_utils.os.system") + b"\x93(" + RUN + b"tR", "asks for `torch._utils.os.sys"),
    "INST": (b"(" + RUN + b"ios\nsystem\n", "asks for `os.system`"),
    "INST of a known name": (b"(icollections\nOrderedDict\n", "uses INST"),
    "OBJ": (b"(cos\nsystem\n" + RUN + b"o", "asks for `os.system`"),
    "OBJ of a known name": (b"(ccollections\nOrderedDict\no", "uses OBJ"),
    "NEWOBJ": (b"cos\nsystem\n(" + RUN + b"t\x81", "asks for `os.system`"),
    "NEWOBJ of a known name": (b"ccollections\nOrderedDict\n)\x81", "uses NEWOBJ,"),
    "NEWOBJ_EX": (b"ccollections\nOrderedDict\n)}\x92", "uses NEWOBJ_EX"),
    "EXT1": (b"\x82\x01", "uses EXT1"),
    "EXT2": (b"\x83\x01\x00", "uses EXT2"),
    "EXT4": (b"\x84\x01\x00\x00\x00", "uses EXT4"),
    "PERSID": (b"Pos.system\n", "uses PERSID"),
    "BUILD on a tensor": (tensor() + b"}" + text("__setstate__") + b"Nsb", "sets an object's state"),
    "BUILD on a class": (TENSOR + b"}b", "sets an object's state"),
    "REDUCE of a text": (text("os.system") + b"(" + RUN + b"tR", "calls `str`"),
    "REDUCE of a storage class": (FLOATS + b")R", "calls `torch.FloatStorage` in a way"),
    "a parameter of no tensor": (b"ctorch._utils\n_rebuild_parameter\n(N\x88" + ORDERED + b"tR", "in a way"),
    "arguments that are no tuple": (b"ccollections\nOrderedDict\n]R", "no arguments"),
    "copyreg": (b"ccopyreg\n_reconstructor\n)R", "asks for `copyreg._reconstructor`"),
    "getattr": (b"c__builtin__\ngetattr\n)R", "asks for `__builtin__.getattr`"),
    "numpy": (b"cnumpy.core.multiarray\nscalar\n)R", "asks for `numpy.core.multiarray.scalar`"),
    "terminal codes": (b"c\x1b[2Jos\nsystem\n)R", r"asks for `\x1b[2Jos.system`"),
    "another persistent id": (text("os.system") + b"Q", "no storage"),
    "hooks": (tensor(hooks=b"}" + text("a") + b"Ns"), "hooks, which are code"),
}


@pytest.mark.parametrize("case", EVIL)
def test_nothing_runs(tmp_path, nothing_runs, monkeypatch, case):
    value, reason = EVIL[case]
    monkeypatch.chdir(tmp_path)
    message = refusal(write_zip(tmp_path / "a.pth", state(value)))
    assert reason in message
    assert "not opened" in message
    assert "torch.save(model.state_dict(), ...)" in message
    assert [path.name for path in tmp_path.iterdir()] == ["a.pth"]


def test_a_real_payload_beside_good_weights_is_refused(tmp_path, nothing_runs):
    class Payload:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"state_dict": {"encoder.model.pos_embed": torch.ones(2)}, "extra": Payload()}, tmp_path / "a.pth")
    assert "mkdir`, which no weights file needs" in refusal(tmp_path / "a.pth")
    assert not (tmp_path / "ran").exists()


def test_whole_modules_are_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "a.pth")
    assert "asks for `torch.nn.modules.linear.Linear`" in refusal(tmp_path / "a.pth")


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_what_is_no_dense_tensor_is_refused_with_its_reason(tmp_path):
    dense, path = torch.eye(3), tmp_path / "a.pth"
    cases = {
        "a sparse tensor (`": dense.to_sparse(),
        "a sparse tensor (`torch._utils._rebuild_sparse_tensor`)": dense.to_sparse_csr(),
        "a quantised tensor (`": torch.quantize_per_tensor(dense, 0.1, 0, torch.qint8),
        "a complex, quantised or float8 tensor (`torch.Complex": dense.to(torch.complex64),
        "a tensor in a dtype such as float8 (`": dense.to(torch.float8_e4m3fn),
        "without values (device meta) (`": dense.to("meta"),
        "conjugated or negated": torch._neg_view(dense),
    }
    for reason, value in cases.items():
        torch.save({"encoder.model.pos_embed": value}, path)
        message = refusal(path)
        assert reason in message, message
        assert "torch.save(model.state_dict(), ...)" in message


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchscript_is_refused(tmp_path):
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), tmp_path / "a.pth")
    assert "TorchScript archive: it holds code" in refusal(tmp_path / "a.pth")


def test_older_and_other_files_are_refused_with_a_remedy(tmp_path):
    path = tmp_path / "a.pth"
    torch.save({"a": torch.ones(2)}, path, _use_new_zipfile_serialization=False)
    assert "before version 1.6" in refusal(path)
    assert "torch.save(torch.load(" in refusal(path)
    path.write_bytes(pickle.dumps({"a": 1}))
    assert "bare pickle" in refusal(path)
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("storages"))
    assert "a tar" in refusal(path)
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n")
    assert "git lfs pull" in refusal(path)
    path.write_bytes(b"<!DOCTYPE html><html>")
    assert "web page" in refusal(path)
    path.write_bytes(b"")
    assert "empty" in refusal(path)
    path.write_bytes(b"abc")
    assert "neither a Torch .pth nor a safetensors" in refusal(path)
    assert "a folder" in refusal(tmp_path)
    assert "no such file" in refusal(tmp_path / "none")
    assert "cannot be read" in refusal(tmp_path / ("x" * 300))
    assert "no such file" in refusal(tmp_path / "none.pth")


BOUNDS = {
    "one row too many": tensor(size=(3, 2)),
    "offset": tensor(offset=1),
    "stride": tensor(stride=(3, 1)),
    "negative size": tensor(size=(-2, 2)),
    "negative stride": tensor(stride=(-2, 1)),
    "negative offset": tensor(offset=-1),
    "offset beyond 64 bits": tensor(offset=2**64),
    "stride that wraps around": tensor(stride=(2**63, 1)),
    "size that wraps around": tensor(size=(2**62, 4), stride=(0, 0)),
    "empty but absurd": tensor(size=(0, 2**62, 2**62), stride=(0, 0, 0)),
    "expanded without measure": tensor(size=(2**30, 2**5), stride=(0, 0)),
    "ranks differ": tensor(stride=(1,)),
    "too many axes": tensor(size=(1,) * 65, stride=(1,) * 65),
    "true as a size": TENSOR + b"(" + storage() + b"K\x00\x88\x85K\x01\x85\x89" + ORDERED + b"tR",
    "storage longer than its entry": tensor(at=storage(5)),
    "storage shorter than its entry": tensor(at=storage(3), size=(1, 1)),
    "negative storage": tensor(at=storage(-4)),
    "endless storage": tensor(at=storage(2**500)),
    "no such storage": tensor(at=storage(key="1")),
    "storage of another folder": tensor(at=storage(key="../data.pkl")),
    "storage of another width": tensor(at=storage(kind=b"ctorch\nDoubleStorage\n")),
    "storage without a class": tensor(at=storage(kind=b"ctorch\nfloat32\n")),
}


@pytest.mark.parametrize("case", BOUNDS)
def test_tensors_stay_inside_their_storage(tmp_path, case):
    refusal(write_zip(tmp_path / "a.pth", state(BOUNDS[case])))


def test_the_largest_that_fits_is_read(tmp_path):
    path = write_zip(tmp_path / "a.pth", state(tensor(size=(2, 1), stride=(2, 2**62), offset=1)))
    np.testing.assert_array_equal(read_tensors(path)["encoder.model.pos_embed"], [[1], [3]])


MALFORMED = {
    "empty": b"",
    "no STOP": b"\x80\x02}",
    "STOP alone": b".",
    "protocol 9": b"\x80\x09}.",
    "text longer than the file": b"\x80\x02X\xff\xff\xff\x7fabc.",
    "text of 2**64": b"\x80\x04\x8d" + b"\xff" * 8 + b".",
    "not UTF-8": b"\x80\x02X\x01\x00\x00\x00\xff.",
    "a number of megabytes": b"\x80\x02\x8b" + struct.pack("<i", 1 << 20) + b"\1" * (1 << 20) + b".",
    "negative LONG4": b"\x80\x02\x8b" + struct.pack("<i", -5) + b".",
    "no mark": b"\x80\x02t.",
    "mark below": b"\x80\x02N(\x85.",
    "key without value": b"\x80\x02}(Nu.",
    "list as a key": b"\x80\x02}]Ns.",
    "tuple as a key": b"\x80\x02})Ns.",
    "array as a key": b"\x80\x02}" + tensor() + b"Ns.",
    "append to a dict": b"\x80\x02}Na.",
    "item of a list": b"\x80\x02]NNs.",
    "memo that is not": b"\x80\x02h\x05.",
    "memo of nothing": b"\x80\x02q\x05.",
    "global of numbers": b"\x80\x04K\x01K\x02\x93.",
    "global without end": b"\x80\x02cos",
    "hash collisions": b"\x80\x02}" + number((2**61 - 1) * 7) + b"Ns.",
    "a huge key": b"\x80\x02}"
    + text("model")
    + state(tensor())[2:-1]
    + b"s"
    + text("x")
    + b"}"
    + number((1 << 40) + 1)
    + b"Nss.",
    "endless key": b"\x80\x02}" + text("x" * 5000) + b"Ns.",
    "unknown opcode": b"\x80\x02\xff.",
    "POP": b"\x80\x02N0N.",
    "marks without end": b"\x80\x02" + b"(" * 100_000 + b".",
    "stack without end": b"\x80\x02" + b"N" * 1_000_000 + b".",
    "opcodes without end": b"\x80\x02N" + b"\x85" * 1_500_000 + b".",
    "array as arguments": b"\x80\x02" + TENSOR + tensor() + b"R.",
    "array as a hook": b"\x80\x02" + tensor(hooks=tensor()) + b".",
    "array as a persistent id": b"\x80\x02" + tensor() + b"Q.",
    "array in a persistent id": b"\x80\x02(" + tensor() + FLOATS + text("0") + text("cpu") + number(4) + b"tQ.",
    "array as a function": b"\x80\x02" + tensor() + b")R.",
    "array as a size": b"\x80\x02ctorch\nSize\n" + tensor() + b"\x85R.",
    "nested size": b"\x80\x02ctorch\nSize\n" + numbers((1,)) + b"\x85\x85R.",
    "array at the top": b"\x80\x02" + tensor() + b".",
    "global at the top": b"\x80\x02" + TENSOR + b".",
    "no network": b"\x80\x02}" + text("epoch") + b"K\x03s.",
    "numbers beside the weights": b"\x80\x02}" + text("encoder.a") + tensor() + b"s" + text("epoch") + b"K\x03s.",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_pickles_are_refused(tmp_path, case):
    refusal(write_zip(tmp_path / "a.pth", MALFORMED[case]))


def test_a_value_nested_half_a_million_deep_does_no_harm(tmp_path):
    program = b"\x80\x02}" + text("x") + b"N" + b"\x85" * 500_000 + b"s" + text("encoder.a") + tensor() + b"s."
    assert "beside the weights" in refusal(write_zip(tmp_path / "a.pth", program))


def test_a_dict_inside_itself_does_no_harm(tmp_path):
    refusal(write_zip(tmp_path / "a.pth", b"\x80\x02}q\x00" + text("state_dict") + b"h\x00s."))


def test_shared_storages_cannot_be_multiplied_without_measure(tmp_path):
    halves = storage(1 << 20, b"ctorch\nBFloat16Storage\n")
    first = tensor((1 << 20,), (1,), at=halves)[:-1] + b"q\x01R"
    again = TENSOR + b"h\x01R"
    many = b"".join(text(f"encoder.{i}") + again for i in range(100))
    program = b"\x80\x02}(" + text("encoder.x") + first + many + b"u."
    assert "larger ones" in refusal(write_zip(tmp_path / "a.pth", program, {"0": bytes(2 << 20)}))
