"""Which screen a clip was shot against, and how sure that is.

A studio screen is one paint under one kind of light: its pixels share a chroma however unevenly they are lit, they lie
together, and they reach the edge of the frame. Leaves, water and skies miss at least one of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from corridorkey.errors import ScreenError
from corridorkey.hints.clean_plate import Mask
from corridorkey.hints.difference import ramp
from corridorkey.hints.shrink import shrink
from corridorkey.types import Array, Screen

LOOK_SIZE = 192  # long side; averages noise away and keeps a screen of 2 %
SURE_ENOUGH = 0.5
MIN_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """What was seen of a clip's screen.

    Attributes:
        screen: the colour decided on.
        confidence: 0..1.
        share: mean share of the pixels that are screen.
        color: (3,) float32 sRGB, the screen's median.
        frames: how many frames were looked at.
        note: one line for the user.
    """

    screen: Screen
    confidence: float
    share: float
    color: Array
    frames: int
    note: str


@dataclass(frozen=True, slots=True)
class _Sight:
    score: float = 0.0
    share: float = 0.0
    color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    fault: str = ""


def detect_screen(frames: Iterable[Array]) -> ScreenReport:
    """Decide on the screen colour of a clip.

    Args:
        frames: (H, W, 3) sRGB frames of one clip, best spread over it; sizes may differ.
    Returns:
        The colour, with what was seen of it.
    Raises:
        ScreenError: no frame, or none that looks like a screen; the message says what was seen.
    """
    small = [_small(rgb) for rgb in frames]
    if not small:
        raise ScreenError("no frame to look for a screen in; name its colour with --screen-color")
    sights: dict[Screen, list[_Sight]] = {
        "green": [_see(rgb, "green") for rgb in small],
        "blue": [_see(rgb, "blue") for rgb in small],
    }
    scores = {screen: _clip_score(seen) for screen, seen in sights.items()}
    evidence = {screen: scores[screen] * _share(seen) ** 0.5 for screen, seen in sights.items()}
    screen: Screen = "green" if evidence["green"] >= evidence["blue"] else "blue"
    if scores[screen] < SURE_ENOUGH:
        raise ScreenError(
            f"no green or blue screen in {_count(small)} ({'; '.join(_describe(n, s) for n, s in sights.items())}); "
            "name its colour with --screen-color"
        )
    confidence = scores[screen] * evidence[screen] / (evidence["green"] + evidence["blue"])
    share = _share(sights[screen])
    best = [sight.color for sight in sights[screen] if sight.score >= SURE_ENOUGH]
    color = np.median(np.asarray(best, np.float32), axis=0).astype(np.float32)
    note = f"{screen} screen, {share:.0%} of {_count(small)}, sure {confidence:.2f}".replace("%", " %")
    return ScreenReport(screen, confidence, share, color, len(small), note)


def measure_screen(frames: Iterable[Array], screen: Screen) -> Array | None:
    """The colour of a screen that was named, not detected.

    Args:
        frames: (H, W, 3) sRGB frames of one clip, best spread over it; sizes may differ.
        screen: its colour, as named.
    Returns:
        (3,) float32 sRGB, the median of all that looks like such a screen; None if nothing does.
    """
    pixels = [_small(rgb).reshape(-1, 1, 3) for rgb in frames]
    if not pixels:
        return None
    clip = np.concatenate(pixels)  # as one: a frame of pale green cloth has no vote beside one of screen
    paint = _paint(clip, screen)
    return np.median(clip[paint], axis=0).astype(np.float32) if paint.any() else None


def _see(rgb: Array, screen: Screen) -> _Sight:
    core = _paint(rgb, screen)
    share = float(core.mean())
    if share < MIN_SHARE:
        return _Sight(share=share, fault=f"less than {MIN_SHARE:.0%}")
    own = 1 if screen == "green" else 2
    chroma = np.delete(rgb, own, axis=2)[core] / rgb[core][:, own, None]
    middle = np.median(chroma, axis=0)
    spread = float(np.median(np.abs(chroma - middle), axis=0).sum())
    solid = float(cv2.blur(core.astype(np.float32), (3, 3))[core].mean())
    purity = 1.0 - float(middle.max())
    # A clear sky is as even as a blue screen, but holds more green. No leaf is even, so that green may be teal.
    paint = ramp(purity, 0.33, 0.42) if screen == "blue" else ramp(1.0 - float(middle.mean()), 0.15, 0.30)
    # A screen with a border or a stage around it touches nothing, but is large.
    contact = max(_edge_contact(core.astype(np.float32)), 0.1 * share)
    faults = {
        "its colour is too pale": float(paint),
        "its colour varies too much": float(ramp(spread, 0.080, 0.055)),
        "it is scattered": float(ramp(solid, 0.70, 0.85)),
        "it does not reach the upper edges of the frame": float(ramp(contact, 0.0, 0.04)),
    }
    worst = min(faults, key=lambda name: faults[name])
    red, green, blue = np.median(rgb[core], axis=0)
    return _Sight(float(np.prod(list(faults.values()))), share, (float(red), float(green), float(blue)), worst)


def _paint(rgb: Array, screen: Screen) -> Mask:
    own = 1 if screen == "green" else 2
    others = np.delete(rgb, own, axis=2)
    level, least, most = rgb[..., own], others.min(2), others.max(2)
    excess = level - (0.75 * most + 0.25 * least)  # between max, which teal fails, and mean, which yellow passes
    mask: Mask = (level - most > 0.08 * level) & (excess > 0.2 * level) & (excess > 0.05)
    if not mask.any():
        return mask
    # Spill and leaves are weaker than paint; the strong half is what the screen looks like.
    return np.asarray(mask & (excess > 0.5 * np.quantile(excess[mask], 0.95)))


def _small(rgb: Array) -> Array:
    return shrink(np.clip(rgb, 0, 1), LOOK_SIZE)


def _edge_contact(mask: Array) -> float:
    # The outermost pixels, or those past a black border line.
    return max(_contact(mask, 1), _contact(mask, max(2, round(0.02 * max(mask.shape)))))


def _contact(mask: Array, inset: int) -> float:
    inner = mask[inset:-inset, inset:-inset] if min(mask.shape) > 3 * inset else mask
    upper = inner[: max(1, len(inner) // 2)]  # a coat reaches the lower edge, a screen the others
    return float(np.concatenate([upper[0], upper[:, 0], upper[:, -1]]).mean())


def _clip_score(seen: list[_Sight]) -> float:
    # The better half votes: a slate, a fade or a face before the lens says nothing of the screen.
    best = sorted((sight.score for sight in seen), reverse=True)[: (len(seen) + 1) // 2]
    return float(np.mean(best))


def _share(seen: list[_Sight]) -> float:
    return float(np.mean([sight.share for sight in seen]))


def _describe(screen: Screen, seen: list[_Sight]) -> str:
    best = max(seen, key=lambda sight: (sight.score, sight.share))
    return f"{screen}: {_share(seen):.0%}, {best.fault}".replace("%", " %")


def _count(frames: list[Array]) -> str:
    return "1 frame" if len(frames) == 1 else f"{len(frames)} frames"
