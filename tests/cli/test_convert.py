import hashlib
from dataclasses import replace

import pytest
import torch
from safetensors.numpy import save_file

import corridorkey_convert.conversion as conversion
from corridorkey.checkpoint import read_checkpoint, read_info
from tests.cli.conftest import write_shot
from tests.convert.crafted import NETWORK, mlx, weights, write_zip


@pytest.fixture
def released(tmp_path, monkeypatch):
    """A `.pth`, and a converter that takes its small network for the released one."""
    monkeypatch.setitem(conversion.convert_file.__kwdefaults__, "network", NETWORK)
    torch.save({"state_dict": {n: torch.from_numpy(a) for n, a in weights().items()}}, tmp_path / "Key_v1.0.pth")
    return tmp_path / "Key_v1.0.pth"


def test_a_released_file_becomes_a_checkpoint_beside_it(ck, released):
    result = ck("convert", released, "--screen", "blue")
    out = released.with_name("Key_v1.0.ck.safetensors")
    assert result.code == 0, result.err
    assert result.out.startswith("Torch .pth, under 'state_dict', Torch layout; blue screen, 123 tensors, ")
    assert result.out.rstrip().endswith(f" s: {out}")
    assert len(result.out.splitlines()) == 1
    assert read_info(out).config == replace(NETWORK, screen="blue")


def test_what_it_makes_can_key(ck, released, tmp_path):
    assert ck("convert", released, tmp_path / "made", "--screen", "green").code == 0
    keyed = ck("key", write_shot(tmp_path / "s", range(1, 2)), "--checkpoint", tmp_path / "made", "-o", tmp_path / "o")
    assert keyed.code == 0, keyed.err


def test_mlx_files_and_dtypes(ck, released, tmp_path):
    save_file(mlx(weights()), tmp_path / "Key.mlx.safetensors")
    result = ck("convert", tmp_path / "Key.mlx.safetensors", "--screen", "green", "--dtype", "float16")
    assert "MLX layout of corridorkey-mlx" in result.out
    tensors, info = read_checkpoint(tmp_path / "Key.ck.safetensors")
    assert tensors["encoder.model.pos_embed"].dtype == "float16"
    assert info.source_sha256 == hashlib.sha256((tmp_path / "Key.mlx.safetensors").read_bytes()).hexdigest()


def test_refusals_are_one_line_and_a_code(ck, released, tmp_path):
    result = ck("convert", released)
    assert (result.code, result.out) == (2, "")
    assert "Give --screen green or --screen blue" in result.err
    assert ck("convert", released, "--screen", "red").code == 2
    assert ck("convert", tmp_path / "none.pth").code == 5
    evil = write_zip(tmp_path / "evil.pth", b"\x80\x02cos\nsystem\n(X\x02\x00\x00\x00idtR.")
    result = ck("convert", evil, "--screen", "green")
    assert result.code == 5
    assert result.err.startswith(f"ck: {evil}: asks for `os.system`, which no weights file needs; not opened.")
    assert len(result.err.splitlines()) == 1
    assert ck("convert", tmp_path, "--screen", "green").code == 2
    assert ck("convert", ".", "--screen", "green").code == 2
    assert ck("convert", "x" * 300, "--screen", "green").code == 1  # its own name, and longer, is to be written to
    assert ck("convert", released, "x" * 300, "--screen", "green").code == 1
    assert ck("convert", "x" * 300, tmp_path / "out", "--screen", "green").code == 5
    assert ck("convert", released, "--screen", "green").code == 0
    again = ck("convert", released, "--screen", "green")
    assert again.code == 1
    assert "--overwrite" in again.err
    assert ck("convert", released, "--screen", "green", "--overwrite").code == 0
    assert ck("convert", released, released, "--screen", "green", "--overwrite").code == 1
