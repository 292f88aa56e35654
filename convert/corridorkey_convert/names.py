"""Names of tensors: from whatever a file calls them to the canonical ones, Torch's, by name alone.

The layouts in circulation: Torch's own; corridorkey-mlx's, with other names in the refiner's stem; EZ-CorridorKey's,
which also drops `model.` and `.proj`. Both MLX layouts keep convolution kernels as (out, height, width, in) and leave
out BatchNorm's counter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from corridorkey.errors import CheckpointFormatError
from corridorkey.shapes import COUNTER
from corridorkey_convert.arrays import AnyArray

WRAPPED_UNDER = ("state_dict", "model_state_dict", "model")  # where training checkpoints keep their weights
WRAPPERS = {"_orig_mod", "module"}  # path segments that torch.compile and DataParallel put in
ROOTS = ("encoder.", "alpha_decoder.", "fg_decoder.", "refiner.")
DECODERS = ("alpha_decoder", "fg_decoder")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file names and stores tensors.

    Attributes:
        name: for people.
        renames: (pattern, replacement) that give the canonical name.
        ohwi: whether kernels are (out, height, width, in) instead of (out, in, height, width).
    """

    name: str
    renames: tuple[tuple[str, str], ...] = ()
    ohwi: bool = False


_STEM = ((r"^refiner\.stem_conv\.", "refiner.stem.0."), (r"^refiner\.stem_gn\.", "refiner.stem.1."))
_SHORT = (
    (r"^encoder\.(?!model\.)", "encoder.model."),
    (r"_decoder\.linear_c(\d)\.(?!proj\.)", r"_decoder.linear_c\1.proj."),
)
TORCH = Layout("Torch layout")
MLX = Layout("MLX layout of corridorkey-mlx", _STEM, ohwi=True)
MLX_SHORT = Layout("MLX layout of EZ-CorridorKey", _STEM + _SHORT, ohwi=True)


def find_state_dict(path: object, content: object) -> tuple[dict[str, AnyArray], str]:
    """The network's tensors in what a `.pth` holds.

    Args:
        path: for messages.
        content: what was saved.
    Returns:
        (name in the file -> array, the key it was found under or "").
    Raises:
        CheckpointFormatError: no such thing in it, or something in it that is no tensor.
    """
    if not isinstance(content, dict):
        raise CheckpointFormatError(f"{path}: holds a {type(content).__name__}, not weights by name. {_GIVE}")
    for key in ("", *WRAPPED_UNDER):
        state = content.get(key) if key else content
        if isinstance(state, dict) and any(isinstance(n, str) and unwrapped(n).startswith(ROOTS) for n in state):
            return _tensors_only(path, state), key
    held = ", ".join(ascii(key)[:80] for key in list(content)[:8])
    raise CheckpointFormatError(f"{path}: no CorridorKey network in it; it holds {held or 'nothing'}. {_GIVE}")


def unwrapped(name: str) -> str:
    """A tensor's name without what torch.compile and DataParallel put into it."""
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


def recognise(names: Mapping[str, Any]) -> Layout:
    """The layout that unwrapped names belong to; TORCH where nothing speaks against it."""
    if any(name.startswith("encoder.") and not name.startswith("encoder.model.") for name in names):
        return MLX_SHORT
    if any(name.startswith(("refiner.stem_conv.", "refiner.stem_gn.")) for name in names):
        return MLX
    return TORCH


def canonical(path: object, tensors: Mapping[str, AnyArray]) -> tuple[dict[str, AnyArray], Layout]:
    """Tensors under their canonical names and in Torch's layout.

    Args:
        path: for messages.
        tensors: name in the file -> array, in any layout.
    Returns:
        (Torch name -> array, the layout they were in). BatchNorm's counters are there, 0 where the file has none.
    Raises:
        CheckpointFormatError: two tensors have the same canonical name.
    """
    plain = _renamed(path, tensors, unwrapped)
    layout = recognise(plain)

    def rename(name: str) -> str:
        for pattern, replacement in layout.renames:
            name = re.sub(pattern, replacement, name)
        return name

    named = _renamed(path, plain, rename)
    if layout.ohwi:
        named = {n: a.transpose(0, 3, 1, 2) if a.ndim == 4 else a for n, a in named.items()}
    for decoder in DECODERS:
        if f"{decoder}.bn.weight" in named:
            named.setdefault(f"{decoder}.bn.{COUNTER}", np.zeros((), np.int64))
    return named, layout


def _renamed(path: object, tensors: Mapping[str, AnyArray], rename: Any) -> dict[str, AnyArray]:
    sources: dict[str, str] = {}
    for name in tensors:
        clash = sources.setdefault(rename(name), name)
        if clash != name:
            raise CheckpointFormatError(f"{path}: {clash} and {name} are both {rename(name)}. {_GIVE}")
    return {new: tensors[old] for new, old in sources.items()}


def _tensors_only(path: object, state: dict[Any, Any]) -> dict[str, AnyArray]:
    strange = [name for name in state if not isinstance(name, str) or not name.isprintable()]
    if strange:
        raise CheckpointFormatError(f"{path}: a tensor is called {ascii(strange[0])[:80]}. {_GIVE}")
    others = [name for name, value in state.items() if not isinstance(value, np.ndarray)]
    if others:
        raise CheckpointFormatError(f"{path}: {', '.join(others[:5])} beside the weights is no tensor. {_GIVE}")
    return state


_GIVE = "Give a file of CorridorKey's weights, or save them again: torch.save(model.state_dict(), ...)"
