"""Every method by its name: the baselines here; a checkpoint is a `KeyerMethod`."""

from __future__ import annotations

from corridorkey.errors import SettingsError
from corridorkey.evaluation.baselines.baseline import Baseline
from corridorkey.evaluation.baselines.closed_form import ClosedForm
from corridorkey.evaluation.baselines.despilled import Despilled, Untouched
from corridorkey.evaluation.baselines.ffmpeg import ChromaKey, FfmpegDespill
from corridorkey.evaluation.baselines.gstreamer import GstAlpha
from corridorkey.evaluation.baselines.multilevel import Multilevel
from corridorkey.evaluation.baselines.soft_key import SoftKey
from corridorkey.evaluation.contract import Method, Result
from corridorkey.evaluation.keyer_method import KeyerMethod
from corridorkey.evaluation.perfect import PerfectMatte

BASELINES = {
    baseline.name: baseline
    for baseline in (
        Baseline("soft-key", SoftKey(), Despilled()),
        Baseline("soft-key-ml", SoftKey(), Multilevel()),
        Baseline("closed-form", ClosedForm(), Multilevel()),
        Baseline("chromakey", ChromaKey(), FfmpegDespill()),
        Baseline("chromakey-10bit", ChromaKey(bits=10), FfmpegDespill()),
        Baseline("gstreamer", GstAlpha(), Despilled()),
        Baseline("plate", SoftKey(), Untouched()),
    )
}
METHODS = tuple(BASELINES)
BOUND = PerfectMatte()
NAMES = (*METHODS, BOUND.name)


def method(name: str) -> Method:
    """A baseline with its default settings, or the bound; what it needs is looked for when it keys.

    Args:
        name: one of NAMES.
    Raises:
        SettingsError: no such method.
    """
    if name not in NAMES:
        raise SettingsError(f"method {name!r}: use a checkpoint or one of {', '.join(NAMES)}")
    return BOUND if name == BOUND.name else BASELINES[name]


__all__ = ["BASELINES", "METHODS", "NAMES", "Baseline", "KeyerMethod", "Method", "Result", "method"]
