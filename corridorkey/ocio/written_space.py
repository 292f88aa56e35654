"""The linear space that FG and Processed are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.ocio import primaries
from corridorkey.ocio.config import SpaceConfig, current_config
from corridorkey.ocio.plate_space import PlateSpace, plate_space
from corridorkey.ocio.primaries import Chromaticities, gamut_by_matrix
from corridorkey.ocio.transform import identity, rec709_matrix, through
from corridorkey.types import Array

TO_REC709 = "ck:to_rec709"  # nine numbers, row by row; colours are columns
_UNCHANGED = 1e-5  # of a matrix entry: nearer to one, a matrix is only its own rounding


@dataclass(frozen=True, eq=False)
class WrittenSpace:
    """A linear space for outputs.

    Attributes:
        name: for people.
        matrix: (3, 3) float32 from linear Rec.709 to it; None where it is that.
        interop_id: what files in it are tagged with; empty if the Color Interop Forum has no name for it.
        chromaticities: its primaries and white; None where they are not known, or Rec.709's, as files without are.
        note: on it, for the user; empty where there is nothing to say.
        stamp: `ck:` attributes of every output, on where its colours come from; empty without OpenColorIO.
    """

    name: str
    matrix: Array | None = None
    interop_id: str = ""
    chromaticities: Chromaticities | None = None
    note: str = ""
    stamp: Mapping[str, str] = field(default_factory=dict)

    def from_rec709(self, rgb: Array) -> Array:
        """Linear Rec.709 in this space.

        Args:
            rgb: (H, W, 3) or (H, W, 4) float32, linear, straight or premultiplied; an alpha is kept as it is.
        Returns:
            Same shape; the same array where nothing is to be done.
        """
        return rgb if self.matrix is None else through(self.matrix, rgb)

    @property
    def label(self) -> Mapping[str, str]:
        """`ck:` attributes of the files that are in this space; the matrix is for who has not the config."""
        if self.matrix is None:
            return {"ck:output_space": self.name}
        back = np.linalg.inv(self.matrix.astype(np.float64))
        return {"ck:output_space": self.name, TO_REC709: " ".join(f"{number:.9g}" for number in back.flat)}


REC709 = WrittenSpace("linear Rec.709", interop_id=primaries.REC709.interop_id)


def written_space(asked: str, plate: PlateSpace | None) -> WrittenSpace | None:
    """Decide what FG and Processed are written in.

    Args:
        asked: "auto", "linear" (Rec.709), or a name as `SpaceConfig.find` takes it.
        plate: the plate's space; None if it was read without OpenColorIO.
    Returns:
        The space; None leaves the colours, and what the plate says of its primaries, as they are.
    Raises:
        SettingsError: no such space, or not a linear one.
        BackendUnavailableError: a name, and OpenColorIO is not installed.
    """
    if asked == "auto" and plate is None:
        return None
    if asked not in ("auto", "linear"):
        return _named(plate.config if plate else current_config(), asked, plate)
    if plate is None:
        return REC709
    if asked == "auto" and not plate.linear:
        why = f", since {plate.config.name} has no linear space with the primaries of {plate.name}"
        return _in(plate.config, "", plate, why)
    return _in(plate.config, plate.linear if asked == "auto" else "", plate)


def _named(config: SpaceConfig, asked: str, plate: PlateSpace | None) -> WrittenSpace:
    found = config.find(asked)
    if found not in config.linear_names:
        sibling = plate_space(found).linear
        instead = f"say {sibling!r}" if sibling else "name a linear one, or linear, which is linear Rec.709"
        raise SettingsError(
            f"--output-colorspace {found!r} is not linear, which FG and Processed have to be, since Processed is "
            f"premultiplied; {instead}"
        )
    return _in(config, found, plate)


@cache
def _in(config: SpaceConfig, linear: str, plate: PlateSpace | None, why: str = "") -> WrittenSpace:
    """A linear space of the config, "" for linear Rec.709."""
    name = linear or REC709.name
    matrix = rec709_matrix(config, linear) if linear else np.eye(3, dtype=np.float32)
    changes = np.abs(matrix - np.eye(3)).max() > _UNCHANGED
    known = gamut_by_matrix(matrix)
    spaces = [name for name in (plate.name if plate else "", linear) if name]
    stamp = {"ck:ocio": identity(config, spaces)}
    stamp |= {"ck:input_space": plate.name} if plate else {}
    return WrittenSpace(
        name,
        matrix if changes else None,
        known.interop_id if known else "",
        known.chromaticities if known and known is not primaries.REC709 else None,
        f"FG and Processed are {name}{why}",
        stamp,
    )
