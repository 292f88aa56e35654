"""Colour spaces by the names of OpenColorIO, which is imported in this package alone, and only when a name is used."""

from corridorkey.ocio.config import BUILT_IN, SpaceConfig, current_config, is_installed
from corridorkey.ocio.plate_space import PlateSpace, plate_space
from corridorkey.ocio.transform import through
from corridorkey.ocio.written_space import REC709, TO_REC709, WrittenSpace, written_space

__all__ = [
    "BUILT_IN",
    "REC709",
    "TO_REC709",
    "PlateSpace",
    "SpaceConfig",
    "WrittenSpace",
    "current_config",
    "is_installed",
    "plate_space",
    "through",
    "written_space",
]
