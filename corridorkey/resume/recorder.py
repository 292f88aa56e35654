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
            None if pair.hint is None else file_of(pair.hint),
            _index(pair.plate),
            _index(pair.hint),
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
        self._sources: dict[int, tuple[Identity, Identity | None]] = {}

    def begin(self, pair: FramePair) -> None:
        """Note which files a frame is made of, before they are read.

        Raises:
            FrameReadError: one cannot be read.
        """
        hint = None if pair.hint is None else identify(file_of(pair.hint), _index(pair.hint))
        self._sources[pair.number] = identify(file_of(pair.plate), _index(pair.plate)), hint

    def done(self, pair: FramePair, paths: Mapping[str, Path]) -> None:
        """Put a frame on record.

        Raises:
            FrameWriteError: the disk refuses, or a file is not there any more.
        """
        plate, hint = self._sources.pop(pair.number)
        out = self._manifest.path.parent
        outputs = {}
        for name, path in paths.items():
            with refusing(path):  # someone may have taken it away already
                outputs[name] = Output(path.relative_to(out).as_posix(), path.stat().st_size, digest_file(path))
        self._manifest.add(pair.number, pair.plate.stem, self._made, plate, hint, outputs)


def _index(source: Source | None) -> int | None:
    return source.index if isinstance(source, MovieFrame) else None
