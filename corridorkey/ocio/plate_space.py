"""A plate's colour space: to linear Rec.709 for the network, and the linear space that has its own primaries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from corridorkey.errors import SettingsError
from corridorkey.ocio.config import SpaceConfig, current_config
from corridorkey.ocio.transform import apply, between, to_rec709
from corridorkey.types import Array

# In the middle of every curve, and no grey: a change of one channel then shows in all that it acts on.
_PROBES = ((0.3, 0.4, 0.5), (0.5, 0.45, 0.4))
_STEP = 0.1
_ALONE = 1e-4  # of a channel's own change: what it may do to the others; the next gamuts do 0.025


@dataclass(frozen=True, eq=False)
class PlateSpace:
    """The space of a plate, by an OpenColorIO name.

    Attributes:
        name: the space's own name.
        config: the config it is in.
        linear: name of the scene-linear space of the same primaries; empty if the config has none.
    """

    name: str
    config: SpaceConfig
    linear: str

    def to_rec709(self, rgb: Array) -> Array:
        """Its pixels in linear Rec.709, as Plate wants them.

        Args:
            rgb: (H, W, 3) float32 in this space; left as it is.
        Returns:
            (H, W, 3) float32, linear; negative outside of Rec.709. Infinite where the curve overflows.
        """
        return apply(to_rec709(self.config, self.name), rgb)


def plate_space(name: str) -> PlateSpace:
    """Look a plate's space up in the config in use.

    Args:
        name: as `SpaceConfig.find` takes it.
    Raises:
        SettingsError: no such space, or one that cannot be converted; or a config that cannot be read.
        BackendUnavailableError: OpenColorIO is not installed.
    """
    return _plate_space(current_config(), name)


@cache
def _plate_space(config: SpaceConfig, name: str) -> PlateSpace:
    found = config.find(name)
    to_rec709(config, found)
    return PlateSpace(found, config, _linear_of(config, found))


def _linear_of(config: SpaceConfig, name: str) -> str:
    """The linear space to which every channel goes by itself: that changes the curve alone."""
    if name in config.linear_names:
        return name
    mixing = {linear: _mixing(config, name, linear) for linear in config.linear_names}
    nearest = min(mixing, key=mixing.__getitem__, default="")
    return nearest if nearest and mixing[nearest] <= _ALONE else ""


def _mixing(config: SpaceConfig, source: str, target: str) -> float:
    """How much a change of one channel changes the others, of its own change, at worst."""
    try:
        cpu = between(config, source, target)
    except SettingsError:  # a table that is not there concerns only who wants this space
        return np.inf
    worst = 0.0
    for probe in _PROBES:
        colours = np.array([probe, *(np.array(probe) + _STEP * np.eye(3))], np.float32)
        colours = apply(cpu, colours[None])[0]
        changes = np.abs(colours[1:] - colours[0])
        own = np.diag(changes)
        others = (changes - np.diag(own)).max(axis=1)
        worst = max(worst, float((others / own).max()) if own.all() else np.inf)
    return worst
