"""Frame numbers as people write them: "1001-1100x2,1200"."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from corridorkey.errors import SettingsError

MAX_FRAMES = 10_000_000
_ITEM = re.compile(r"(-?[0-9]{1,18})(?:-(-?[0-9]{1,18})(?:[x:]([0-9]{1,18}))?)?")


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """A set of frame numbers, held as ranges and never spelled out.

    Attributes:
        ranges: ascending ranges in the order they were written; they may overlap.
    """

    ranges: tuple[range, ...]

    def __contains__(self, number: object) -> bool:
        return any(number in span for span in self.ranges)

    def __iter__(self) -> Iterator[int]:
        """Ascending, each number once."""
        return (number for number, _ in groupby(heapq.merge(*self.ranges)))

    def __str__(self) -> str:
        return ",".join(_range_text(span) for span in self.ranges)


def parse_frames(spec: str) -> FrameSpec:
    """Read a frame spec.

    Args:
        spec: numbers and ranges, separated by commas: "7", "1001-1100", "1-99x2" or "1-99:2" (every second), "-5-5".
    Returns:
        The numbers it names.
    Raises:
        SettingsError: not such a spec, a range that runs backwards, a step of 0, or more than MAX_FRAMES numbers.
    """
    ranges = tuple(_parse_item(item.strip(), spec) for item in spec.split(","))
    if sum(map(len, ranges)) > MAX_FRAMES:
        raise SettingsError(f"frames {spec!r}: more than {MAX_FRAMES:,} frames; name fewer")
    return FrameSpec(ranges)


def frames_text(numbers: Iterable[int], most: int = 20) -> str:
    """Numbers as compact ranges: "1001-1003, 1007"; after `most` ranges "and 5 more frames" ends it."""
    runs: list[range] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1].stop:
            runs[-1] = range(runs[-1].start, number + 1)
        else:
            runs.append(range(number, number + 1))
    return ranges_text(runs, most)


def ranges_text(ranges: Sequence[range], most: int = 20) -> str:
    """`frames_text` of numbers that are ranges already."""
    rest = sum(map(len, ranges[most:]))
    shown = ", ".join(map(_range_text, ranges[:most]))
    return f"{shown} and {rest} more frames" if rest else shown


def _parse_item(item: str, spec: str) -> range:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise SettingsError(f"frames {spec!r}: cannot read {item!r}; write for example 1001-1100, 1-99x2 or 7,12")
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    step = 1 if match[3] is None else int(match[3])
    if last < first:
        raise SettingsError(f"frames {spec!r}: {item} runs backwards; write the lower number first")
    if step == 0:
        raise SettingsError(f"frames {spec!r}: the step of {item} is 0; use 1 or more")
    return range(first, last + 1, step)


def _range_text(span: range) -> str:
    first, last = span[0], span[-1]
    if first == last:
        return str(first)
    return f"{first}-{last}" if span.step == 1 else f"{first}-{last}x{span.step}"
