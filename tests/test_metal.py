"""What only Apple's GPU can show. Each body is a function of the device, and the CPU runs those that it can, so that a
machine without Metal still knows that they work.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from tests.backends import MLX_BELONGS_HERE, NO_MLX

if not MLX_BELONGS_HERE:
    pytest.skip(NO_MLX, allow_module_level=True)

import mlx.core as mx

from corridorkey.checkpoint import read_checkpoint
from corridorkey.config import GreenFormerConfig
from corridorkey.hiera_plan import PATCH_STRIDE, block_plans
from corridorkey.weights import small_checkpoint
from corridorkey_mlx import load_greenformer, load_keyer
from corridorkey_mlx.attention import fused_dim
from parity import stages
from parity.backends import mlx_backend
from parity.compare import compare
from tests.conftest import TINY, write_synthetic

ROOT = Path(__file__).parent.parent
GPU = "gpu"
NO_METAL = "needs Apple's GPU"
metal = [pytest.mark.metal, pytest.mark.skipif(not mx.metal.is_available(), reason=NO_METAL)]
DEVICES = ["cpu", pytest.param(GPU, marks=metal)]
DTYPES = ["float32", "float16", "bfloat16"]
# Alpha and fg of TINY on the GPU against float32 on the CPU: float32 without TF32 sums in another order; half precision
# as test_random_networks.py derives it, ten roundoffs at most.
PARITY = {"float32": 2e-5, "float16": 10 * 2.0**-11, "bfloat16": 10 * 2.0**-8}


def frame(size, channels, seed=1):
    return np.random.default_rng(seed).standard_normal((1, *size, channels), np.float32)


def attentions(config: GreenFormerConfig, side: int = 128) -> list[tuple[int, int, int, int, int]]:
    """(windows, heads, queries, keys, head width) of every block on a square frame, each kind once."""
    tokens, kinds = (side // PATCH_STRIDE) ** 2, []
    for plan in block_plans(config):
        keys = plan.unit_tokens or tokens
        kinds.append((tokens // keys, plan.heads, keys // 4 if plan.pools else keys, keys, plan.dim_out // plan.heads))
        tokens //= 4 if plan.pools else 1
    return list(dict.fromkeys(kinds))


RELEASED = attentions(GreenFormerConfig())
KINDS = sorted({*RELEASED, *attentions(read_checkpoint(small_checkpoint())[1].config)})


def test_the_kinds_of_attention_are_the_released_networks():
    """Windows of 64, 16 and 4 queries, then the whole frame; heads of 56 in all of them."""
    assert [(queries, keys) for _, _, queries, keys, _ in RELEASED] == [
        (64, 64), (16, 64), (16, 16), (4, 16), (64, 64), (16, 64), (16, 16),
    ]  # fmt: skip
    assert {dim for *_, dim in RELEASED} == {56}
    assert {fused_dim(dim) for *_, dim in KINDS} == {64}


def fused_against_textbook(kind, dtype: str, **force) -> None:
    """Fused attention over padded heads on the default device, against float64."""
    windows, heads, queries, keys, dim = kind
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal((windows, heads, n, dim)) for n in (queries, keys, keys)]
    padding = [(0, 0)] * 3 + [(0, fused_dim(dim) - dim)]
    q, k, v = (mx.array(np.pad(each, padding).astype(np.float32)).astype(getattr(mx, dtype)) for each in arrays)
    got = mx.fast.scaled_dot_product_attention(q, k, v, scale=dim**-0.5, **force).astype(mx.float32)
    q, k, v = (np.array(each.astype(mx.float32), np.float64) for each in (q, k, v))
    scores = np.exp(q @ k.swapaxes(-1, -2) * dim**-0.5)
    wanted = scores / scores.sum(-1, keepdims=True) @ v
    # Float32 may be TF32 here; half precision rounds the scores, the weights and the sums.
    bound = {"float32": 2e-3, "float16": 2e-3, "bfloat16": 2e-2}[dtype]
    assert np.linalg.norm(np.array(got) - wanted) / np.linalg.norm(wanted) < bound
    assert not np.array(got)[..., dim:].any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("device", DEVICES)
def test_every_block_has_a_fused_kernel(device, kind, dtype):
    """force_fused raises where Metal would store every score."""
    with mx.stream(getattr(mx, device)):
        fused_against_textbook(kind, dtype, **({"force_fused": True} if device == GPU else {}))


def without_tf32(expression: str) -> str:
    """What one of this file's functions returns in a process of its own: MLX decides about TF32 when it starts."""
    code = f"from tests.test_metal import *; print({expression})"
    words, environment = [sys.executable, "-c", code], {**os.environ, "MLX_ENABLE_TF32": "0"}
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def parity_of(checkpoint: Path, device: str, dtype: str) -> float:
    """Largest difference of a device's prediction from float32 on the CPU."""
    x = frame((64, 96), TINY.channels)
    wanted = load_keyer(checkpoint, device="cpu").predict(x)
    got = load_keyer(checkpoint, dtype=dtype, device=device).predict(x)
    return float(max(np.abs(got.alpha - wanted.alpha).max(), np.abs(got.fg - wanted.fg).max()))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("device", DEVICES)
def test_a_device_predicts_as_the_cpu_does(device, dtype, tiny_checkpoint):
    difference = float(without_tf32(f"parity_of(Path({str(tiny_checkpoint)!r}), {device!r}, {dtype!r})"))
    assert difference < PARITY[dtype]
    if dtype != "float32":
        assert difference > 0  # it did compute in half precision


def golden_stages(device: str) -> list[str]:
    """The golden figures that a device misses."""
    with mx.stream(getattr(mx, device)):
        verdicts = list(compare(stages.network_pairs(mlx_backend())))
    assert len(verdicts) == 11
    return [str(verdict) for verdict in verdicts if not verdict.holds]


@pytest.mark.parametrize("device", [pytest.param(GPU, marks=metal)])  # on the CPU it is test_parity.py's
def test_the_golden_stages_hold(device):
    assert without_tf32(f"golden_stages({device!r})") == "[]"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("device", DEVICES)
def test_frames_one_after_another_keep_no_memory(device, dtype, tiny_checkpoint):
    keyer, x = load_keyer(tiny_checkpoint, dtype=dtype, device=device), frame((64, 96), TINY.channels)
    keyer.predict(x)  # the first frame makes what all share
    mx.synchronize()
    before = mx.get_active_memory()
    for _ in range(5):
        keyer.predict(x)
    mx.synchronize()
    assert mx.get_active_memory() - before < x.nbytes  # not even one of five frames is kept


@pytest.mark.parametrize("device", DEVICES)
def test_a_network_loads_in_half_of_float32s_memory_in_half_precision(device, tmp_path):
    path = write_synthetic(tmp_path / "wide.safetensors", GreenFormerConfig(depths=(1, 1, 1, 1), pos_grid=8, size=128))
    with mx.stream(getattr(mx, device)):
        used = []
        for dtype in ("float32", "float16"):
            before = mx.get_active_memory()
            model = load_greenformer(path, dtype=dtype)
            mx.eval(model.parameters())
            used.append(mx.get_active_memory() - before)
            del model
    assert used[1] < 0.55 * used[0]


def seconds_a_frame(device: str, dtype: str, size: tuple[int, int]) -> float:
    """The embedded checkpoint's time for a frame: median of three after a warm-up."""
    keyer, times = load_keyer(small_checkpoint(), dtype=dtype, device=device), []
    x = frame(size, keyer.contract.channels)
    for _ in range(4):
        started = time.perf_counter()
        assert np.isfinite(keyer.predict(x).alpha).all()
        times.append(time.perf_counter() - started)
    return median(times[1:])


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("device", DEVICES)
def test_a_frames_time_is_printed_and_never_decides(device, dtype, capsys):
    size = (736, 1280) if device == GPU else (32, 64)  # 720 is padded to a multiple of 32
    seconds = seconds_a_frame(device, dtype, size)
    with capsys.disabled():
        print(f"\nembedded checkpoint, {size[1]}x{size[0]}, {dtype}, {device}: {seconds:.3f} s a frame")
