"""`ck key --garbage --core --source-detail`: what they do to the files, how they are paired, and what is refused."""

import shutil

import numpy as np
import pytest
from PIL import Image

from corridorkey.color import srgb_to_linear
from corridorkey.media import read_exr, write_exr
from tests.cli.conftest import SIZE, plate, write_hint, write_shot
from tests.cli.test_key_resume import write_movie

LEFT = (slice(None), slice(0, 40))


def write_matte(path, box=LEFT, size=SIZE, value=255):
    path.parent.mkdir(parents=True, exist_ok=True)
    mask = np.zeros(size, np.uint8)
    mask[box] = value
    Image.fromarray(mask).save(path)
    return path


def channels(out, folder="Matte", number=1001):
    return read_exr(out / folder / f"shot.{number}.exr")[0]


@pytest.mark.parametrize("hint", [False, True])
def test_a_still_serves_every_frame_and_holds_in_every_output(ck, tmp_path, hint):
    garbage = write_matte(tmp_path / "g.png", size=(24, 40), box=(slice(None), slice(0, 20)))
    core = write_matte(tmp_path / "c.png", box=(slice(10, 20), slice(60, 70)))
    words = ["--hint", write_hint(tmp_path / "h.png")] if hint else []
    shot, out = write_shot(tmp_path / "s"), tmp_path / "s_keyed"
    result = ck("key", shot, "--garbage", garbage, "--core", core, "--exr-bits", 32, *words)
    assert result.code == 0, result.err
    for number in range(1001, 1005):
        for alpha in (channels(out, number=number)["Y"], channels(out, "Processed", number)["A"]):
            assert alpha[:, :38].max() == 0
            assert alpha[10:20, 60:70].min() == 1


def test_source_detail_writes_the_plate_s_own_pixels(ck, tmp_path):
    shot, core = write_shot(tmp_path / "s", range(1001, 1002)), write_matte(tmp_path / "c.png", box=slice(None))
    words = ["key", shot, "--core", core, "--source-detail", "--despill", 0, "--exr-bits", 32]
    assert ck(*words).code == 0
    expected = srgb_to_linear(plate(0).astype(np.float32) / np.float32(255))
    for folder in ("FG", "Processed"):
        found = channels(tmp_path / "s_keyed", folder)
        np.testing.assert_array_equal(np.dstack([found[c] for c in "RGB"]), expected)
    assert ck(*words, "--fg-colorspace", "srgb", "-o", tmp_path / "srgb").code == 0
    found = channels(tmp_path / "srgb", "FG")
    np.testing.assert_allclose(np.dstack([found[c] for c in "RGB"]), plate(0) / np.float32(255), atol=1e-6)


@pytest.mark.parametrize(("option", "name"), [("--garbage", "garbage matte"), ("--core", "core matte")])
def test_sequences_are_paired_by_number_and_a_missing_frame_is_told(ck, tmp_path, option, name):
    shot = write_shot(tmp_path / "s", range(1001, 1004))
    for number in (1001, 1003):
        write_matte(tmp_path / "m" / f"m.{number}.png", value=255 if number == 1001 else 0)
    result = ck("key", shot, option, tmp_path / "m")
    assert result.code == 5
    assert f"no {name} in" in result.err
    assert "1002" in result.err
    assert ck("key", shot, option, tmp_path / "m", "--frames", "1001,1003").code == 0
    first, last = (channels(tmp_path / "s_keyed", number=number)["Y"][LEFT] for number in (1001, 1003))
    assert (first == (0 if option == "--garbage" else 1)).all()
    assert not np.array_equal(first, last)


def test_a_movie_is_a_matte_too(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(3))
    assert ck("key", shot, "--garbage", write_movie(tmp_path / "g.mov", 3), "--outputs", "matte").code == 0


def test_a_broken_matte_fails_its_frame_alone(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1001, 1004))
    for number in range(1001, 1004):
        write_matte(tmp_path / "m" / f"m.{number}.png")
    (tmp_path / "m" / "m.1002.png").write_bytes(b"no picture")
    result = ck("key", shot, "--core", tmp_path / "m", "--outputs", "matte")
    assert result.code == 3
    assert "m.1002.png" in result.err
    assert sorted(path.name for path in (tmp_path / "s_keyed" / "Matte").iterdir()) == [
        "shot.1001.exr",
        "shot.1003.exr",
    ]


def test_a_matte_without_a_channel_of_its_own_is_not_called_a_hint(ck, tmp_path):
    pixels = np.random.default_rng(0).random(SIZE, np.float32)
    write_exr(tmp_path / "m.exr", {"foo": pixels, "bar": pixels}, {})
    result = ck("key", write_shot(tmp_path / "s"), "--core", tmp_path / "m.exr")
    assert result.code == 5
    assert "which channel is the mask? It has bar, foo" in result.err


def test_a_broken_still_is_told_at_once(ck, tmp_path):
    (tmp_path / "m.png").write_bytes(b"no picture")
    result = ck("key", write_shot(tmp_path / "s"), "--garbage", tmp_path / "m.png", "--outputs", "matte")
    assert result.code == 5
    assert "m.png" in result.err


@pytest.mark.parametrize("option", ["--garbage", "--core"])
def test_no_output_replaces_a_matte(ck, tmp_path, option):
    shot, out = write_shot(tmp_path / "s"), tmp_path / "out"
    assert ck("key", shot, "-o", out, "--outputs", "matte").code == 0
    before = (out / "Matte" / "shot.1001.exr").read_bytes()
    result = ck("key", shot, "-o", out, option, out / "Matte", "--outputs", "matte", "--overwrite")
    assert result.code == 2
    assert "is an input of this run" in result.err
    assert (out / "Matte" / "shot.1001.exr").read_bytes() == before


def test_no_movie_replaces_a_matte(ck, tmp_path):
    shot, out = write_shot(tmp_path / "s", range(3)), tmp_path / "out"
    out.mkdir()
    garbage = write_movie(out / "s_prores4444.mov", 3)
    shutil.copy(garbage, tmp_path / "kept.mov")
    result = ck("key", shot, "-o", out, "--garbage", garbage, "--movie", "prores4444", "--overwrite")
    assert result.code == 2
    assert "is an input of this run" in result.err
    assert garbage.read_bytes() == (tmp_path / "kept.mov").read_bytes()


def test_mattes_belong_to_one_shot(ck, tmp_path):
    shots = [write_shot(tmp_path / name) for name in "ab"]
    for option in ("--garbage", "--core"):
        result = ck("key", *shots, option, write_matte(tmp_path / "m.png"))
        assert result.code == 2
        assert "belong to one shot; there are 2" in result.err


def test_a_resume_sees_a_repainted_matte_and_one_that_comes_or_goes(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1001, 1004))
    for number in range(1001, 1004):
        write_matte(tmp_path / "g" / f"g.{number}.png")
    words = ["key", shot, "--outputs", "matte", "--garbage", tmp_path / "g"]
    assert ck(*words).code == 0
    assert "nothing to do" in ck(*words, "--resume").out
    write_matte(tmp_path / "g" / "g.1002.png", box=slice(0, 9))
    result = ck(*words, "--resume")
    assert "1 with a new garbage matte (1002)" in result.out
    core = write_matte(tmp_path / "c.png")
    assert "3 with a new core matte" in ck(*words, "--core", core, "--resume").out
    assert "nothing to do" in ck(*words, "--core", core, "--resume").out
    assert "3 with a new core matte" in ck(*words, "--resume").out
    assert ck(*words, "--source-detail", "--resume").code == 2
