"""A run killed at random moments, again and again, and resumed: in the end the bytes of a run nobody disturbed."""

import random
import shutil
import signal
import sys
import time

import pytest

from tests.faults.harness import Shot, parts, wait_for

KILLS = 50
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


@pytest.mark.slow
def test_fifty_kills_leave_no_trace(shot: Shot):
    killed = inside = finished = 0
    rng = random.Random(4)
    while killed < KILLS:
        with shot.begin() as child:
            wait_for(shot.started, child)
            time.sleep(rng.uniform(0, 0.6))
            child.send_signal(signal.SIGKILL)
        shot.assert_whole_files()
        if child.returncode != -signal.SIGKILL:
            assert child.returncode == 0
            finished += 1
            shot.finish()
            shutil.rmtree(shot.out)
            continue
        killed += 1
        inside += bool(parts(shot.out))
    assert inside >= KILLS / 2
    shot.finish()
    print(f"{killed} kills, {inside} of them inside a write; {finished + 1} clips finished alike")
