"""`--dry-run`: a plan that comes true, and not a trace on the disk."""

import json
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from corridorkey.cli.dry_run import existing_folder, size_text, time_text
from corridorkey.cli.rehearsal import pipelined
from corridorkey.errors import FrameWriteError
from corridorkey.media import FramePair, MovieFrame
from tests.cli.conftest import write_hint, write_shot
from tests.clips.shots import movie


def tree(folder):
    return {path: path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


def rows(text):
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in text.splitlines() if len(line.split()) > 1}


def test_it_says_all_and_writes_nothing(ck, tmp_path):
    shot = write_shot(tmp_path / "s", [1001, 1002, 1005])
    before = tree(tmp_path)
    result = ck("key", shot, "--dry-run", "--outputs", "matte,comp", "-v")
    assert result.code == 0, result.err
    assert tree(tmp_path) == before
    found = rows(result.out)
    assert found["frames"] == "1001-1002, 1005 (3), gaps 1003-1004"
    assert found["hints"] == "made from the screen"
    assert found["screen"].startswith("green screen")
    assert "PNG without a colour tag" in found["colour"]
    assert found["outputs"] == f"matte, comp, into {tmp_path / 's_keyed'}"
    assert found["there"] == "nothing of these frames"
    assert "tiny.safetensors, licence synthetic" in found["network"]
    assert found["runs"].startswith("on  ")
    assert found["sizes"] == "plate 80x48, network 96x64"
    assert "for 3 frames" in found["disk"]
    assert "free" in found["disk"]
    assert found["time"].startswith("about ")
    assert "measured on frame 1001" in found["time"]


def plans(ck, *words):
    result = ck("key", *words, "--dry-run", "--log-format", "json")
    found = [json.loads(line) for line in result.out.splitlines()]
    return [event for event in found if event["event"] == "plan"], result


def test_the_bytes_are_those_of_the_run(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    ((plan,), _) = plans(ck, shot, "--outputs", "matte,processed,rgba")
    assert ck("key", shot, "--outputs", "matte,processed,rgba").code == 0
    assert plan["bytes"] == sum(path.stat().st_size for path in (tmp_path / "s_keyed").rglob("*/*.*"))
    assert plan["seconds"] == pytest.approx(1 / plan["fps"], abs=0.002)
    assert set(plan["stages"]) == {"read", "guide", "predict", "write"}


def test_hints_that_are_given(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 3))
    still = write_hint(tmp_path / "h.png")
    assert plans(ck, shot, "--hint", still)[0][0]["hints"] == f"{still}, one for all frames"
    for number in (1, 2):
        write_hint(tmp_path / f"hints/h.{number:04d}.png")
    assert plans(ck, shot, "--hint", tmp_path / "hints")[0][0]["hints"].endswith("one for each frame")


def test_mattes_are_told_as_hints_are_and_a_movie_is_not_weighed(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 3))
    still = write_hint(tmp_path / "h.png")
    for number in (1, 2):
        write_hint(tmp_path / f"core/h.{number:04d}.png")
    result = ck("key", shot, "--dry-run", "--garbage", still, "--core", tmp_path / "core", "--movie", "h264")
    found = rows(result.out)
    assert found["garbage"] == f"{still}, one for all frames"
    assert found["core"] == f"{tmp_path / 'core'}, one for each frame"
    assert "for 2 frames without the movie, " in found["disk"]


@pytest.mark.parametrize(("movie_as", "seconds"), [(None, 2.0), ("plate", 4.0), ("hint", 4.0), ("core", 4.0)])
def test_a_movie_is_read_by_one_thread(movie_as, seconds):
    sources = dict.fromkeys(("plate", "hint", "core"), Path("x.png"))
    if movie_as:
        sources[movie_as] = MovieFrame(Path("x.mov"), 1)
    stages = {"read": 4.0, "predict": 1.0, "write": 3.0}
    assert pipelined(stages, "cuda:0", FramePair(1, **sources)) == seconds
    assert pipelined(stages, "cpu", FramePair(1, **sources)) == 8.0


def test_a_movie_from_any_of_its_frames(ck, tmp_path):
    movie(tmp_path / "take.mov", 4)
    before = tree(tmp_path)
    ((plan,), result) = plans(ck, tmp_path / "take.mov", "--frames", "2-3", "--movie", "h264")
    assert result.code == 0, result.err
    assert (plan["frames"], plan["measured"]) == (2, 2)
    assert plan["movie"].endswith("h264.mp4")
    assert tree(tmp_path) == before


def test_what_a_resume_and_an_overwrite_would_do(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    assert ck("key", shot, "--frames", "1001-1002", "--outputs", "matte").code == 0
    before = tree(tmp_path)
    ((plan,), result) = plans(ck, shot, "--outputs", "matte", "--resume")
    assert result.code == 0
    assert (plan["frames"], plan["todo"], plan["measured"]) == (4, 2, 1003)
    assert plan["notes"][0].startswith("resuming: 2 of 4 frames are whole")
    result = ck("key", shot, "--dry-run", "--outputs", "matte", "--overwrite")
    assert rows(result.out)["there"] == "2 files, which are replaced"
    result = ck("key", shot, "--dry-run", "--outputs", "matte", "--frames", "1001", "--resume")
    assert rows(result.out)["time"] == "nothing to key"
    assert tree(tmp_path) == before


def test_it_fails_as_the_run_would(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 3))
    (tmp_path / "file").touch()
    for words, code in (
        (["--despill", "7"], 2),
        (["--checkpoint", "none"], 4),
        (["--screen-color", "red"], 2),
        (["--frames", "7"], 5),
        (["-o", tmp_path / "file/out"], 1),
    ):
        assert ck("key", shot, "--dry-run", *words).code == code, words
    assert ck("key", shot, "--outputs", "matte").code == 0
    assert ck("key", shot, "--dry-run", "--outputs", "matte").code == 2


def test_a_first_frame_that_is_broken_is_passed_over_and_more_are_told(ck, tmp_path):
    shot = write_shot(tmp_path / "s")
    (shot / "shot.1001.png").write_bytes(b"broken")
    ((plan,), result) = plans(ck, shot)
    assert (result.code, plan["measured"]) == (0, 1002)
    for number in (1002, 1003):
        (shot / f"shot.{number}.png").write_bytes(b"broken")
    ((plan,), result) = plans(ck, shot)
    assert (result.code, plan["measured"]) == (3, None)
    assert "shot.1001.png" in plan["not_measured"]


def test_a_disk_too_small_is_told(ck, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 0, 100))
    result = ck("key", write_shot(tmp_path / "s"), "--dry-run")
    assert rows(result.out)["disk"].startswith("WILL NOT FIT: ")
    assert "100 bytes free" in result.out


def test_several_shots_are_summed_up(ck, tmp_path):
    for name in "ab":
        write_shot(tmp_path / name / "Input", range(1, 3))
    before = tree(tmp_path)
    found, result = plans(ck, tmp_path)
    assert result.code == 0
    assert found[-1]["total"]["todo"] == 4
    assert found[-1]["total"]["bytes"] == found[0]["bytes"] + found[1]["bytes"]
    text = ck("key", tmp_path, "--dry-run").out
    assert "2 shots, 4 frames to key" in text
    assert "2 of 2 shots planned" in text
    assert tree(tmp_path) == before


def test_the_nearest_folder_that_is_there(tmp_path):
    assert existing_folder(tmp_path / "a/b/c") == tmp_path
    (tmp_path / "file").touch()
    with pytest.raises(FrameWriteError, match="a file is where"):
        existing_folder(tmp_path / "file/out")


def test_sizes_and_times_for_people():
    assert [size_text(n) for n in (999, 1234, 12_345_678, 3.2e9, 4e15)] == [
        "999 bytes", "1.23 kB", "12.3 MB", "3.2 GB", "4,000 TB",
    ]  # fmt: skip
    assert [time_text(s) for s in (0.4, 45, 200, 7800)] == ["0 s", "45 s", "3 min", "2 h 10 min"]
