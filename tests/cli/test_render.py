"""`ck render`."""

from __future__ import annotations

import numpy as np
import pytest

from corridorkey.render import frames
from corridorkey.render.layer import Layer


def test_layers_are_written_once(ck, tmp_path, monkeypatch):
    monkeypatch.setattr(
        frames, "render_layer", lambda seed, size: Layer(np.ones((*size, 4), "f4"), np.ones((*size, 3), "f4"))
    )
    words = ("render", tmp_path / "layers", "--frames", 2, "--size", "24x16", "--seed", 5)
    first, second = ck(*words), ck(*words)
    assert first.code == second.code == 0, first.err
    assert "2 rendered, of 2" in first.out
    assert "0 rendered, of 2" in second.out
    assert sorted(p.name for p in (tmp_path / "layers").iterdir()) == ["0000005.exr", "0000006.exr"]


@pytest.mark.parametrize("words", [("--size", "384"), ("--part", "2/2")])
def test_what_cannot_be_is_refused(ck, tmp_path, words):
    result = ck("render", tmp_path, "--frames", 1, *words)
    assert result.code == 2
    assert words[0] in result.err
