"""What a run has to do: which frames are whole and made alike, which are not, and why; no setting is mixed silently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from corridorkey.errors import SettingsError
from corridorkey.resume.folders import Existing, Folders, Stats, Wanted, look_into
from corridorkey.resume.identity import Identity, digest_file
from corridorkey.resume.made import Made
from corridorkey.resume.manifest import Manifest
from corridorkey.resume.record import Output, Record

Mode = Literal["refuse", "resume", "overwrite"]

NEW = "not keyed yet"
UNKNOWN = "with files nobody recorded"
OUTPUTS = "without some of the outputs asked for"
PLATE = "with a new plate"
HINT = "with a new hint"
GARBAGE = "with a new garbage matte"
CORE = "with a new core matte"
MISSING = "with files missing"
SIZE = "with files of another size"
CONTENT = "with files of other content"


@dataclass(frozen=True)
class Plan:
    """What a run has to do.

    Attributes:
        made: how; on a resume with the screen's shade as it was when the frames that stay were made.
        todo: numbers of the frames to key.
        total: how many frames were asked for.
        reasons: why a frame is to be keyed, though this is a resume -> its numbers.
        mixed: what differs from other frames of this clip in the folder; empty if nothing does.
    """

    made: Made
    todo: frozenset[int]
    total: int
    reasons: Mapping[str, Sequence[int]] = field(default_factory=dict)
    mixed: str = ""

    @property
    def skipped(self) -> int:
        """How many frames are whole and made alike."""
        return self.total - len(self.todo)

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines for the user; none for a plain run."""
        from corridorkey.media.frames import frames_text

        notes = [self.mixed] if self.mixed else []
        if self.skipped or self.reasons:
            todo = (f"{len(found)} {why} ({frames_text(found, 4)})" for why, found in self.reasons.items())
            rest = f"; to do: {', '.join(todo)}" if self.todo else ""
            notes.append(f"resuming: {self.skipped} of {self.total} frames are whole and made alike{rest}")
        return tuple(notes)


def plan_run(
    out: Path,
    frames: Sequence[Wanted],
    outputs: Sequence[str],
    folders: Folders,
    made: Made,
    manifest: Manifest,
    mode: Mode = "refuse",
    *,
    verify: bool = False,
) -> Plan:
    """Decide what a run has to do. Nothing is written.

    Args:
        out: the output folder.
        frames, outputs: what is asked for; numbers and stems are each unique.
        folders: where each output goes, asked for or not.
        made: how this run makes frames.
        manifest: of `out`.
        mode: "refuse" keys only where nothing is; "resume" keys what is not whole and made alike; "overwrite" keys all.
        verify: on a resume, read every file that is to stay and compare its bytes, not only its size.
    Returns:
        Plan.
    Raises:
        SettingsError: "refuse" and there are outputs of these frames; or, unless "overwrite", frames of this clip that
            are there were made with other settings.
        FrameWriteError: a folder cannot be looked at.
        FrameReadError: the manifest cannot be read.
    """
    numbers = frozenset(frame.number for frame in frames)
    existing = look_into(out, frames, outputs, folders)
    if mode == "refuse":
        existing.refuse(out)
    mixed = _mixed(frames, made, manifest, existing, mode)
    if mixed and mode != "overwrite":
        raise SettingsError(
            f"{out}: {mixed}. Use those settings again, --overwrite to mix them, or another folder with -o."
        )
    if mode != "resume":
        return Plan(made, numbers, len(frames), mixed=mixed)
    reasons, kept = _judge(frames, outputs, manifest, existing)
    if verify:
        _verify(out, frames, outputs, folders, manifest, reasons)
    todo = frozenset().union(*reasons.values())
    if kept and len(todo) < len(frames):
        made = manifest.mades[kept.most_common(1)[0][0]]
    return Plan(made, todo, len(frames), reasons)


def _clip(number: int, stem: str) -> str:
    """What frames of one clip share: sh010.1001 and sh010.1002 do, two stills do not."""
    head = stem.rstrip("0123456789")
    is_numbered = 0 < len(stem) - len(head) <= 18 and int(stem[len(head) :]) == abs(number)
    return head if is_numbered else stem


def _mixed(frames: Sequence[Wanted], made: Made, manifest: Manifest, existing: Existing, mode: Mode) -> str:
    """What would be mixed: files of the frames asked for that were made otherwise and stay; and this clip's other
    frames, if they were made by other choices."""
    others = {key: other for key, other in manifest.mades.items() if other.alike != made.alike}
    if not others:
        return ""
    asked, clips = {frame.stem for frame in frames}, {_clip(frame.number, frame.stem) for frame in frames}
    found: dict[str, list[int]] = defaultdict(list)
    for number, stem, key in manifest.heads():
        if key not in others:
            continue
        if stem in asked:
            is_mixed = stem in existing.elsewhere if mode == "overwrite" else existing.has(stem)
        else:
            is_mixed = others[key].chosen != made.chosen and existing.has(stem) and _clip(number, stem) in clips
        if is_mixed:
            found[key].append(number)
    if not found:
        return ""
    from corridorkey.media.frames import frames_text

    numbers = [number for some in found.values() for number in some]
    most = others[max(found, key=lambda key: len(found[key]))]
    changes = ", ".join(made.changes(most))
    there, were = ("frames there", "were") if len(numbers) > 1 else ("frame there", "was")
    return f"{len(numbers)} {there} ({frames_text(numbers, 4)}) {were} made otherwise: {changes}"


def _judge(
    frames: Sequence[Wanted], outputs: Sequence[str], manifest: Manifest, existing: Existing
) -> tuple[dict[str, list[int]], Counter[str]]:
    """Why frames are to be keyed again -> their numbers; and how those that stay were made -> how many."""
    reasons: dict[str, list[int]] = defaultdict(list)
    kept: Counter[str] = Counter()
    stats = Stats(frames)
    for frame, record in zip(frames, manifest.records(frame.stem for frame in frames), strict=True):
        if why := _why(frame, record, outputs, existing.sizes(frame.stem), stats):
            reasons[why].append(frame.number)
        elif record:
            kept[record.made] += 1
    return reasons, kept


def _why(frame: Wanted, record: Record | None, outputs: Sequence[str], sizes: list[int], stats: Stats) -> str:
    """Why a frame is to be keyed again; empty if it is whole and made alike."""
    if record is None:
        return UNKNOWN if max(sizes) >= 0 else NEW
    if any(name not in record.outputs for name in outputs):
        return OUTPUTS
    if not _unchanged(record.plate, frame.plate, frame.plate_index, stats):
        return PLATE
    if not _unchanged(record.hint, frame.hint, frame.hint_index, stats):
        return HINT
    if not _unchanged(record.garbage, frame.garbage, frame.garbage_index, stats):
        return GARBAGE
    if not _unchanged(record.core, frame.core, frame.core_index, stats):
        return CORE
    if -1 in sizes:
        return MISSING
    return "" if sizes == [record.outputs[name].size for name in outputs] else SIZE


def _unchanged(recorded: Identity | None, path: Path | None, index: int | None, stats: Stats) -> bool:
    if recorded is None or path is None:
        return recorded is None and path is None
    stat = stats.of(path)
    return stat is not None and recorded.is_still(path, *stat, index)


def _verify(
    out: Path,
    frames: Sequence[Wanted],
    outputs: Sequence[str],
    folders: Folders,
    manifest: Manifest,
    reasons: dict[str, list[int]],
) -> None:
    """Add the frames whose files' bytes are not those recorded to the reasons."""
    todo = {number for some in reasons.values() for number in some}
    kept = [frame for frame in frames if frame.number not in todo]
    for frame, record in zip(kept, manifest.records(frame.stem for frame in kept), strict=True):
        if record and not all(_holds(out, frame.stem, folders[name], record.outputs[name]) for name in outputs):
            reasons[CONTENT].append(frame.number)


def _holds(out: Path, stem: str, where: tuple[str, str], output: Output) -> bool:
    try:
        return digest_file(out / where[0] / f"{stem}{where[1]}") == output.digest
    except OSError:
        return False
