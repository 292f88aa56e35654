"""Ctrl-C and SIGTERM, once and twice, at random moments of a run.

Codes are those that a shell shows: 130 and 143 also where the signal itself ends a process that is on its way out.
"""

import itertools
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.faults.harness import Ended, Shot, ended, files, parts, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal to send to another process")

SAID = {signal.SIGINT: "ck: stopped; every file written", signal.SIGTERM: "ck: terminated; every file written"}
PAIRS = list(itertools.product(SAID, SAID))


def sent(child: subprocess.Popen[str], shot: Shot, after: float, *signals: signal.Signals) -> tuple[bool, Ended]:
    """Send signals a little after the run has begun to write; also whether the first fell inside a write."""
    wait_for(shot.started, child)
    time.sleep(after)
    inside = bool(parts(shot.out))
    for at, number in enumerate(signals):
        time.sleep(0.02 if at else 0)
        child.send_signal(number)
    return inside, ended(child)


@pytest.mark.parametrize("moments", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_a_signal_ends_a_run_in_order(shot: Shot, moments: int):
    stopped = inside = finished = 0
    rng = random.Random(moments)
    while stopped < moments:
        number = list(SAID)[stopped % 2]
        with shot.begin() as child:
            is_inside, end = sent(child, shot, rng.uniform(0, 0.4), number)
        shot.assert_whole_frames()
        assert parts(shot.out) == []
        if len(files(shot.out)) == len(shot.whole):  # on its way out, or already gone
            finished += 1
            shutil.rmtree(shot.out)
            continue
        assert end.code == 128 + number
        assert SAID[number] in end.err
        stopped, inside = stopped + 1, inside + is_inside
    assert inside >= moments / 2
    shot.finish()
    print(f"{stopped} signals, Ctrl-C and SIGTERM in turn, {inside} of them inside a write; {finished + 1} clips done")


@pytest.mark.parametrize("moments", [4, pytest.param(24, marks=pytest.mark.slow)])
def test_a_second_signal_ends_a_run_at_once(shot: Shot, moments: int):
    inside = at_once = 0
    rng = random.Random(moments)
    for moment in range(moments):
        both = PAIRS[moment % len(PAIRS)]
        with shot.begin(pause=0.1) as child:  # what threads have begun takes long to finish
            is_inside, end = sent(child, shot, rng.uniform(0, 0.3), *both)
        assert end.code in {128 + number for number in both}
        shot.assert_whole_files()
        inside, at_once = inside + is_inside, at_once + ("ck: ended at once; every file" in end.err)
    assert min(inside, at_once) >= moments / 2
    shot.finish()
    print(f"{moments} times two signals, {inside} of the first inside a write; {at_once} ended at once")
