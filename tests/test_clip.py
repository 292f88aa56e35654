"""What a run holds at a time."""

import dataclasses
from threading import Lock

import pytest

from corridorkey.clip import key_clip
from corridorkey.config import KeySettings
from corridorkey.conveyor import StageClock
from corridorkey.look import look_at_clip
from corridorkey.media import FramePair
from corridorkey.media.frame_reader import FrameReader
from corridorkey.run import Run
from tests.cli.conftest import write_shot
from tests.faults.child import Stub


@pytest.fixture
def pairs(tmp_path):
    plates = sorted(write_shot(tmp_path / "s", range(1, 25)).iterdir())
    return [FramePair(number, plate, None) for number, plate in enumerate(plates, 1)]


class Held:
    """A recorder that counts the frames on their way."""

    now = most = 0

    def __init__(self):
        self.lock = Lock()

    def begin(self, _):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def done(self, *_):
        with self.lock:
            self.now -= 1


@pytest.mark.parametrize(("size", "most"), [((2160, 4096), 7), ((4320, 8192), 4)])
def test_of_large_frames_fewer_are_held(tmp_path, pairs, size, most):
    held, look = Held(), dataclasses.replace(look_at_clip(pairs, KeySettings()), size=size)
    assert len(list(key_clip(pairs, Stub(), KeySettings(), look, tmp_path / "out", recorder=held))) == 24
    assert held.most <= most


def test_a_frame_that_is_finished_is_let_go_of_before_it_is_written(tmp_path, pairs, monkeypatch):
    with FrameReader() as reader:
        look = look_at_clip(pairs, KeySettings())
        run = Run(pairs, Stub(), KeySettings(), look, tmp_path / "out", reader, StageClock())
        job = run.predict(run.guide(run.read(pairs[0])))
        monkeypatch.setattr(run, "put", lambda *_: [(job.plate, job.prediction)] * 4)
        assert run.write(job).paths == ((None, None),) * 4
