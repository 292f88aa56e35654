"""A run that is killed, or that the disk stops, and the resume after it: as if nothing had happened."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from corridorkey.resume import Manifest
from tests.resume.shot import key, tree, wanted, write_plates

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


def run(*words):
    line = [sys.executable, "-m", "tests.resume.shot", *map(str, words)]
    return subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True)


def stopped(*words):
    with run(*words) as process:
        _, err = process.communicate(timeout=120)
    return process.returncode, err


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    key(folder / "out", wanted(write_plates(folder / "shot")))
    return tree(folder / "out")


@posix
@pytest.mark.parametrize(
    ("fault", "at"),
    [
        *(("write", at) for at in (1, 4, 6, 16)),  # the first file of all, the last of a frame, in a frame, the last
        *(("rename", at) for at in (1, 6, 7, 8, 16)),  # before a frame's first file has its name, and after 1, 2, 3
        *(("before record", at) for at in (1, 2, 3, 5)),  # the first is the run's own line
        *(("in record", at) for at in (1, 2, 3, 5)),
    ],
)
def test_a_kill_and_a_resume_give_what_an_undisturbed_run_gives(tmp_path, undisturbed, fault, at):
    shot, out = write_plates(tmp_path / "shot"), tmp_path / "out"
    code, err = stopped(shot, out, "refuse", "1001-1004", fault, at)
    assert code == -signal.SIGKILL, err
    assert tree(out) != undisturbed or fault.endswith("record")
    plan = key(out, wanted(shot), "resume")
    assert tree(out) == undisturbed  # and so no .part, and no half frame
    assert plan.todo
    frames_before = {"write": (at - 1) // 4, "rename": (at - 1) // 4}.get(fault, max(0, at - 2))
    assert plan.skipped == (0 if fault == "in record" and at == 1 else frames_before)
    assert not key(out, wanted(shot), "resume").todo


@posix
@pytest.mark.parametrize(
    ("fault", "code"), [("sigint", -signal.SIGINT), ("sigterm", 143), ("full", 1), ("readonly", 1)]
)
@pytest.mark.parametrize("at", [1, 6, 13])
def test_a_signal_or_a_disk_that_refuses_leaves_whole_frames_and_no_part(tmp_path, undisturbed, fault, code, at):
    shot, out = write_plates(tmp_path / "shot"), tmp_path / "out"
    got, err = stopped(shot, out, "refuse", "1001-1004", fault, at)
    assert got == code, err
    assert tree(out).items() <= undisturbed.items()
    assert len(tree(out)) == (at - 1) // 4 * 4
    key(out, wanted(shot), "resume")
    assert tree(out) == undisturbed


@posix
def test_kills_again_and_again_lose_nothing(tmp_path, undisturbed):
    shot, out = write_plates(tmp_path / "shot"), tmp_path / "out"
    for fault, at in [("write", 7), ("rename", 3), ("in record", 1), ("before record", 2), ("write", 2)]:
        stopped(shot, out, "resume", "1001-1004", fault, at)
    key(out, wanted(shot), "resume")
    assert tree(out) == undisturbed


def test_a_plate_that_vanishes_costs_only_its_own_frame(tmp_path, undisturbed):
    shot, out = write_plates(tmp_path / "shot"), tmp_path / "out"
    plate = shot / "shot.1003.exr"
    saved = plate.read_bytes()
    plate.unlink()
    key(out, wanted(shot))
    plate.write_bytes(saved)
    assert key(out, wanted(shot), "resume").reasons == {"not keyed yet": [1003]}
    assert tree(out) == undisturbed


def test_processes_on_disjoint_frames_do_not_disturb_each_other(tmp_path):
    shot = write_plates(tmp_path / "shot", range(1, 81))
    runs = [run(shot, tmp_path / "out", "refuse", f"{first}-{first + 19}") for first in (1, 21, 41, 61)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in runs] == [("", 0)] * 4
    assert not key(tmp_path / "out", wanted(shot), "resume").todo
    key(tmp_path / "alone", wanted(shot))
    assert tree(tmp_path / "out") == tree(tmp_path / "alone")


def test_two_that_resume_the_same_shot_at_once_corrupt_nothing(tmp_path):
    shot = write_plates(tmp_path / "shot", range(1, 41))
    runs = [run(shot, tmp_path / "out", "resume", "1-40") for _ in range(2)]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in runs] == [("", 0)] * 2
    assert not key(tmp_path / "out", wanted(shot), "resume").todo
    key(tmp_path / "alone", wanted(shot))
    assert tree(tmp_path / "out") == tree(tmp_path / "alone")


APPEND = """
import sys
from pathlib import Path
from corridorkey.resume import Identity, Manifest, Output
from tests.resume.shot import MADE
manifest = Manifest(Path(sys.argv[1]))
manifest.begin(MADE)
for number in range(200):
    stem = f"{sys.argv[2]}.{number:04d}"
    manifest.add(number, stem, MADE, Identity(stem, 1, 2, "0" * 32), None, {"matte": Output.of(stem, b"x" * number)})
"""


def test_four_processes_append_at_once_and_no_record_is_lost(tmp_path):
    lines = [[sys.executable, "-c", APPEND, str(tmp_path), name] for name in "abcd"]
    runs = [subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE, text=True) for line in lines]
    assert [(process.communicate(timeout=120)[1], process.returncode) for process in runs] == [("", 0)] * 4
    manifest = Manifest(tmp_path)
    stems = [f"{name}.{number:04d}" for name in "abcd" for number in range(200)]
    assert len(manifest) == 800
    assert manifest.ignored == 0
    for stem, record in zip(stems, manifest.records(stems), strict=True):
        assert record.outputs["matte"].size == int(re.sub(r"\D", "", stem))
