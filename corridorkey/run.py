"""What each stage of a run does to a frame: read, guide, predict, write."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from corridorkey.config import KeySettings
from corridorkey.conveyor import StageClock
from corridorkey.errors import CorridorKeyError, FrameReadError, KeyingError
from corridorkey.look import ClipLook
from corridorkey.mattes import NO_MATTES
from corridorkey.media import FramePair, Source, write_frame
from corridorkey.media.frame_reader import FrameReader
from corridorkey.pipeline import Keyer, finish_frame, guide_frame
from corridorkey.prepare import prepare
from corridorkey.types import Array, KeyedFrame, Mattes, Plate, Prediction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeyedFile:
    """What became of one frame.

    Attributes:
        number: the plate's frame number.
        paths: the files written; empty if the frame failed.
        error: why there are none, else None.
    """

    number: int
    paths: tuple[Path, ...]
    error: CorridorKeyError | None = None


@dataclass(slots=True)
class Job:
    """A frame on its way; each stage takes what the one before it left, and lets go of what no later one needs."""

    pair: FramePair
    plate: Plate | None = None
    hint: Array | None = None
    mattes: Mattes = NO_MATTES
    x: Array | None = None
    prediction: Prediction | None = None
    error: CorridorKeyError | None = None


class Recorder(Protocol):
    """Keeps account of a run."""

    def begin(self, pair: FramePair) -> None:
        """A frame is about to be read."""

    def done(self, pair: FramePair, paths: Mapping[str, Path]) -> None:
        """A frame's outputs are in place: output -> file."""


class Run:
    """The stages, in their order; every one may be called from another thread, `predict` from one alone.

    A frame that fails at one stage passes the others untouched.
    """

    def __init__(
        self,
        pairs: Sequence[FramePair],
        keyer: Keyer,
        settings: KeySettings,
        look: ClipLook,
        out: Path,
        reader: FrameReader,
        clock: StageClock,
        recorder: Recorder | None = None,
        provenance: Mapping[str, str] | None = None,
    ) -> None:
        """Set a run up.

        Args:
            pairs, keyer, settings, look, out, clock: as `key_clip`.
            reader: of plates, hints and mattes.
            recorder: told of each frame, from several threads.
            provenance: attributes for every output, from `provenance_of`.
        Raises:
            FrameReadError: the one hint or matte for all frames cannot be read.
        """
        self.keyer, self.settings, self.look, self.out = keyer, settings, look, out
        self.reader, self.clock, self.recorder, self.provenance = reader, clock, recorder, provenance
        self._stills = {still: reader.hint(still) for still in (pairs[0].stills if pairs else [])}
        self._warned: set[str] = set()
        self._lock = Lock()

    def read(self, pair: FramePair) -> Job:
        """Plate, hint and mattes from disk."""
        with self.clock.of("read"):
            try:
                if self.recorder:
                    self.recorder.begin(pair)
                hint, garbage, core = (self._mask(source) for source in (pair.hint, pair.garbage, pair.core))
                return Job(pair, self.reader.plate(pair.plate), hint, Mattes(garbage, core))
            except FrameReadError as error:
                return Job(pair, error=error)

    def guide(self, job: Job) -> Job:
        """All that the network is to be given."""
        if job.plate is not None:
            with self.clock.of("guide"):
                self._check_sizes(job, job.plate)
                look, contract = self.look, self.keyer.contract
                guide = guide_frame(job.plate, look.screen, contract, job.hint, look.screen_rgb, job.mattes)
                job.x, job.hint = prepare(job.plate, guide, contract), None
        return job

    def predict(self, job: Job) -> Job:
        """What the network makes of it."""
        if job.x is not None:
            with self.clock.of("predict"):
                try:
                    job.prediction = self.keyer.predict(job.x, refiner_scale=self.settings.refiner_scale)
                except KeyingError as error:
                    job.error = error
                job.x = None
        return job

    def write(self, job: Job) -> KeyedFile:
        """Finished, and on disk: all its files or none.

        Raises:
            FrameWriteError: the disk refuses.
        """
        number, source = job.pair.number, job.pair.plate
        if job.plate is None or job.prediction is None:
            return KeyedFile(number, (), job.error)
        with self.clock.of("write"):
            screen, contract = self.look.screen, self.keyer.contract
            keyed = finish_frame(job.prediction, job.plate, screen, contract, self.settings, job.mattes)
            if not _is_finite(keyed):
                why = f"{source}: the network gave NaN or infinity. Use --dtype float32, or bfloat16."
                return KeyedFile(number, (), KeyingError(why))
            header, job.plate, job.prediction, job.mattes = job.plate.header, None, None, NO_MATTES
            paths = self.put(keyed, source, header)
            if self.recorder:
                self.recorder.done(job.pair, dict(zip(self.settings.outputs, paths, strict=True)))
            return KeyedFile(number, tuple(paths))

    def put(self, keyed: KeyedFrame, source: Source, header: Mapping[str, Any]) -> list[Path]:
        """A finished frame's files to disk; a rehearsal weighs them instead.

        Raises:
            FrameWriteError: the disk refuses.
        """
        return write_frame(keyed, self.out, source, self.settings, header, self.provenance)

    def _mask(self, source: Source | None) -> Array | None:
        """A hint or matte; the clip's one is read already."""
        if source is None:
            return None
        still = self._stills.get(source)
        return self.reader.hint(source) if still is None else still

    def _check_sizes(self, job: Job, plate: Plate) -> None:
        pair = job.pair
        if plate.size != self.look.size:
            self._warn_once("%s: frames of this clip differ in size; each is keyed at its own", pair.plate)
        masks = ("hint", pair.hint, job.hint), ("garbage matte", pair.garbage, job.mattes.garbage)
        for name, source, mask in (*masks, ("core matte", pair.core, job.mattes.core)):
            if source is not None and mask is not None:
                aspect = mask.shape[0] / mask.shape[1] / (plate.size[0] / plate.size[1])
                if not 0.97 < aspect < 1.03:
                    self._warn_once(f"%s: the {name}'s aspect is not the plate's; it is stretched", source)

    def _warn_once(self, message: str, source: Source) -> None:
        with self._lock:
            if message in self._warned:
                return
            self._warned.add(message)
        log.warning(message, source)


def _is_finite(keyed: KeyedFrame) -> bool:
    return bool(np.isfinite(keyed.alpha).all() and np.isfinite(keyed.fg).all())
