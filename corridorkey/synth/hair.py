"""A person's hair and beard."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from corridorkey.synth.figure import Figure, Parts
from corridorkey.synth.grow import HairStyle, along
from corridorkey.synth.layers import Layer, Motion, Points
from corridorkey.synth.outlines import blob, smooth
from corridorkey.synth.stage import Stage
from corridorkey.types import Array

KINDS = ("short", "curly", "long", "bun", "bald")
LOW = {"short": 0.02, "curly": 0.15, "long": 0.25, "bun": 0.0}  # where hair beside the face ends


@dataclass(frozen=True, slots=True)
class Barber:
    """Grows strands of one head's colours and width."""

    stage: Stage
    f: Figure
    colours: Array
    width: float

    def count(self, base: float) -> int:
        """How many strands; a small head shows fewer."""
        return max(int(base * self.stage.style.strands * float(np.clip(self.f.head / 80, 0.35, 2.5))), 12)

    def layer(self, points: Points, sway: float) -> Layer:
        """Strands as a layer; sway in head heights."""
        spread = np.exp(self.stage.rng.normal(0, 0.35, len(points)))
        width = np.clip(self.width * spread, 0.2, 1.5)
        centre = (self.f.x, self.f.y, 0.6 * self.f.head)
        return self.stage.strands(points, width, self.colours, centre, sway=sway * self.f.head)


def barber(stage: Stage, f: Figure) -> Barber:
    """Colours from root to sunlit, and a width in keeping with the head's size."""
    bright = f.hair * np.array([1.5, 1.35, 1.2], np.float32) + 0.01
    colours = np.stack((f.hair * stage.rng.uniform(0.55, 1.0), np.minimum(bright, 1))).astype(np.float32)
    return Barber(stage, f, colours, float(np.clip(f.head / 260, 0.25, 1.1)))


def _cap(f: Figure, kind: str, puff: float, hairline: float, parting: float) -> Points:
    arc = np.linspace(np.pi * 1.02, np.pi * 1.98, 15)
    top = [(float(np.cos(a)) * 0.39 * puff, float(np.sin(a)) * 0.48 * puff - 0.06) for a in arc]
    right = [(0.37, LOW[kind]), (0.31, hairline * 0.5), (0.2, hairline)]
    left = [(-x, y) for x, y in right[::-1]]
    return smooth(f([*top, *right, (parting, hairline - 0.04), *left]), 2)


def _long(b: Barber, parting: float, nod: Motion) -> tuple[Parts, Parts]:
    f, rng = b.f, b.stage.rng
    length, reach = float(rng.uniform(0.7, 2.2)), float(rng.uniform(0.42, 0.62))
    low = length - 0.35
    right = [(0.4, -0.3), (reach, 0.3), (reach, low * 0.8), (0.3, low)]
    mass = smooth(f([(0, -0.58), *right, *[(-x, y) for x, y in right[::-1]]]), 3)
    back: Parts = [(b.stage.fill((mass,), b.colours[0] * 0.8, folds=0.5), nod)]
    style = HairStyle(
        length=length * f.head,
        spread=0.15,
        fall=float(rng.uniform(0.7, 1.6)),
        curl=float(rng.uniform(0, 0.07)),
        turns=float(rng.uniform(1, 5)),
        frizz=float(rng.uniform(0.01, 0.05)),
        locks=14,
        gather=float(rng.uniform(0.2, 0.8)),
        flyaway=float(rng.uniform(0.02, 0.12)),
    )
    n = b.count(700)
    around = rng.uniform(-1.6, 1.6, n)
    roots = f(np.stack((0.4 * np.sin(around), -0.05 - 0.47 * np.cos(around)), axis=1))
    outwards = np.where(around > 0, 0.25, np.pi - 0.25) + rng.normal(0, 0.25, n)
    back.append((b.layer(_beside(b, b.stage.grow(roots, outwards, style), reach - 0.12), 0.05), nod))
    n = b.count(350)
    side = rng.choice((-1.0, 1.0), n)
    roots = f(np.stack((parting + side * rng.uniform(0, 0.3, n), -0.5 + rng.uniform(0, 0.12, n)), axis=1))
    fringe = b.stage.grow(
        roots, np.where(side > 0, 0.1, np.pi - 0.1), replace(style, length=style.length * 0.8, fall=0.9)
    )
    return back, [(b.layer(_beside(b, fringe, 0.33, side), 0.05), nod)]


def _beside(b: Barber, strands: Points, least: float, side: Points | None = None) -> Points:
    """Strands pushed out, so that they hang beside the face and not before it."""
    f, n = b.f, len(strands)
    sign = np.sign(strands[:, -1, 0] - f.x) if side is None else side
    room = (
        (least + b.stage.rng.uniform(0, 0.12, n)[:, None]) * f.head * np.clip(np.linspace(0, 4, strands.shape[1]), 0, 1)
    )
    out = np.maximum((strands[..., 0] - f.x) * sign[:, None], room)
    return np.stack((f.x + sign[:, None] * out, strands[..., 1]), axis=-1)


def hairdo(stage: Stage, f: Figure) -> tuple[Parts, Parts]:
    """Hair behind the body, and hair over the head."""
    rng = stage.rng
    kind = str(rng.choice(KINDS, p=(0.27, 0.25, 0.33, 0.1, 0.05)))
    if kind == "bald":
        return [], []
    b, nod = barber(stage, f), stage.turning((f.x, f.y + 0.5 * f.head), 0.03)
    curly, hairline, parting = kind == "curly", float(rng.uniform(-0.3, -0.17)), float(rng.uniform(-0.2, 0.2))
    puff = float(rng.uniform(1.1, 1.4)) if curly else {"long": 1.1}.get(kind, 1.05)
    cap = _cap(f, kind, puff, hairline, parting)
    front: Parts = [(stage.fill((cap,), b.colours[0] * 0.9, round_=0.5), nod)]
    if kind == "long":
        back, fringe = _long(b, parting, nod)
        return back, front + fringe
    style = HairStyle(
        length=f.head * float(rng.uniform(0.25, 0.6) if curly else rng.uniform(0.1, 0.32)),
        spread=0.3,
        fall=float(rng.uniform(0, 0.4)),
        curl=float(rng.uniform(0.06, 0.2)) if curly else float(rng.uniform(0, 0.03)),
        turns=float(rng.uniform(1, 3.5)),
        frizz=float(rng.uniform(0.03, 0.15)),
        locks=int(rng.integers(4, 20)),
        gather=float(rng.uniform(0.2, 0.9)),
        flyaway=float(rng.uniform(0.02, 0.15)),
    )
    roots, away = along(cap, b.count(1100 if curly else 800), rng, inward=0.55)
    on_scalp = roots[:, 1] < f.y + (hairline + 0.1) * f.head
    strands = stage.grow(roots[on_scalp], away[on_scalp] + rng.normal(0, 0.5), style)
    front.append((b.layer(strands, 0.015), nod))
    return (_bun(b, nod) if kind == "bun" else []), front


def _bun(b: Barber, nod: Motion) -> Parts:
    f, rng = b.f, b.stage.rng
    x, y = f([(float(rng.uniform(-0.3, 0.3)), -0.6)])[0]
    knot = blob(rng, float(x), float(y), f.head * float(rng.uniform(0.12, 0.22)), 0.08)
    roots, away = along(knot, b.count(150), rng, 0.6)
    wild = HairStyle(f.head * 0.14, 0.5, 0.1, 0.1, 2, 0.1, 5, 0.4, 0.2)
    return [
        (b.stage.fill((knot,), b.colours[0], folds=0.6), nod),
        (b.layer(b.stage.grow(roots, away + 1.3, wild), 0.02), nod),
    ]


def beard(stage: Stage, f: Figure) -> Parts:
    """Stubble to a full beard."""
    rng, b = stage.rng, barber(stage, f)
    t = rng.uniform(0.1 * np.pi, 0.9 * np.pi, b.count(500))
    roots = f(np.stack((0.33 * np.cos(t), 0.08 + 0.4 * np.sin(t) - rng.uniform(0, 0.12, len(t))), axis=1))
    style = HairStyle(f.head * float(rng.uniform(0.05, 0.25)), 0.3, 0.5, 0.05, 2, 0.1, 5, 0.4, 0.1)
    return [(b.layer(b.stage.grow(roots, t, style), 0.0), Motion())]
