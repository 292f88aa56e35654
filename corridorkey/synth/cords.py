"""Cords: round tubes, often black or shiny, that bend, loop and cross themselves, from a phone's cable to a hose."""

from __future__ import annotations

import numpy as np

from corridorkey.synth.figure import Parts
from corridorkey.synth.layers import Motion, Points, Subject
from corridorkey.synth.outlines import blob, ellipse
from corridorkey.synth.stage import Stage

STEPS = 96  # points along a cord
ROUND = 7  # lines drawn one on another, ever thinner and brighter: a tube's shading


def meander(rng: np.random.Generator, start: Points, length: float, turning: float) -> Points:
    """An open line whose bend changes slowly.

    Args:
        rng: draws where it sets out to and how it bends.
        start: x, y in pixels.
        length: in pixels.
        turning: radians that it turns by along its length, about.
    Returns:
        (STEPS, 2).
    """
    s = np.linspace(0, 1, STEPS)
    bend = rng.normal(0, 1) + sum(rng.normal(0, 1 / k) * np.cos(np.pi * k * s + rng.uniform(0, 6)) for k in (1, 2, 3))
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(bend) * turning / STEPS
    steps = np.stack((np.cos(heading), np.sin(heading)), axis=1) * length / STEPS
    return np.asarray(start + np.cumsum(steps, axis=0))


def _colour(stage: Stage) -> Points:
    """Black rubber, every second time; else metal, or dyed."""
    kind = stage.rng.random()
    if kind < 0.5:
        return np.full(3, stage.rng.uniform(0.004, 0.05)) * stage.rng.uniform(0.85, 1.15, 3)
    if kind < 0.7:
        return np.full(3, stage.rng.uniform(0.2, 0.7)) * stage.rng.uniform(0.9, 1.1, 3)
    return np.asarray(stage.cloth(), np.float64)


def tube(stage: Stage, line: Points, width: float) -> Parts:
    """A cord along a line, lit as a round thing is; some have something at their end.

    Args:
        stage: gives light and colours.
        line: (N, 2) pixels.
        width: in pixels.
    Returns:
        What is drawn, back to front, all of it at rest.
    """
    rng, colour, gloss = stage.rng, _colour(stage), float(stage.rng.uniform(0, 1.5))
    x, y = line.mean(axis=0)
    centre = (float(x), float(y), float(np.ptp(line, axis=0).max()) / 2 + 1)
    parts: Parts = []
    for step in range(ROUND if width > 3 else 1):
        inner = 1 - step / ROUND
        shift = np.array(stage.light) * width * 0.28 * (1 - inner)
        shine = gloss * max(0.0, 1 - inner * 3) ** 2
        shade = 0.3 + 0.3 * (1 - inner) if width > 3 else 0.45
        tone = np.minimum(colour * shade * 2 + shine, 1)
        drawn = stage.strands(
            (line + shift)[None], np.array([width * inner]), np.stack((tone, tone)), centre, shade=np.array([0.5])
        )
        parts.append((drawn, Motion()))
    if rng.random() < 0.5:  # a plug, a clip, what it hangs on
        (end_x, end_y), size = (float(v) for v in line[-1]), width * float(rng.uniform(0.8, 2.5))
        round_ = rng.random() < 0.3
        made = blob(rng, end_x, end_y, size, 0.1) if round_ else ellipse(end_x, end_y, size, size * 0.6, 0.0, 4)
        parts.append((stage.fill((made,), np.asarray(_colour(stage), np.float32), gloss=1.0), Motion()))
    return parts


def cord(stage: Stage) -> Subject:
    """One to four cords, 0.6 to 9 % of the frame's shorter side wide, and a pixel at least."""
    rng, (height, width) = stage.rng, stage.size
    x, y = width * float(rng.uniform(0.15, 0.85)), height * float(rng.uniform(0.15, 0.85))
    parts: Parts = []
    for _ in range(int(rng.integers(1, 5))):
        thick = stage.short * float(np.exp(rng.uniform(np.log(0.006), np.log(0.09))))
        start = np.array([x, y]) + rng.normal(0, 0.15 * stage.short, 2)
        line = meander(rng, start, stage.short * float(rng.uniform(0.6, 2.5)), float(rng.uniform(0.5, 7)))
        parts += tube(stage, line, max(thick, 1.0))
    return Subject(tuple(parts), stage.motion((x, y)))
