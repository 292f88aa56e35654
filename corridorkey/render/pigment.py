"""What colours hair: melanin, or a dye."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from corridorkey.synth.layers import Points

EUMELANIN, PHEOMELANIN = np.array([0.419, 0.697, 1.37]), np.array([0.187, 0.4, 1.05])  # absorption of one unit of each
NATURAL = ((9.0, 0.0), (4.5, 0.3), (2.2, 0.3), (1.3, 0.25), (0.7, 0.3), (0.35, 0.15), (0.18, 0.08), (0.5, 1.6))
DYES = ((0.75, 0.1, 0.3), (0.6, 0.08, 0.08), (0.35, 0.1, 0.5), (0.8, 0.4, 0.12), (0.85, 0.5, 0.55))
AZIMUTHAL = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Pigment:
    """One head's colour.

    Attributes:
        melanin: eumelanin and pheomelanin, or None.
        absorbed: (3,) absorption where it is no melanin.
        look: (3,) about how it looks, linear.
    """

    melanin: tuple[float, float] | None
    absorbed: Points
    look: Points

    def bsdf(self, share: float, sheen: float) -> Mapping[str, object]:
        """Mitsuba's hair with `share` of the pigment and longitudinal roughness `sheen`."""
        rough = {"type": "hair", "longitudinal_roughness": sheen, "azimuthal_roughness": AZIMUTHAL}
        if self.melanin is None:
            return {**rough, "sigma_a": {"type": "rgb", "value": (self.absorbed * share).tolist()}}
        return {**rough, "eumelanin": self.melanin[0] * share, "pheomelanin": self.melanin[1] * share}


def _looks(absorbed: Points) -> Points:
    """The colour of much hair of an absorption, and `_absorbs` undoes it.

    Source: Chiang et al. 2016, "A Practical and Controllable Hair and Fur Model", eq. 9.
    """
    return np.exp(-np.sqrt(absorbed) * _width())


def _absorbs(colour: Points) -> Points:
    return np.asarray((np.log(colour) / _width()) ** 2)


def _width() -> float:
    b = AZIMUTHAL
    return float(np.polyval((0.245, 5.574, -10.73, 2.532, -0.215, 5.969), b))


def draw_pigment(rng: np.random.Generator) -> Pigment:
    """From black to white, red now and then, seldom dyed."""
    kind = rng.random()
    if kind < 0.76:
        eu, ph = np.array(NATURAL[rng.integers(len(NATURAL))]) * np.exp(rng.normal(0, 0.2, 2))
        absorbed = eu * EUMELANIN + ph * PHEOMELANIN
        return Pigment((float(eu), float(ph)), absorbed, _looks(absorbed))
    if kind < 0.9:  # grey to white
        absorbed = np.full(3, np.exp(rng.uniform(np.log(0.01), np.log(0.5)))) * (0.9, 1.0, 1.15)
    else:
        absorbed = _absorbs(np.clip(np.array(DYES[rng.integers(len(DYES))]) * rng.uniform(0.8, 1.1), 0.02, 0.95))
    return Pigment(None, absorbed, _looks(absorbed))
