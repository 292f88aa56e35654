import numpy as np
import pytest

from corridorkey.color import srgb_to_linear
from corridorkey.composite import checker, over, premultiply
from corridorkey.config import KeySettings
from corridorkey.despeckle import despeckle
from corridorkey.despill import despill
from corridorkey.errors import SettingsError
from corridorkey.finish import finish
from corridorkey.types import Plate, Prediction


def test_despill_by_hand():
    green = np.array([[0.2, 0.9, 0.4]], np.float32)  # limit 0.3, excess 0.6
    np.testing.assert_allclose(despill(green), [[0.5, 0.3, 0.7]], atol=1e-6)
    np.testing.assert_allclose(despill(green, strength=0.5), [[0.35, 0.6, 0.55]], atol=1e-6)
    assert despill(green, strength=0) is green
    np.testing.assert_allclose(despill(green[:, [0, 2, 1]], "blue"), [[0.5, 0.7, 0.3]], atol=1e-6)


def test_despill_leaves_what_has_no_excess():
    skin = np.array([[0.8, 0.6, 0.5]], np.float32)
    np.testing.assert_array_equal(despill(skin), skin)


@pytest.mark.parametrize(("screen", "strength"), [("red", 1.0), ("green", 1.5), ("green", -0.1)])
def test_despill_refuses_what_it_does_not_know(screen, strength):
    with pytest.raises(SettingsError):
        despill(np.zeros((1, 3), np.float32), screen, strength)


def test_despeckle_drops_islands_and_keeps_soft_edges_of_what_stays():
    alpha = np.zeros((200, 300, 1), np.float32)
    alpha[50:90, 50:90] = 1  # 1600 px
    alpha[50:90, 90:95] = 0.3  # its soft edge
    alpha[150:160, 250:260] = 1  # 100 px
    clean = despeckle(alpha, 400)
    np.testing.assert_array_equal(clean[:120, :150], alpha[:120, :150])
    assert clean[140:, 230:].max() == 0
    assert despeckle(alpha, 0) is alpha


def test_an_empty_matte_stays_empty():
    assert despeckle(np.zeros((20, 20, 1), np.float32), 400).max() == 0


def test_checker_squares_and_over():
    board = checker((256, 384))
    dark, light = srgb_to_linear(np.array([0.15, 0.55], np.float32))
    assert (board[0, 0, 0], board[0, 128, 0], board[128, 128, 0]) == pytest.approx((dark, light, dark))
    half = premultiply(np.ones((1, 1, 3), np.float32), np.full((1, 1, 1), 0.5, np.float32))
    np.testing.assert_allclose(over(half, np.full((1, 1, 3), 0.2, np.float32)), 0.6)


def test_alpha_and_fg_stay_raw_while_processed_is_cleaned():
    alpha = np.zeros((128, 128, 1), np.float32)
    alpha[20:60, 20:60], alpha[100:104, 100:104] = 1, 1
    fg = np.full((128, 128, 3), (0.2, 0.9, 0.4), np.float32)
    plate = Plate(np.zeros((128, 128, 3), np.float32), "srgb")
    keyed = finish(Prediction(alpha, fg), plate, KeySettings("green"))
    np.testing.assert_array_equal(keyed.alpha, alpha)
    np.testing.assert_array_equal(keyed.fg, fg)
    assert keyed.processed[102, 102, 3] == 0
    np.testing.assert_allclose(keyed.processed[40, 40, :3], srgb_to_linear(despill(fg)[40, 40]))


def test_overshoot_of_the_resize_is_clamped():
    alpha = np.zeros((32, 32, 1), np.float32)
    alpha[8:24, 8:24] = 1
    plate = Plate(np.zeros((100, 100, 3), np.float32), "srgb")
    keyed = finish(Prediction(alpha, np.repeat(alpha, 3, axis=2)), plate, KeySettings("green"))
    assert keyed.alpha.min() == 0
    assert keyed.alpha.max() == 1
    assert keyed.comp.shape == (100, 100, 3)


def test_the_screen_must_be_decided_before_finishing():
    with pytest.raises(SettingsError, match="screen colour"):
        finish(
            Prediction(np.zeros((8, 8, 1), np.float32), np.zeros((8, 8, 3), np.float32)),
            Plate(np.zeros((8, 8, 3), np.float32), "srgb"),
            KeySettings(),
        )
