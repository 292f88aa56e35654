"""Short for float32."""

from __future__ import annotations

import numpy as np

from corridorkey.types import Array


def f32(x: object) -> Array:
    """Anything array-like as float32."""
    return np.asarray(x, np.float32)
