"""What a method is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from corridorkey.types import Array

if TYPE_CHECKING:
    from corridorkey.evaluation.frame import TestFrame


@dataclass(frozen=True, slots=True)
class Result:
    """What a method makes of a frame, at the plate's size.

    Attributes:
        alpha: (H, W) float32 0..1, linear coverage.
        fg: (H, W, 3) float32, linear, straight, finite, not below 0.
    """

    alpha: Array
    fg: Array


class Method(Protocol):
    """Whatever keys a frame: a network, or a classical keyer."""

    @property
    def name(self) -> str:
        """As tables and file names have it."""
        ...

    def key(self, frame: TestFrame) -> Result:
        """Key one frame. It looks at plate and screen; at the truth only where it says so."""
        ...
