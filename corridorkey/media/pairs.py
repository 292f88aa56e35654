"""Plate, hint and mattes, paired by frame number."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from corridorkey.errors import FramePairingError
from corridorkey.media.footage import Footage, Source, frame_of
from corridorkey.media.frames import FrameSpec, frames_text

log = logging.getLogger(__name__)

_REPORTED = 100_000  # absent frames looked at: --frames 1-9999999 is a way to say "all from 1 on"


@dataclass(frozen=True, slots=True)
class FramePair:
    """A frame to key.

    Attributes:
        number: the frame's.
        plate: the frame as shot.
        hint: its hint, None where none was given.
        hint_is_still: the hint is one picture that serves the whole clip, however few of its frames are keyed.
        garbage, core: its mattes, None where none were given.
        garbage_is_still, core_is_still: as for the hint.
    """

    number: int
    plate: Source
    hint: Source | None
    hint_is_still: bool = False
    garbage: Source | None = None
    garbage_is_still: bool = False
    core: Source | None = None
    core_is_still: bool = False

    @property
    def sources(self) -> list[Source]:
        """All that the frame is made of."""
        return [source for source in (self.plate, self.hint, self.garbage, self.core) if source is not None]

    @property
    def stills(self) -> list[Source]:
        """Those of them that serve the whole clip."""
        hint, garbage, core = self.hint_is_still, self.garbage_is_still, self.core_is_still
        of_clip = ((self.hint, hint), (self.garbage, garbage), (self.core, core))
        return [source for source, is_still in of_clip if source is not None and is_still]


def pair_frames(
    plate: Footage,
    hint: Footage | None = None,
    wanted: FrameSpec | None = None,
    *,
    garbage: Footage | None = None,
    core: Footage | None = None,
) -> list[FramePair]:
    """Pair a plate with its hint and mattes by frame number.

    A still serves every frame. Frames of theirs that no plate frame needs, gaps in the plate, and wanted frames that it
    lacks are reported as warnings.

    Raises:
        FramePairingError: a plate frame has no hint or matte, or no wanted frame is there.
    """
    numbers = [number for number in plate.frames if wanted is None or number in wanted]
    if not numbers:
        raise FramePairingError(f"{plate}: none of the frames {wanted} is there; it has {frames_text(plate.frames)}")
    if wanted is not None and (absent := list(islice((n for n in wanted if n not in plate.files), _REPORTED))):
        log.warning("%s: frames asked for that are not there: %s", plate, frames_text(absent))
    elif wanted is None and (gaps := plate.gaps()):
        log.warning("%s: there are gaps in the plate, and they are kept: %s", plate, gaps)
    hints = _matched(plate, numbers, "hint", hint)
    garbages, cores = _matched(plate, numbers, "garbage matte", garbage), _matched(plate, numbers, "core matte", core)
    are_stills = [footage is not None and footage.is_still for footage in (hint, garbage, core)]
    return [
        FramePair(
            number,
            frame_of(plate, number),
            hint=hints[i],
            hint_is_still=are_stills[0],
            garbage=garbages[i],
            garbage_is_still=are_stills[1],
            core=cores[i],
            core_is_still=are_stills[2],
        )
        for i, number in enumerate(numbers)
    ]


def _matched(plate: Footage, numbers: Sequence[int], name: str, footage: Footage | None) -> Sequence[Source | None]:
    """The frames of a hint or matte for the plate's."""
    if footage is None:
        return [None] * len(numbers)
    if footage.is_still:
        return [frame_of(footage, footage.frames[0])] * len(numbers)
    if not plate.is_numbered:
        raise FramePairingError(
            f"{plate} has no frame number, but {footage} is a sequence; give one picture of it as {name}"
        )
    if missing := [number for number in numbers if number not in footage.files]:
        raise FramePairingError(
            f"no {name} in {footage} for plate frames {frames_text(missing)}; "
            f"add the {name}s, or leave those frames out with --frames"
        )
    if extra := set(footage.files) - set(plate.files):
        log.warning("%s: %ss that belong to no plate frame are not used: %s", footage, name, frames_text(extra))
    return [frame_of(footage, number) for number in numbers]


def spread(plate: Footage, most: int) -> list[FramePair]:
    """Frames spread over the whole of a plate, first and last among them, without hints.

    What is decided for a clip is decided on these, whichever of its frames are keyed: pieces of a clip that are keyed
    by several processes then agree.
    """
    last = len(plate.frames) - 1
    at = {round(i * last / max(most - 1, 1)) for i in range(min(most, last + 1))} if last >= most else range(last + 1)
    return [FramePair(plate.frames[i], frame_of(plate, plate.frames[i]), None) for i in sorted(at)]
