"""MLX against Torch on networks, frames and dtypes that nobody chose."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.pipeline import key_frame
from corridorkey.types import Array, Guide, Plate, Prediction
from tests.backends import BACKENDS, needs_mlx
from tests.conftest import write_synthetic

pytestmark = needs_mlx

# Float32 sums in another order: 3e-7 is usual, 1.8e-6 the most in 160 random networks. A wrong eps, tap, window or
# channel is above 1e-4.
LARGEST = 5e-6
# Half precision against Torch's float32, either backend, in units of the roundoff u (2⁻¹¹ and 2⁻⁸). Each rounding of a
# weight or an activation is a relative error of up to u, independent of the others; some fifty lie on each path to a
# logit of about 1, and the sigmoid's slope is at most ¼: √50 · u/√3 · ¼ = 1.0 u, root mean square. In 160 random
# networks it was 0.75 u at most, and the largest value of a frame 4.4 u; the bounds are twice the one and the other.
ROUNDOFF = {"float16": 2.0**-11, "bfloat16": 2.0**-8}
HALF_RMS, HALF_LARGEST = 1.5, 9.0
# An unmixed base divides by alpha, and magnifies what is off in it: up to 17 u in colours that are hardly seen. There,
# the largest of fg is held to that bound as it is seen: times alpha.
# At least eight numbers a token: LayerNorm over four can meet four nearly equal ones, and magnifies their roundings.
EMBED_DIMS = [8, 12, 16, 20, 24]

SIDES = st.sampled_from([32, 64, 96])
STRENGTHS = st.sampled_from([0.0, 0.5, 1.0, 2.0])


@dataclass(frozen=True)
class Case:
    """A network and a frame's size."""

    config: GreenFormerConfig
    weights: int
    size: tuple[int, int]
    strength: float

    def noise(self) -> Array:
        """A prepared frame."""
        shape = (1, *self.size, self.config.channels)
        return np.random.default_rng(self.weights).standard_normal(shape, np.float32)


@st.composite
def cases(draw) -> Case:
    embed_dim = draw(st.sampled_from(EMBED_DIMS))
    inputs = ("rgb", "hint", *draw(st.permutations(["key", "screen"]))[: draw(st.integers(0, 2))])
    small = st.integers(1, 2)
    config = GreenFormerConfig(
        inputs=inputs,
        embed_dim=embed_dim,
        depths=draw(st.tuples(small, small, small, small)),
        heads=tuple(draw(st.sampled_from([n for n in (1, 2, 4) if not (embed_dim << i) % n])) for i in range(4)),
        decoder_dim=draw(st.sampled_from([1, 4, 8, 12])),
        refiner_width=draw(st.sampled_from([8, 16])),
        refiner_dilations=tuple(draw(st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=3))),
        refiner_gain=draw(st.sampled_from([1.0, 10.0])),
        pos_grid=draw(st.sampled_from([1, 3, 8, 16, 24])),
        base=draw(st.sampled_from(["none", "unmixed"])) if {"key", "screen"} <= set(inputs) else "none",
        screen=draw(st.sampled_from(["green", "blue", "any"])),
        sizing=draw(st.sampled_from(["square", "aspect"])),
        size=draw(SIDES),
    )
    return Case(config, draw(st.integers(0, 9999)), (draw(SIDES), draw(SIDES)), draw(STRENGTHS))


@contextmanager
def checkpoint(case: Case) -> Iterator[Path]:
    """The network's weights, on disk as ever."""
    with tempfile.TemporaryDirectory() as folder:
        yield write_synthetic(Path(folder) / "random.safetensors", case.config, case.weights)


def both(prediction: Prediction) -> Array:
    """Alpha and fg in one array, float64."""
    return np.concatenate([prediction.alpha, prediction.fg], axis=-1).astype(np.float64)


def predict(path: Path, case: Case, backend: str, dtype: str = "float32") -> Array:
    """A frame of noise through one backend."""
    keyer = BACKENDS[backend]().load_keyer(path, dtype=dtype, device="cpu")
    return both(keyer.predict(case.noise(), case.strength))


def seen(error: Array, whole: Array, case: Case) -> Array:
    """What is off in alpha and fg, fg times alpha where it is unmixed by it."""
    return error * np.insert(whole[..., [0, 0, 0]], 0, 1, axis=-1) if case.config.base == "unmixed" else error


def the_predictions_are_one(case: Case) -> None:
    with checkpoint(case) as path:
        torch, mlx = (predict(path, case, backend) for backend in ("torch", "mlx"))
    assert np.abs(mlx - torch).max() < LARGEST


def half_precision_costs_no_more_than_its_roundings(case: Case) -> None:
    with checkpoint(case) as path:
        whole = predict(path, case, "torch")
        for dtype, roundoff in ROUNDOFF.items():
            for backend in ("torch", "mlx"):
                error = (predict(path, case, backend, dtype) - whole) / roundoff
                assert np.sqrt(np.square(error).mean()) < HALF_RMS, (backend, dtype)
                assert np.abs(seen(error, whole, case)).max() < HALF_LARGEST, (backend, dtype)


def smooth(rng: np.random.Generator, size: tuple[int, int], channels: int) -> Array:
    """Colours that vary slowly, with some noise, 0..1."""
    coarse = rng.random((size[0] // 16 + 1, size[1] // 16 + 1, channels))
    large = coarse.repeat(16, 0).repeat(16, 1)[: size[0], : size[1]]
    return np.clip(large + 0.05 * rng.standard_normal(large.shape), 0, 1).astype(np.float32)


def keyed_frames_are_one(case: Case, screen: str, space: str, odd: tuple[int, int]) -> None:
    """From plate to finished frame: sides that are no multiples of 32, both transfer curves, both screens."""
    size = case.size[0] - odd[0], case.size[1] - odd[1]
    rng = np.random.default_rng(case.weights)
    plate = Plate(smooth(rng, size, 3), space)
    masks = smooth(rng, size, 3)
    guide = Guide(masks[..., 0], screen, masks[..., 1], smooth(rng, size, 3), masks[..., 2])
    wanted = KeySettings(refiner_scale=case.strength, despeckle=0)
    with checkpoint(case) as path:
        keyers = [BACKENDS[backend]().load_keyer(path, device="cpu") for backend in ("torch", "mlx")]
        torch, mlx = (key_frame(plate, guide, keyer, wanted) for keyer in keyers)
    assert mlx.alpha.shape == (*size, 1)
    assert np.abs(mlx.alpha.astype(np.float64) - torch.alpha).max() < LARGEST
    assert np.abs(mlx.fg.astype(np.float64) - torch.fg).max() < LARGEST


FRAMES = {
    "screen": st.sampled_from(["green", "blue"]),
    "space": st.sampled_from(["srgb", "linear"]),
    "odd": st.tuples(st.integers(0, 31), st.integers(0, 31)),
}


@settings(max_examples=25)
@given(cases())
def test_predictions_are_one(case):
    the_predictions_are_one(case)


@settings(max_examples=6)
@given(cases())
def test_half_precision_costs_no_more_than_its_roundings(case):
    half_precision_costs_no_more_than_its_roundings(case)


@settings(max_examples=15)
@given(case=cases(), **FRAMES)
def test_keyed_frames_are_one(case, screen, space, odd):
    keyed_frames_are_one(case, screen, space, odd)


@pytest.mark.slow
@settings(max_examples=120)
@given(cases())
def test_predictions_of_many_networks_are_one(case):
    the_predictions_are_one(case)


@pytest.mark.slow
@settings(max_examples=50)
@given(cases())
def test_half_precision_of_many_networks_costs_no_more_than_its_roundings(case):
    half_precision_costs_no_more_than_its_roundings(case)


@pytest.mark.slow
@settings(max_examples=60)
@given(case=cases(), **FRAMES)
def test_keyed_frames_of_many_networks_are_one(case, screen, space, odd):
    keyed_frames_are_one(case, screen, space, odd)
