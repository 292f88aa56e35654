"""A run killed at random moments, again and again, and resumed: in the end the bytes of a run nobody disturbed."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import write_shot

FRAMES, KILLS = 40, 50

# `ck key` with a network that costs nothing to load, and a disk so slow that most kills fall into a write.
CHILD = """
import sys, time
from pathlib import Path
import numpy as np
import corridorkey.cli.key_options as key_options
from corridorkey.cli.main import main
from corridorkey.config import GreenFormerConfig
from corridorkey.prepare import MEAN, STD
from corridorkey.types import Prediction

class Stub:
    contract = GreenFormerConfig(inputs=("rgb", "hint", "key"), base=True, screen="any", sizing="aspect")
    device = "cpu"
    def predict(self, x, refiner_scale=1.0):
        return Prediction(x[0, ..., 4:5].copy(), np.clip(x[0, ..., :3] * STD + MEAN, 0, 1))

def write_slowly(path, data):
    Path(sys.argv[1]).touch()
    with path.open("wb") as file:
        for part in (data[: len(data) // 2], data[len(data) // 2 :]):
            file.write(part)
            file.flush()
            time.sleep(0.004)

key_options.command_keyer = lambda *_, **__: Stub()
Path.write_bytes = write_slowly
main(sys.argv[2:])
"""


def key(shot, out, started):
    words = ["key", str(shot), "-o", str(out), "--checkpoint", "small", "--resume", "--backend", "torch"]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(started), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(shot, out, started):
    child = key(shot, out, started)
    _, err = child.communicate(timeout=120)
    assert child.returncode == 0, err
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*/*")}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_fifty_kills_leave_no_trace(tmp_path: Path):
    shot = write_shot(tmp_path / "shot", range(1, FRAMES + 1))
    started, out, rng = tmp_path / "started", tmp_path / "killed", random.Random(4)
    whole = finish(shot, tmp_path / "whole", started)
    assert len(whole) == 4 * FRAMES
    killed = inside = finished = 0
    while killed < KILLS:
        started.unlink(missing_ok=True)
        with key(shot, out, started) as child:
            while child.poll() is None and not started.exists():
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.6))
            child.send_signal(signal.SIGKILL)
        if child.returncode != -signal.SIGKILL:
            assert child.returncode == 0
            finished += 1
            assert finish(shot, out, started) == whole
            shutil.rmtree(out)
            continue
        killed += 1
        inside += any(out.rglob("*.part"))
    assert inside >= KILLS / 2
    assert finish(shot, out, started) == whole
    assert not list(out.rglob("*.part"))
    print(f"{killed} kills, {inside} of them inside a write; {finished + 1} clips finished alike")
