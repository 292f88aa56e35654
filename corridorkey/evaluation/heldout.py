"""The suite `synthetic-heldout`: rendered shots of every kind that is hard, none of which training sees.

Seeds are its own, strands and procedural surfaces are of kinds kept for tests, and of a folder of photographs it takes
only those that the trainer leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from corridorkey.evaluation.frame import TestFrame, from_synth
from corridorkey.synth import ShotStyle, Textures, render_shot
from corridorkey.synth.camera import Camera

FIRST_SEED = 700000
SEEDS = range(FIRST_SEED, FIRST_SEED + 100000)  # no recipe may render any of these
VARIANTS = 5  # stills of each kind
SHOT_FRAMES = 12

_PERSON = ShotStyle(subjects=("person",), motion=0.0)
KINDS: dict[str, ShotStyle] = {
    "hair": replace(_PERSON, strands=1.5, wrinkles=0.0),
    "fur": ShotStyle(subjects=("fur",), strands=1.3, motion=0.0),
    "motion": ShotStyle(subjects=("shape", "person"), motion=3.0, shutter=0.9, instants=15),
    "defocus": ShotStyle(subjects=("wire", "person", "fur"), motion=0.0, defocus=9.0),
    "smoke": ShotStyle(subjects=("person", "smoke"), motion=0.0),
    "veil": ShotStyle(subjects=("person", "veil", "veil"), motion=0.0),
    "holes": ShotStyle(subjects=("shape", "lattice"), motion=0.0),
    "wires": ShotStyle(subjects=("wire", "wire", "person", "wire"), motion=0.0),
    "screen-coloured": ShotStyle(subjects=("person", "shape"), motion=0.0, near=True, wardrobe="screen"),
    "denim": replace(_PERSON, screen="blue", near=True, wardrobe="denim"),
    "dark": replace(_PERSON, wardrobe="dark"),
    "white": replace(_PERSON, wardrobe="white"),
}
_EVEN = ShotStyle(uneven=0.05, wrinkles=0.0, shadows=0.0, markers=False)
SCREENS: dict[str, ShotStyle] = {
    "clean": _EVEN,
    "uneven": replace(_EVEN, uneven=0.6),
    "wrinkled": replace(_EVEN, uneven=0.2, wrinkles=0.25),
    "shadowed": replace(_EVEN, uneven=0.2, shadows=0.7),
    "marked": replace(_EVEN, uneven=0.2, markers=True),
    "under-exposed": replace(_EVEN, uneven=0.3, exposure=0.22),
    "over-exposed": replace(_EVEN, uneven=0.3, exposure=2.2),
}
CAMERAS: dict[str, Camera] = {
    "10-bit": Camera(shot=0.006, read=0.0006, grain=0.5, steps=1023, video="4:2:2"),
    "4:2:0": Camera(shot=0.010, read=0.0012, grain=0.6, video="4:2:0"),
    "JPEG": Camera(shot=0.012, read=0.0015, blur=0.5, quality=70),
    "sharpened": Camera(shot=0.014, read=0.0015, grain=0.7, blur=-0.5, quality=90),
}
# Of each hundred seeds, how far on the first lies that shows what its name says: enough edge, body and screen.
PICKED: dict[str, tuple[int, ...]] = {
    "hair": (5, 4, 1, 1, 0),
    "fur": (3, 4, 0, 1, 3),
    "motion": (0, 1, 0, 0, 0),
    "defocus": (0, 0, 0, 0, 0),
    "smoke": (0, 0, 0, 0, 5),
    "veil": (1, 0, 0, 0, 1),
    "holes": (1, 0, 12, 0, 1),
    "wires": (0, 0, 0, 0, 0),
    "screen-coloured": (0, 1, 1, 0, 0),
    "denim": (0, 2, 4, 0, 0),
    "dark": (1, 5, 1, 0, 5),
    "white": (2, 2, 0, 2, 1),
    "fur-moving": (8,),
    "smoke-moving": (4,),
}
SIZES = ((360, 640), (720, 960), (720, 1280), (540, 720), (480, 854))
SPILL = (0.02, 0.05, 0.09, 0.14, 0.2)  # of the screen's light; what a seed draws goes up to 0.35
LARGE = {("hair", 2), ("fur", 2), ("veil", 2)}  # at 1080p
SHOTS: dict[str, tuple[str, float]] = {  # what moves, and how fast
    "hair-moving": ("hair", 0.8),
    "fur-moving": ("fur", 1.0),
    "limbs-moving": ("motion", 2.0),
    "smoke-moving": ("smoke", 1.0),
    "wires-moving": ("wires", 0.7),
    "holes-moving": ("holes", 1.0),
}


@dataclass(frozen=True, slots=True)
class HeldOutShot:
    """What one shot of the suite is rendered from.

    Attributes:
        name: "hair-3"; that of its frames begins with it.
        seed: one of SEEDS.
        size: height, width.
        frames: 1 for a still.
        style, camera: of the shot.
        tags: of its frames.
    """

    name: str
    seed: int
    size: tuple[int, int]
    frames: int
    style: ShotStyle
    camera: Camera
    tags: tuple[str, ...]

    def render(self, textures: Textures) -> Iterator[TestFrame]:
        """The frames, in order."""
        shot = render_shot(self.seed, self.size, self.frames, self.style, textures, self.camera)
        for number, frame in enumerate(shot, start=1):
            yield from_synth(frame, f"{self.name}/{number:04d}", self.name, self.tags)


def _shot(name: str, kind: str, number: int, size: tuple[int, int], frames: int, motion: float | None) -> HeldOutShot:
    screen, condition = list(SCREENS.items())[number % len(SCREENS)]
    recorded, camera = list(CAMERAS.items())[number % len(CAMERAS)]
    colour = KINDS[kind].screen or ("blue" if number % VARIANTS in (1, 3) else "green")
    fixed = {n: getattr(condition, n) for n in ("uneven", "wrinkles", "shadows", "markers", "exposure")}
    picked = PICKED.get(name.rsplit("-", 1)[0] if frames == 1 else name, ())
    seed = FIRST_SEED + 100 * number + (picked[(number % VARIANTS) if frames == 1 else 0] if picked else 0)
    style = replace(
        KINDS[kind], **fixed, screen=colour, spill=SPILL[number // 3 % len(SPILL)], unseen=True, degrade=True
    )
    if motion is not None:
        style = replace(style, motion=motion, instants=9)
    tags = (kind, colour, screen, recorded, "moving" if frames > 1 else "still")
    return HeldOutShot(name, seed, size, frames, style, camera, tags)


def held_out_shots(quick: bool = False) -> list[HeldOutShot]:
    """The suite's shots: stills of every kind, then moving ones.

    Args:
        quick: one still of each kind and one moving shot, the same as in the whole suite.
    """
    stills = [
        _shot(f"{kind}-{v + 1}", kind, k * VARIANTS + v, (1080, 1920) if (kind, v) in LARGE else SIZES[v], 1, None)
        for k, kind in enumerate(KINDS)
        for v in range(VARIANTS)
    ]
    moving = [
        _shot(name, kind, len(stills) + i, (360, 640), SHOT_FRAMES, speed)
        for i, (name, (kind, speed)) in enumerate(SHOTS.items())
    ]
    # The first of a kind before green, the first of the next before blue.
    few = [stills[k * VARIANTS + k % 2] for k in range(len(KINDS))]
    return few + moving[:1] if quick else stills + moving


def held_out_frames(quick: bool = False, photos: Path | None = None) -> Iterator[TestFrame]:
    """The suite's frames, rendered one by one.

    Args:
        quick: as `held_out_shots`.
        photos: a folder of photographs for surfaces; the fifth of them that is kept for tests is used. None makes all
            surfaces procedural.
    Raises:
        SettingsError: no such photographs there.
    """
    textures = Textures(photos, part="tests") if photos else Textures()
    for shot in held_out_shots(quick):
        yield from shot.render(textures)
