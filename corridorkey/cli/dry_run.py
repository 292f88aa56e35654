"""`ck key --dry-run`: what a run would do, and what it would take; nothing is written."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corridorkey.cli.key_options import KeyOptions
from corridorkey.cli.rehearsal import Estimate, rehearse
from corridorkey.cli.shot_plan import ShotPlan, plan_shot
from corridorkey.cli.voice import Voice
from corridorkey.clips import Clip
from corridorkey.errors import SOME_FRAMES_FAILED, CorridorKeyError, FrameWriteError
from corridorkey.media import frames_text
from corridorkey.media.output import FOLDERS
from corridorkey.prepare import padded_size
from corridorkey.resume.folders import look_into
from corridorkey.resume.recorder import wanted


@dataclass(slots=True)
class DryRun:
    """Plans shots one after the other, and sums them up.

    Attributes:
        voice: tells of them.
        shots: each one's facts.
        disks: a disk's number -> (bytes needed so far, bytes free).
    """

    voice: Voice
    shots: list[dict[str, Any]] = field(default_factory=list)
    disks: dict[int, tuple[int, int]] = field(default_factory=dict)

    def add(self, clip: Clip, options: KeyOptions) -> None:
        """Plan one shot and tell of it.

        Raises:
            CorridorKeyError: it cannot be keyed as asked.
            SystemExit: 3 if none of the frames tried can be keyed.
        """
        place = existing_folder(options.out or clip.out)
        shot = plan_shot(clip, options)
        estimate, failure = _estimate(shot)
        disk, free = place.stat().st_dev, shutil.disk_usage(place).free
        needed = estimate.bytes if estimate else 0
        self.disks[disk] = self.disks.get(disk, (0, free))[0] + needed, free
        facts = _facts(shot, estimate, failure) | {"bytes": needed, "free": free, "fits": needed <= free}
        self.shots.append(facts)
        self.voice.plan(_lines(facts), facts)
        if failure:
            raise SystemExit(SOME_FRAMES_FAILED)

    def tell_total(self) -> None:
        """Of several shots, what they take together."""
        if len(self.shots) < 2:
            return
        facts = {
            "shots": len(self.shots),
            "frames": sum(shot["frames"] for shot in self.shots),
            "todo": sum(shot["todo"] for shot in self.shots),
            "bytes": sum(shot["bytes"] for shot in self.shots),
            "seconds": sum(shot["seconds"] or 0 for shot in self.shots),
            "fits": all(needed <= free for needed, free in self.disks.values()),
        }
        warning = "" if facts["fits"] else "; MORE THAN IS FREE"
        size, time = size_text(facts["bytes"]), time_text(facts["seconds"])
        line = f"{facts['shots']} shots, {facts['todo']} frames to key: {size}{warning}, about {time}"
        self.voice.plan(["", line], {"total": facts})


def existing_folder(out: Path) -> Path:
    """The folder, or the nearest one above it that is there.

    Raises:
        FrameWriteError: nothing can be written below it.
    """
    place = out.absolute()
    try:
        while not place.exists():
            place = place.parent
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
            return place
        reason = "not allowed to write there" if place.is_dir() else "a file is where a folder should be"
    except OSError as error:
        reason = error.strerror or str(error)
    raise FrameWriteError(f"{place}: {reason}; write elsewhere with -o")


def size_text(count: float) -> str:
    """Bytes for people: 12.3 MB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}" if unit != "bytes" else f"{count:.0f} bytes"
        count /= 1000
    return f"{count:,.3g} TB" if count < 1000 else f"{count:,.0f} TB"


def time_text(seconds: float) -> str:
    """Seconds for people: 45 s, 3 min, 2 h 10 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _estimate(shot: ShotPlan) -> tuple[Estimate | None, str]:
    """What it takes, or why that cannot be said."""
    if not shot.todo:
        return None, ""
    try:
        return rehearse(shot), ""
    except CorridorKeyError as error:
        return None, str(error)


def _facts(shot: ShotPlan, estimate: Estimate | None, failure: str) -> dict[str, Any]:
    options, look = shot.options, shot.look
    outputs, pairs = options.settings.outputs, shot.pairs
    there = look_into(shot.out, wanted(pairs), outputs, FOLDERS).files
    return {
        "frames": len(pairs),
        "ranges": frames_text(pair.number for pair in pairs),
        "gaps": shot.plate.gaps(),
        "hints": _mask(options.hint, shot.pairs[0].hint_is_still) or "made from the screen",
        "garbage": _mask(options.garbage, shot.pairs[0].garbage_is_still),
        "core": _mask(options.core, shot.pairs[0].core_is_still),
        "screen": look.notes[0],
        "colour": look.notes[1],
        "outputs": list(outputs),
        "out": shot.out,
        "movie": shot.movie,
        "there": there,
        "mode": options.mode,
        "notes": list(shot.plan.notes),
        "todo": len(shot.todo),
        "checkpoint": shot.checkpoint,
        "licence": shot.licence,
        "backend": shot.backend,
        "device": shot.device,
        "dtype": options.dtype,
        "plate_size": list(look.size[::-1]),
        "network_size": list(padded_size(look.size, shot.keyer.contract)[::-1]),
        "measured": estimate and estimate.frame,
        "not_measured": failure,
        "stages": estimate and {stage: round(1 / max(s, 1e-9), 3) for stage, s in estimate.stages.items()},
        "fps": estimate and round(1 / max(estimate.frame_seconds, 1e-9), 3),
        "seconds": estimate and round(estimate.seconds, 3),
    }


def _mask(source: str | None, is_still: bool) -> str | None:
    return source and f"{source}, one for {'all frames' if is_still else 'each frame'}"


def _lines(facts: dict[str, Any]) -> list[str]:
    rows = {
        "frames": f"{facts['ranges']} ({facts['frames']})" + (f", gaps {facts['gaps']}" if facts["gaps"] else ""),
        "hints": facts["hints"],
        "garbage": facts["garbage"],
        "core": facts["core"],
        "screen": facts["screen"],
        "colour": facts["colour"],
        "outputs": f"{', '.join(facts['outputs'])}, into {facts['out']}",
        "movie": facts["movie"],
        "there": _there(facts),
        "network": f"{facts['checkpoint']}, licence {facts['licence']}",
        "runs on": f"{facts['backend']}, {facts['device']}, {facts['dtype']}",
        "sizes": "plate {}x{}, network {}x{}".format(*facts["plate_size"], *facts["network_size"]),
        "disk": _disk(facts),
        "time": _time(facts),
    }
    return [f"{name:<9} {value}" for name, value in rows.items() if value]


def _there(facts: dict[str, Any]) -> str:
    replaced = f"{facts['there']} files, which are replaced" if facts["there"] and facts["mode"] == "overwrite" else ""
    return "; ".join(filter(None, [replaced, *facts["notes"]])) or "nothing of these frames"


def _disk(facts: dict[str, Any]) -> str:
    if facts["not_measured"]:
        return f"{size_text(facts['free'])} free"
    warning = "" if facts["fits"] else "WILL NOT FIT: "
    frames = f"{facts['todo']} frame{'s' * (facts['todo'] != 1)}" + (" without the movie" if facts["movie"] else "")
    return f"{warning}{size_text(facts['bytes'])} for {frames}, {size_text(facts['free'])} free"


def _time(facts: dict[str, Any]) -> str:
    if facts["not_measured"]:
        return f"not measured: {facts['not_measured']}"
    if facts["measured"] is None:
        return "nothing to key"
    return f"about {time_text(facts['seconds'])} at {facts['fps']:.2f} fps, measured on frame {facts['measured']}"
