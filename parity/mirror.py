"""The two networks against each other, with the embedded checkpoint: whole frames from disk to disk, and each dtype."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from corridorkey.clip import key_clip
from corridorkey.config import DTYPES, KeySettings
from corridorkey.demo import FIRST_FRAME, write_demo_plates
from corridorkey.errors import KeyingError, MediaError
from corridorkey.look import look_at_clip
from corridorkey.media import find_sequence, pair_frames, read_exr, read_plate
from corridorkey.media.output import output_paths
from corridorkey.media.sequence import SUFFIXES
from corridorkey.pipeline import Keyer, guide_frame
from corridorkey.prepare import SWAP, prepare
from corridorkey.synth import render_shot
from corridorkey.types import Array
from corridorkey.weights import small_checkpoint
from parity.backends import Backend, backends
from parity.compare import Pair

SIZES = ((192, 320), (192, 320), (160, 832))  # the last is keyed at the overview's size too
CHANNELS = {"matte": ("Y",), "fg": ("R", "G", "B"), "processed": ("R", "G", "B", "A")}


def mirror_pairs(pictures: Path | None = None) -> Iterator[Pair]:
    """Torch against MLX, then half precision against float32 in each.

    Args:
        pictures: a folder of plates, each a shot of its own; None renders one before a green and one before a blue
            screen and a large one, and takes the demo shot's first frame for the dtypes.
    Yields:
        "mirror …": finished frames, read back from float32 EXR; nothing where the platform has but one backend.
        "half …": alpha straight from the network.
    Raises:
        MediaError: the folder cannot be read, or holds no picture.
    """
    with tempfile.TemporaryDirectory() as folder:
        plates = pictures_in(pictures) if pictures else write_plates(Path(folder) / "plates")
        both = backends()
        for plate in plates:
            keyed = [key_to_disk(plate, backend, Path(folder) / backend.name / plate.name) for backend in both]
            if len(keyed) == 2:
                for output, array in keyed[0].items():
                    yield Pair(f"mirror {output}", plate.name, keyed[1][output], array)
        for plate in plates if pictures else [write_demo_plate(Path(folder))]:
            for backend in both:
                yield from half_pairs(plate, backend, "alpha" if pictures else "rendered alpha")


def pictures_in(folder: Path) -> list[Path]:
    """The pictures that lie in a folder; hidden files, movies and folders are none.

    Raises:
        MediaError: the folder cannot be read, or holds none.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise MediaError(f"{folder}: the folder cannot be read: {error.strerror or error}") from error
    pictures = [path for path in files if path.suffix.lower() in SUFFIXES]
    if not pictures:
        raise MediaError(f"{folder}: no pictures there; give a folder of plates ({', '.join(SUFFIXES)})")
    return pictures


def write_plates(folder: Path) -> list[Path]:
    """Rendered frames as PNG: before a green screen, with the channels swapped before a blue one, and a large one."""
    folder.mkdir(parents=True)
    plates = [next(render_shot(31 + i, size, 1)).plate for i, size in enumerate(SIZES)]
    plates[1] = plates[1][..., SWAP]
    paths = [folder / f"{name}.png" for name in ("green", "blue", "large")]
    for path, rgb in zip(paths, plates, strict=True):
        Image.fromarray(np.rint(rgb * 255).astype(np.uint8)).save(path)
    return paths


def write_demo_plate(folder: Path) -> Path:
    """The demo shot's first frame."""
    write_demo_plates(folder, 1)
    return folder / "plate" / f"demo.{FIRST_FRAME}.png"


def load_small(backend: Backend, dtype: str = "float32") -> Keyer:
    """The embedded checkpoint on the CPU, the device of every bound, unless CORRIDORKEY_DEVICE names another."""
    device = os.environ.get("CORRIDORKEY_DEVICE") or "cpu"
    keyer: Keyer = backend.load_keyer(small_checkpoint(), dtype=dtype, device=device)
    return keyer


def key_to_disk(plate: Path, backend: Backend, out: Path) -> dict[str, Array]:
    """Key one picture as `ck key --exr-bits 32` does.

    Returns:
        output -> (H, W, channels) float32, as read back from its file.
    """
    settings = KeySettings(exr_bits=32, outputs=tuple(CHANNELS))
    pairs = pair_frames(find_sequence(str(plate)))
    (frame,) = key_clip(pairs, load_small(backend), settings, look_at_clip(pairs, settings), out)
    if frame.error:
        raise KeyingError(f"{plate}: {frame.error}")
    paths = output_paths(out, next(iter(pairs)).plate, settings.outputs)
    read = {output: read_exr(path)[0] for output, path in paths.items()}
    return {output: np.stack([read[output][c] for c in names], axis=-1) for output, names in CHANNELS.items()}


def half_pairs(plate: Path, backend: Backend, what: str) -> Iterator[Pair]:
    """Alpha of one picture in float16 and bfloat16 against float32, one backend; `what` ends the rows' names."""
    pairs, settings = pair_frames(find_sequence(str(plate))), KeySettings()
    look = look_at_clip(pairs, settings)
    alphas = {}
    for dtype in DTYPES:
        keyer = load_small(backend, dtype)
        read = read_plate(plate)
        x = prepare(read, guide_frame(read, look.screen, keyer.contract, None, look.screen_rgb), keyer.contract)
        alphas[dtype] = keyer.predict(x).alpha
    for dtype in DTYPES[1:]:
        yield Pair(f"half {dtype} {what}", f"{backend.name} {plate.name}", alphas[dtype], alphas["float32"])
