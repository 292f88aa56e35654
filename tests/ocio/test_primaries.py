"""The table of known gamuts, held to the matrices of the built-in config."""

import numpy as np
import pytest

from corridorkey.ocio import current_config
from corridorkey.ocio.primaries import GAMUTS, gamut_by_matrix, gamut_of, matrix_to
from corridorkey.ocio.transform import rec709_matrix


@pytest.mark.parametrize("gamut", GAMUTS, ids=lambda gamut: gamut.names[0])
def test_a_gamuts_names_and_primaries_are_the_configs(gamut):
    config = current_config()
    names = [name for name in (*gamut.names, gamut.interop_id) if name]
    assert len({config.has(name) for name in names}) == 1
    matrix = rec709_matrix(config, gamut.names[0])
    assert gamut_by_matrix(matrix) is gamut
    # Published to four digits; the makers that adapt white as ACES does agree to float32.
    assert np.abs(matrix_to(gamut) - matrix).max() < 3e-3


def test_no_two_gamuts_can_be_taken_for_each_other():
    matrices = [matrix_to(gamut) for gamut in GAMUTS]
    apart = [np.abs(a - b).max() for i, a in enumerate(matrices) for b in matrices[:i]]
    assert min(apart) > 0.015


def test_a_gamut_that_is_not_known_has_no_primaries_and_no_tag():
    assert gamut_of((0.6, 0.3, 0.3, 0.6, 0.15, 0.1, 0.31, 0.33)) is None
    # Sony's Venice matrices are measured, and not those of the primaries that S-Gamut3 is named after.
    assert gamut_by_matrix(rec709_matrix(current_config(), "lin_venice_sgamut3")) is None


def test_a_files_rounded_primaries_are_known():
    ap1 = (0.71301, 0.2929999, 0.165, 0.8300000, 0.128, 0.0440001, 0.321676, 0.337671)
    assert gamut_of(ap1).interop_id == "lin_ap1_scene"
