"""Pictures from disk and back: sequences, plates, hints and outputs."""

from corridorkey.media.colorspace import colorspace_rule
from corridorkey.media.exr import read_exr, write_exr
from corridorkey.media.footage import Footage, MovieFrame, Source, file_of, find_footage, frame_of
from corridorkey.media.frames import FrameSpec, frames_text, parse_frames
from corridorkey.media.output import output_paths, write_frame
from corridorkey.media.pairs import FramePair, pair_frames
from corridorkey.media.read import read_hint, read_plate
from corridorkey.media.sequence import Sequence, find_sequence

__all__ = [
    "Footage",
    "FramePair",
    "FrameSpec",
    "MovieFrame",
    "Sequence",
    "Source",
    "colorspace_rule",
    "file_of",
    "find_footage",
    "find_sequence",
    "frame_of",
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
