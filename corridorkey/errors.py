"""Every error this project raises on purpose.

CorridorKeyError              .exit_code 1
├─ MediaError                 5   a picture, folder or sequence
│  ├─ FrameReadError          5   cannot be read, or holds what no plate may hold
│  ├─ FrameWriteError         1   cannot be written
│  └─ FramePairingError       5   plate and hint frames do not belong together
├─ KeyingError                1   the network could not key a frame here
├─ ScreenError                5   no green or blue screen, or not the one asked for
├─ CheckpointError            5   a weights file
│  ├─ CheckpointFormatError   5   not a canonical checkpoint
│  └─ WeightMismatchError     5   its tensors are not the network's
├─ WeightsUnavailableError    4   no weights here
├─ SettingsError              2   a knob out of its range
└─ BackendUnavailableError    4   neither MLX nor Torch, or not the one asked for

Messages name the path or the frame and say what to do next. Only the command line catches them, and only this tree.
Exit codes: 0 done, 1 failure, 2 usage, 3 some frames failed (listed), 4 weights or backend missing, 5 bad input,
130 and 143 signals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SOME_FRAMES_FAILED = 3


class CorridorKeyError(Exception):
    """Root of the tree; `exit_code` is what the command line returns for it."""

    exit_code = 1


class MediaError(CorridorKeyError):
    """A picture, a folder or a sequence is not what it should be."""

    exit_code = 5


class FrameReadError(MediaError):
    """A frame cannot be read."""


class FrameWriteError(MediaError):
    """A frame cannot be written."""

    exit_code = 1


class FramePairingError(MediaError):
    """Plate and hint frames do not belong together."""


class KeyingError(CorridorKeyError):
    """The network could not key a frame: no memory for it, or no finite numbers from it."""


class ScreenError(CorridorKeyError):
    """The plate shows no green or blue screen."""

    exit_code = 5


class CheckpointError(CorridorKeyError):
    """A weights file is not usable."""

    exit_code = 5


class CheckpointFormatError(CheckpointError):
    """The file is not a canonical checkpoint."""


class WeightMismatchError(CheckpointError):
    """The file's tensors are not the network's.

    Attributes:
        missing, unexpected: tensor names.
        shapes: name -> (shape in the file, shape wanted).
        not_finite: names of tensors that hold NaN or infinity.
    """

    def __init__(
        self,
        path: object,
        *,
        missing: Sequence[str] = (),
        unexpected: Sequence[str] = (),
        shapes: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] | None = None,
        not_finite: Sequence[str] = (),
    ) -> None:
        self.missing, self.unexpected = tuple(missing), tuple(unexpected)
        self.shapes, self.not_finite = dict(shapes or {}), tuple(not_finite)
        faults = [f"missing {_some(self.missing)}"] if self.missing else []
        faults += [f"unexpected {_some(self.unexpected)}"] if self.unexpected else []
        misshapen = [f"{name} is {got}, not {want}" for name, (got, want) in self.shapes.items()]
        faults += [f"misshapen {_some(misshapen)}"] if misshapen else []
        faults += [f"NaN or infinity in {_some(self.not_finite)}"] if self.not_finite else []
        super().__init__(f"{path}: {'; '.join(faults)}. Fetch or convert the checkpoint again.")


class WeightsUnavailableError(CorridorKeyError):
    """The weights asked for are not on this machine."""

    exit_code = 4


class SettingsError(CorridorKeyError):
    """A setting is out of its range."""

    exit_code = 2


class BackendUnavailableError(CorridorKeyError):
    """No backend can run the network here."""

    exit_code = 4


def _some(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
