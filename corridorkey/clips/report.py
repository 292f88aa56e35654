"""What there is of a shot: frames, gaps, hints, screen, and what is keyed already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from corridorkey.clips.find import Clip
from corridorkey.clips.listing import stems_in
from corridorkey.config import DEFAULT_OUTPUTS, KeySettings
from corridorkey.errors import CorridorKeyError, ScreenError
from corridorkey.media.footage import Footage, find_footage, frame_of
from corridorkey.media.frames import FrameSpec, frames_text
from corridorkey.media.output import FOLDERS
from corridorkey.types import Screen

State = Literal["ready", "done", "partly done", "hints incomplete", "no screen seen", "broken"]
Hints = Literal["frames", "still", "none"]


@dataclass(frozen=True, slots=True)
class ClipReport:
    """A shot, looked at.

    Attributes:
        clip: the shot.
        state: what `ck key` would find; a shot without hints is ready, since they are made from the screen.
        detail: more of the state: "12 of 40", or why it is broken.
        count: frames there are; None if the shot is broken.
        span: first to last frame, "1001-1040".
        gaps: frame numbers missing in between, as ranges.
        hints: a picture or so for each frame, one still for all, or none.
        hinted: frames that have a hint.
        hint_missing, hint_extra: plate frames without a hint, hints without a plate frame, as ranges.
        screen: its colour; None where it was not looked for, or none was seen.
        screen_note: what was seen of it.
        outputs: output name -> frames that have it.
        done: frames that have every output wanted.
        missing: the other frames, as ranges.
        problems: one line each, for people.
    """

    clip: Clip
    state: State = "ready"
    detail: str = ""
    count: int | None = None
    span: str = ""
    gaps: str = ""
    hints: Hints = "none"
    hinted: int = 0
    hint_missing: str = ""
    hint_extra: str = ""
    screen: Screen | None = None
    screen_note: str = ""
    outputs: Mapping[str, int] = field(default_factory=dict)
    done: int = 0
    missing: str = ""
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report for programs, paths as text."""
        clip = self.clip
        paths = ("folder", "plate", "hint", "videomama", "out")
        facts = ("state", "detail", "count", "span", "gaps", "hints", "hinted", "hint_missing", "hint_extra", "screen")
        return {
            "name": clip.name,
            "kind": clip.kind,
            **{name: None if (path := getattr(clip, name)) is None else str(path) for name in paths},
            **{name: getattr(self, name) for name in facts},
            "screen_note": self.screen_note,
            "outputs": dict(self.outputs),
            "done": self.done,
            "missing": self.missing,
            "problems": list(self.problems),
        }


def report(clip: Clip, *, screen: bool = True, outputs: Sequence[str] = DEFAULT_OUTPUTS) -> ClipReport:
    """Look at a shot; what is wrong with it is part of the report, not an error.

    Args:
        clip: from `find_clips`.
        screen: whether to detect the screen's colour, which reads some frames.
        outputs: the outputs that make a frame done.
    """
    try:
        if clip.fault:
            return ClipReport(clip, "broken", clip.fault, problems=(clip.fault,))
        return _report(clip, screen, outputs)
    except CorridorKeyError as error:
        return ClipReport(clip, "broken", str(error), problems=(str(error),))


def _report(clip: Clip, screen: bool, outputs: Sequence[str]) -> ClipReport:
    footage = find_footage(clip.plate)
    facts: dict[str, Any] = {"count": len(footage.frames), "span": _span(footage), "gaps": footage.gaps()}
    facts |= _hint_facts(clip, footage) | _done_facts(clip, footage, outputs)
    facts |= _screen_facts(footage) if screen else {}
    state, detail = _state(facts)
    return ClipReport(clip, state, detail, problems=(*_problems(clip, facts), *_videomama(clip)), **facts)


def _span(footage: Footage) -> str:
    first, last = footage.frames[0], footage.frames[-1]
    return str(first) if first == last else f"{first}-{last}"


def _hint_facts(clip: Clip, footage: Footage) -> dict[str, Any]:
    if clip.hint is None:
        return {"hints": "none"}
    hint = find_footage(clip.hint)
    if hint.is_still:
        return {"hints": "still", "hinted": len(footage.frames)}
    frames, hinted = set(footage.frames), set(hint.frames)
    return {
        "hints": "frames",
        "hinted": len(frames & hinted),
        "hint_missing": frames_text(frames - hinted),
        "hint_extra": frames_text(hinted - frames),
    }


def _done_facts(clip: Clip, footage: Footage, outputs: Sequence[str]) -> dict[str, Any]:
    stems = {number: frame_of(footage, number).stem for number in footage.frames}
    there = {name: stems_in(clip.out / FOLDERS[name][0], FOLDERS[name][1]) for name in outputs}
    whole = set.intersection(*there.values())
    missing = [number for number, stem in stems.items() if stem not in whole]
    return {
        "outputs": {name: len(found.intersection(stems.values())) for name, found in there.items()},
        "done": len(stems) - len(missing),
        "missing": frames_text(missing),
    }


def _screen_facts(footage: Footage) -> dict[str, Any]:
    import numpy as np

    from corridorkey.look import LOOKS, look_at_clip
    from corridorkey.media import pair_frames

    # The frames that a look at the whole clip takes; it then takes them all.
    at = np.unique(np.linspace(0, len(footage.frames) - 1, LOOKS).round().astype(int))
    numbers = [footage.frames[i] for i in at]
    try:
        look = look_at_clip(
            pair_frames(footage, None, FrameSpec(tuple(range(n, n + 1) for n in numbers))), KeySettings()
        )
    except ScreenError as error:
        return {"screen": None, "screen_note": str(error)}
    return {"screen": look.screen, "screen_note": look.notes[0]}


def _state(facts: Mapping[str, Any]) -> tuple[State, str]:
    count, outputs = facts["count"], facts["outputs"]
    if facts["done"] == count:
        return "done", ""
    if facts.get("hint_missing"):
        return "hints incomplete", f"{facts['hinted']} of {count}"
    if "screen" in facts and facts["screen"] is None:
        return "no screen seen", ""
    if all(outputs.values()):
        return "partly done", f"{facts['done']} of {count}"
    if some := [f"{FOLDERS[name][0]} {frames}" for name, frames in outputs.items() if frames]:
        return "partly done", f"{', '.join(some)} of {count}"
    return "ready", ""


def _problems(clip: Clip, facts: Mapping[str, Any]) -> list[str]:
    lines = []
    if facts["gaps"]:
        lines.append(f"gaps in the plate: {facts['gaps']}; they are kept")
    if facts.get("hint_missing"):
        lines.append(f"no hint for frames {facts['hint_missing']}; add them, or take {clip.hint} away to have all made")
    if facts.get("hint_extra"):
        lines.append(f"hints that belong to no plate frame: {facts['hint_extra']}")
    if 0 < facts["done"] < facts["count"]:
        lines.append(f"frames still to key: {facts['missing']}")
    if "screen" in facts and facts["screen"] is None:
        lines.append(facts["screen_note"])
    return lines


def _videomama(clip: Clip) -> list[str]:
    if clip.videomama is None:
        return []
    return [f"{clip.videomama.name} is there; it is for making an AlphaHint elsewhere, and is not used here"]
