"""Triangle meshes with a colour at each vertex, and their PLY files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridorkey.render.solid import Loft
from corridorkey.synth.layers import Points

HEADER = """ply
format binary_little_endian 1.0
element vertex {vertices}
property float x
property float y
property float z
property float nx
property float ny
property float nz
property float r
property float g
property float b
element face {faces}
property list uchar int vertex_indices
end_header
"""


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """One surface.

    Attributes:
        points, normals: (V, 3).
        rgb: (V, 3) linear.
        faces: (F, 3) vertices, counter-clockwise from outside.
    """

    points: Points
    normals: Points
    rgb: Points
    faces: NDArray[np.int32]

    def ply(self) -> bytes:
        """The bytes of a PLY file; Mitsuba calls its colours `vertex_color`."""
        faces = np.empty(len(self.faces), np.dtype([("n", "u1"), ("v", "<i4", 3)]))
        faces["n"], faces["v"] = 3, self.faces
        header = HEADER.format(vertices=len(self.points), faces=len(self.faces))
        vertices = np.concatenate((self.points, self.normals, self.rgb), axis=1).astype("<f4")
        return header.encode() + vertices.tobytes() + faces.tobytes()


def grid_faces(rows: int, columns: int) -> NDArray[np.int32]:
    """The faces of a grid of vertices that closes on itself along its rows: (F, 3)."""
    row, column = np.mgrid[0 : rows - 1, 0:columns]
    a, b = row * columns + column, row * columns + (column + 1) % columns
    c, d = a + columns, b + columns
    return np.concatenate((np.stack((a, c, b), -1).reshape(-1, 3), np.stack((b, c, d), -1).reshape(-1, 3))).astype(
        np.int32
    )


def sphere_grid(rows: int, columns: int) -> Points:
    """Directions over the sphere, from the top down, once around from the front: (rows · columns, 3)."""
    down, around = np.meshgrid(
        np.linspace(0.001, np.pi - 0.001, rows), np.linspace(0, 2 * np.pi, columns, endpoint=False), indexing="ij"
    )
    return np.stack((np.sin(down) * np.sin(around), np.cos(down), np.sin(down) * np.cos(around)), -1).reshape(-1, 3)


def loft_points(loft: Loft, rows: int, columns: int) -> Points:
    """Vertices of a loft from the top down, once around from the front: (rows · columns, 3)."""
    height = np.repeat(np.linspace(loft.sections[-1, 0], loft.sections[0, 0], rows), columns)
    around = np.tile(np.linspace(0, 2 * np.pi, columns, endpoint=False), rows)
    section = loft.at(height)
    x, z = section[:, 0] * np.sin(around), section[:, 1] * np.cos(around) + section[:, 2]
    return np.stack((x, height, z), -1)
