"""`ck evaluate` on small folders."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from corridorkey.evaluation.report import read_report
from tests.cli.conftest import write_shot


@pytest.fixture
def cutouts(tmp_path):
    folder = tmp_path / "cutouts"
    folder.mkdir()
    y, x = np.mgrid[0:64, 0:96]
    for k, width in enumerate((20, 26)):
        alpha = np.clip((width - np.hypot(x - 48, y - 32)) / 4, 0, 1) * 255
        rgba = np.dstack((np.full((64, 96), 200), np.full((64, 96), 90 + 40 * k), np.full((64, 96), 60), alpha))
        Image.fromarray(rgba.astype(np.uint8), "RGBA").save(folder / f"{k}.png")
    return folder


def test_a_checkpoint_beside_a_baseline_on_cutouts(ck, tmp_path, cutouts, tiny_checkpoint):
    out = tmp_path / "out"
    words = ("evaluate", tiny_checkpoint, "soft-key", "--suite", cutouts, "--quick", "--hint", "chroma")
    result = ck(*words, "--hint", "truth", "--no-tune", "-o", out)
    assert result.code == 0, result.err
    for word in ("tiny", "tiny, true hint", "soft-key", "mse_transition", "spill", "IS BETTER ON", "cut-out"):
        assert word in result.out
    report = read_report(out / "scores.json")
    assert [m.method for m in report.methods] == ["tiny", "tiny, true hint", "soft-key"]
    assert all(len(m.frames) == 2 for m in report.methods)
    assert sorted(p.name for p in out.glob("*.png")) == ["soft-key.png", "tiny-true-hint.png", "tiny.png"]


def test_json_alone_is_on_stdout(ck, cutouts):
    result = ck("evaluate", "soft-key", "--suite", cutouts, "--quick", "--no-tune", "--json")
    assert result.code == 0, result.err
    facts = json.loads(result.out)
    assert facts["methods"][0]["mean"]["mse"] < 0.1
    assert len(facts["methods"][0]["frames"]) == 2


def test_a_perfect_matte_is_a_bound_beside_the_others(ck, cutouts):
    result = ck("evaluate", "soft-key", "perfect-matte", "--suite", cutouts, "--quick", "--no-tune", "--json")
    assert result.code == 0, result.err
    keyed, perfect = (method["mean"] for method in json.loads(result.out)["methods"])
    assert perfect["mse"] == 0 < keyed["mse"]
    assert perfect["fg_transition"] < keyed["fg_transition"]


def test_a_tuned_baseline_and_its_oracle_have_columns(ck, cutouts):
    result = ck("evaluate", "soft-key", "--suite", cutouts, "--quick", "--oracle", "--json")
    assert result.code == 0, result.err
    facts = json.loads(result.out)
    tuned, best = facts["methods"]
    assert facts["settings"]["soft-key"].startswith("SoftKey(")
    assert best["method"] == "soft-key, oracle"
    assert best["mean"]["mse"] <= tuned["mean"]["mse"] + 1e-9


def test_plates_without_truth_get_figures_without_it(ck, tmp_path, tiny_checkpoint):
    plates = write_shot(tmp_path / "plates", range(1001, 1003))
    result = ck("evaluate", tiny_checkpoint, "soft-key", "--suite", plates, "--hint", "truth", "-o", tmp_path / "out")
    assert result.code == 0, result.err
    assert "veil" in result.out
    assert "mse" not in result.out
    assert (tmp_path / "out" / "soft-key.png").stat().st_size > 1000


@pytest.mark.parametrize(("words", "says"), [
    (("nonsense",), "nonsense"),
    (("soft-key", "--suite", "nowhere"), "nowhere"),
    (("soft-key", "soft-key"), "each once"),
    ((), "METHOD"),
])  # fmt: skip
def test_what_cannot_be_evaluated_is_named(ck, tmp_path, cutouts, words, says):
    words = words if "--suite" in words or not words else (*words, "--suite", cutouts, "--no-tune")
    result = ck("evaluate", *words)
    assert result.code == 2
    assert says in result.err


def test_a_suite_is_gone_through_twice_whatever_the_number_of_baselines(ck, cutouts, monkeypatch):
    from corridorkey.evaluation import cutouts as suite

    composed, compose = [], suite.compose
    monkeypatch.setattr(suite, "compose", lambda *words: composed.append(words) or compose(*words))
    result = ck("evaluate", "soft-key", "chromakey", "plate", "--suite", cutouts, "--quick")
    assert result.code == 0, result.err
    assert len(composed) == 4
    assert "chromakey: ChromaKey(similarity=" in result.out
