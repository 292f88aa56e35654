"""The kinds of movie that are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MovieKind = Literal["prores4444", "h264"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind is encoded.

    Attributes:
        codec, pixel_format, options: as libav names them.
        bits: of a sample.
        has_alpha: pictures are (H, W, 4), else (H, W, 3).
        containers: suffix -> libav's name of the container.
        even: sides are padded to even numbers, for chroma at half size.
    """

    codec: str
    pixel_format: str
    bits: int
    has_alpha: bool
    containers: Mapping[str, str]
    even: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


KINDS: Mapping[MovieKind, Kind] = {
    # libav's encoder takes 10 bits of colour, where its decoder gives 12; alpha is written with 16.
    "prores4444": Kind(
        "prores_ks", "yuva444p10le", 10, True, {".mov": "mov"},
        options={"profile": "4444", "alpha_bits": "16", "vendor": "apl0"},
    ),
    "h264": Kind(
        "libx264", "yuv420p", 8, False, {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov"}, even=True,
        options={"crf": "17", "preset": "medium"},
    ),
}  # fmt: skip
