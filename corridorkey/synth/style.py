"""What may be fixed of a shot, and what the seed decides otherwise."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args

import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.types import Screen

SUBJECTS = ("person", "fur", "shape", "wire", "veil", "smoke")  # what a seed may draw
KINDS = (*SUBJECTS, "lattice", "cord")  # and what must be asked for
Wardrobe = Literal["any", "dark", "white", "screen", "denim"]


@dataclass(frozen=True, slots=True)
class ShotStyle:
    """Fixed choices for a shot; None is drawn from the seed.

    Attributes:
        screen: colour of the screen.
        screen_rgb: its shade, sRGB 0..1.
        uneven: relative depth of the light's slow changes over the screen, 0 to 0.45.
        wrinkles: relative depth of folds, 0 to 0.25.
        shadows: darkness of shadows on the screen, the subject's own among them, 0 to 0.7.
        markers: whether tracking marks are on the screen.
        subjects: kinds from KINDS, back to front; empty for an empty frame.
        strands: multiplies the number of hairs.
        motion: speed of the subjects; 0 stands still, 1 is about 2 % of the frame per frame.
        shutter: part of the frame time it is open; 0 gives no motion blur.
        defocus: largest blur of a subject in pixels (standard deviation).
        spill: screen light on the subject, as a part of the screen's colour, 0 to 0.35.
        near: whether clothes and props may come near the screen's hue.
        degrade: whether the camera adds noise, blur, 8 bits and JPEG; False leaves the plate exact.
        exposure: light on the screen, as a multiple of what its shade says; over 1 the camera may clip. Never drawn,
            nor are those below.
        wardrobe: clothes and props of one kind: dark, white, near the screen's colour, or washed blue cotton.
        instants: how many moments of the open shutter are averaged.
        unseen: whether strands and procedural surfaces are of kinds kept for tests; no training shot has them.
    """

    screen: Screen | None = None
    screen_rgb: tuple[float, float, float] | None = None
    uneven: float | None = None
    wrinkles: float | None = None
    shadows: float | None = None
    markers: bool | None = None
    subjects: tuple[str, ...] | None = None
    strands: float | None = None
    motion: float | None = None
    shutter: float | None = None
    defocus: float | None = None
    spill: float | None = None
    near: bool | None = None
    degrade: bool | None = None
    exposure: float | None = None
    wardrobe: Wardrobe | None = None
    instants: int | None = None
    unseen: bool | None = None

    def __post_init__(self) -> None:
        if self.screen not in (None, "green", "blue"):
            raise SettingsError(f"synth screen {self.screen!r}: use green or blue")
        unknown = sorted(set(self.subjects or ()) - set(KINDS))
        if unknown:
            raise SettingsError(f"synth subjects {', '.join(unknown)}: choose from {', '.join(KINDS)}")
        if self.wardrobe not in (None, *get_args(Wardrobe)):
            raise SettingsError(f"synth wardrobe {self.wardrobe!r}: choose from {', '.join(get_args(Wardrobe))}")
        if self.instants is not None and self.instants < 1:
            raise SettingsError(f"synth instants {self.instants}: use 1 or more")
        for name in ("strands", "motion", "shutter", "defocus", "exposure"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value < float("inf"):
                raise SettingsError(f"synth {name} {value}: use 0 or more")
        for name in ("uneven", "wrinkles", "shadows", "spill"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value <= 1.0:
                raise SettingsError(f"synth {name} {value}: use 0 to 1")


@dataclass(frozen=True, slots=True)
class DrawnStyle:
    """A style with nothing left open; the fields are ShotStyle's."""

    screen: Screen
    screen_rgb: tuple[float, float, float]
    uneven: float
    wrinkles: float
    shadows: float
    markers: bool
    subjects: tuple[str, ...]
    strands: float
    motion: float
    shutter: float
    defocus: float
    spill: float
    near: bool
    degrade: bool
    exposure: float = 1.0
    wardrobe: Wardrobe = "any"
    instants: int = 5
    unseen: bool = False


SWATCHES: dict[Screen, tuple[tuple[float, float, float], ...]] = {
    "green": (
        (0.35, 0.90, 0.25),
        (0.05, 0.70, 0.25),
        (0.00, 0.85, 0.35),
        (0.25, 0.75, 0.45),
        (0.25, 0.60, 0.20),
        (0.16, 0.63, 0.30),
        (0.03, 0.25, 0.03),
        (0.02, 0.40, 0.03),
        (0.45, 0.80, 0.50),
        (0.10, 0.60, 0.45),
        (0.10, 0.42, 0.20),
    ),
    "blue": (
        (0.10, 0.20, 0.80),
        (0.15, 0.35, 0.75),
        (0.03, 0.08, 0.35),
        (0.35, 0.50, 0.85),
        (0.05, 0.45, 0.85),
        (0.10, 0.15, 0.55),
        (0.00, 0.25, 0.95),
    ),
}


def _shade(rng: np.random.Generator, screen: Screen) -> tuple[float, float, float]:
    rgb = np.array(SWATCHES[screen][rng.integers(len(SWATCHES[screen]))]) + rng.normal(0, 0.035, 3)
    rgb = np.clip(rgb * rng.uniform(0.85, 1.12), 0.0, 0.97)
    key = 1 if screen == "green" else 2
    others = [i for i in range(3) if i != key]
    rgb[others] = np.minimum(rgb[others], 0.85 * rgb[key])
    return float(rgb[0]), float(rgb[1]), float(rgb[2])


def _cast(rng: np.random.Generator) -> tuple[str, ...]:
    if rng.random() < 0.03:
        return ()
    main = str(rng.choice(SUBJECTS, p=(0.60, 0.12, 0.12, 0.05, 0.06, 0.05)))
    cast = [main]
    while len(cast) < 4 and rng.random() < 0.38:
        cast.insert(int(rng.integers(len(cast) + 1)), str(rng.choice(SUBJECTS, p=(0.22, 0.1, 0.22, 0.2, 0.14, 0.12))))
    return tuple(cast)


def draw_style(rng: np.random.Generator, style: ShotStyle, frames: int) -> DrawnStyle:
    """Draw every choice, then put the fixed ones over it: fixing one leaves the others as they were."""
    screen: Screen = "green" if rng.random() < 0.65 else "blue"
    screen = style.screen or screen
    moving = frames > 1 or rng.random() < 0.35
    drawn = DrawnStyle(
        screen=screen,
        screen_rgb=_shade(rng, screen),
        uneven=float(rng.uniform(0, 0.45) * rng.uniform(0.2, 1)),
        wrinkles=float(rng.uniform(0.02, 0.22)) if rng.random() < 0.35 else 0.0,
        shadows=float(rng.uniform(0.1, 0.65)) if rng.random() < 0.5 else 0.0,
        markers=bool(rng.random() < 0.25),
        subjects=_cast(rng),
        strands=float(rng.uniform(0.4, 1.6)),
        motion=float(rng.gamma(1.5, 0.5)) if moving else 0.0,
        shutter=float(rng.uniform(0.25, 0.9)) if rng.random() < 0.8 else 0.0,
        defocus=float(rng.gamma(1.2, 1.2)) if rng.random() < 0.4 else 0.0,
        spill=float(rng.beta(1.4, 3.2) * 0.35),
        near=bool(rng.random() < 0.15),
        degrade=bool(rng.random() < 0.8),
    )
    fixed = {f.name: getattr(style, f.name) for f in fields(style) if getattr(style, f.name) is not None}
    return replace(drawn, **fixed)
