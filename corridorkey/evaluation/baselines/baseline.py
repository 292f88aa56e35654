"""A classical keyer: a way to alpha and a way to fg."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self

from corridorkey.evaluation.baselines.shown import Shown
from corridorkey.evaluation.contract import Result
from corridorkey.types import Array

if TYPE_CHECKING:
    from corridorkey.evaluation.frame import TestFrame


class AlphaMaker(Protocol):
    """A way to alpha. Its fields are its settings."""

    def alpha(self, shown: Shown) -> Array:
        """(H, W) float32 0..1."""
        ...

    def grid(self) -> tuple[Self, ...]:
        """Itself, and the settings worth trying."""
        ...


class FgMaker(Protocol):
    """A way to fg. Its fields are its settings."""

    def fg(self, shown: Shown, alpha: Array) -> Array:
        """(H, W, 3) float32, linear, straight; alpha is (H, W)."""
        ...

    def grid(self) -> tuple[Self, ...]:
        """Itself, and the settings worth trying."""
        ...


@dataclass(frozen=True, slots=True)
class Baseline:
    """A classical keyer.

    Attributes:
        name: as tables have it.
        alpha_maker, fg_maker: how it comes to both, and with which settings.
    """

    name: str
    alpha_maker: AlphaMaker
    fg_maker: FgMaker

    def key(self, frame: TestFrame) -> Result:
        """Key one frame.

        Raises:
            BackendUnavailableError: what it needs is not installed; the message says how to install it.
        """
        shown = Shown(frame)
        alpha = self.alpha_maker.alpha(shown)
        return Result(alpha, self.fg_maker.fg(shown, alpha))

    def alpha_grid(self) -> tuple[Baseline, ...]:
        """Itself, and itself with every other setting of alpha worth trying."""
        return tuple(replace(self, alpha_maker=maker) for maker in self.alpha_maker.grid())

    def fg_grid(self) -> tuple[Baseline, ...]:
        """Itself, and itself with every other setting of fg worth trying; alpha stays."""
        return tuple(replace(self, fg_maker=maker) for maker in self.fg_maker.grid())

    @property
    def settings(self) -> str:
        """The settings in one line, for a report."""
        return f"{self.alpha_maker}, {self.fg_maker}"
