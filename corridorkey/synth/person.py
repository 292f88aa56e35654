"""A person: head and face, hair, clothed body, sometimes glasses; from a close-up to a whole figure."""

from __future__ import annotations

import numpy as np

from corridorkey.synth.body import body
from corridorkey.synth.f32 import f32
from corridorkey.synth.figure import Figure, Parts
from corridorkey.synth.hair import beard, hairdo
from corridorkey.synth.layers import Motion, Points, Subject
from corridorkey.synth.outlines import ellipse, limb, smooth
from corridorkey.synth.palette import hair, skin
from corridorkey.synth.stage import Stage
from corridorkey.synth.textures import noise
from corridorkey.types import Array


def _dab(rgb: Array, x: float, y: float, rx: float, ry: float, colour: Array, amount: float) -> None:
    """Paint a soft ellipse, in place, in pixels of rgb."""
    h, w = rgb.shape[:2]
    x0, x1 = max(int(x - 2.5 * rx) - 1, 0), min(int(x + 2.5 * rx) + 2, w)
    y0, y1 = max(int(y - 2.5 * ry) - 1, 0), min(int(y + 2.5 * ry) + 2, h)
    if x1 <= x0 or y1 <= y0:
        return
    v, u = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    weight = amount * np.exp(-((((u - x) / rx) ** 2 + ((v - y) / ry) ** 2) ** 1.5))
    view = rgb[y0:y1, x0:x1]
    view += (colour - view) * weight[..., None]


def _features(stage: Stage, f: Figure) -> list[tuple[float, float, float, float, Array, float]]:
    rng = stage.rng
    white, pupil = (0.25 + 0.5 * f.skin).astype(np.float32), np.array([0.03, 0.02, 0.015], np.float32)
    dark, lips = f.skin * 0.35, f.skin * np.array([0.85, 0.45, 0.45], np.float32)
    eye, brow, gap = float(rng.uniform(0.045, 0.06)), float(rng.uniform(0.3, 0.9)), float(rng.uniform(0.14, 0.18))
    features = [
        (0.0, 0.12, 0.07, 0.1, f.skin * 1.15, 0.5),  # nose
        (0.03, 0.2, 0.08, 0.025, dark, 0.6),
        (0.0, 0.32, 0.12, 0.035, lips, 0.85),
        (0.0, 0.32, 0.1, 0.008, dark * 0.5, 0.7),
        (0.0, 0.42, 0.2, 0.04, f.skin * 0.7, 0.4),
    ]
    for side in (-1, 1):
        features += [
            (side * gap, -0.02, eye * 2.2, 0.06, f.skin * 0.6, 0.55),
            (side * gap, 0.0, eye * 1.3, 0.025, white, 0.8),
            (side * gap, 0.0, 0.022, 0.024, pupil, 1.0),
            (side * gap, -0.09, 0.085, 0.016, f.hair * 0.7, brow),
            (side * 0.22, 0.16, 0.1, 0.1, f.skin * np.array([1.1, 0.8, 0.8], np.float32), 0.5),
        ]
    return features


def _face(stage: Stage, f: Figure, outline: Points) -> Array:
    x, y, w, h = stage.box(outline)
    rgb = f32(f.skin * np.exp(noise(stage.rng, h, w, f.head / 3, 5) * 0.08)[..., None])
    turn = float(stage.rng.normal(0, 0.06))
    for u, v, rx, ry, colour, amount in _features(stage, f):
        px, py = f([(u + turn, v)])[0]
        _dab(rgb, px - x, py - y, rx * f.head, ry * f.head, colour, amount)
    return rgb


def _head(stage: Stage, f: Figure) -> Parts:
    rng, jaw = stage.rng, float(stage.rng.uniform(0.24, 0.31))
    right = [(0.15, -0.52), (0.33, -0.3), (0.37, 0.0), (0.34, 0.2), (jaw, 0.38), (0.1, 0.5)]
    outline = smooth(f([*right, *[(-x, y) for x, y in right[::-1]]]), 3)
    top, base = f([(0.0, 0.2), (0.0, 0.85)])
    neck = limb([(top[0], top[1]), (base[0], base[1])], [0.36 * f.head, 0.46 * f.head])
    parts: Parts = [(stage.fill((neck,), f.skin * 0.75), Motion())]
    for side in (-1, 1):
        x, y = f([(side * 0.37, 0.03)])[0]
        parts.append((stage.fill((ellipse(x, y, 0.05 * f.head, 0.11 * f.head, side * 0.15),), f.skin * 0.9), Motion()))
    gloss = float(rng.uniform(0, 0.35))
    parts.append((stage.fill((outline,), _face(stage, f, outline), round_=0.45, gloss=gloss), Motion()))
    return parts


def _glasses(stage: Stage, f: Figure) -> Parts:
    rng, gap, y = stage.rng, 0.18, 0.01
    rx, ry, power = float(rng.uniform(0.11, 0.16)), float(rng.uniform(0.07, 0.13)), float(rng.uniform(2, 5))
    rims = [f(np.concatenate((e, e[:1]))) for e in (ellipse(s * gap, y, rx, ry, power=power) for s in (-1, 1))]
    t = np.linspace(0, 1, len(rims[0]))[:, None]
    ends = [((rx - gap, y), (gap - rx, y)), ((gap + rx, y), (0.42, y - 0.03)), ((-gap - rx, y), (-0.42, y - 0.03))]
    bars = [f([a]) + (f([b]) - f([a])) * t for a, b in ends]
    thick = float(np.clip(f.head * rng.uniform(0.008, 0.03), 0.5, 6))
    colour = stage.cloth()
    wires = stage.strands(
        np.stack([*rims, *bars]),
        np.full(5, thick),
        np.stack((colour, colour)),
        (f.x, f.y, f.head),
        shade=np.full(5, 0.5),
    )
    clear = rng.random() < 0.85
    lens = float(rng.uniform(0.03, 0.25) if clear else rng.uniform(0.5, 0.95))
    tone = np.full(3, 0.8 if clear else 0.02, np.float32)
    parts: Parts = [(stage.fill((rim,), tone, opacity=lens, gloss=0.4), Motion()) for rim in rims]
    return [*parts, (wires, Motion())]


def person(stage: Stage) -> Subject:
    """A person somewhere in the frame; a close-up leaves it on all sides."""
    rng, (height, width) = stage.rng, stage.size
    head = stage.short * float(np.exp(rng.uniform(np.log(0.13), np.log(0.75))))
    x = width * float(np.clip(rng.normal(0.5, 0.2), 0.02, 0.98))
    y = (
        height * float(rng.uniform(0.12, 0.5))
        if head > 0.25 * stage.short
        else 0.6 * head + height * rng.uniform(0.02, 0.3)
    )
    f = Figure(x, max(y, 0.2 * head), head, skin(rng), hair(rng))
    back, front = hairdo(stage, f)
    parts = [*back, *body(stage, f), *_head(stage, f)]
    if rng.random() < 0.2:
        parts += beard(stage, f)
    parts += front
    if rng.random() < 0.3:
        parts += _glasses(stage, f)
    return Subject(tuple(parts), stage.motion((f.x, f.y + 2 * head)))
