"""A checkpoint as its network wants it, whichever backend that is: strict, and of the wanted size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridorkey.checkpoint import POS_EMBED, check_tensors, read_checkpoint, resample_pos_embed
from corridorkey.config import DTYPES, GreenFormerConfig
from corridorkey.errors import SettingsError
from corridorkey.hiera_plan import PATCH_STRIDE
from corridorkey.shapes import tensor_shapes


def read_weights(path: Path, *, size: int | None, dtype: str) -> tuple[dict[str, NDArray[Any]], GreenFormerConfig]:
    """What either backend's `load_greenformer` fills its network with.

    Args:
        path: a canonical checkpoint.
        size: pixels along the side of a square network, whose position embedding is resampled to it.
        dtype: to be run in; checked here, nothing is cast.
    Returns:
        (name -> array in Torch layout, held against the network's shapes; the network).
    Raises:
        CheckpointFormatError, WeightMismatchError, SettingsError: as `load_greenformer`.
    """
    if dtype not in DTYPES:
        raise SettingsError(f"dtype {dtype!r}: use {', '.join(DTYPES)}")
    tensors, info = read_checkpoint(path)
    check_tensors(path, tensors, tensor_shapes(info.config))
    if size and info.config.sizing == "square":
        grid = size // PATCH_STRIDE
        tensors[POS_EMBED] = resample_pos_embed(tensors[POS_EMBED].astype(np.float32), (grid, grid))
    return tensors, info.config
