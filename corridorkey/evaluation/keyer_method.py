"""A network as a method: the road that `ck key` takes, from plate to alpha and fg."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from corridorkey.composite import linear_fg
from corridorkey.config import KeySettings
from corridorkey.evaluation.contract import Result
from corridorkey.evaluation.truth_hint import TruthHint, truth_hint
from corridorkey.pipeline import Keyer, guide_frame, key_frame

if TYPE_CHECKING:
    from corridorkey.evaluation.frame import TestFrame


@dataclass(frozen=True, slots=True)
class KeyerMethod:
    """A loaded checkpoint, at full frame size.

    Attributes:
        name: as tables have it.
        keyer: from `backend.load_keyer`.
        hint: "chroma" makes it from the plate, as users do; the others of the true alpha (see `truth_hint`).
        settings: the artist's knobs.
    """

    name: str
    keyer: Keyer
    hint: Literal["chroma"] | TruthHint = "chroma"
    settings: KeySettings = field(default_factory=KeySettings)

    def key(self, frame: TestFrame) -> Result:
        """Key one frame; alpha and fg are raw, as the files Matte and FG have them but for despeckling.

        Raises:
            SettingsError: a hint from the truth of a frame that has none.
        """
        hint = None if self.hint == "chroma" else truth_hint(frame, self.hint)
        guide = guide_frame(frame.plate, frame.screen, self.keyer.contract, hint)
        keyed = key_frame(frame.plate, guide, self.keyer, self.settings)
        return Result(keyed.alpha[..., 0], linear_fg(keyed))
