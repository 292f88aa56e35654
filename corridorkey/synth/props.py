"""Everything that is not a person: fur, solid shapes with holes, lattices, wires, veils and smoke."""

from __future__ import annotations

import numpy as np

from corridorkey.synth.figure import Parts
from corridorkey.synth.grow import HairStyle, along
from corridorkey.synth.layers import Fill, Motion, Subject
from corridorkey.synth.outlines import blob, curve, ellipse, limb, polygon
from corridorkey.synth.palette import hair
from corridorkey.synth.stage import Stage
from corridorkey.synth.textures import noise


def _place(stage: Stage, least: float, most: float) -> tuple[float, float, float]:
    """x, y and radius in pixels."""
    rng, (height, width) = stage.rng, stage.size
    radius = stage.short * float(np.exp(rng.uniform(np.log(least), np.log(most))))
    return width * float(rng.uniform(0.05, 0.95)), height * float(rng.uniform(0.1, 1.0)), radius


def fur(stage: Stage) -> Subject:
    """A furry body; with wide strands, grass, feathers or straw."""
    rng = stage.rng
    x, y, radius = _place(stage, 0.12, 0.5)
    body = blob(rng, x, y, radius, 0.12)
    wide = rng.random() < 0.25
    colour = stage.cloth() if wide or rng.random() < 0.2 else hair(rng)
    length = radius * float(rng.uniform(0.15, 0.6))
    style = HairStyle(
        length=length,
        spread=float(rng.uniform(0.15, 0.5)),
        fall=float(rng.uniform(0, 0.8)),
        curl=float(rng.uniform(0, 0.15)) * (rng.random() < 0.4),
        frizz=float(rng.uniform(0.01, 0.12)),
        locks=int(rng.integers(2, 16)),
        gather=float(rng.uniform(0, 0.9)),
    )
    count = max(int(stage.style.strands * rng.uniform(600, 2200) * min(radius / 90, 2) * (0.25 if wide else 1)), 30)
    roots, away = along(body, count, rng, inward=0.7)
    median = float(rng.uniform(1.2, 4) if wide else rng.uniform(0.25, 1.1))
    width = np.clip(median * np.exp(rng.normal(0, 0.3, count)), 0.2, 6)
    colours = np.stack((colour * 0.7, np.minimum(colour * 1.5 + 0.01, 1))).astype(np.float32)
    strands = stage.grow(roots, away + rng.normal(0, 0.4), style)
    parts: Parts = [(stage.fill((body,), colour * 0.7), Motion())]
    parts.append((stage.strands(strands, width, colours, (x, y, radius * 1.4), sway=0.1 * length), Motion()))
    return Subject(tuple(parts), stage.motion((x, y)))


def shape(stage: Stage) -> Subject:
    """Solid things: blobs, boxes, balls, some with holes or a handle."""
    rng = stage.rng
    parts: Parts = []
    x, y, radius = _place(stage, 0.06, 0.6)
    for _ in range(int(rng.integers(1, 4))):
        cx, cy = x + rng.normal(0, radius * 0.5), y + rng.normal(0, radius * 0.5)
        kind, size = rng.integers(4), radius * float(rng.uniform(0.4, 1))
        if kind == 0:
            outline = blob(rng, cx, cy, size)
        elif kind == 1:
            outline = polygon(rng, cx, cy, size)
        else:
            flat = float(rng.uniform(0.3, 1))
            outline = ellipse(cx, cy, size, size * flat, float(rng.uniform(0, np.pi)), float(rng.uniform(2, 8)))
        contours = [outline]
        if rng.random() < 0.4:
            hx, hy = outline.mean(axis=0) + rng.normal(0, size * 0.15, 2)
            contours.append(blob(rng, hx, hy, size * float(rng.uniform(0.1, 0.35)), 0.1))
        gloss = float(rng.uniform(0, 1.2)) * (rng.random() < 0.4)
        clear = float(rng.uniform(0.3, 0.85)) if rng.random() < 0.12 else 1.0
        parts.append(
            (stage.fill(tuple(contours), opacity=clear, round_=float(rng.uniform(0.05, 0.8)), gloss=gloss), Motion())
        )
    return Subject(tuple(parts), stage.motion((x, y)))


def lattice(stage: Stage) -> Subject:
    """A solid thing full of holes, large to a pixel wide: a grid, a basket, perforated metal, lace."""
    rng = stage.rng
    x, y, radius = _place(stage, 0.2, 0.45)
    x, y = float(np.clip(x, radius, stage.size[1] - radius)), float(np.clip(y, radius, stage.size[0] - radius))
    flat, turn = float(rng.uniform(0.6, 1)), float(rng.uniform(0, np.pi))
    outline = ellipse(x, y, radius, radius * flat, turn, 4)
    step = radius * float(np.exp(rng.uniform(np.log(0.07), np.log(0.35))))
    half, power = step * float(rng.uniform(0.28, 0.45)), float(rng.uniform(1.2, 6))
    c, s = np.cos(turn), np.sin(turn)
    u, v = (grid.ravel() for grid in np.meshgrid(*[np.arange(-radius, radius, step)] * 2))
    inside = np.hypot(u, v / flat) < radius * 0.85
    holes = [
        ellipse(x + a * c - b * s, y + a * s + b * c, half, half, turn, power)
        for a, b in zip(u[inside], v[inside], strict=True)
    ]
    plate = stage.fill((outline, *holes), gloss=float(rng.uniform(0, 0.8)))
    return Subject(((plate, Motion()),), stage.motion((x, y)))


def wire(stage: Stage) -> Subject:
    """Thin things: cables, stands, a lamp's arm, netting."""
    rng, height = stage.rng, stage.size[0]
    x, y, radius = _place(stage, 0.2, 0.8)
    count = int(rng.integers(1, 8))
    lines = []
    for _ in range(count):
        start = np.array([x, y]) + rng.normal(0, radius * 0.4, 2)
        end = (
            np.array([x + rng.normal(0, radius), height * 1.1])
            if rng.random() < 0.5
            else start + rng.normal(0, radius, 2)
        )
        lines.append(curve(rng, start, end, float(rng.choice((0.0, 0.15, 0.5)))))
    if rng.random() < 0.25:  # netting
        step, turn = max(radius / 8, 4), float(rng.uniform(0, np.pi))
        c, s = np.cos(turn), np.sin(turn)
        for k in np.arange(-4, 5) * step:
            for a, b in (((-4 * step, k), (4 * step, k)), ((k, -4 * step), (k, 4 * step))):
                ends = np.array([a, b]) @ np.array([[c, s], [-s, c]]) + (x, y)
                lines.append(curve(rng, ends[0], ends[1], 0.02))
    colour = stage.cloth()
    thick = float(np.exp(rng.uniform(np.log(0.4), np.log(6)))) * np.exp(rng.normal(0, 0.2, len(lines)))
    shade = np.clip(rng.normal(0.5, 0.08, len(lines)), 0.2, 0.9)
    centre = (x, y, radius)
    parts: Parts = [
        (stage.strands(np.stack(lines), thick, np.stack((colour, colour)), centre, sway=4, shade=shade), Motion())
    ]
    if rng.random() < 0.5:
        head = limb([(x, y), (x + rng.normal(0, radius * 0.2), y - radius * 0.3)], [radius * 0.4, radius * 0.15])
        parts.append((stage.fill((head,), gloss=1.0), Motion()))
    return Subject(tuple(parts), stage.motion((x, y), 0.5))


def veil(stage: Stage) -> Subject:
    """Thin cloth, plastic or glass: a textured surface that lets the screen through."""
    rng = stage.rng
    x, y, radius = _place(stage, 0.15, 0.6)
    outline = blob(rng, x, y, radius, 0.3) if rng.random() < 0.6 else polygon(rng, x, y, radius)
    _, _, w, h = stage.box(outline)
    folds = noise(rng, h, w, radius / 2, 4, float(rng.uniform(0.3, 3)))
    opacity = np.clip(rng.uniform(0.15, 0.75) + rng.uniform(0, 0.35) * folds, 0.02, 1).astype(np.float32)
    colour = stage.cloth() if rng.random() < 0.5 else np.full(3, rng.uniform(0.3, 0.9), np.float32)
    cloth = stage.fill((outline,), colour, opacity=opacity, folds=1.0, gloss=float(rng.uniform(0, 0.6)))
    return Subject(((cloth, Motion()),), stage.motion((x, y)))


def smoke(stage: Stage) -> Subject:
    """Puffs of smoke, steam or dust: clouds without an edge, one drifting before another."""
    rng = stage.rng
    parts: Parts = []
    x, y, radius = _place(stage, 0.2, 0.7)
    tone = np.full(3, rng.choice((0.02, 0.2, 0.6, 0.85)), np.float32) * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    for _ in range(int(rng.integers(1, 4))):
        size = radius * float(rng.uniform(0.5, 1))
        side = int(2 * size) + 2
        v, u = (np.mgrid[0:side, 0:side].astype(np.float32) + 0.5) / (side / 2) - 1
        cloud = noise(rng, side, side, side / 3, 6)
        falloff = np.clip(1 - np.hypot(u, v), 0, 1) ** float(rng.uniform(1, 2))
        density = float(rng.uniform(0.5, 5)) * falloff * np.clip(cloud * 0.9 + 0.5, 0, 2)
        opacity = (1 - np.exp(-density)).astype(np.float32)
        lit = np.clip(tone * stage.lamp * (0.85 + 0.3 * cloud)[..., None], 0, 1).astype(np.float32)
        corner = (x - size + rng.normal(0, radius * 0.3), y - size + rng.normal(0, radius * 0.3))
        parts.append((Fill((), lit, opacity, corner), stage.motion((x, y), 0.5)))
    return Subject(tuple(parts), stage.motion((x, y), 0.5))
