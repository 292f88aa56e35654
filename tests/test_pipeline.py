import numpy as np
import pytest

from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.evaluate import key_synthetic, mean_scores, score_frame
from corridorkey.pipeline import guide_frame, key_frame
from corridorkey.sheet import contact_sheet, write_sheet
from corridorkey.synth import ShotStyle, render_shot
from corridorkey.types import Plate, Prediction


class Echo:
    """A keyer that answers with what it was given: alpha is the key, fg the plate."""

    def __init__(self, contract):
        self.contract, self.scales = contract, []

    def predict(self, x, refiner_scale=1.0):
        from corridorkey.prepare import MEAN, STD

        self.scales.append(refiner_scale)
        return Prediction(x[0, ..., 4:5], np.clip(x[0, ..., :3] * STD + MEAN, 0, 1))


INPUTS = ("rgb", "hint", "key", "screen")
KEYED = GreenFormerConfig(inputs=INPUTS, base="unmixed", screen="any", sizing="aspect", size=256)


@pytest.mark.parametrize("screen", ["green", "blue"])
@pytest.mark.parametrize("space", ["srgb", "linear"])
def test_colours_come_back_as_they_went_in(screen, space):
    frame = next(render_shot(3, (72, 100), style=ShotStyle(screen=screen, degrade=False)))
    rgb = frame.plate if space == "srgb" else np.clip(frame.linear, 0, 1)
    plate, keyer = Plate(rgb, space), Echo(KEYED)
    guide = guide_frame(plate, screen, KEYED)
    keyed = key_frame(plate, guide, keyer, KeySettings(refiner_scale=0.7))
    np.testing.assert_allclose(keyed.fg, frame.plate, atol=2e-3)
    np.testing.assert_allclose(keyed.alpha[..., 0], guide.key, atol=1e-6)
    assert keyer.scales == [0.7]


def test_a_given_hint_replaces_the_chroma_hint_and_leaves_key_and_plate():
    frame = next(render_shot(3, (72, 100), style=ShotStyle(screen="green")))
    plate, hint = Plate(frame.plate, "srgb"), np.full((10, 10), 0.5, np.float32)
    guide = guide_frame(plate, "green", KEYED, hint)
    assert guide.hint is hint
    assert guide.key.shape == (72, 100)
    bare = guide_frame(plate, "green", GreenFormerConfig(), hint)
    assert bare.key is None
    assert bare.clean_plate is None


def test_scores_of_the_key_itself_are_the_baselines():
    frames = list(render_shot(4, (96, 128), 2, ShotStyle(subjects=("person",))))
    keyer, settings = Echo(KEYED), KeySettings(despeckle=0)
    scores = mean_scores(score_frame(frame, *key_synthetic(frame, keyer, settings)) for frame in frames)
    assert scores.alpha_mse == pytest.approx(scores.key_mse, rel=1e-5)
    assert scores.key_mse > 0
    assert "colour-difference key" in str(scores)


def test_sheets_lay_out_rows_and_labels(tmp_path):
    picture = np.zeros((40, 80, 3), np.float32)
    rows = [{"a": picture, "b": picture[..., 0]}, {"a": picture[..., :1]}]
    assert contact_sheet(rows, width=100).size == (2 * 104 + 4, 2 * (50 + 22) + 4)
    write_sheet(tmp_path / "deep" / "sheet.png", rows)
    assert (tmp_path / "deep" / "sheet.png").exists()
