"""Plate and hint, paired by frame number."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import islice

from corridorkey.errors import FramePairingError
from corridorkey.media.footage import Footage, Source, frame_of
from corridorkey.media.frames import FrameSpec, frames_text

log = logging.getLogger(__name__)

_REPORTED = 100_000  # absent frames looked at: --frames 1-9999999 is a way to say "all from 1 on"


@dataclass(frozen=True, slots=True)
class FramePair:
    """A frame to key: its number, its plate and its hint, None where no hint was given."""

    number: int
    plate: Source
    hint: Source | None


def pair_frames(plate: Footage, hint: Footage | None = None, wanted: FrameSpec | None = None) -> list[FramePair]:
    """Pair plate and hint by frame number.

    A still hint serves every frame. Hint frames that no plate frame needs, gaps in the plate, and wanted frames that
    it lacks are reported as warnings.

    Raises:
        FramePairingError: a plate frame has no hint, or no wanted frame is there.
    """
    numbers = [number for number in plate.frames if wanted is None or number in wanted]
    if not numbers:
        raise FramePairingError(f"{plate}: none of the frames {wanted} is there; it has {frames_text(plate.frames)}")
    if wanted is not None and (absent := list(islice((n for n in wanted if n not in plate.files), _REPORTED))):
        log.warning("%s: frames asked for that are not there: %s", plate, frames_text(absent))
    elif wanted is None and (gaps := plate.gaps()):
        log.warning("%s: there are gaps in the plate, and they are kept: %s", plate, gaps)
    if hint is None:
        return [FramePair(number, frame_of(plate, number), None) for number in numbers]
    if hint.is_still:
        still = frame_of(hint, hint.frames[0])
        return [FramePair(number, frame_of(plate, number), still) for number in numbers]
    if not plate.is_numbered:
        raise FramePairingError(
            f"{plate} has no frame number, but {hint} is a sequence; give one picture of it as hint"
        )
    if missing := [number for number in numbers if number not in hint.files]:
        raise FramePairingError(
            f"no hint in {hint} for plate frames {frames_text(missing)}; "
            "add the hints, or leave those frames out with --frames"
        )
    if extra := set(hint.files) - set(plate.files):
        log.warning("%s: hints that belong to no plate frame are not used: %s", hint, frames_text(extra))
    return [FramePair(number, frame_of(plate, number), frame_of(hint, number)) for number in numbers]


def spread(plate: Footage, most: int) -> list[FramePair]:
    """Frames spread over the whole of a plate, first and last among them, without hints.

    What is decided for a clip is decided on these, whichever of its frames are keyed: pieces of a clip that are keyed
    by several processes then agree.
    """
    last = len(plate.frames) - 1
    at = {round(i * last / max(most - 1, 1)) for i in range(min(most, last + 1))} if last >= most else range(last + 1)
    return [FramePair(plate.frames[i], frame_of(plate, plate.frames[i]), None) for i in sorted(at)]
