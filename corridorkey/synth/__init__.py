"""Rendered shots with exact truth: alpha, straight fg free of spill, clean plate. For the demo, tests and training."""

from corridorkey.synth.shot import SynthFrame, render_shot
from corridorkey.synth.style import SUBJECTS, ShotStyle
from corridorkey.synth.textures import Textures

__all__ = ["SUBJECTS", "ShotStyle", "SynthFrame", "Textures", "render_shot"]
