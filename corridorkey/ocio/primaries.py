"""Linear spaces known by their primaries: which one a file's `chromaticities` or a config's matrix means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corridorkey.types import Array

Chromaticities = tuple[float, ...]
"""x and y of red, green, blue and white, as an EXR has them."""

_SAME = 1e-3  # of a chromaticity: files round theirs
# Of a matrix entry: makers adapt white by other methods and round. The two nearest gamuts below are 0.019 apart.
_ALIKE = 5e-3
_D65 = (0.3127, 0.3290)
_ACES = (0.32168, 0.33767)
_BRADFORD = np.array(((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296)))


@dataclass(frozen=True, slots=True)
class Gamut:
    """A linear space.

    Attributes:
        names: what configs call it; the first one found counts.
        chromaticities: its primaries and white.
        interop_id: the Color Interop Forum's name for it, which files are tagged with; empty if it has none.
    """

    names: tuple[str, ...]
    chromaticities: Chromaticities
    interop_id: str = ""


REC709 = Gamut(("lin_rec709",), (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, *_D65), "lin_rec709_scene")
GAMUTS = (
    REC709,
    Gamut(("lin_ap0", "ACES2065-1"), (0.7347, 0.2653, 0, 1, 0.0001, -0.077, *_ACES), "lin_ap0_scene"),
    Gamut(("lin_ap1", "ACEScg"), (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, *_ACES), "lin_ap1_scene"),
    Gamut(("lin_rec2020",), (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, *_D65), "lin_rec2020_scene"),
    Gamut(("lin_p3d65",), (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, *_D65), "lin_p3d65_scene"),
    Gamut(("lin_adobergb",), (0.64, 0.33, 0.21, 0.71, 0.15, 0.06, *_D65), "lin_adobergb_scene"),
    Gamut(("lin_arri_wide_gamut_3", "lin_alexawide"), (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102, *_D65)),
    Gamut(("lin_arri_wide_gamut_4", "lin_awg4"), (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308, *_D65)),
    Gamut(("lin_sgamut3",), (0.73, 0.28, 0.14, 0.855, 0.1, -0.05, *_D65)),
    Gamut(("lin_sgamut3cine",), (0.766, 0.275, 0.225, 0.8, 0.089, -0.087, *_D65)),
    Gamut(("lin_vgamut",), (0.73, 0.28, 0.165, 0.84, 0.1, -0.03, *_D65)),
    Gamut(
        ("lin_redwidegamutrgb", "lin_rwg"),
        (0.780308, 0.304253, 0.121595, 1.493994, 0.095612, -0.084589, *_D65),
    ),
    Gamut(("lin_cinemagamut_d55",), (0.74, 0.27, 0.17, 1.14, 0.08, -0.1, *_D65)),
    Gamut(
        ("lin_bmd_widegamut_gen5",),
        (0.7177215, 0.3171181, 0.228041, 0.861569, 0.1005841, -0.0820452, 0.312717, 0.3290312),
    ),
    Gamut(("lin_davinci_widegamut",), (0.8, 0.313, 0.1682, 0.9877, 0.079, -0.1155, *_D65)),
)


def gamut_of(chromaticities: Sequence[float]) -> Gamut | None:
    """The known gamut with these primaries."""
    return next((known for known in GAMUTS if np.allclose(known.chromaticities, chromaticities, atol=_SAME)), None)


def gamut_by_matrix(matrix: Array) -> Gamut | None:
    """The known gamut to which this (3, 3) matrix from linear Rec.709 leads."""
    return next((known for known in GAMUTS if np.abs(matrix_to(known) - matrix).max() <= _ALIKE), None)


def matrix_to(gamut: Gamut) -> NDArray[np.float64]:
    """The matrix from linear Rec.709 to a gamut, white adapted by Bradford's method.

    Returns:
        (3, 3) float64; colours are columns.
    Source: SMPTE RP 177; the adaptation as in ICC.1, annex E.
    """
    to_xyz, white = _to_xyz(REC709.chromaticities)
    theirs, their_white = _to_xyz(gamut.chromaticities)
    scale = np.diag((_BRADFORD @ their_white) / (_BRADFORD @ white))
    adapted = np.linalg.solve(_BRADFORD, scale @ _BRADFORD) @ to_xyz
    return np.asarray(np.linalg.solve(theirs, adapted))


def _to_xyz(chromaticities: Chromaticities) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The matrix from a gamut to XYZ, and its white's XYZ."""
    x, y = np.reshape(chromaticities, (4, 2)).T
    xyz = np.stack([x, y, 1 - x - y])
    white = xyz[:, 3] / y[3]
    return xyz[:, :3] * np.linalg.solve(xyz[:, :3], white), white
