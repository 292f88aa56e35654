import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from corridorkey.checkpoint import (
    CheckpointInfo,
    check_tensors,
    read_checkpoint,
    read_info,
    resample_pos_embed,
    write_checkpoint,
)
from corridorkey.errors import CheckpointFormatError, FrameWriteError, WeightMismatchError
from tests.conftest import TINY

INFO = CheckpointInfo(TINY, "Apache-2.0", "ab" * 32, "made by a test")


def test_round_trip(tmp_path):
    tensors = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.zeros((), np.int64)}
    write_checkpoint(tmp_path / "c.safetensors", tensors, INFO)
    read, info = read_checkpoint(tmp_path / "c.safetensors")
    assert info == read_info(tmp_path / "c.safetensors") == INFO
    assert read["a"].dtype == np.float16
    np.testing.assert_array_equal(read["a"], tensors["a"])
    assert read["b"].shape == ()
    assert not list(tmp_path.glob("*.part"))


def test_the_file_is_one_that_safetensors_could_have_written(tmp_path):
    rng = np.random.default_rng(1)
    tensors = {
        "é": rng.random((3, 5)).astype(np.float16),
        "strided": rng.random((4, 6), np.float32)[::2, 1:].T,
        "big-endian": np.arange(4, dtype=">f4"),
        "empty": np.zeros((0, 3), np.float32),
        "a": np.array(7),
    }
    write_checkpoint(tmp_path / "ours", tensors, INFO)
    with safe_open(tmp_path / "ours", "numpy") as file:
        metadata = file.metadata()
    save_file({n: np.ascontiguousarray(a).reshape(a.shape) for n, a in tensors.items()}, tmp_path / "theirs", metadata)
    ours, theirs = (tmp_path / name for name in ("ours", "theirs"))
    headers, bodies = [], []
    for data in (ours.read_bytes(), theirs.read_bytes()):
        length = int.from_bytes(data[:8], "little")
        headers.append(json.loads(data[8 : 8 + length]))
        bodies.append(data[8 + length :])
        assert length % 8 == 0
    assert headers[0] == headers[1]
    assert bodies[0] == bodies[1]


def test_the_same_weights_give_the_same_bytes(tmp_path):
    tensors = {"b": np.zeros(3, np.float32), "a": np.ones(2, np.float16)}
    write_checkpoint(tmp_path / "1", tensors, INFO)
    write_checkpoint(tmp_path / "2", dict(reversed(tensors.items())), INFO)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_a_dtype_that_no_checkpoint_holds_is_refused(tmp_path):
    with pytest.raises(CheckpointFormatError, match="x is float64; a checkpoint holds float32, float16, int64"):
        write_checkpoint(tmp_path / "c", {"x": np.zeros(3)}, INFO)
    assert not list(tmp_path.iterdir())


def test_files_that_are_no_checkpoints_are_named(tmp_path):
    path = tmp_path / "x.safetensors"
    with pytest.raises(CheckpointFormatError, match=r"x\.safetensors: no such"):
        read_checkpoint(path)
    path.write_bytes(b"PK\x03\x04 not safetensors")
    with pytest.raises(CheckpointFormatError, match=r"x\.safetensors: not a safetensors"):
        read_checkpoint(path)
    save_file({"a": np.zeros(3, np.float32)}, path)
    with pytest.raises(CheckpointFormatError, match="no CorridorKey header"):
        read_checkpoint(path)
    save_file({}, path, metadata={"format": "corridorkey-greenformer", "format_version": "99"})
    with pytest.raises(CheckpointFormatError, match="version 99"):
        read_info(path)
    config = json.dumps({**json.loads(TINY.to_json()), "heads": [0, 0, 0, 0]})
    save_file({}, path, metadata={"format": "corridorkey-greenformer", "format_version": "1", "config": config})
    with pytest.raises(CheckpointFormatError, match="at least 1"):
        read_info(path)


@pytest.mark.parametrize("path", ["x" * 300, "a\0b", "."])
def test_a_path_that_is_no_file_is_said(path):
    with pytest.raises(CheckpointFormatError):
        read_info(Path(path))


@pytest.mark.parametrize("dtype", ["F64", "U8", "C64", "BF16", "F8_E4M3", "F8_E8M0"])
def test_a_dtype_that_no_checkpoint_holds_is_refused_when_read(tmp_path, dtype):
    path = tmp_path / "c.safetensors"
    write_checkpoint(path, {"a": np.zeros(8, np.float32)}, INFO)
    size = {"F64": 8, "C64": 8, "BF16": 2}.get(dtype, 1)
    data = path.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    changed = data[8:end].replace(b'"F32"', f'"{dtype}"'.encode()).replace(b"[0,32]", f"[0,{8 * size}]".encode())
    path.write_bytes(len(changed).to_bytes(8, "little") + changed + bytes(8 * size))
    with pytest.raises(CheckpointFormatError, match=f"'a' is {dtype}; a checkpoint holds float32, float16, int64"):
        read_checkpoint(path)


def test_a_header_cannot_command_the_terminal_nor_nest_without_end(tmp_path):
    path = tmp_path / "c.safetensors"
    header = {"format": "corridorkey-greenformer", "format_version": "1"}
    save_file({}, path, metadata={**header, "config": TINY.to_json(), "licence": "free\x1b[2J"})
    with pytest.raises(CheckpointFormatError, match=r"c\.safetensors: its licence holds .*control characters"):
        read_info(path)
    with pytest.raises(CheckpointFormatError, match="its note holds line breaks"):
        CheckpointInfo(TINY, "free", note="two\nlines")
    save_file({}, path, metadata={**header, "config": "[" * 100_000})
    with pytest.raises(CheckpointFormatError, match="unreadable network config"):
        read_info(path)


def test_a_truncated_checkpoint_is_refused(tmp_path):
    path = tmp_path / "c.safetensors"
    write_checkpoint(path, {"a": np.zeros(1000, np.float32)}, INFO)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointFormatError):
        read_checkpoint(path)


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "c.safetensors"
    write_checkpoint(path, {"a": np.zeros(3, np.float32)}, INFO)
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FrameWriteError, match="space"):
        write_checkpoint(path, {"a": np.ones(3, np.float32)}, INFO)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_every_fault_of_a_checkpoint_is_named():
    wanted = {"a": (2,), "b": (3,), "d": (1,)}
    tensors = {"a": np.zeros(3, np.float32), "c": np.zeros(1, np.float32), "d": np.array([np.nan], np.float32)}
    with pytest.raises(WeightMismatchError) as caught:
        check_tensors("w.safetensors", tensors, wanted)
    error = caught.value
    assert (error.missing, error.unexpected, error.not_finite) == (("b",), ("c",), ("d",))
    assert error.shapes == {"a": ((3,), (2,))}
    assert str(error).startswith("w.safetensors: missing b; unexpected c; misshapen a is (3,), not (2,); NaN")


def test_pos_embed_resampling_is_torchs_bicubic():
    import torch
    import torch.nn.functional as F

    rng = np.random.default_rng(1)
    stored = rng.standard_normal((1, 64, 5), np.float32)
    for grid in ((8, 8), (12, 12), (5, 5), (24, 9)):
        square = torch.from_numpy(stored).reshape(1, 8, 8, 5).permute(0, 3, 1, 2)
        wanted = F.interpolate(square, size=grid, mode="bicubic", align_corners=False).permute(0, 2, 3, 1)
        got = resample_pos_embed(stored, grid)
        np.testing.assert_allclose(got, wanted.reshape(1, -1, 5).numpy(), atol=3e-6)
