"""Shared by all tests: small networks that cost nothing to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from corridorkey.checkpoint import CheckpointInfo, write_checkpoint
from corridorkey.config import GreenFormerConfig
from corridorkey.shapes import tensor_shapes
from parity.synthetic import synthetic_weights

# The same examples in every run, and a busy machine fails none.
settings.register_profile("ck", deadline=None, derandomize=True)
settings.load_profile("ck")

TINY = GreenFormerConfig(
    inputs=("rgb", "hint", "key", "screen"),
    embed_dim=8,
    depths=(1, 1, 2, 1),
    heads=(1, 1, 2, 2),
    decoder_dim=8,
    refiner_width=8,
    refiner_dilations=(1, 2),
    pos_grid=16,
    base="unmixed",
    screen="any",
    sizing="aspect",
    size=128,
)


def write_synthetic(path: Path, config: GreenFormerConfig, seed: int = 1) -> Path:
    """A checkpoint of `config` with synthetic weights."""
    write_checkpoint(path, synthetic_weights(tensor_shapes(config), seed), CheckpointInfo(config, "synthetic"))
    return path


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint with the small network's contract and almost no weights."""
    return write_synthetic(tmp_path_factory.mktemp("weights") / "tiny.safetensors", TINY)


@pytest.fixture(autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache folder of its own and empty, for this process and those it starts."""
    folder = tmp_path_factory.mktemp("cache")
    for name in ("XDG_CACHE_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture(autouse=True)
def user_ck_toml(user_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own ck.toml would lie, for this process and those it starts; its folder is there and empty."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(user_cache / "config"))
    monkeypatch.setattr("corridorkey.config_file.user_config_path", lambda *_, **__: user_cache / "config/corridorkey")
    (user_cache / "config/corridorkey").mkdir(parents=True)
    return user_cache / "config/corridorkey/ck.toml"
