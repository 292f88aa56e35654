"""Plates that vanish, or are cut, in the middle of a run."""

import random
import shutil

import pytest

from tests.faults.child import GONE, HALVED
from tests.faults.harness import FRAMES, Fault, Shot

LOST = sorted(GONE + HALVED)


@pytest.mark.parametrize("moments", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_plates_that_vanish_cost_only_their_own_frames(shot: Shot, moments: int):
    plates = {path: path.read_bytes() for path in shot.plates.iterdir()}
    rng = random.Random(moments)
    for _ in range(moments):
        end = shot.key(Fault("gone", "write", rng.randrange(1, 60)))  # of frame 15 at the latest; read ahead are nine
        assert end.code == 3
        assert f"{FRAMES - len(LOST)} of {FRAMES} frames keyed" in end.out
        assert [f"frame {number}: {shot.plates}" in end.err for number in LOST] == [True] * len(LOST)
        shot.assert_whole_frames()
        assert len(list(shot.out.rglob("*/*"))) == 4 * (FRAMES - len(LOST))
        for path, data in plates.items():
            path.write_bytes(data)
        assert f"{len(LOST)} not keyed yet ({', '.join(map(str, LOST))})" in shot.finish().out
        shutil.rmtree(shot.out)
