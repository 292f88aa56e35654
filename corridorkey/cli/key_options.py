"""What `ck key` was told, and what one command keeps from shot to shot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridorkey.cli.keyer import command_keyer
from corridorkey.cli.voice import TextVoice, Voice
from corridorkey.clips import Clip
from corridorkey.config import KeySettings
from corridorkey.errors import SettingsError
from corridorkey.media import FramePair
from corridorkey.pipeline import Keyer
from corridorkey.resume import Mode

if TYPE_CHECKING:
    from corridorkey.media.movie.kinds import MovieKind


@dataclass
class KeyOptions:
    """What `ck key` was told beside the shots.

    Attributes:
        settings: the artist's knobs.
        out: of the one shot; None takes the shot's own.
        hint, garbage, core: of the one shot, None for none.
        frames: frame spec, None for all.
        start_number: of a movie's first frame.
        movie: kind of movie to make of the outputs as well.
        checkpoint, size, dtype, device, backend: the network.
        mode: what to do about outputs that are there; `verify` reads them on a resume.
        verbose: say more.
        dry_run: only plan; not even a probe is written.
        voice: says it.
    """

    settings: KeySettings
    out: Path | None = None
    hint: str | None = None
    garbage: str | None = None
    core: str | None = None
    frames: str | None = None
    start_number: int | None = None
    movie: MovieKind | None = None
    checkpoint: str = "auto"
    size: int | None = None
    dtype: str = "float32"
    device: str | None = None
    backend: str | None = None
    mode: Mode = "refuse"
    verify: bool = False
    verbose: bool = False
    dry_run: bool = False
    voice: Voice = field(default_factory=TextVoice)
    _keyers: dict[tuple[Any, ...], Keyer] = field(default_factory=dict)
    _taken: dict[tuple[Path, str], Path] = field(default_factory=dict)

    def told(self, values: Mapping[str, Any]) -> KeyOptions:
        """The options of one shot; loaded networks and names that are taken stay the command's.

        Args:
            values: parameter of `ck key` -> value.
        Raises:
            SettingsError: one is out of its range.
        """
        knobs = {knob.name: values[knob.name] for knob in fields(KeySettings) if knob.name in values}
        others = {name: values[name] for name in values.keys() & {option.name for option in fields(self)}}
        mode: Mode = "resume" if values["resume"] else "overwrite" if values["overwrite"] else "refuse"
        return replace(self, settings=KeySettings(**knobs), mode=mode, **others)

    def keyer(self, backend: str, checkpoint: Path) -> Keyer:
        """A loaded network; a shot that needs the same as the one before gets it again."""
        wanted = backend, checkpoint, self.size, self.dtype, self.device
        if wanted not in self._keyers:
            self._keyers.clear()
            self._keyers[wanted] = command_keyer(
                backend, checkpoint, size=self.size, dtype=self.dtype, device=self.device
            )
        return self._keyers[wanted]

    def take(self, clip: Clip, out: Path, pairs: Sequence[FramePair]) -> None:
        """Keep the names of a shot's outputs for it: no other shot of this command may replace them.

        Raises:
            SettingsError: one before has a name: a.mov and a.mp4, which both go to a_keyed.
        """
        names = {(out.absolute(), pair.plate.stem): clip.plate for pair in pairs}
        if common := names.keys() & self._taken.keys():
            folder, stem = min(common)
            raise SettingsError(
                f"{clip.plate}: its {stem} in {folder} would replace that of {self._taken[folder, stem]}. "
                "Key it by itself, to another folder with -o."
            )
        self._taken |= names
