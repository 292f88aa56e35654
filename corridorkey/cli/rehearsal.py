"""One frame of a shot keyed in memory, to know what all of them will take in time and disk."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corridorkey.cli.shot_plan import ShotPlan
from corridorkey.clip import THREADS, readers_of
from corridorkey.conveyor import StageClock
from corridorkey.errors import CorridorKeyError, KeyingError
from corridorkey.media import FramePair, Source
from corridorkey.media.frame_reader import FrameReader
from corridorkey.media.output import encode_frame
from corridorkey.run import Run
from corridorkey.types import KeyedFrame

TRIES = 3  # frames that may be broken before the shot is


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a shot's frames will take, if they are like the one that was keyed.

    Attributes:
        frame: number of the one keyed.
        frames: how many there are to key.
        frame_bytes: of its files.
        stages: stage -> seconds it took.
        frame_seconds: for one frame of many, with all stages at work.
    """

    frame: int
    frames: int
    frame_bytes: int
    stages: Mapping[str, float]
    frame_seconds: float

    @property
    def bytes(self) -> int:
        """Of all files."""
        return self.frames * self.frame_bytes

    @property
    def seconds(self) -> float:
        """For all frames."""
        return self.frames * self.frame_seconds


def pipelined(seconds: Mapping[str, float], device: str, pair: FramePair) -> float:
    """Seconds a frame takes where stages work side by side: the slowest one's; a CPU they share, so all.

    Args:
        seconds: stage -> what it takes alone.
        device: the network's.
        pair: the frame.
    """
    if "cpu" in device:
        return sum(seconds.values())
    threads = {"read": readers_of(pair), "predict": 1}
    return max(spent / threads.get(stage, THREADS) for stage, spent in seconds.items())


def rehearse(shot: ShotPlan) -> Estimate:
    """Key one of the frames that are to be keyed, and write nothing.

    Args:
        shot: with frames to key.
    Raises:
        CorridorKeyError: the first few cannot be keyed; this is the first one's.
    """
    errors = []
    for pair in shot.todo[:TRIES]:
        try:
            return _rehearse(shot, pair)
        except CorridorKeyError as error:
            errors.append(error)
    raise errors[0]


class _Rehearsal(Run):
    """A run whose files are weighed, not written."""

    weight = 0

    def put(self, keyed: KeyedFrame, source: Source, header: Mapping[str, Any]) -> list[Path]:
        """The bytes of the frame's files are counted."""
        files = encode_frame(keyed, self.out, source, self.settings, header, self.provenance)
        self.weight = sum(map(len, files.values()))
        return list(files)


def _rehearse(shot: ShotPlan, pair: FramePair) -> Estimate:
    settings, clock = shot.options.settings, StageClock()
    with FrameReader(settings.input_colorspace) as reader:
        run = _Rehearsal([pair], shot.keyer, settings, shot.run_look, shot.out, reader, clock, None, shot.provenance)
        job = run.guide(run.read(pair))
        if job.x is not None:
            with suppress(KeyingError):  # the first one also warms up; the second fails alike
                shot.keyer.predict(job.x, refiner_scale=settings.refiner_scale)
        frame = run.write(run.predict(job))
    if frame.error:
        raise frame.error
    return Estimate(
        pair.number, len(shot.todo), run.weight, dict(clock.seconds), pipelined(clock.seconds, shot.device, pair)
    )
