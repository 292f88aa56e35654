"""Shots as folders, laid out as the ancestor has them: Input, AlphaHint, VideoMamaMaskHint, Output."""

from corridorkey.clips.find import Clip, find_clips, shots_in
from corridorkey.clips.make_hints import lacks_hints, make_hints
from corridorkey.clips.organise import Move, Plan, organise, plan_shots
from corridorkey.clips.report import ClipReport, report

__all__ = [
    "Clip",
    "ClipReport",
    "Move",
    "Plan",
    "find_clips",
    "lacks_hints",
    "make_hints",
    "organise",
    "plan_shots",
    "report",
    "shots_in",
]
