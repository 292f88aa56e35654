"""Chroma hints as pictures in a shot's AlphaHint folder, for people who want to see or paint on them.

Keying needs none of them: where there is no hint, `ck key` makes the same from the screen.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from corridorkey.clips.find import Clip, alpha_hint_folder
from corridorkey.config import KeySettings
from corridorkey.errors import CorridorKeyError, MediaError, SettingsError
from corridorkey.files import check_writable, write_file
from corridorkey.hints.chroma import chroma_guide
from corridorkey.look import look_at_clip
from corridorkey.media import Footage, Sequence, Source, find_footage, frame_of, pair_frames
from corridorkey.media.frame_reader import FrameReader
from corridorkey.pipeline import display_rgb
from corridorkey.resize import resize_bilinear
from corridorkey.types import Array


def lacks_hints(clip: Clip) -> bool:
    """Whether `make_hints` has something to do for a shot."""
    try:
        return clip.kind == "shot" and not clip.fault and bool(_missing(clip, find_footage(clip.plate)))
    except CorridorKeyError:
        return False


def make_hints(clip: Clip, settings: KeySettings | None = None) -> Iterator[Path]:
    """Write the hints that a shot lacks: 8-bit grey PNG at the plate's size, under the plate's names.

    Args:
        clip: a shot.
        settings: screen_color and input_colorspace count here.
    Yields:
        Each file, once it is whole. None that was there is touched.
    Raises:
        SettingsError: AlphaHint leads out of the shot's folder.
        MediaError: the shot's hints have names of their own, or a plate cannot be read.
        ScreenError: no screen is seen, and none was named.
        FrameWriteError: the disk refuses.
    """
    settings = settings or KeySettings()
    footage = find_footage(clip.plate)
    missing = _missing(clip, footage)
    folder = alpha_hint_folder(clip.folder)
    if not folder.resolve().is_relative_to(clip.folder.resolve()):
        raise SettingsError(f"{folder} leads to {folder.resolve()}, out of the shot; nothing is written there")
    check_writable(folder)
    pairs = [pair for pair in pair_frames(footage) if pair.number in missing]
    look = look_at_clip(pairs, settings)
    with FrameReader(settings.input_colorspace) as reader:
        for pair in pairs:
            plate = reader.plate(pair.plate)
            guide = chroma_guide(display_rgb(plate), look.screen, look.screen_rgb)
            path = folder / _hint_name(pair.plate)
            if path.exists():
                raise MediaError(f"{path} has appeared meanwhile; it is left as it is. Run this again.")
            write_file(path, _grey_png(resize_bilinear(guide.hint, plate.size)))
            yield path


def _missing(clip: Clip, plate: Footage) -> set[int]:
    """The frames without a hint, where hints under the plate's names can be put beside those that are there."""
    if clip.hint is None:
        return set(plate.frames)
    hint = find_footage(clip.hint)
    if not isinstance(hint, Sequence) or hint.is_still:
        return set()
    missing = set(plate.frames) - set(hint.frames)
    common = set(plate.frames) & set(hint.frames)
    if missing and any(hint.files[number] != _hint_name(frame_of(plate, number)) for number in common):
        raise MediaError(f"{hint}: its names are not the plate's, so none is added; add the missing frames there")
    return missing


def _hint_name(plate: Source) -> str:
    return f"{plate.stem}.png"


def _grey_png(hint: Array) -> bytes:
    levels = np.rint(np.clip(hint, 0, 1) * np.float32(255)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
