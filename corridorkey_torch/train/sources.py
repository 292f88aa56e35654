"""What a run's samples are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from corridorkey.clips import Clip
from corridorkey.config import KeySettings
from corridorkey.errors import SettingsError
from corridorkey.synth import SynthFrame, Textures, render_shot
from corridorkey.synth.practice import practice_camera, practice_style
from corridorkey.synth.rendered import rendered_frame
from corridorkey.types import Screen
from corridorkey_torch.train.recipe import RenderSet


def as_its_files_say(_clip: Clip) -> KeySettings:
    """The settings of a shot of which nothing else is known."""
    return KeySettings()


@dataclass(frozen=True, slots=True)
class FinishedShots:
    """Finished shots of one's own; `own_shots` makes samples of them.

    Attributes:
        folder: a shot's folder (Input/, and Output/Matte and Output/FG beside it), or a folder of such.
        settings: of a shot; screen_color and input_colorspace count.
    """

    folder: Path
    settings: Callable[[Clip], KeySettings] = as_its_files_say


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a run's material comes from.

    Attributes:
        textures: what drawn subjects' surfaces are made of; photographs that are kept for tests are left out.
        layers: a folder of layers from `ck render`, or of RGBA cut-outs, for the recipe's sets of them.
        shots: finished shots of one's own.
    """

    textures: Textures = field(default_factory=Textures)
    layers: Path | None = None
    shots: FinishedShots | None = None

    def frame(self, wanted: RenderSet, seed: int, screen: Screen | Literal["any"] = "any") -> SynthFrame:
        """The frame of a seed.

        Args:
            wanted: its set.
            seed: decides what is left open.
            screen: what the network is for.
        Raises:
            SettingsError: it is to be made of layers, and none were given.
            FrameReadError: a layer that cannot be read.
        """
        textures, style = dataclasses.replace(self.textures, part="training"), practice_style(seed)
        style = style if screen == "any" else dataclasses.replace(style, screen=screen)
        camera = practice_camera(seed)
        if wanted.of == "drawn":
            return next(render_shot(seed, wanted.size, style=style, textures=textures, camera=camera))
        if self.layers is None:
            raise SettingsError(
                "the recipe has a set of layers: give their folder with --layers; `ck render FOLDER --frames 600` "
                "makes some, and cut-outs of your own will do"
            )
        return rendered_frame(self.layers, seed, wanted.size, textures, style, camera)
