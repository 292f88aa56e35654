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
        raise ScreenError("no frame to look for a screen in; name its colour with --screen-color, or bring a --hint")
    sights: dict[Screen, list[_Sight]] = {
        "green": [see_screen(rgb, "green") for rgb in small],
        "blue": [see_screen(rgb, "blue") for rgb in small],
    }
    scores = {screen: _clip_score(seen) for screen, seen in sights.items()}
    evidence = {screen: scores[screen] * _share(seen) ** 0.5 for screen, seen in sights.items()}
    screen: Screen = "green" if evidence["green"] >= evidence["blue"] else "blue"
    if scores[screen] < SURE_ENOUGH:
        raise ScreenError(
            f"no green or blue screen in {_count(small)} ({'; '.join(_describe(n, s) for n, s in sights.items())}); "
            "name its colour with --screen-color, or bring a --hint"
        )
    confidence = scores[screen] * evidence[screen] / (evidence["green"] + evidence["blue"])
    share = _share(sights[screen])
    best = [sight.color for sight in sights[screen] if sight.score >= SURE_ENOUGH]
    color = np.median(np.asarray(best, np.float32), axis=0).astype(np.float32)
    note = f"{screen} screen, {share:.0%} of {_count(small)}, sure {confidence:.2f}".replace("%", " %")
    return ScreenReport(screen, confidence, share, color, len(small), note)


def see_screen(rgb: Array, screen: Screen) -> _Sight:
    """How much one small frame looks as if shot against this screen.

    Args:
        rgb: (h, w, 3) float32 sRGB 0..1, already small.
    Returns:
        Score 0..1, share of pixels, median colour, and what speaks most against it.
    """
    own = 1 if screen == "green" else 2
    others = np.delete(rgb, own, axis=2)
    level, least, most = rgb[..., own], others.min(2), others.max(2)
    excess = level - (0.75 * most + 0.25 * least)  # between max, which teal fails, and mean, which yellow passes
    mask = (level - most > 0.08 * level) & (excess > 0.2 * level) & (excess > 0.05)
    if mask.mean() < MIN_SHARE:
        return _Sight(share=float(mask.mean()), fault=f"less than {MIN_SHARE:.0%}")
    # Spill and leaves are weaker than paint; the strong half is what the screen looks like.
    core = mask & (excess > 0.5 * np.quantile(excess[mask], 0.95))
    share = float(core.mean())
    if share < MIN_SHARE:
        return _Sight(share=share, fault=f"less than {MIN_SHARE:.0%}")
    chroma = others[core] / level[core][:, None]
    middle = np.median(chroma, axis=0)
    spread = float(np.median(np.abs(chroma - middle), axis=0).sum())
    solid = float(cv2.blur(core.astype(np.float32), (3, 3))[core].mean())
    purity = 1.0 - float(middle.max())
    # A clear sky is as even as a blue screen, but holds more green. No leaf is even, so that green may be teal.
    paint = _ramp(purity, 0.33, 0.42) if screen == "blue" else _ramp(1.0 - float(middle.mean()), 0.15, 0.30)
    faults = {
        "its colour is too pale": paint,
        "its colour varies too much": _ramp(spread, 0.080, 0.055),
        "it is scattered": _ramp(solid, 0.70, 0.85),
        "it does not reach the upper edges of the frame": _ramp(_edge_contact(core.astype(np.float32)), 0.0, 0.04),
    }
    worst = min(faults, key=lambda name: faults[name])
    red, green, blue = np.median(rgb[core], axis=0)
    return _Sight(float(np.prod(list(faults.values()))), share, (float(red), float(green), float(blue)), worst)


def _small(rgb: Array) -> Array:
    height, width = rgb.shape[:2]
    scale = min(1.0, LOOK_SIZE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(np.clip(rgb, 0, 1), size, interpolation=cv2.INTER_AREA), np.float32)


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


def _ramp(value: float, none: float, full: float) -> float:
    return float(np.clip((value - none) / (full - none), 0.0, 1.0))
