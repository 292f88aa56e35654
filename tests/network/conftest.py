"""One body, two backends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from corridorkey.types import Array
from parity.backends import Backend, no_gradients
from tests.backends import BACKENDS, NAMES, on_cpu


@pytest.fixture(params=NAMES)
def network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """Each network in turn, on the CPU."""
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cpu")
    with on_cpu(request.param), no_gradients():
        yield BACKENDS[request.param]()


def inputs(h: int, w: int, channels: int = 8, seed: int = 1) -> Array:
    """A prepared frame of noise, (1, h, w, channels)."""
    return np.random.default_rng(seed).standard_normal((1, h, w, channels), np.float32)
