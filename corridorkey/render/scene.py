"""A subject before the camera, as Mitsuba's scenes: one lit by lamps, one by the screen alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corridorkey.files import write_file
from corridorkey.render.hairdo import Hair
from corridorkey.render.head import EYE_SIZE
from corridorkey.render.library import mitsuba
from corridorkey.render.subject import Subject
from corridorkey.synth.layers import Points
from corridorkey.types import Array

DISTANCE = 6.0  # of the camera, head heights
SCREEN = (4.0, 9.0)  # how far behind the head, and half its side
SHADES = (0.7, 1.0, 1.4)  # of the pigment, clump by clump
TIP = 0.35  # a strand's width at its tip, as a part of that at its root
DEPTH = 5  # how often light is scattered at most
BLOCK = 32  # px; random numbers depend on it


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera looks.

    Attributes:
        size: height, width in pixels.
        head: pixels a head height.
        at: x, y of the head's centre in the frame, 0..1.
    """

    size: tuple[int, int]
    head: float
    at: tuple[float, float]

    @classmethod
    def draw(cls, rng: np.random.Generator, size: tuple[int, int]) -> View:
        """From a close-up to a head and chest."""
        head = min(size) * float(np.exp(rng.uniform(np.log(0.36), np.log(0.7))))
        return cls(size, head, (float(rng.uniform(0.38, 0.62)), float(rng.uniform(0.36, 0.46))))

    def sensor(self) -> dict[str, Any]:
        """Mitsuba's camera."""
        mi = mitsuba()
        height, width = self.size
        x, y = (0.5 - self.at[0]) * width / self.head, (self.at[1] - 0.5) * height / self.head
        place = mi.ScalarTransform4f().look_at(origin=[x, y, DISTANCE], target=[x, y, 0], up=[0, 1, 0])
        angle = 2 * np.degrees(np.arctan(height / self.head / 2 / DISTANCE))
        film = {"type": "hdrfilm", "width": width, "height": height, "pixel_format": "rgba", "rfilter": {"type": "box"}}
        sampler = {"type": "multijitter"}
        lens = {"type": "perspective", "fov": float(angle), "fov_axis": "y", "to_world": place}
        return {**lens, "film": film, "sampler": sampler}


def curves(hair: Hair, chosen: Points, pixel: float) -> bytes:
    """Some strands in Mitsuba's text format for curves: x y z radius, an empty line after each.

    Args:
        chosen: (N,) bool.
        pixel: its size, head heights.
    """
    strands = hair.strands[chosen]
    taper = np.linspace(1, TIP, strands.shape[1]) * 0.5 * pixel
    numbers = np.concatenate((strands, (hair.width[chosen, None] * taper)[..., None]), axis=-1)
    # Mitsuba 3.9 reads beyond its arrays at the ends of the first and the last curve: those are deep inside the head.
    hidden = np.concatenate(
        (np.linspace(0, 1e-3, strands.shape[1])[:, None] * (1, 1, 1), np.full_like(taper, 1e-4)[:, None]), axis=1
    )
    numbers = np.concatenate((hidden[None], numbers, hidden[None]))
    one: str = "%.5f %.5f %.5f %.6f\n" * strands.shape[1] + "\n"
    text: str = one * len(numbers) % tuple(numbers.ravel().tolist())
    return text.encode()


def _coloured(rough: float) -> dict[str, Any]:
    texture = {"type": "mesh_attribute", "name": "vertex_color"}
    return {"type": "principled", "base_color": texture, "roughness": rough, "specular": 0.4}


def _eyes(subject: Subject) -> dict[str, Any]:
    mi, found = mitsuba(), {}
    for i, centre in enumerate(subject.eyes):
        for name, at, size, rgb in (
            ("ball", centre, EYE_SIZE, 0.4),
            ("iris", centre + subject.gaze * EYE_SIZE * 0.58, EYE_SIZE * 0.58, 0.02),
        ):
            tone = {"type": "rgb", "value": rgb}
            bsdf = {"type": "principled", "base_color": tone, "roughness": 0.15, "specular": 0.5}
            place = mi.ScalarTransform4f().translate(at.tolist()).scale(size)
            found[f"{name}{i}"] = {"type": "sphere", "to_world": place, "bsdf": bsdf}
    return found


def shapes(subject: Subject, view: View, sheen: float, folder: Path) -> dict[str, Any]:
    """The subject's shapes, loaded from files which this writes into a folder."""
    mi, found = mitsuba(), _eyes(subject)
    for i, (mesh, rough) in enumerate(subject.meshes):
        write_file(folder / f"{i}.ply", mesh.ply())
        found[f"mesh{i}"] = {"type": "ply", "filename": str(folder / f"{i}.ply"), "bsdf": _coloured(rough)}
    for i, hair in enumerate(subject.hair):
        shade = (hair.clump * 7919 + i) % len(SHADES)
        for k in range(len(SHADES)):
            if not (shade == k).any():
                continue
            path = folder / f"{i}-{k}.txt"
            write_file(path, curves(hair, shade == k, 1 / view.head))
            bsdf = subject.pigment.bsdf(SHADES[k], sheen)
            found[f"hair{i}-{k}"] = {"type": "bsplinecurve", "filename": str(path), "bsdf": bsdf}
    return {name: mi.load_dict(shape) for name, shape in found.items()}


def lit_by(light: Mapping[str, Any], things: Mapping[str, Any], view: View) -> Any:
    """A scene of shapes under one light, which the camera does not see."""
    integrator = {"type": "path", "max_depth": DEPTH, "rr_depth": 4, "hide_emitters": True, "block_size": BLOCK}
    scene = {"type": "scene", "integrator": integrator, "sensor": view.sensor(), "light": light}
    return mitsuba().load_dict({**scene, **things})


def lamps_of(panorama: Array) -> dict[str, Any]:
    """Lamps as a light of a scene."""
    return {"type": "envmap", "bitmap": mitsuba().Bitmap(panorama), "scale": 1.0}


def white_screen() -> dict[str, Any]:
    """A screen behind the subject that shines with 1."""
    behind, half = SCREEN
    place = mitsuba().ScalarTransform4f().translate([0, 0, -behind]).scale(half)
    glow = {"type": "area", "radiance": {"type": "rgb", "value": 1.0}}
    return {"type": "rectangle", "to_world": place, "emitter": glow}
