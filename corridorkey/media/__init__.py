"""Pictures from disk and back: sequences, plates, hints and outputs."""

from corridorkey.media.colorspace import colorspace_rule
from corridorkey.media.exr import read_exr, write_exr
from corridorkey.media.frames import FrameSpec, frames_text, parse_frames
from corridorkey.media.output import existing_outputs, output_paths, write_frame
from corridorkey.media.read import read_hint, read_plate
from corridorkey.media.sequence import FramePair, Sequence, find_sequence, pair_frames

__all__ = [
    "FramePair",
    "FrameSpec",
    "Sequence",
    "colorspace_rule",
    "existing_outputs",
    "find_sequence",
    "frames_text",
    "output_paths",
    "pair_frames",
    "parse_frames",
    "read_exr",
    "read_hint",
    "read_plate",
    "write_exr",
    "write_frame",
]
