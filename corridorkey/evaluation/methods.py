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


def method(name: str) -> Baseline:
    """A baseline with its default settings; what it needs is looked for when it keys.

    Args:
        name: one of METHODS.
    Raises:
        SettingsError: no such baseline.
    """
    if name not in BASELINES:
        raise SettingsError(f"method {name!r}: use a checkpoint or one of {', '.join(METHODS)}")
    return BASELINES[name]


__all__ = ["BASELINES", "METHODS", "Baseline", "KeyerMethod", "Method", "Result", "method"]
