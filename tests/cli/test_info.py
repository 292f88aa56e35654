import hashlib
import json

import numpy as np
from safetensors.numpy import save_file

from corridorkey.checkpoint import CheckpointInfo, write_checkpoint
from corridorkey.config import GreenFormerConfig
from corridorkey.weights import small_checkpoint
from tests.convert.crafted import mlx_short, weights, write_zip


def test_the_embedded_checkpoint(ck):
    result = ck("info", small_checkpoint())
    assert result.code == 0, result.err
    for line in (
        "network        GreenFormer of other dimensions",
        "widths         32, 64, 128, 256",
        "inputs         rgb, hint, key, screen",
        "screen         any",
        "sizing         aspect",
        "size           2,048",
        "overview       640",
        "tensors        175",
        "dtypes         115 float16, 58 float32, 2 int64",
        "licence        Apache-2.0",
        f"sha256         {hashlib.sha256(small_checkpoint().read_bytes()).hexdigest()}",
    ):
        assert line in result.out.splitlines()
    assert "recipe small" in result.out
    assert "source sha256  –" in result.out


def test_for_programs(ck, tmp_path):
    info = CheckpointInfo(GreenFormerConfig(screen="blue"), "a licence", "ab" * 32, "a note")
    write_checkpoint(tmp_path / "a", {"a": np.zeros((2, 3), np.float16), "b": np.zeros((), np.int64)}, info)
    facts = json.loads(ck("info", tmp_path / "a", "--json").out)
    assert facts["network"] == "CorridorKey 1.0"
    assert (facts["screen"], facts["licence"], facts["note"]) == ("blue", "a licence", "a note")
    assert (facts["parameters"], facts["tensors"], facts["dtypes"]) == (7, 2, {"float16": 1, "int64": 1})
    assert facts["source sha256"] == "ab" * 32
    assert facts["file size"] == (tmp_path / "a").stat().st_size


def test_what_is_no_checkpoint_is_named_with_the_way_to_one(ck, tmp_path):
    path = tmp_path / "Key.mlx.safetensors"
    save_file(mlx_short(weights()), path)
    result = ck("info", path)
    assert (result.code, result.out) == (5, "")
    assert "safetensors, MLX layout of EZ-CorridorKey, 121 tensors" in result.err
    assert f"ck convert {path} --screen green (or blue)" in result.err
    save_file({"something": np.zeros(1, np.float32)}, path)
    assert "no CorridorKey network" in ck("info", path).err
    evil = write_zip(tmp_path / "evil.pth", b"\x80\x02cos\nsystem\n(X\x02\x00\x00\x00idtR.")
    assert "`os.system`" in ck("info", evil).err
    assert ck("info", tmp_path / "none").code == 5
