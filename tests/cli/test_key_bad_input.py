"""Bad input to `ck key`: an error that names file and remedy; nothing lost."""

import importlib.util
import sys

import numpy as np
import OpenEXR
import pytest
from PIL import Image

from corridorkey.checkpoint import read_checkpoint, write_checkpoint
from tests.cli.conftest import plate, write_hint, write_shot
from tests.media.crafted import exr_header, png_header


def written(folder):
    return sorted(p.name for p in folder.rglob("*/*") if p.is_file())


def test_missing_hints_are_listed(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1001, 1007))
    for n in (1001, 1004, 1006):
        write_hint(tmp_path / "h" / f"hint.{n}.png")
    result = ck("key", shot, "--hint", tmp_path / "h")
    assert result.code == 5
    assert "1002-1003, 1005" in result.err
    assert not (tmp_path / "s_keyed").exists()


def test_hints_too_many_are_reported_and_not_used(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1001, 1003))
    for n in range(1000, 1005):
        write_hint(tmp_path / "h" / f"hint.{n}.png")
    result = ck("key", shot, "--hint", tmp_path / "h", "--outputs", "matte")
    assert result.code == 0
    assert "1000, 1003-1004" in result.err


def test_a_bad_frame_in_mid_clip_leaves_the_others(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1001, 1007))
    whole = (shot / "shot.1003.png").read_bytes()
    (shot / "shot.1003.png").write_bytes(whole[: len(whole) // 2])
    (shot / "shot.1005.png").write_text("not a picture")
    result = ck("key", shot, "--outputs", "matte")
    assert result.code == 3
    assert written(tmp_path / "s_keyed") == [f"shot.{n}.exr" for n in (1001, 1002, 1004, 1006)]
    assert "frame 1003" in result.err
    assert "frame 1005" in result.err
    assert "4 of 6 frames" in result.out


def test_a_bad_hint_frame_fails_that_frame_alone(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 4))
    for n in range(1, 4):
        write_hint(tmp_path / "h" / f"hint.{n:04d}.png")
    (tmp_path / "h" / "hint.0002.png").write_bytes(b"")
    result = ck("key", shot, "--hint", tmp_path / "h", "--outputs", "matte")
    assert result.code == 3
    assert "hint.0002.png" in result.err
    assert written(tmp_path / "s_keyed") == ["shot.0001.exr", "shot.0003.exr"]


def test_when_no_frame_can_be_read_that_is_the_error(ck, tmp_path):
    (tmp_path / "s").mkdir()
    for n in range(3):
        (tmp_path / "s" / f"x.{n:03d}.png").write_text("nothing")
    result = ck("key", tmp_path / "s")
    assert result.code == 5
    assert "x.000.png" in result.err


def test_gaps_are_kept_and_reported(ck, tmp_path):
    shot = write_shot(tmp_path / "s", [1001, 1002, 1005])
    result = ck("key", shot, "--outputs", "matte")
    assert result.code == 0
    assert "gaps" in result.err
    assert "1003-1004" in result.err
    assert written(tmp_path / "s_keyed") == [f"shot.{n}.exr" for n in (1001, 1002, 1005)]


def test_zero_frames(ck, tmp_path):
    (tmp_path / "empty").mkdir()
    result = ck("key", tmp_path / "empty")
    assert result.code == 5
    assert "no pictures" in result.err
    result = ck("key", write_shot(tmp_path / "s"), "--frames", "1-10")
    assert result.code == 5
    assert "1001-1004" in result.err
    assert ck("key", tmp_path / "nowhere").code == 5


def test_a_plate_without_a_screen_is_not_guessed_at(ck, tmp_path):
    rng = np.random.default_rng(1)
    photo = np.repeat(np.repeat(rng.integers(60, 200, (12, 20, 3)), 8, 0), 8, 1).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    result = ck("key", tmp_path / "photo.png")
    assert result.code == 5
    assert "--screen-color" in result.err
    assert not (tmp_path / "photo_keyed").exists()
    assert ck("key", tmp_path / "photo.png", "--screen-color", "green").code == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_in_a_plate(ck, tmp_path, value):
    for number in (1, 2):
        rgb = (plate().astype(np.float32) / 255) ** 2.2
        if number == 2:
            rgb[5, 7, 1] = value
        channels = {c: np.ascontiguousarray(rgb[..., i]) for i, c in enumerate("RGB")}
        # Our own writer refuses NaN, so the bad frame is written past it.
        OpenEXR.File({}, channels).write(str(tmp_path / f"s.{number:04d}.exr"))
    result = ck("key", tmp_path / "s.####.exr", "--outputs", "matte")
    assert result.code == 3
    assert "s.0002.exr" in result.err
    assert written(tmp_path / "s_keyed") == ["s.0001.exr"]


@pytest.mark.parametrize(("name", "header"), [("bomb.png", png_header), ("bomb.exr", exr_header)])
def test_a_header_of_60000_pixels_square_is_refused(ck, tmp_path, name, header):
    (tmp_path / name).write_bytes(header(60_000, 60_000))
    result = ck("key", tmp_path / name)
    assert result.code == 5
    assert name in result.err
    assert "60000" in result.err.replace(",", "")


@pytest.mark.parametrize("fault", ["missing", "extra", "misshapen", "nan"])
def test_a_faulty_checkpoint_is_named_with_its_tensor(ck, tmp_path, tiny_checkpoint, fault):
    tensors, info = read_checkpoint(tiny_checkpoint)
    name = "refiner.final.weight"
    if fault == "missing":
        del tensors[name]
    elif fault == "extra":
        name, tensors["another.weight"] = "another.weight", np.zeros(2, np.float32)
    elif fault == "misshapen":
        tensors[name] = tensors[name][:2]
    else:
        tensors[name] = np.full_like(tensors[name], np.nan)
    path = tmp_path / "faulty.safetensors"
    write_checkpoint(path, tensors, info)
    result = ck("key", write_shot(tmp_path / "s"), "--checkpoint", path)
    assert result.code == 5
    assert "faulty.safetensors" in result.err
    assert name in result.err


def test_no_checkpoint_there(ck, tmp_path):
    result = ck("key", write_shot(tmp_path / "s"), "--checkpoint", tmp_path / "none.safetensors")
    assert result.code == 4
    assert "none.safetensors" in result.err


def test_no_backend_installed(ck, tmp_path, monkeypatch):
    real = importlib.util.find_spec
    missing = {"torch", "mlx"}
    monkeypatch.setattr("corridorkey.backend.find_spec", lambda name: None if name in missing else real(name))
    result = ck("key", write_shot(tmp_path / "s"))
    assert result.code == 4
    assert "-m pip install torch" in result.err
    assert sys.executable in result.err


@pytest.mark.parametrize(
    "words",
    [
        ["--despill", "2"],
        ["--despeckle", "many"],
        ["--outputs", "matte,depth"],
        ["--frames", "5-1"],
        ["--exr-bits", "8"],
        ["--size", "100"],
        ["--dtype", "int8"],
        ["--nonsense"],
    ],
)
def test_usage_errors_exit_2_and_write_nothing(ck, tmp_path, words):
    result = ck("key", write_shot(tmp_path / "s"), *words)
    assert result.code == 2, result
    assert result.err
    assert not list((tmp_path / "s_keyed").rglob("*.*")) if (tmp_path / "s_keyed").exists() else True


def test_an_unreadable_still_hint_is_one_error(ck, tmp_path):
    (tmp_path / "hint.png").write_text("nothing")
    result = ck("key", write_shot(tmp_path / "s"), "--hint", tmp_path / "hint.png")
    assert result.code == 5
    assert result.err.count("hint.png") == 1


def test_a_network_without_finite_numbers_fails_that_frame_alone(ck, tmp_path, monkeypatch):
    from corridorkey_torch import GreenFormerKeyer

    predict, seen = GreenFormerKeyer.predict, []

    def nan_at_the_second(self, x, refiner_scale=1.0):
        prediction = predict(self, x, refiner_scale)
        seen.append(x)
        if len(seen) == 2:
            prediction.alpha[3, 4] = np.nan
        return prediction

    monkeypatch.setattr(GreenFormerKeyer, "predict", nan_at_the_second)
    result = ck("key", write_shot(tmp_path / "s"), "--outputs", "matte")
    assert result.code == 3
    assert "--dtype float32" in result.err
    assert written(tmp_path / "s_keyed") == [f"shot.{n}.exr" for n in (1001, 1003, 1004)]


def test_a_frame_too_large_for_the_memory_says_what_to_do(ck, tmp_path, monkeypatch):
    import torch

    from corridorkey_torch import GreenFormer

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(GreenFormer, "forward", full)
    result = ck("key", write_shot(tmp_path / "s", range(1, 2)))
    assert result.code == 3
    assert "--size" in result.err


@pytest.mark.parametrize("words", [["--hint", ""], ["--frames", " "]])
def test_an_unset_variable_is_not_passed_over(ck, tmp_path, words):
    result = ck("key", write_shot(tmp_path / "s"), *words)
    assert result.code == 2
    assert "is empty" in result.err
    assert ck("key", "").code == 2


def test_settings_are_refused_before_plates_are_read(ck, tmp_path):
    shot = tmp_path / "s"
    shot.mkdir()
    (shot / "x.0001.png").write_text("not a picture")
    for words in (["--size", "33"], ["--dtype", "f32"], ["--device", "tpu"], ["--backend", "jax"]):
        assert ck("key", shot, *words).code == 2, words


def test_an_output_named_twice_is_refused_before_anything_is_written(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    result = ck("key", shot, "--outputs", "comp,matte,comp")
    assert result.code == 2
    assert "name each once" in result.err
    assert not (tmp_path / "s_keyed").exists()
