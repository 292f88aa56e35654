"""Five shots as they come, keyed by one command, killed, resumed: every frame under its number, as if undisturbed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from corridorkey.media import read_exr
from parity.bench_shots import key_command, kill_and_resume, outputs, scored, write_shots
from parity.five_shots import GAP, HOUR, OVERSCAN, five_shots

QUICK = ("--size", "256", "--checkpoint", "small", "--device", "cpu")
SHOTS = five_shots(0.25)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shots, keyed without a disturbance."""
    folder = tmp_path_factory.mktemp("five")
    write_shots(folder, SHOTS)
    done = subprocess.run(key_command(folder, *QUICK), capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return folder


def test_every_frame_is_there_under_its_number_and_no_other(keyed: Path):
    for shot in SHOTS:
        there = sorted(path.name for path in (keyed / shot.name / "Output/Matte").iterdir())
        assert there == [f"{shot.stem.format(number)}.exr" for number in shot.numbers]
    assert not [path for number in GAP for path in keyed.rglob(f"*{number}*")]


def test_a_kill_and_a_resume_give_the_same_bytes(keyed: Path, tmp_path: Path):
    for shot in SHOTS:
        shutil.copytree(keyed / shot.name, tmp_path / shot.name, ignore=shutil.ignore_patterns("Output"))
    whole = outputs(keyed)
    frames = len(whole) // 4
    assert 0 < kill_and_resume(tmp_path, frames, 1, QUICK) < frames
    assert outputs(tmp_path) == whole
    assert not list(tmp_path.rglob("*.part"))


def test_mattes_are_those_of_their_own_frames(keyed: Path):
    for shot in SHOTS:
        error, _, _ = scored(keyed, shot)
        assert error < 0.02, shot.name  # a network this small; an empty matte has 0.1 and more


def test_the_plates_attributes_come_through(keyed: Path):
    header = read_exr(keyed / "linear_exr/Output/FG/sh010.1001.exr")[1]
    assert header["framesPerSecond"] == 24
    assert header["owner"] == "second unit"
    wide = read_exr(keyed / "exr_4k/Output/Processed/wide.000001.exr")[1]
    (left, top), (right, lower) = (tuple(int(n) for n in corner) for corner in wide["dataWindow"])
    height, width = SHOTS[0].size
    assert (left, top, right, lower) == (-OVERSCAN, -OVERSCAN, width - OVERSCAN - 1, height - OVERSCAN - 1)
    assert tuple(int(n) for n in wide["displayWindow"][1]) == (width - 2 * OVERSCAN - 1, height - 2 * OVERSCAN - 1)


def test_it_says_how_colours_were_read_and_what_is_missing(keyed: Path):
    said = (keyed / "said.txt").read_text(encoding="utf-8")
    assert "because HD is untagged" in said
    assert "tag lin_rec709_scene says" in said
    assert f"{GAP[0]}-{GAP[-1]}" in said
    assert (keyed / f"prores/Output/Matte/Input.{HOUR}.exr").exists()
    assert "5 of 5 shots keyed" in said
