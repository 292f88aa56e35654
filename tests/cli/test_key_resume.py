"""`ck key --resume`, several shots at once, and movies, from the command line."""

import json
import signal
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest

from corridorkey.color import linear_to_srgb
from corridorkey.media import read_exr
from corridorkey.movie_out import straight
from tests.cli.conftest import plate, write_hint, write_shot


def digests(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*/*")}


def write_movie(path, frames=5, start=None):
    from corridorkey.media.movie.writer import MovieWriter

    with MovieWriter(path, "prores4444", (80, 48), Fraction(25), timecode=start) as movie:
        for n in range(frames):
            rgb = plate(n).astype(np.float32) / 255
            movie.write(np.concatenate([rgb, np.ones((48, 80, 1), np.float32)], axis=-1))
    return path


def test_a_resume_keeps_what_is_whole_and_makes_the_rest(ck, tmp_path):
    shot, out = write_shot(tmp_path / "s"), tmp_path / "s_keyed"
    assert ck("key", shot).code == 0
    before = digests(out)
    (out / "Matte" / "shot.1002.exr").unlink()
    (out / "FG" / "shot.1003.exr").write_bytes(b"half")
    result = ck("key", shot, "--resume")
    assert result.code == 0, result.err
    assert "2 of 4 frames are whole and made alike" in result.out
    assert "files missing (1002)" in result.out
    assert "another size (1003)" in result.out
    assert digests(out) == before
    assert "nothing to do" in ck("key", shot, "--resume").out


def test_other_settings_are_never_mixed_in_silently(ck, tmp_path):
    shot, out = write_shot(tmp_path / "s"), tmp_path / "s_keyed"
    assert ck("key", shot, "--frames", "1001-1002").code == 0
    before = digests(out)
    result = ck("key", shot, "--resume", "--despill", "0.5")
    assert result.code == 2
    assert "despill 1.0 -> 0.5" in result.err
    assert "--overwrite" in result.err
    assert digests(out) == before
    assert ck("key", shot, "--resume", "--overwrite").code == 2


def test_frames_keyed_in_pieces_are_those_of_one_run(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    assert ck("key", shot, "-o", tmp_path / "whole").code == 0
    for piece in ("1003-1004", "1001-1002"):
        assert ck("key", shot, "-o", tmp_path / "pieces", "--frames", piece).code == 0
    assert digests(tmp_path / "pieces") == digests(tmp_path / "whole")
    records = [json.loads(line) for line in (tmp_path / "pieces/manifest.jsonl").read_text().splitlines()]
    assert len(records) == 1 + 4


def test_a_broken_hint_fails_its_own_frame_also_where_that_is_all_there_is_to_do(ck, tmp_path):
    shot, hints = write_shot(tmp_path / "s", range(1, 4)), tmp_path / "hints"
    for number in range(1, 4):
        write_hint(hints / f"hint.{number:04d}.png")
    words = ("--hint", hints, "--outputs", "matte", "--resume")
    assert ck("key", shot, *words, "--frames", "1-2").code == 0
    good = (hints / "hint.0003.png").read_bytes()
    (hints / "hint.0003.png").write_text("no picture")
    result = ck("key", shot, *words)
    assert result.code == 3, result.err
    assert "2 of 3 frames are whole" in result.out
    assert f"frame 3: {hints / 'hint.0003.png'}" in result.err
    (hints / "hint.0003.png").write_bytes(good)
    assert ck("key", shot, *words).code == 0


def test_a_broken_still_hint_is_the_clips_fault_however_few_frames_are_left(ck, tmp_path):
    shot, still = write_shot(tmp_path / "s", range(1, 4)), write_hint(tmp_path / "hint.png")
    words = ("--hint", still, "--outputs", "matte", "--resume")
    assert ck("key", shot, *words, "--frames", "1-2").code == 0
    still.write_text("no picture")
    result = ck("key", shot, *words, "--frames", "3")
    assert result.code == 5
    assert "hint.png" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_goes_on_to_the_same_bytes(ck, tmp_path, tiny_checkpoint):
    shot = write_shot(tmp_path / "s", range(1, 41))
    words = ["key", str(shot), "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
    assert ck("key", shot, "-o", tmp_path / "whole", "--device", "cpu").code == 0
    line = [sys.executable, "-m", "corridorkey.cli.main", *words, "-o", str(tmp_path / "killed")]
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and len(list((tmp_path / "killed").rglob("*.exr"))) < 9:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert 9 <= len(list((tmp_path / "killed").rglob("*.exr"))) < 120
    result = ck("key", shot, "-o", tmp_path / "killed", "--resume", "--device", "cpu")
    assert result.code == 0, result.err
    assert "whole and made alike" in result.out
    assert digests(tmp_path / "killed") == digests(tmp_path / "whole")


def test_several_shots_go_on_when_one_fails(ck, tmp_path):
    good = [write_shot(tmp_path / name, range(1, 3)) for name in ("a", "c")]
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.0001.png").write_text("no picture")
    result = ck("key", good[0], tmp_path / "b", good[1], "--outputs", "matte")
    assert result.code == 3
    assert "2 of 3 shots keyed" in result.out
    assert len(list(tmp_path.glob("*_keyed/Matte/*.exr"))) == 4
    assert ck("key", *good, "-o", tmp_path / "o").code == 2


def test_a_folder_of_shots_in_the_ancestors_layout(ck, tmp_path):
    write_shot(tmp_path / "shots" / "one" / "Input", range(1001, 1003))
    write_movie(tmp_path / "shots" / "two" / "Input.mov", 2)
    result = ck("key", tmp_path / "shots", "--outputs", "matte")
    assert result.code == 0, result.err
    found = sorted(path.relative_to(tmp_path / "shots").as_posix() for path in tmp_path.rglob("*.exr"))
    assert found == [
        "one/Output/Matte/shot.1001.exr",
        "one/Output/Matte/shot.1002.exr",
        "two/Output/Matte/Input.0000.exr",
        "two/Output/Matte/Input.0001.exr",
    ]


def test_a_movie_is_keyed_under_its_own_numbers_and_as_its_frames_are(ck, tmp_path):
    movie = write_movie(tmp_path / "take.mov", 5, start="00:00:40:00")
    result = ck("key", movie, "--outputs", "matte,processed", "--frames", "1001-1003")
    assert result.code == 0, result.err
    out = tmp_path / "take_keyed"
    assert sorted(path.name for path in (out / "Matte").iterdir()) == [f"take.{n}.exr" for n in (1001, 1002, 1003)]
    alpha, header = read_exr(out / "Matte" / "take.1002.exr")
    assert alpha["Y"][24, 28] > 0.8
    assert np.median(alpha["Y"][:6]) < 0.2
    assert header["framesPerSecond"] == 25
    assert "nothing to do" in ck("key", movie, "--outputs", "matte", "--frames", "1001-1003", "--resume").out
    again = ck("key", movie, "--start-number", "1", "-o", tmp_path / "o", "--outputs", "matte")
    assert again.code == 0
    assert sorted(path.name for path in (tmp_path / "o/Matte").iterdir())[0] == "take.0001.exr"


def test_a_movie_serves_as_hint(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(0, 3))
    write_movie(tmp_path / "hint.mov", 3)
    assert ck("key", shot, "--hint", tmp_path / "hint.mov", "--outputs", "matte").code == 0
    assert (
        ck("key", shot, "--hint", tmp_path / "hint.mov", "--frames", "0-1", "--outputs", "matte", "--resume").code == 0
    )


def test_a_movie_comes_out_with_the_plates_rate_and_time_code(ck, tmp_path):
    from corridorkey.media.movie import MovieReader, open_movie

    movie = write_movie(tmp_path / "take.mov", 5, start="00:00:40:00")
    result = ck("key", movie, "--movie", "prores4444", "--frames", "1001-1003")
    assert result.code == 0, result.err
    made = open_movie(tmp_path / "take_keyed" / "take_1001-1003_prores4444.mov")
    assert (len(made), made.rate, made.timecode, made.has_alpha) == (3, 25, "00:00:40:01", True)
    alpha = read_exr(tmp_path / "take_keyed/Processed/take.1002.exr")[0]["A"]
    with MovieReader(made, with_alpha=True) as reader:
        assert np.abs(reader.read_hint(1) - alpha).max() < 0.01
    assert ck("key", movie, "--movie", "h264", "--frames", "1001-1003", "--resume").code == 0
    assert len(open_movie(tmp_path / "take_keyed" / "take_1001-1003_h264.mp4")) == 3


def test_a_movie_that_cannot_be_made_is_refused_before_the_work(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    assert "--outputs" in ck("key", shot, "--movie", "h264", "--outputs", "matte").err
    assert "gaps" in ck("key", shot, "--movie", "h264", "--frames", "1001-1004x2").err
    assert not (tmp_path / "s_keyed").exists()


def test_straight_colour_is_what_was_premultiplied():
    rgba = np.array([[[0.25, 0.1, 0.0, 0.5], [0, 0, 0, 0], [0.3, 0.2, 0.1, 1]]], np.float32)
    out = straight(rgba)
    np.testing.assert_allclose(out[0, 0, :3], linear_to_srgb(np.float32([0.5, 0.2, 0])), atol=1e-6)
    assert (out[0, 1] == 0).all()
    np.testing.assert_array_equal(out[..., 3], rgba[..., 3])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_an_input_that_is_a_link_to_an_output_is_not_replaced(ck, tmp_path):
    comp = write_shot(tmp_path / "out" / "Comp", range(2))
    (tmp_path / "s").mkdir()
    for file in comp.iterdir():
        (tmp_path / "s" / file.name).symlink_to(file)
    before = digests(tmp_path / "out")
    result = ck("key", tmp_path / "s", "-o", tmp_path / "out", "--overwrite")
    assert result.code == 2
    assert "is an input" in result.err
    assert digests(tmp_path / "out") == before
