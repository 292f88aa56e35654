"""How many of a run's pixels the network cannot see or say: outside of Rec.709, and above 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import cv2
import numpy as np

from corridorkey.bands import in_bands
from corridorkey.types import Array, Plate

BELOW = -1e-4  # a channel under it is outside; what a matrix rounds is not
ABOVE = 1.0001  # white as a log curve gives it back is not above


@dataclass
class GamutCount:
    """Pixels of the plates of a run; several threads may add.

    Attributes:
        pixels: all that were looked at.
        outside: with a channel below 0 in linear Rec.709: outside of its gamut.
        above: with a channel above 1.
    """

    pixels: int = 0
    outside: int = 0
    above: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def add(self, plate: Plate) -> None:
        """Count a plate's pixels."""
        found: list[tuple[int, int]] = []

        def look(rows: slice) -> None:
            band = plate.rgb[rows]
            low, high = band.min(), band.max()
            outside = _beyond(band, BELOW, np.inf) if low < BELOW else 0
            above = _beyond(band, -np.inf, ABOVE) if high > ABOVE else 0
            if outside or above:
                found.append((outside, above))

        in_bands(look, plate.size)
        with self._lock:
            self.pixels += plate.size[0] * plate.size[1]
            self.outside += sum(outside for outside, _ in found)
            self.above += sum(above for _, above in found)

    def note(self, source_detail: bool) -> str:
        """A line for the user; empty if there is nothing to say.

        Args:
            source_detail: whether the run keeps the plate's own pixels inside.
        """
        parts = [
            f"{_percent(count, self.pixels)} {what}"
            for count, what in ((self.outside, "lie outside Rec.709"), (self.above, "are above 1"))
            if count
        ]
        kept = "those deep inside are the plate's own" if source_detail else "--source-detail keeps the plate's own"
        return f"of the pixels {', '.join(parts)}: the network cannot give them back; {kept}" if parts else ""


def _beyond(band: Array, least: float, most: float) -> int:
    """How many pixels have a channel that is not between the two."""
    within = cv2.inRange(band, (least,) * 3, (most,) * 3)
    return within.size - cv2.countNonZero(within)


def _percent(count: int, of: int) -> str:
    share = 100 * count / of
    return f"{share:.2f} %" if share >= 0.01 else "less than 0.01 %"
