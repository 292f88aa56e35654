"""`ck key` as a user runs it: what it writes, what it says, where it keeps things."""

import dataclasses
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from corridorkey.clips import find_clips
from corridorkey.color import linear_to_srgb
from corridorkey.media import read_exr, write_exr
from tests.cli.conftest import SIZE, plate, write_hint, write_shot
from tests.conftest import TINY, write_synthetic


def names(folder):
    """The frames' files; beside them lies the manifest."""
    assert (folder / "manifest.jsonl").is_file()
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*/*") if p.is_file())


def test_a_folder_is_keyed_under_its_own_names(ck, tmp_path):
    shot = write_shot(tmp_path / "sh010")
    result = ck("key", shot)
    assert result.code == 0, result.err
    out = tmp_path / "sh010_keyed"
    assert names(out) == sorted(
        f"{folder}/shot.{n}.{suffix}"
        for folder, suffix in (("Matte", "exr"), ("FG", "exr"), ("Processed", "exr"), ("Comp", "png"))
        for n in range(1001, 1005)
    )
    assert "green screen" in result.out
    assert "input: srgb" in result.out
    assert "4 of 4 frames" in result.out
    channels, header = read_exr(out / "Matte" / "shot.1001.exr")
    assert list(channels) == ["Y"]
    assert header["colorInteropID"] == "data"
    assert set(read_exr(out / "Processed" / "shot.1001.exr")[0]) == set("RGBA")
    with Image.open(out / "Comp" / "shot.1001.png") as comp:
        assert comp.size == SIZE[::-1]


@pytest.mark.parametrize("pattern", ["shot.####.png", "shot.%04d.png", "shot.@@@@.png"])
def test_patterns(ck, tmp_path, pattern):
    write_shot(tmp_path)
    result = ck("key", tmp_path / pattern, "--outputs", "matte")
    assert result.code == 0, result.err
    assert names(tmp_path / "shot_keyed") == [f"Matte/shot.{n}.exr" for n in range(1001, 1005)]


def test_a_single_picture_keeps_its_plain_name(ck, tmp_path):
    Image.fromarray(plate()).save(tmp_path / "portrait.jpg", quality=95)
    assert ck("key", tmp_path / "portrait.jpg", "--outputs", "matte,comp").code == 0
    assert names(tmp_path / "portrait_keyed") == ["Comp/portrait.png", "Matte/portrait.exr"]


def test_frames_choose_and_nothing_is_renumbered(ck, tmp_path):
    write_shot(tmp_path / "s", range(1001, 1008))
    result = ck("key", tmp_path / "s", "-o", tmp_path / "o", "--frames", "1001-1005x2,1007", "--outputs", "matte")
    assert result.code == 0, result.err
    assert names(tmp_path / "o") == [f"Matte/shot.{n}.exr" for n in (1001, 1003, 1005, 1007)]


def test_a_chosen_frame_is_the_frame_of_the_whole_run(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    ck("key", shot, "-o", tmp_path / "all", "--outputs", "processed")
    ck("key", shot, "-o", tmp_path / "one", "--outputs", "processed", "--frames", "1003")
    name = "Processed/shot.1003.exr"
    assert (tmp_path / "all" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()


def test_fg_is_linear_unless_asked_and_bits_are_chosen(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    ck("key", shot, "-o", tmp_path / "a", "--exr-bits", "32")
    ck("key", shot, "-o", tmp_path / "b", "--exr-bits", "32", "--fg-colorspace", "srgb")
    linear, header = read_exr(tmp_path / "a/FG/shot.0001.exr")
    srgb, srgb_header = read_exr(tmp_path / "b/FG/shot.0001.exr")
    np.testing.assert_allclose(linear_to_srgb(linear["G"]), srgb["G"], atol=2e-6)
    assert header["colorInteropID"] == "lin_rec709_scene"
    assert srgb_header["colorInteropID"] == "srgb_rec709_scene"
    ck("key", shot, "-o", tmp_path / "c")
    half = read_exr(tmp_path / "c/FG/shot.0001.exr")[0]["G"]
    assert 0 < np.abs(half - linear["G"]).max() < 1e-3


def test_an_exr_plate_keeps_its_header_and_is_read_as_linear(ck, tmp_path):
    rgb = np.ascontiguousarray((plate().astype(np.float32) / 255) ** 2.2)
    channels = {name: np.ascontiguousarray(rgb[..., i]) for i, name in enumerate("RGB")}
    write_exr(tmp_path / "p.1001.exr", channels, {"pixelAspectRatio": 2.0, "owner": "studio"})
    result = ck("key", tmp_path / "p.1001.exr", "-v")
    assert result.code == 0, result.err
    assert "input: linear" in result.out
    assert "tiny.safetensors" in result.out
    assert "network 96x64" in result.out
    for folder in ("Matte", "FG", "Processed"):
        header = read_exr(tmp_path / f"p_keyed/{folder}/p.1001.exr")[1]
        assert header["pixelAspectRatio"] == 2.0
        assert header["owner"] == "studio"


def test_knobs_reach_the_pixels(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))

    def processed(*knobs):
        out = tmp_path / "_".join(knobs or ("plain",)).strip("-")
        assert ck("key", shot, "-o", out, "--exr-bits", "32", "--outputs", "processed", *knobs).code == 0
        channels = read_exr(out / "Processed/shot.0001.exr")[0]
        return np.stack([channels[c] for c in "RGBA"])

    plain = processed()
    for knobs in (("--despill", "0"), ("--despeckle", "off"), ("--refiner", "0"), ("--size", "32")):
        assert np.abs(processed(*knobs) - plain).max() > 1e-4, knobs
    np.testing.assert_array_equal(processed("--despeckle", "on"), plain)


@pytest.mark.parametrize(("size", "mode"), [(SIZE, "L"), ((24, 40), "L"), ((96, 160), "LA")])
def test_a_still_hint_of_any_size_or_with_alpha_serves_every_frame(ck, tmp_path, size, mode):
    shot = write_shot(tmp_path / "s")
    hint = write_hint(tmp_path / "hint.png", size, mode)
    result = ck("key", shot, "--hint", hint, "--outputs", "matte")
    assert result.code == 0, result.err
    assert "4 of 4" in result.out
    assert "stretched" not in result.err


def test_the_hint_reaches_the_network(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    ck("key", shot, "-o", tmp_path / "a", "--outputs", "matte")
    ck("key", shot, "-o", tmp_path / "b", "--outputs", "matte", "--hint", write_hint(tmp_path / "h.png", (9, 15)))
    a, b = (read_exr(tmp_path / f"{x}/Matte/shot.0001.exr")[0]["Y"] for x in "ab")
    assert np.abs(a - b).max() > 1e-3


def test_a_hint_of_another_aspect_is_told_about(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    result = ck("key", shot, "--hint", write_hint(tmp_path / "h.png", (50, 50)))
    assert result.code == 0
    assert "stretched" in result.err


@pytest.mark.parametrize("kind", ["grey", "rgba", "16-bit", "16-bit tiff"])
def test_plates_of_every_kind(ck, tmp_path, kind):
    rgb = plate()
    if kind == "grey":
        Image.fromarray(rgb).convert("L").save(tmp_path / "p.png")
    elif kind == "rgba":
        Image.fromarray(rgb).convert("RGBA").save(tmp_path / "p.png")
    else:
        suffix = "tif" if "tiff" in kind else "png"
        cv2.imwrite(str(tmp_path / f"p.{suffix}"), rgb[..., ::-1].astype(np.uint16) * 257)
    path = next(tmp_path.glob("p.*"))
    result = ck("key", path, "--screen-color", "green")
    assert result.code == 0, result.err
    assert "as asked" in result.out


def test_blue_is_found_and_keyed_as_green_is(ck, tmp_path):
    write_shot(tmp_path / "g", range(1, 2))
    Image.fromarray(plate()[..., [0, 2, 1]]).save(tmp_path / "b.png")
    assert "green screen" in ck("key", tmp_path / "g", "-o", tmp_path / "go", "--outputs", "matte").out
    assert "blue screen" in ck("key", tmp_path / "b.png", "-o", tmp_path / "bo", "--outputs", "matte").out
    green, blue = (read_exr(next((tmp_path / o / "Matte").iterdir()))[0]["Y"] for o in ("go", "bo"))
    np.testing.assert_allclose(green, blue, atol=2e-3)


def test_a_blue_checkpoint_on_a_green_plate_is_warned_about(ck, tmp_path):
    path = write_synthetic(tmp_path / "blue.safetensors", dataclasses.replace(TINY, screen="blue"))
    result = ck("key", write_shot(tmp_path / "s", range(1, 2)), "--checkpoint", path)
    assert result.code == 0
    assert "trained on blue screens, the plate is green" in result.err


def test_plain_progress_lines_where_there_is_no_terminal(ck, tmp_path):
    result = ck("key", write_shot(tmp_path / "s"), "--outputs", "matte")
    lines = [line for line in result.err.splitlines() if line.startswith("frame ")]
    assert lines[0].startswith("frame 1001: 1 of 4, ")
    assert "fps" in lines[-1]
    assert lines[-1].endswith("0 s left")


@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("x_v02.####.exr", "x_v02_keyed"),
        ("x.%04d.exr", "x_keyed"),
        ("sh010####.exr", "sh010_keyed"),
        ("####.exr", "shot_keyed"),
        ("take#2.####.exr", "take#2_keyed"),
        ("still.exr", "still_keyed"),
    ],
)
def test_default_outputs_lie_beside_the_pictures(tmp_path, name, out):
    (tmp_path / name.replace("####", "0001").replace("%04d", "0001")).touch()
    (clip,) = find_clips(tmp_path / name)
    assert clip.out == tmp_path / out


def test_default_output_of_a_folder_lies_beside_it(tmp_path, monkeypatch):
    folder = tmp_path / "shots" / "sh010"
    folder.mkdir(parents=True)
    (folder / "x.0001.exr").touch()
    assert [clip.out for clip in find_clips(folder)] == [tmp_path / "shots" / "sh010_keyed"]
    monkeypatch.chdir(folder)
    assert [clip.out for clip in find_clips(Path())] == [tmp_path / "shots" / "sh010_keyed"]


def test_the_environment_names_backend_and_device(ck, tmp_path, monkeypatch):
    shot = write_shot(tmp_path / "s", range(1, 2))
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "nonsense")
    assert ck("key", shot).code == 2
    assert ck("key", shot, "--device", "cpu").code == 0
    monkeypatch.setenv("CORRIDORKEY_BACKEND", "tensorflow")
    assert ck("key", shot, "-o", tmp_path / "o").code == 2
    assert ck("key", shot, "-o", tmp_path / "o", "--backend", "torch", "--device", "cpu").code == 0
    assert os.environ["CORRIDORKEY_BACKEND"] == "tensorflow"
