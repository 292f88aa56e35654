"""A run's account: each frame goes on record once its files are in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from corridorkey.files import refusing
from corridorkey.media import FramePair, MovieFrame, Source, file_of
from corridorkey.resume.folders import Wanted
from corridorkey.resume.identity import Identity, digest_file, identify
from corridorkey.resume.made import Made
from corridorkey.resume.manifest import Manifest
from corridorkey.resume.record import Output


def wanted(pairs: Iterable[FramePair]) -> list[Wanted]:
    """A run's frames as `plan_run` wants them."""
    return [
        Wanted(
            pair.number,
            pair.plate.stem,
            file_of(pair.plate),
            _file(pair.hint),
            _index(pair.plate),
            _index(pair.hint),
            _file(pair.garbage),
            _index(pair.garbage),
            _file(pair.core),
            _index(pair.core),
        )
        for pair in pairs
    ]


class ManifestRecorder:
    """Writes a run's manifest; `Run` tells it of each frame, from several threads."""

    def __init__(self, manifest: Manifest, made: Made) -> None:
        """Say how this run makes its frames.

        Raises:
            FrameWriteError: the disk refuses.
        """
        manifest.begin(made)
        self._manifest, self._made = manifest, made
        self._sources: dict[int, tuple[Identity, list[Identity | None]]] = {}

    def begin(self, pair: FramePair) -> None:
        """Note which files a frame is made of, before they are read.

        Raises:
            FrameReadError: one cannot be read.
        """
        masks = pair.hint, pair.garbage, pair.core
        identities = [None if mask is None else identify(file_of(mask), _index(mask)) for mask in masks]
        self._sources[pair.number] = identify(file_of(pair.plate), _index(pair.plate)), identities

    def done(self, pair: FramePair, paths: Mapping[str, Path]) -> None:
        """Put a frame on record.

        Raises:
            FrameWriteError: the disk refuses, or a file is not there any more.
        """
        plate, (hint, garbage, core) = self._sources.pop(pair.number)
        out = self._manifest.path.parent
        outputs = {}
        for name, path in paths.items():
            with refusing(path):  # someone may have taken it away already
                outputs[name] = Output(path.relative_to(out).as_posix(), path.stat().st_size, digest_file(path))
        self._manifest.add(pair.number, pair.plate.stem, self._made, plate, hint, outputs, garbage, core)


def _file(source: Source | None) -> Path | None:
    return None if source is None else file_of(source)


def _index(source: Source | None) -> int | None:
    return source.index if isinstance(source, MovieFrame) else None
