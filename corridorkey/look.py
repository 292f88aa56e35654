"""A look at a clip before it is keyed: what holds for all its frames is decided once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corridorkey.config import KeySettings
from corridorkey.errors import FrameReadError
from corridorkey.media import FramePair, Source
from corridorkey.media.frame_reader import FrameReader
from corridorkey.media.written import written_as
from corridorkey.pipeline import display_rgb
from corridorkey.screen import detect_screen, measure_screen
from corridorkey.types import Array, Screen

LOOKS = 9  # frames, spread over the clip


@dataclass(frozen=True, slots=True)
class ClipLook:
    """What was decided for a whole clip.

    Attributes:
        screen: colour of the screen.
        screen_rgb: (3,) float32 sRGB, its shade; None where nothing of that colour was seen.
        size: height and width of the first readable frame.
        notes: one line each for the user: the screen, and which rule decided the colour space.
        ocio: what stands for the OpenColorIO config, if it has a part in the colours; else empty.
    """

    screen: Screen
    screen_rgb: Array | None
    size: tuple[int, int]
    notes: tuple[str, str]
    ocio: str = ""


def look_at_clip(pairs: Sequence[FramePair], settings: KeySettings) -> ClipLook:
    """Decide screen colour and colour space from several frames; unreadable ones are passed over.

    Args:
        pairs: the frames that will be keyed.
        settings: screen_color and the colour spaces count here.
    Returns:
        ClipLook.
    Raises:
        ScreenError: no screen is seen, and none was named.
        FrameReadError: not one of the frames looked at can be read.
        SettingsError, BackendUnavailableError: they cannot be read or written in the colour spaces asked for.
    """
    at = np.unique(np.linspace(0, len(pairs) - 1, LOOKS).round().astype(int))
    seen = _Seen(settings)
    with FrameReader(settings.input_colorspace) as reader:
        return _decide(seen, seen.read(reader, [pairs[i].plate for i in at]), settings)


def _decide(seen: _Seen, frames: Iterator[Array], settings: KeySettings) -> ClipLook:
    if settings.screen_color == "auto":
        report = detect_screen(frames)
        return ClipLook(report.screen, report.color, seen.size, (report.note, seen.space_note), seen.ocio)
    screen = settings.screen_color
    shade = measure_screen(frames, screen)
    return ClipLook(screen, shade, seen.size, (f"{screen} screen, as asked", seen.space_note), seen.ocio)


class _Seen:
    """Reads plates for a look, and keeps what the first readable one was."""

    def __init__(self, settings: KeySettings) -> None:
        self.settings = settings
        self.size, self.space_note, self.ocio = (0, 0), "", ""

    def read(self, reader: FrameReader, sources: Sequence[Source]) -> Iterator[Array]:
        unreadable: FrameReadError | None = None
        for source in sources:
            try:
                plate = reader.plate(source)
            except FrameReadError as error:
                unreadable = unreadable or error
                continue
            if not self.space_note:
                written = written_as(plate.header, self.settings)
                notes = [f"input: {reader.rule(source, plate)}", *([written.note] if written and written.note else [])]
                self.size, self.space_note = plate.size, "; ".join(notes)
                self.ocio = written.stamp.get("ck:ocio", "") if written else ""
            yield display_rgb(plate)
        if not self.space_note and unreadable:
            raise unreadable
