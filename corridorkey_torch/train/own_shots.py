"""Samples of one's own finished shots: the plate, and the matte and fg that somebody approved."""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from pathlib import Path
from typing import Literal

import numpy as np

from corridorkey.clips import find_clips
from corridorkey.clips.find import Clip
from corridorkey.config import SIZE_STEP, GreenFormerConfig
from corridorkey.errors import FramePairingError, FrameReadError, MediaError
from corridorkey.media.footage import Footage, find_footage, frame_of
from corridorkey.media.frame_reader import FrameReader
from corridorkey.media.frames import frames_text
from corridorkey.media.output import FOLDERS
from corridorkey.pipeline import display_rgb
from corridorkey.prepare import fit_colours, fit_image, fitted_size
from corridorkey.screen import detect_screen
from corridorkey.types import Screen
from corridorkey_torch.train.samples import Sample, SampleSet, make_sample, write_sample
from corridorkey_torch.train.sources import FinishedShots

log = logging.getLogger(__name__)

TILE = 1024  # px; larger frames are cut up
LAST = "last"  # the name of a frame's last tile: where it is, they all are
LOOKED_AT = 5  # frames, for the screen's colour


@dataclasses.dataclass(frozen=True, slots=True)
class OwnShot:
    """A finished shot.

    Attributes:
        name: for files and people.
        plate, matte, fg: footage; every plate frame has both others.
    """

    name: str
    plate: Footage
    matte: Footage
    fg: Footage

    @classmethod
    def of(cls, clip: Clip) -> OwnShot:
        """What `ck key` keyed, or what lies in its output's place.

        Raises:
            MediaError: there is no matte or no fg, or something is wrong with the shot.
            FramePairingError: a plate frame lacks one of them.
        """
        if clip.fault:
            raise MediaError(clip.fault)
        plate, *others = (
            find_footage(p) for p in (clip.plate, clip.out / FOLDERS["matte"][0], clip.out / FOLDERS["fg"][0])
        )
        for other in others:
            if missing := [n for n in plate.frames if n not in other.files]:
                raise FramePairingError(
                    f"{clip.name}: {other} lacks frames {frames_text(missing)} of its plate; "
                    "add them, or take those frames out of the plate's folder"
                )
        return cls(clip.name.replace("/", "_"), plate, *others)

    def screen(self, reader: FrameReader, asked: Screen | Literal["auto"]) -> Screen:
        """The colour of the screen: as asked, or by frames all over the shot."""
        if asked != "auto":
            return asked
        at = np.unique(np.linspace(0, len(self.plate.frames) - 1, LOOKED_AT).astype(int))
        return detect_screen(display_rgb(reader.plate(frame_of(self.plate, self.plate.frames[i]))) for i in at).screen

    def sample(
        self, number: int, screen: Screen, contract: GreenFormerConfig, plates: FrameReader, fgs: FrameReader
    ) -> Sample:
        """A whole frame as a sample; see `make_sample`.

        Raises:
            FrameReadError: it cannot be read, or plate, matte and fg are not of one size.
        """
        plate, fg = plates.plate(frame_of(self.plate, number)), fgs.plate(frame_of(self.fg, number))
        alpha = fgs.hint(frame_of(self.matte, number))
        for footage, size in ((self.matte, alpha.shape), (self.fg, fg.size)):
            if size != plate.size:
                raise FrameReadError(
                    f"{footage}: frame {number} is {size[1]}x{size[0]}, its plate {plate.size[1]}x{plate.size[0]}; "
                    "matte and fg must be of the plate's size"
                )
        # As it will be keyed in full: squashed by a square network, shrunk or enlarged where the contract says so.
        size = fitted_size(plate.size, contract)
        rgb, colour = (np.clip(fit_colours(p, size, contract), 0, 1) for p in (plate, fg))
        return make_sample(rgb, fit_image(alpha, size, plate, contract), colour, screen, contract)


def make_own_samples(
    shots: FinishedShots, folder: Path, contract: GreenFormerConfig, part: tuple[int, int] = (0, 1)
) -> None:
    """Make samples of finished shots, prepared as rendered ones are; what is there already stays.

    Args:
        shots: where they are, and what is known of them.
        folder: where the samples go, a file for each tile of each frame.
        contract: which screens the network is for.
        part: (i, n) makes every n-th frame from the i-th, so that n processes share the work.
    Raises:
        MediaError: no shot, no matte or no fg there, or a frame that cannot be read.
        ScreenError: a shot shows no screen.
        SettingsError, BackendUnavailableError: a shot's settings are wrong, or name no colour space there is.
    """
    for clip in find_clips(shots.folder):
        shot, settings = OwnShot.of(clip), shots.settings(clip)
        with FrameReader(settings.input_colorspace) as plates, FrameReader() as fgs:
            screen = shot.screen(plates, settings.screen_color)
            for number in shot.plate.frames[part[0] :: part[1]]:
                if not (folder / f"{shot.name}-{number:07d}-{LAST}.npy").exists():
                    _write_tiles(
                        shot.sample(number, screen, contract, plates, fgs), folder / f"{shot.name}-{number:07d}"
                    )
        log.info("%s: %d frames of a %s screen", clip.name, len(shot.plate.frames), screen)


def own_samples(folder: Path) -> list[SampleSet]:
    """What `make_own_samples` has made, a set for each size of tile."""
    found: dict[tuple[int, int], list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*.npy")):
        height, width = np.load(path, mmap_mode="r").shape[:2]
        found[height, width].append(path)
    return [SampleSet(size, tuple(paths), own=True) for size, paths in sorted(found.items())]


def _write_tiles(whole: Sample, stem: Path) -> None:
    down, right = (_cuts(n) for n in whole.shape[:2])
    tiles = [whole[rows, columns] for rows in down for columns in right]
    for i, tile in enumerate(tiles):
        name = LAST if i == len(tiles) - 1 else str(i)
        write_sample(stem.with_name(f"{stem.name}-{name}.npy"), tile)


def _cuts(length: int) -> list[slice]:
    """Equal parts of a side, none longer than TILE, each a multiple of SIZE_STEP."""
    parts = -(-length // TILE)
    side = length // parts // SIZE_STEP * SIZE_STEP
    return [slice(i * side, (i + 1) * side) for i in range(parts)]
