"""What a run's hash depends on."""

import dataclasses
import hashlib

import numpy as np
import pytest

from corridorkey.config import KeySettings
from corridorkey.errors import CheckpointFormatError, FrameReadError
from corridorkey.resume import identify, made_by

RUN = {"screen": "green", "backend": "torch", "device": "cpu", "dtype": "float32", "size": 512}


def made(folder, settings=None, shade=(0.1, 0.7, 0.2), **changed):
    checkpoint = folder / "small.safetensors"
    checkpoint.exists() or checkpoint.write_bytes(b"weights")
    shade = None if shade is None else np.array(shade, np.float32)
    return made_by(settings or KeySettings(), screen_rgb=shade, **{"checkpoint": checkpoint, **RUN, **changed})


def test_all_the_facts_take_part(tmp_path):
    (tmp_path / "other.safetensors").write_bytes(b"other weights")
    others = [
        made(tmp_path, **{name: value})
        for name, value in [
            ("screen", "blue"),
            ("backend", "mlx"),
            ("device", "cuda"),
            ("dtype", "float16"),
            ("size", 1024),
            ("shade", (0.1, 0.7, 0.3)),
            ("shade", None),
            ("checkpoint", tmp_path / "other.safetensors"),
            ("garbage", "ab12"),
            ("settings", KeySettings(despill=0.5)),
            ("settings", KeySettings(input_colorspace="linear")),
        ]
    ]
    assert len({other.hash for other in others} | {made(tmp_path).hash}) == len(others) + 1


def test_what_changes_no_pixel_does_not(tmp_path):
    same = made(tmp_path)
    assert made(tmp_path, KeySettings(outputs=("matte",))).hash == same.hash
    assert made(tmp_path, KeySettings(screen_color="green")).hash == same.hash  # auto had decided so
    assert made(tmp_path, device="cpu:0").hash == same.hash
    assert same.facts["checkpoint"] == hashlib.sha256(b"weights").hexdigest()


def test_every_setting_is_a_fact(tmp_path):
    names = {field.name.replace("_", " ") for field in dataclasses.fields(KeySettings)} - {"outputs"}
    assert names <= made(tmp_path).facts.keys()


def test_the_shade_comes_back_as_it_was(tmp_path):
    shade = np.array([0.1, 0.7, 1 / 3], np.float32)
    assert np.array_equal(np.array(made(tmp_path, shade=shade).shade, np.float32), shade)


def test_files_that_cannot_be_read_are_errors(tmp_path):
    with pytest.raises(CheckpointFormatError, match=r"gone\.safetensors: cannot be read"):
        made(tmp_path, checkpoint=tmp_path / "gone.safetensors")
    with pytest.raises(FrameReadError, match=r"gone\.exr: cannot be read"):
        identify(tmp_path / "gone.exr")
