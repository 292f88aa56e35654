"""A disk that becomes full or read-only in the middle of a run, is mended, and the run resumed.

The disk's refusals are made, not real ones (see `child`): a real disk could be filled only by root, who mounts a small
one, and made read-only only for others than root, who may write to a folder of any mode.
"""

import random
import shutil

import pytest

from tests.faults.harness import FRAMES, Fault, Shot, files, parts

SAID = {"full": "the disk is full; free some space", "read-only": "the disk is read-only; write elsewhere"}
MOST = {"write": 20, "append": 5, "rename": 20}  # calls before the fault: five frames' worth


def strike(shot: Shot, name: str, kind: str, rng: random.Random) -> None:
    """A run that goes on, until the disk refuses."""
    if len(files(shot.out)) > 2 * FRAMES:
        shutil.rmtree(shot.out)  # else one would get to its end
    end = shot.key(Fault(name, kind, rng.randint(1, MOST[kind])))
    assert end.code == 1
    assert SAID[name] in end.err
    assert str(shot.out) in end.err
    assert f"frames keyed into {shot.out}" in end.out


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_a_full_disk(shot: Shot, rounds: int):
    rng = random.Random(rounds)
    first = shot.key(Fault("full", "append", 1))
    assert first.code == 1
    assert "manifest.jsonl: cannot be written: the disk is full" in first.err
    assert not (shot.out / "manifest.jsonl").read_bytes().endswith(b"\n")
    for kind in ("write", "append") * rounds:
        strike(shot, "full", kind, rng)
        shot.assert_whole_frames()
        assert parts(shot.out) == []
    shot.finish()
    print(f"full {rounds} times inside a frame's file, {rounds + 1} times inside a line of the manifest")


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.slow)])
def test_a_folder_that_turns_read_only(shot: Shot, rounds: int):
    rng = random.Random(rounds)
    left = 0
    for kind in ("write", "append", "rename") * rounds:
        strike(shot, "read-only", kind, rng)
        shot.assert_whole_files()  # a frame's first files may be there without the others: none can be removed
        left += bool(parts(shot.out))
    assert left  # nor can what was being written
    shot.finish()
    print(f"read-only {3 * rounds} times: {rounds} each inside a file, a line of the manifest and at a rename")
