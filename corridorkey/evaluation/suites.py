"""The suites by name; a folder is one, too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from corridorkey.errors import SettingsError
from corridorkey.evaluation.cutouts import cutout_frames
from corridorkey.evaluation.frame import TestFrame
from corridorkey.evaluation.heldout import held_out_frames
from corridorkey.evaluation.real import real_frames
from corridorkey.media.cutout import cutout_files, read_cutout

HELD_OUT = "synthetic-heldout"
NAMES = (HELD_OUT, "cutouts", "real")


@dataclass(frozen=True, slots=True)
class Suite:
    """Frames to test methods on.

    Attributes:
        name: as tables have it.
        make: gives the frames.
        has_truth: whether alpha and fg are known.
    """

    name: str
    make: Callable[[], Iterator[TestFrame]]
    has_truth: bool

    def frames(self) -> Iterator[TestFrame]:
        """The frames, one by one, the same every time."""
        return self.make()


def suite(name: str, folder: Path | None = None, *, quick: bool = False, photos: Path | None = None) -> Suite:
    """A suite by its name.

    Args:
        name: "synthetic-heldout", "cutouts", "real", or a folder: of cut-outs, if its first picture has an alpha that
            varies, else of plates.
        folder: of the cut-outs or plates.
        quick: less of it, the same frames.
        photos: for surfaces of `synthetic-heldout`; another suite under the same seeds, so the name says it.
    Raises:
        SettingsError: no such suite, or a folder that it needs is missing.
    """
    if name == HELD_OUT:
        full = HELD_OUT + (" with photographs" if photos else "") + (", quick" if quick else "")
        return Suite(full, partial(held_out_frames, quick, photos), True)
    if name not in NAMES:
        name, folder = _kind(Path(name)), Path(name)
    if folder is None or not folder.is_dir():
        raise SettingsError(f"suite {name}: {folder or 'no folder'} is no folder; give one of your pictures")
    if name == "cutouts":
        return Suite(
            f"cutouts {folder.name}" + (", quick" if quick else ""), partial(cutout_frames, folder, quick), True
        )
    return Suite(f"real {folder.name}", partial(real_frames, folder), False)


def _kind(folder: Path) -> str:
    if not folder.is_dir():
        raise SettingsError(f"suite {str(folder)!r}: use {HELD_OUT}, or a folder of cut-outs or of plates")
    found = cutout_files(folder)
    return "cutouts" if found and read_cutout(found[0]) is not None else "real"
