"""From a released weights file to a canonical checkpoint: read, rename, choose the dtype, check, write."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corridorkey.checkpoint import FORMAT, POS_EMBED, CheckpointInfo, check_tensors, read_info, write_checkpoint
from corridorkey.config import GreenFormerConfig
from corridorkey.errors import CheckpointFormatError, FrameWriteError, SettingsError
from corridorkey.hiera_plan import PATCH_STRIDE
from corridorkey.shapes import COUNTER, tensor_shapes
from corridorkey.types import Screen
from corridorkey.weights.known import LICENCE
from corridorkey_convert.arrays import AnyArray, Dtype, as_floating
from corridorkey_convert.content import Content, read_content
from corridorkey_convert.names import canonical

RELEASED = GreenFormerConfig()
KNOWN_SCREENS: dict[str, Screen] = {
    "0b6b202768725fda9f7953090a705262d9c9276e241360d15218357a27d95580": "green",  # corridorkey-mlx, release v1.0.0
}
_NORM = re.compile(r"(^|\.)(norm[12]|bn|gn[12])\.|^refiner\.stem\.1\.")


@dataclass(frozen=True, slots=True)
class Converted:
    """A canonical checkpoint in memory.

    Attributes:
        tensors: Torch name -> array, Torch layout. Some are read-only views of the source file, which Windows does not
            let anyone delete while they live.
        info: the header.
        layout: what the source was, for people.
    """

    tensors: dict[str, AnyArray]
    info: CheckpointInfo
    layout: str


def convert(
    path: Path,
    *,
    screen: Screen | None = None,
    dtype: Dtype | None = None,
    licence: str = LICENCE,
    network: GreenFormerConfig = RELEASED,
) -> Converted:
    """Make a canonical checkpoint of a weights file, in memory.

    Args:
        path: a Torch `.pth`, or a safetensors file in Torch's or an MLX layout, or a canonical checkpoint, which keeps
            its header.
        screen: colour the network was trained on; needed unless the file is a known one.
        dtype: of the floating tensors; "float16" leaves norms in float32. None keeps float16 as it is and makes
            everything else float32.
        licence: for the header.
        network: the file's network; its position grid, size and screen are filled in here.
    Raises:
        CheckpointFormatError: unreadable, damaged, of no known kind, or a value that float16 cannot hold.
        WeightMismatchError: a tensor is missing, unexpected, misshapen or not finite.
        SettingsError: the screen is unknown, or not the file's.
    """
    content = read_content(path)
    tensors, layout = canonical(path, content.tensors)
    if content.header.get("format") == FORMAT:
        info, known = read_info(path), "canonical checkpoint"
        _check_screen(path, screen, info.config.screen)
    else:
        screen = _screen(path, screen, content)
        config = _config(path, network, screen, tensors)
        info, known = CheckpointInfo(config, licence, content.sha256), f"{content.kind}, {layout.name}"
    check_tensors(path, tensors, tensor_shapes(info.config))
    return Converted({n: _stored(path, n, a, dtype) for n, a in sorted(tensors.items())}, info, known)


def convert_file(
    path: Path,
    out: Path,
    *,
    screen: Screen | None = None,
    dtype: Dtype | None = None,
    licence: str = LICENCE,
    network: GreenFormerConfig = RELEASED,
    overwrite: bool = False,
) -> Converted:
    """Write a canonical checkpoint made of a weights file, whole or not at all.

    Args:
        path, screen, dtype, licence, network: as for `convert`.
        out: the file to make.
        overwrite: whether `out` may be there already; the source itself is never overwritten.
    Raises:
        FrameWriteError: `out` is there already, is the source, or cannot be written.
        CheckpointFormatError, WeightMismatchError, SettingsError: as `convert`.
    """
    check_out(path, out, overwrite=overwrite)
    converted = convert(path, screen=screen, dtype=dtype, licence=licence, network=network)
    write_checkpoint(out, converted.tensors, converted.info)
    return converted


def check_out(path: Path, out: Path, *, overwrite: bool) -> None:
    """Refuse, before the work, to write over the source or, unless told to, over another file.

    Raises:
        FrameWriteError: it would.
    """
    try:
        there = out.exists()
        same = there and path.exists() and out.samefile(path)
    except OSError as error:
        reason = error.strerror or error
        raise FrameWriteError(f"{out}: cannot be written: {reason}. Give another name to write to.") from error
    if same:
        raise FrameWriteError(f"{out}: is the file to convert. Give another name to write to.")
    if there and not overwrite:
        raise FrameWriteError(f"{out}: is there already. Give another name, or --overwrite.")


def _screen(path: Path, screen: Screen | None, content: Content) -> Screen:
    known = KNOWN_SCREENS.get(content.sha256)
    if known:
        _check_screen(path, screen, known)
    chosen = screen or known
    if chosen is None:
        raise SettingsError(f"{path}: its screen colour is not known. Give --screen green or --screen blue.")
    if chosen not in ("green", "blue"):
        raise SettingsError(f"screen {chosen!r}: use green or blue")
    return chosen


def _check_screen(path: Path, asked: str | None, known: str) -> None:
    if asked not in (None, known):
        raise SettingsError(f"{path}: its screen is {known}, not {asked}. Leave --screen out.")


def _config(path: Path, network: GreenFormerConfig, screen: Screen, tensors: dict[str, AnyArray]) -> GreenFormerConfig:
    shape = tensors[POS_EMBED].shape if POS_EMBED in tensors else ()
    side = math.isqrt(shape[1]) if len(shape) == 3 else 0
    if side * side != (shape[1] if side else -1):
        return replace(network, screen=screen)  # the check of all tensors names what is wrong with it
    try:
        return replace(network, screen=screen, pos_grid=side, size=side * PATCH_STRIDE)
    except CheckpointFormatError as error:
        raise CheckpointFormatError(
            f"{path}: {POS_EMBED} has {side} × {side} tokens: {error}. Fetch it again."
        ) from error


def _stored(path: Path, name: str, array: AnyArray, dtype: Dtype | None) -> AnyArray:
    if name.endswith(COUNTER) and array.dtype.kind in "iu":
        return array.astype(np.int64, copy=False)
    if name.endswith(COUNTER) or array.dtype.kind != "f":
        raise CheckpointFormatError(
            f"{path}: {name} has dtype {array.dtype}, not one for its use. Fetch or convert it again."
        )
    kept: Dtype = "float16" if array.dtype == np.float16 else "float32"
    wanted = dtype or kept
    stored = as_floating(array, "float32" if dtype and _NORM.search(name) else wanted)
    if stored is not array and not np.isfinite(stored).all():
        raise CheckpointFormatError(f"{path}: {name} has values too large for {stored.dtype}. Give --dtype float32.")
    return np.ascontiguousarray(stored).reshape(stored.shape)
