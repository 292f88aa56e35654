"""A hub and an empty cache for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from corridorkey.weights import accept_licence, cache_folder, fetch_weights
from tests.weights.stand_ins import Hub, convert, released_bytes, start_hub

GREEN = "nikopueringer/CorridorKey_v1.0/CorridorKey_v1.0.safetensors"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A hub with green's safetensors file; HF_ENDPOINT names it, the user's token is out of reach."""
    hub, server = start_hub()
    hub.files[GREEN] = released_bytes()
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    # Else the client asks the real hub, as named when it was imported, about the program that runs it.
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    huggingface_hub.close_session()
    yield hub
    huggingface_hub.close_session()
    if hub.silent:
        hub.silent.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def get(hub: Hub):
    """`fetch_weights` of green with the stand-in converter, the licence accepted."""
    accept_licence()

    def run(screen="green", **options):
        return fetch_weights(screen, convert=convert, **options)

    return run


def parts() -> list[int]:
    """Sizes of the unfinished downloads."""
    return [path.stat().st_size for path in cache_folder().rglob("*.part")]


def use_tiny_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the command line, which has no argument for it."""
    monkeypatch.setattr("corridorkey.weights.store.released_converter", lambda: convert)
