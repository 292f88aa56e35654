"""Shots one after the other: a shot that fails does not keep the next from being keyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from corridorkey.cli.clips import aligned
from corridorkey.cli.voice import TextVoice, Voice
from corridorkey.clips import Clip
from corridorkey.errors import SOME_FRAMES_FAILED, CorridorKeyError, MediaError


@dataclass(slots=True)
class Summary:
    """What became of each shot.

    Attributes:
        results: (shot name, what happened, where its outputs are) for each shot; names need not differ.
        codes: exit code of each shot that was come to: 0, 3 for some frames failed, or its error's.
        total: how many shots there were to key.
        verb: what is done to them, "keyed" or "planned".
    """

    total: int
    verb: str = "keyed"
    results: list[tuple[str, str, str]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 if all went well, 3 if some shots or frames failed; if no shot was keyed, their common code, else 1."""
        if not any(self.codes):
            return 0
        if any(code in (0, SOME_FRAMES_FAILED) for code in self.codes):
            return SOME_FRAMES_FAILED
        return self.codes[0] if len(set(self.codes)) == 1 else 1

    def lines(self) -> list[str]:
        """The table that ends a run."""
        keyed = self.codes.count(0)
        return ["", f"{keyed} of {self.total} shots {self.verb}", *("  " + line for line in aligned(self.results))]


def key_several(
    clips: Sequence[Clip], key_one: Callable[[Clip], None], voice: Voice | None = None, verb: str = "keyed"
) -> Summary:
    """Key shots in order, go on when one fails, and end with a summary, also when stopped.

    Args:
        clips: from `find_clips`.
        key_one: keys one; raises what `ck key` raises, and SystemExit(3) for frames that failed.
        voice: tells of it; None tells people.
        verb: what `key_one` does to a shot.
    Returns:
        What became of them; `exit_code` is the command's. One shot alone has neither heading nor summary.
    Raises:
        CorridorKeyError: from the shot, if it is the only one.
    """
    voice, summary = voice or TextVoice(), Summary(len(clips), verb)
    try:
        for at, clip in enumerate(clips, 1):
            voice.shot(clip, at, len(clips))
            words, code = "stopped", None
            try:
                code = _key(clip, key_one)
                words = "some frames failed, see above" if code else verb
            except CorridorKeyError as error:
                code, words = error.exit_code, "failed, see above"
                if len(clips) == 1:
                    raise
                voice.shot_failed(clip, error)
            finally:
                summary.results.append((clip.name, words, str(clip.out)))
                voice.shot_end(words, code)
            summary.codes.append(code)
    finally:
        summary.results += [(clip.name, "not begun", str(clip.out)) for clip in clips[len(summary.results) :]]
        if len(clips) > 1:
            voice.summary(summary)
    return summary


def _key(clip: Clip, key_one: Callable[[Clip], None]) -> int:
    if clip.fault:
        raise MediaError(clip.fault)
    try:
        key_one(clip)
    except SystemExit as stopped:
        if stopped.code != SOME_FRAMES_FAILED:
            raise
        return SOME_FRAMES_FAILED
    return 0
