"""Every reader of somebody else's bytes. A new one is added here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from tests.fuzz.reader import Reader

# name -> module here and name in it: a child imports no more than its own reader
READERS: Mapping[str, str] = {
    "exr": "pictures.EXR",
    "png": "pictures.PNG",
    "tiff": "pictures.TIFF",
    "jpeg": "pictures.JPEG",
    "movie": "movies.MOVIE",
    "sound": "movies.SOUND",
    "pth": "weights.PTH",
    "safetensors": "weights.SAFETENSORS",
    "checkpoint": "weights.CHECKPOINT",
    "manifest": "texts.MANIFEST",
    "ck.toml": "texts.CONFIG",
    "frames": "texts.FRAMES",
    "pattern": "texts.PATTERN",
    "folder": "texts.FOLDER",
}


def reader_of(name: str) -> Reader:
    """A reader by its name in READERS, or as "module.NAME"."""
    module, _, constant = READERS.get(name, name).partition(".")
    found = getattr(import_module(f"tests.fuzz.{module}"), constant)
    assert isinstance(found, Reader)
    return found
