"""SMPTE timecode: text to frame number and back."""

from __future__ import annotations

import re
from fractions import Fraction

_TEXT = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})([:;.])([0-9]{2,3})")


def nominal(rate: Fraction) -> int:
    """Frames that a second of timecode counts: 30 for 29.97."""
    return max(1, round(rate))


def number_of(text: str, rate: Fraction) -> int | None:
    """The frame number of a timecode, 0 for 00:00:00:00; None where it is no timecode at that rate.

    A semicolon before the frames is drop-frame: two numbers (four at 60) are left out each minute but the tenth.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, seconds, frame = (int(match[i]) for i in (1, 2, 3, 5))
    fps = nominal(rate)
    if minutes > 59 or seconds > 59 or frame >= fps:
        return None
    number = ((hours * 60 + minutes) * 60 + seconds) * fps + frame
    total = hours * 60 + minutes
    return number - (_dropped(fps) * (total - total // 10) if match[4] != ":" else 0)


def text_of(number: int, rate: Fraction, *, drop: bool = False) -> str:
    """The timecode of a frame number, modulo a day."""
    fps, dropped = nominal(rate), _dropped(nominal(rate)) if drop else 0
    number %= 24 * (3600 * fps - 54 * dropped)
    if dropped:
        tens, rest = divmod(number, 600 * fps - 9 * dropped)
        # The first minute of ten is whole.
        number += 9 * dropped * tens + dropped * max(0, (rest - dropped) // (60 * fps - dropped))
    seconds, frame = divmod(number, fps)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}{';' if dropped else ':'}{frame:02}"


def is_drop(text: str) -> bool:
    """Whether a timecode counts drop-frame."""
    return ";" in text or "." in text


def _dropped(fps: int) -> int:
    return 2 * (fps // 30) if fps % 30 == 0 else 0
