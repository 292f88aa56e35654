"""Who stands before the camera: drawn from a seed, a head with hair and shoulders, or a ball of fur."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridorkey.color import srgb_to_linear
from corridorkey.render.grow import Growth, curled, fall, gathered
from corridorkey.render.hairdo import HAIRDOS, Hair, beard, brows
from corridorkey.render.head import EYE, Head, head_solids
from corridorkey.render.mesh import Mesh, grid_faces, sphere_grid
from corridorkey.render.pigment import Pigment, draw_pigment
from corridorkey.render.scalp import Pose, Scalp
from corridorkey.render.solid import Lump, blended, melt, slope, surface, turned, unit
from corridorkey.render.torso import draw_torso
from corridorkey.synth.f32 import f32
from corridorkey.synth.layers import Points
from corridorkey.synth.palette import skin

STYLES = ("short", "long", "wavy", "curly", "afro", "updo", "fur")
ODDS = (0.14, 0.2, 0.2, 0.13, 0.11, 0.14, 0.08)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is rendered.

    Attributes:
        meshes: each with its roughness.
        eyes: (E, 3) centres, world; facing along `gaze`.
        gaze: (3,).
        hair: bunches of strands.
        pigment: of all hair.
    """

    meshes: list[tuple[Mesh, float]]
    eyes: Points
    gaze: Points
    hair: list[Hair]
    pigment: Pigment


def _posed(mesh: Mesh, pose: Pose) -> Mesh:
    return Mesh(pose.world(mesh.points), mesh.normals @ pose.turn.T, mesh.rgb, mesh.faces)


def draw_head(rng: np.random.Generator, style: str, density: float) -> Subject:
    """A head of one of HAIRDOS, turned any way, on clothed shoulders."""
    solid, skull = head_solids(rng)
    tone, pigment = skin(rng).astype(np.float64), draw_pigment(rng)
    head = Head(solid, skull, tone, pigment.look, float(rng.uniform(-0.03, 0.05)))
    yaw = float(rng.normal(0, 0.7) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi))
    pose = Pose(turned(yaw, float(rng.normal(0.03, 0.12)), float(rng.normal(0, 0.1))))
    about = Pose(turned(yaw + float(rng.normal(0, 0.25)), 0.0, 0.0))
    cloth = srgb_to_linear(f32(rng.uniform(0.03, 0.85) * (1 - rng.uniform(0, 0.6) * rng.uniform(0, 1, (2, 3)))))
    torso = draw_torso(rng, tone * 0.95, cloth.astype(np.float64))

    def keep_off(points: Points) -> Points:
        return melt(skull(pose.local(points)), torso.distance(about.local(points)), 0.03)

    breeze = rng.normal(0, 1, 3) * (0.6, 0.25, 0.4) * (rng.uniform(0, 1.6) if rng.random() < 0.35 else 0.08)
    scalp = Scalp(rng, head, pose, keep_off, breeze)
    hair = HAIRDOS[style](scalp, int(8000 * density * rng.uniform(0.8, 1.3)))
    hair += [brows(scalp)]
    if rng.random() < (0.4 if style == "short" else 0.12):
        hair += beard(scalp, int(8000 * density))
    meshes = [(_posed(head.mesh(), pose), float(rng.uniform(0.35, 0.6)))]
    meshes += [(_posed(mesh, about), rough) for mesh, rough in zip(torso.meshes(), (0.5, 0.9), strict=True)]
    return Subject(meshes, pose.world(EYE), pose.turn[:, 2], hair, pigment)


def draw_fur(rng: np.random.Generator, density: float) -> Subject:
    """A ball of fur."""
    lumps = [Lump((0, 0, 0), (0.4, 0.38, 0.38), 0.0)]
    lumps += [Lump(tuple(rng.normal(0, 0.22, 3)), tuple(rng.uniform(0.18, 0.32, 3)), 0.15) for _ in range(3)]
    solid = blended(tuple(lumps))
    pigment = draw_pigment(rng)
    count, length = int(11000 * density), float(np.exp(rng.uniform(np.log(0.06), np.log(0.4))))
    roots = surface(solid, unit(rng.normal(size=(count, 3))))
    out = slope(solid, roots, 0.02)
    flow = np.cross(out, unit(rng.normal(size=3))) * rng.uniform(0, 1)
    g = Growth(
        14, length, float(rng.uniform(0.5, 4)), float(rng.uniform(0.1, 0.5)), int(rng.integers(8, 40)),
        float(rng.uniform(0.2, 0.85)), float(rng.choice((0, rng.uniform(0.004, 0.02)))), 0.12,
    )  # fmt: skip
    lengths = length * rng.uniform(0.5, 1.1, count)
    strands = fall(rng, roots, out + flow, flow + np.array([0, -0.7, 0]), lengths, g, solid)
    strands, clump = gathered(rng, strands, g)
    width = np.clip(rng.uniform(0.6, 1.0) * np.exp(rng.normal(0, 0.3, count)), 0.3, 1.6)
    hair = Hair(curled(rng, strands, clump, g, lengths), width, clump)
    points = surface(solid, sphere_grid(60, 70))
    rgb = np.repeat(pigment.look[None] * 0.6, len(points), 0)
    mesh = Mesh(points, slope(solid, points), rgb, grid_faces(60, 70))
    return Subject([(mesh, 0.8)], np.empty((0, 3)), np.array([0, 0, 1.0]), [hair], pigment)


def draw_subject(rng: np.random.Generator, density: float = 1.0, style: str | None = None) -> Subject:
    """A subject of a drawn style, or of one of STYLES.

    Args:
        density: multiplies the number of hairs.
    """
    drawn = str(rng.choice(STYLES, p=ODDS))
    style = style or drawn
    return draw_fur(rng, density) if style == "fur" else draw_head(rng, style, density)
