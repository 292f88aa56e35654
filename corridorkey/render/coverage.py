"""How much of each pixel a subject covers, exactly: its outline filled on a grid much finer than the pixels.

Paths would give the same coverage with noise; hundreds a pixel would be needed where a few give the colour.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from corridorkey.render.scene import DISTANCE, TIP, View
from corridorkey.render.subject import Subject
from corridorkey.synth.f32 import f32
from corridorkey.synth.layers import Points
from corridorkey.types import Array

SUPER, SHIFT = 16, 4  # grid points a pixel along each side; fractional bits of OpenCV's coordinates
LARGEST = 3600  # px of a view's side; the grid's coordinates end a little beyond
KNOT, MIDDLE = np.array([1, 4, 1, 0]) / 6, np.array([1, 23, 23, 1]) / 48  # of a cubic B-spline's piece


def projected(view: View, points: Points) -> tuple[Points, Points]:
    """Points (..., 3) as the camera sees them: (..., 2) x, y in pixels, and (...) pixels a head height there."""
    (height, width), (u, v) = view.size, view.at
    scale = view.head * DISTANCE / (DISTANCE - points[..., 2])
    x = width / 2 + (points[..., 0] - (0.5 - u) * width / view.head) * scale
    y = height / 2 - (points[..., 1] - (v - 0.5) * height / view.head) * scale
    return np.stack((x, y), axis=-1), scale


def _fine(points: Points) -> NDArray[np.int32]:
    return np.round(np.clip(points * SUPER - 0.5, -30000, 60000) * (1 << SHIFT)).astype(np.int32)


def _ribbons(view: View, strands: Points, width: Points) -> NDArray[np.int32]:
    """Strands (N, K, 3) as two quadrilaterals for each piece of their B-splines: (M, 4, 2), on the fine grid."""
    spline = np.stack((KNOT, MIDDLE)) @ np.stack([strands[:, i : strands.shape[1] - 3 + i] for i in range(4)], axis=2)
    ends = strands[:, -3:].transpose(0, 2, 1) @ KNOT[:3]
    at, scale = projected(view, np.concatenate((spline.reshape(len(strands), -1, 3), ends[:, None]), axis=1))
    # OpenCV fills the grid points on an edge, too.
    taper = 1 + (TIP - 1) * np.arange(2, 2 * strands.shape[1] - 3) / 2 / (strands.shape[1] - 1)
    half = np.maximum(width[:, None] * taper * scale / view.head / 2 - 0.5 / SUPER, 0.1 / SUPER)
    along = np.gradient(at, axis=1)
    along /= np.linalg.norm(along, axis=-1, keepdims=True) + 1e-9
    across = np.stack((-along[..., 1], along[..., 0]), axis=-1) * half[..., None]
    left, right = at + across, at - across
    quads = np.stack((left[:, :-1], left[:, 1:], right[:, 1:], right[:, :-1]), axis=2)
    return _fine(quads.reshape(-1, 4, 2))


def coverage(subject: Subject, view: View) -> Array:
    """The subject's alpha: (H, W) float32 0..1."""
    height, width = view.size
    fine = np.zeros((height * SUPER, width * SUPER), np.uint8)
    shapes = [_ribbons(view, hair.strands, hair.width) for hair in subject.hair]
    for mesh, _ in subject.meshes:
        corners = projected(view, mesh.points)[0][mesh.faces]
        a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        shapes.append(_fine(corners[a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0]))  # those that face the camera
    for pieces in shapes:
        low, high = pieces.min(axis=1) >> SHIFT, pieces.max(axis=1) >> SHIFT
        seen = ((high >= 0) & (low < (width * SUPER, height * SUPER))).all(axis=1)
        for piece in pieces[seen]:
            cv2.fillConvexPoly(fine, piece, 255, cv2.LINE_8, SHIFT)
    return f32(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)) / np.float32(255)
