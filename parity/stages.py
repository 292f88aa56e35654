"""What is compared with the golden figures: prepare, each stage of either network, finish."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from corridorkey.checkpoint import CheckpointInfo, write_checkpoint
from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.finish import finish
from corridorkey.prepare import prepare
from corridorkey.shapes import tensor_shapes
from corridorkey.types import Array, Guide, Plate, Prediction, Space
from parity.backends import Backend, backends, no_gradients, on_cpu
from parity.compare import Pair
from parity.mirror import mirror_pairs
from parity.synthetic import synthetic_weights

GOLDEN = Path(__file__).parent / "golden"
NETWORK = GreenFormerConfig(pos_grid=32, size=128)  # the released network at the golden figures' size
SIZES = {"wide": (135, 240), "tall": (180, 100), "small": (72, 96)}


def golden(name: str) -> dict[str, Array]:
    """The arrays of one golden file.

    Raises:
        FileNotFoundError: it is missing; parity without its figures is no parity.
    """
    with np.load(GOLDEN / f"{name}.npz") as file:
        return dict(file)


def prepare_pairs() -> Iterator[Pair]:
    """Six prepared frames."""
    figures = golden("prepare")
    spaces: tuple[Space, ...] = ("srgb", "linear")
    for case in SIZES:
        for space in spaces:
            plate = Plate(figures[f"{case}.rgb"], space)
            x = prepare(plate, Guide(figures[f"{case}.hint"]), NETWORK)
            yield Pair(f"prepare {space}", case, x, figures[f"{case}.x_{space}"])


def network_pairs(backend: Backend) -> Iterator[Pair]:
    """The whole network at 128², stage by stage, then at 192² with its pos_embed resampled."""
    with tempfile.TemporaryDirectory() as folder, no_gradients():
        path = Path(folder) / "synthetic.safetensors"
        write_checkpoint(path, synthetic_weights(tensor_shapes(NETWORK)), CheckpointInfo(NETWORK, "synthetic"))

        figures = golden("greenformer_128")
        model, x = backend.load_greenformer(path, size=128), backend.array(figures["x"])

        def pair(row: str, got: Any, figure: str) -> Pair:
            return Pair(f"network {row}", backend.name, backend.numpy(got), figures[figure])

        features = model.encode(x)
        for stage, feature in enumerate(features, start=1):
            yield pair(f"encode stage{stage}", feature, f"stage{stage}")
        alpha_logits, fg_logits = model.decode(features)
        yield pair("decode alpha_logits", alpha_logits, "alpha_logits")
        yield pair("decode fg_logits", fg_logits, "fg_logits")
        delta = model.refine(x, model.base(x).plus(model.coarse(x, alpha_logits, fg_logits)))
        yield pair("refine delta_logits", delta, "delta_logits")
        alpha, fg = model(x)
        yield pair("alpha", alpha, "alpha")
        yield pair("fg", fg, "fg")

        figures = golden("greenformer_192_resampled")
        alpha, fg = backend.load_greenformer(path, size=192)(backend.array(figures["x"]))
        yield pair("resampled alpha", alpha, "alpha")
        yield pair("resampled fg", fg, "fg")


def finish_pairs() -> Iterator[Pair]:
    """Six finished frames; the ancestor's alpha and fg are clamped here, its processed and comp in their own keys."""
    figures = golden("finish")
    tags = {"default": KeySettings("green", despill=1.0, despeckle=int(figures["despeckle_size"]))}
    tags["half"] = KeySettings("green", despill=0.5, despeckle=0)
    for case, size in SIZES.items():
        plate = Plate(np.zeros((*size, 3), np.float32), "srgb")
        for tag, settings in tags.items():
            keyed = finish(Prediction(figures[f"{case}.alpha"], figures[f"{case}.fg"]), plate, settings)
            at = f"{case}.{tag}"
            yield Pair("finish alpha", at, keyed.alpha, figures[f"{at}.alpha"].clip(0, 1))
            yield Pair("finish fg", at, keyed.fg, figures[f"{at}.fg"].clip(0, 1))
            yield Pair("finish processed", at, keyed.processed, figures[f"{at}.clamped.processed"])
            yield Pair("finish comp", at, keyed.comp, figures[f"{at}.clamped.comp"])


def all_pairs() -> Iterator[Pair]:
    """Everything, in the order of a frame's journey."""
    yield from prepare_pairs()
    for backend in backends():
        with on_cpu(backend.name):
            yield from network_pairs(backend)
    yield from finish_pairs()
    yield from mirror_pairs()
