"""A person's body: torso, arms, hands, legs; units are head heights from the middle of the head."""

from __future__ import annotations

import numpy as np

from corridorkey.synth.figure import Figure, Parts
from corridorkey.synth.layers import Motion
from corridorkey.synth.outlines import ellipse, limb, smooth
from corridorkey.synth.stage import Stage
from corridorkey.types import Array


def _torso(stage: Stage, f: Figure, half: float, shirt: Array | None) -> Parts:
    rng, waist = stage.rng, float(stage.rng.uniform(0.65, 0.95))
    side = [(half * 0.75, 0.8), (half, 0.98), (half * 1.02, 1.4), (half * waist, 2.2), (half * 0.9, 3.3)]
    points = [(-0.24, 0.66), (0.24, 0.66), *side, *[(-x, y) for x, y in side[::-1]]]
    torso = smooth(f(points), 2)
    parts: Parts = [(stage.fill((torso,), shirt, round_=0.35, folds=float(rng.uniform(0.2, 1.5))), Motion())]
    depth = float(rng.uniform(0.75, 1.5))
    neckline = smooth(f([(-0.25, 0.62), (0.25, 0.62), (0.12, depth * 0.9), (0, depth), (-0.12, depth * 0.9)]), 2)
    if rng.random() < 0.75:
        inner = f.skin * 0.9 if rng.random() < 0.6 else stage.cloth()
        parts.append((stage.fill((neckline,), inner), Motion()))
    if rng.random() < 0.4:  # straps, lapels, a tie, a print
        x, y = float(rng.uniform(-0.3, 0.3)), float(rng.uniform(0.9, 1.3))
        width = float(rng.uniform(0.05, 0.3))
        badge = f(
            [
                (x - width, y),
                (x + width, y),
                (x + width * rng.uniform(0.3, 1), y + rng.uniform(0.2, 1.5)),
                (x - width, y + 0.3),
            ]
        )
        parts.append((stage.fill((badge,)), Motion()))
    return parts


def _hand(stage: Stage, f: Figure, wrist: tuple[float, float], towards: float) -> Parts:
    rng = stage.rng
    c, s = np.cos(towards), np.sin(towards)

    def at(u: float, v: float) -> tuple[float, float]:
        x, y = f([(wrist[0] + u * c - v * s, wrist[1] + u * s + v * c)])[0]
        return float(x), float(y)

    parts: Parts = [
        (stage.fill((ellipse(*at(0.12, 0), 0.16 * f.head, 0.11 * f.head, towards, 2.6),), f.skin), Motion())
    ]
    spread, curl = float(rng.uniform(0.05, 0.45)), float(rng.uniform(0.5, 1.1))
    for k in range(5):
        side = (k - 2) / 2
        reach = (0.24 + 0.2 * curl) * (1 - 0.12 * abs(k - 1.5)) if k else 0.25
        v = 0.09 * side
        finger = limb([at(0.12, v), at(0.24, v * 1.2), at(reach, v * 1.3 + side * spread * 0.3)], [0.075 * f.head] * 3)
        parts.append((stage.fill((finger,), f.skin, round_=0.8), Motion()))
    return parts


def _arm(stage: Stage, f: Figure, half: float, side: int, sleeve: Array | None) -> Parts:
    rng = stage.rng
    pose = str(rng.choice(("down", "hip", "raised", "across", "out"), p=(0.45, 0.2, 0.15, 0.12, 0.08)))
    joints = {
        "down": [(half - 0.12, 1.0), (half + 0.12, 2.1), (half + 0.05, 3.1)],
        "hip": [(half - 0.12, 1.0), (half + 0.65, 1.95), (half * 0.85, 2.7)],
        "raised": [(half - 0.12, 1.0), (half + 0.5, 1.7), (0.55, 0.45)],
        "across": [(half - 0.12, 1.0), (half + 0.2, 2.0), (-0.2, 1.75)],
        "out": [(half - 0.12, 1.0), (half + 0.95, 1.2), (half + 1.7, 0.5)],
    }[pose]
    line = [(side * (x + rng.normal(0, 0.05)), y + rng.normal(0, 0.08)) for x, y in joints]
    joint = f([line[0]])[0]
    swing = stage.turning((float(joint[0]), float(joint[1])), 0.12)
    thick = rng.uniform(0.85, 1.15) * f.head
    lower = [(float(x), float(y)) for x, y in f(line)]
    parts: Parts = []
    bare = rng.random() < 0.4
    wrist, elbow = line[2], line[1]
    towards = float(np.arctan2(wrist[1] - elbow[1], wrist[0] - elbow[0]))
    parts += _hand(stage, f, wrist, towards)
    widths = [0.36 * thick, 0.27 * thick, 0.17 * thick]
    if bare:
        parts.append((stage.fill((limb(lower, widths),), f.skin, round_=0.6), Motion()))
        cut = float(rng.uniform(0.35, 0.9))
        end = (lower[0][0] + (lower[1][0] - lower[0][0]) * cut, lower[0][1] + (lower[1][1] - lower[0][1]) * cut)
        parts.append((stage.fill((limb([lower[0], end], [0.4 * thick, 0.36 * thick]),), sleeve, folds=0.8), Motion()))
    else:
        sleeve_widths = [0.4 * thick, 0.33 * thick, 0.25 * thick]
        parts.append((stage.fill((limb(lower, sleeve_widths),), sleeve, round_=0.6, folds=1.0), Motion()))
    return [(layer, swing) for layer, _ in parts]


def _legs(stage: Stage, f: Figure) -> Parts:
    parts: Parts = []
    colour, shoe, stance = stage.cloth(), stage.cloth(), float(stage.rng.uniform(0.25, 0.6))
    for side in (-1, 1):
        knee = (side * (0.3 + stance * 0.4), 4.6)
        foot = (side * (0.3 + stance * 0.7), 6.2)
        line = [(float(x), float(y)) for x, y in f([(side * 0.3, 3.0), knee, foot])]
        leg = limb(line, [0.75 * f.head, 0.5 * f.head, 0.36 * f.head])
        x, y = f([(foot[0] + side * 0.12, 6.45)])[0]
        sole = ellipse(x, y, 0.32 * f.head, 0.14 * f.head)
        parts.append((stage.fill((sole,), shoe, gloss=0.3), Motion()))
        parts.append((stage.fill((leg,), colour, round_=0.5, folds=1.0), Motion()))
    return parts


def body(stage: Stage, f: Figure) -> Parts:
    """Legs, torso and arms, back to front; what lies below the frame is not made."""
    rng, half = stage.rng, float(stage.rng.uniform(0.78, 1.05))
    bottom = (stage.size[0] - f.y) / f.head
    parts: Parts = _legs(stage, f) if bottom > 2.8 else []
    same = stage.cloth() if stage.textures.photos is None or rng.random() < 0.5 else None
    arms = [_arm(stage, f, half, side, same) for side in (-1, 1)]
    behind = rng.random(2) < 0.35
    parts += [p for arm, hidden in zip(arms, behind, strict=True) if hidden for p in arm]
    parts += _torso(stage, f, half, None if rng.random() < 0.5 else same)
    return parts + [p for arm, hidden in zip(arms, behind, strict=True) if not hidden for p in arm]
