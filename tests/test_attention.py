"""MLX's attention against the textbook in float64: padded heads and chunks of queries change no result."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.backends import MLX_BELONGS_HERE, NO_MLX, on_cpu

if not MLX_BELONGS_HERE:
    pytest.skip(NO_MLX, allow_module_level=True)

import mlx.core as mx

from corridorkey.hiera_plan import BlockPlan
from corridorkey_mlx import attention
from corridorkey_mlx.attention import attend, fused_dim
from corridorkey_mlx.hiera import MaskUnitAttention
from corridorkey_mlx.load import pad_heads
from parity.synthetic import synthetic_weights

# Head width, heads, tokens of a window (0: all), whether queries are pooled.
WINDOWED = (56, 2, 16, False)
CASES = [
    (8, 2, 0, False),
    (8, 1, 64, True),
    WINDOWED,
    (56, 4, 16, True),  # block 5 of the released network: 4 queries, 16 keys
    (56, 2, 0, True),
    (64, 2, 0, True),
    (64, 1, 4, False),
    (80, 2, 64, True),
    (80, 3, 0, False),
]
TOKENS, BATCH, DIM_IN = 128, 2, 24


@pytest.fixture(autouse=True, params=["fused", "on_cpu"])
def chunks(request, monkeypatch):
    """Both ways to attend, on the CPU; the shapes of what each was given. The GPU has test_metal.py."""
    attend_chunk, seen = getattr(attention, f"_attend_{request.param}"), []

    def watched(q, k, v, scale):
        seen.append((q.shape, k.shape))
        return attend_chunk(q, k, v, scale)

    monkeypatch.setattr(attention, "_attend_on_cpu", watched)
    with on_cpu("mlx"):
        yield seen


def make(case):
    """A block's plan, its weights as a checkpoint has them, and the filled attention."""
    dim, heads, unit, pools = case
    plan = BlockPlan(DIM_IN, dim * heads, heads, unit, pools, ends_stage=False)
    shapes = {"a.qkv.weight": (3 * plan.dim_out, DIM_IN), "a.qkv.bias": (3 * plan.dim_out,)}
    shapes |= {"a.proj.weight": (plan.dim_out, plan.dim_out), "a.proj.bias": (plan.dim_out,)}
    weights, layer = synthetic_weights(shapes), MaskUnitAttention(plan)
    padded = dict(weights)
    pad_heads(padded, "a", layer)
    layer.load_weights([(name[2:], mx.array(array)) for name, array in padded.items()])
    return plan, weights, padded, layer


def softmax_attention(q, k, v):
    """softmax(q kᵀ / √dim) v in float64; (..., tokens, dim)."""
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    scores = np.exp(scores - scores.max(-1, keepdims=True))
    return scores / scores.sum(-1, keepdims=True) @ v


def textbook(plan, weights, x):
    """One frame's windows in turn: (N, dim_in) to (N or N/4, dim_out), float64, heads as wide as they are."""
    weights = {name: array.astype(np.float64) for name, array in weights.items()}
    size, dim, rows = plan.unit_tokens or len(x), plan.dim_out // plan.heads, []
    for first in range(0, len(x), size):
        qkv = x[first : first + size] @ weights["a.qkv.weight"].T + weights["a.qkv.bias"]
        q, k, v = qkv.reshape(size, 3, plan.heads, dim).transpose(1, 2, 0, 3)
        if plan.pools:
            # Of a mask unit's tokens, each quarter is one offset in the 2×2 squares.
            unit = plan.unit_tokens or 4
            units = q.reshape(plan.heads, size // unit, 4, unit // 4, dim)
            q = np.maximum.reduce([units[:, :, offset] for offset in range(4)]).reshape(plan.heads, -1, dim)
        rows.append(softmax_attention(q, k, v).transpose(1, 0, 2).reshape(-1, plan.dim_out))
    return np.concatenate(rows) @ weights["a.proj.weight"].T + weights["a.proj.bias"]


def frames():
    return np.random.default_rng(1).standard_normal((BATCH, TOKENS, DIM_IN), np.float32) * 2


@pytest.mark.parametrize("case", CASES)
def test_padded_heads_and_windows_give_the_textbooks_attention(case):
    plan, weights, _, layer = make(case)
    x = frames()
    got = np.array(layer(mx.array(x)))
    assert got.shape == (BATCH, TOKENS // 4 if plan.pools else TOKENS, plan.dim_out)
    wanted = np.stack([textbook(plan, weights, frame.astype(np.float64)) for frame in x])
    assert np.linalg.norm(got - wanted) / np.linalg.norm(wanted) < 2e-6


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scores", [1, 1000, 20_000])
def test_chunks_of_queries_change_nothing(case, scores, monkeypatch, chunks):
    plan, _, _, layer = make(case)
    x = mx.array(frames())
    whole = np.array(layer(x))
    chunks.clear()
    monkeypatch.setattr(attention, "MOST_SCORES", scores)
    np.testing.assert_allclose(np.array(layer(x)), whole, rtol=1e-5, atol=2e-6)
    window = plan.unit_tokens or TOKENS
    queries = window // 4 if plan.pools else window
    one_query = BATCH * TOKENS // window * plan.heads * window  # scores of one, in every window and head
    seen = [math.prod(q[:3]) * k[2] for q, k in chunks]
    assert sum(seen) == queries * one_query
    assert max(seen) <= max(scores, one_query)
    assert len(seen) == -(-queries // max(1, scores // one_query))


def test_a_last_chunk_may_be_smaller(monkeypatch):
    q, k, v = (mx.array(np.random.default_rng(n).standard_normal((3, 2, 10, 64), np.float32)) for n in range(3))
    whole = np.array(attend(q, k, v, 0.125))
    monkeypatch.setattr(attention, "MOST_SCORES", 4 * 3 * 2 * 10)  # four queries of ten
    np.testing.assert_allclose(np.array(attend(q, k, v, 0.125)), whole, rtol=1e-5, atol=1e-6)
    wanted = softmax_attention(*(np.array(each, np.float64) for each in (q, k, v)))
    np.testing.assert_allclose(whole, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [mx.float16, mx.bfloat16])
def test_the_softmax_sums_in_float32_in_half_precision(dtype):
    """8192 keys of one weight: in half precision that sum stops at 2048, and ten times it is beyond float16."""
    q, k, v = (mx.full((1, 1, tokens, 64), value).astype(dtype) for tokens, value in ((1, 1), (8192, 1), (8192, 10)))
    got = np.array(attend(q, k, v, 0.125).astype(mx.float32))
    np.testing.assert_allclose(got, 10, rtol=2**-7)


def test_large_scores_do_not_overflow():
    q, k = (mx.full((1, 1, tokens, 64), 60.0) for tokens in (3, 5))  # scores of 230 400, softmax of 1/5 each
    v = mx.array(np.random.default_rng(1).standard_normal((1, 1, 5, 64), np.float32))
    wanted = np.broadcast_to(np.array(v).mean(2, keepdims=True), (1, 1, 3, 64))
    np.testing.assert_allclose(np.array(attend(q, k, v, 1.0)), wanted, atol=1e-6)


def test_heads_are_padded_to_a_width_that_has_a_fused_kernel():
    assert [fused_dim(dim) for dim in (1, 8, 56, 64, 65, 72, 80, 128)] == [64, 64, 64, 64, 128, 128, 128, 128]
    assert fused_dim(160) == 160  # beyond every kernel: as it is


@pytest.mark.parametrize("case", CASES)
def test_padding_puts_zeros_behind_each_head_and_moves_nothing_else(case):
    plan, weights, padded, layer = make(case)
    dim, wide = plan.dim_out // plan.heads, layer.width
    for name, axis, heads in (
        ("qkv.weight", 0, 3 * plan.heads),
        ("qkv.bias", 0, 3 * plan.heads),
        ("proj.weight", 1, plan.heads),
    ):
        before, after = (np.moveaxis(each[f"a.{name}"], axis, 0) for each in (weights, padded))
        after = after.reshape(heads, wide, -1)
        np.testing.assert_array_equal(after[:, :dim], before.reshape(heads, dim, -1))
        assert not after[:, dim:].any()
    np.testing.assert_array_equal(padded["a.proj.bias"], weights["a.proj.bias"])
    assert {name: array.dtype for name, array in padded.items()} == {
        name: array.dtype for name, array in weights.items()
    }


def test_the_scale_is_the_unpadded_heads():
    assert make(WINDOWED)[3].scale == 56**-0.5
