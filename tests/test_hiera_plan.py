import numpy as np
import pytest

from corridorkey.config import GreenFormerConfig
from corridorkey.hiera_plan import block_plans, raster_order, token_order


def test_the_released_encoder_is_hiera_base_plus():
    plans = block_plans(GreenFormerConfig())
    assert [i for i, p in enumerate(plans) if p.pools] == [2, 5, 21]
    assert [i for i, p in enumerate(plans) if p.ends_stage] == [1, 4, 20, 23]
    assert [p.unit_tokens for p in plans[:7]] == [64, 64, 64, 16, 16, 16, 0]  # keys; queries of 2 and 5 are pooled
    assert not any(p.unit_tokens for p in plans[6:])
    assert [(p.dim_in, p.dim_out, p.heads) for p in plans if p.pools] == [(112, 224, 4), (224, 448, 8), (448, 896, 16)]


@pytest.mark.parametrize("grid", [(8, 8), (8, 24), (32, 16)])
@pytest.mark.parametrize("stage", range(4))
def test_orders_are_permutations_and_inverse(grid, stage):
    order, back = token_order(grid, stage), raster_order(grid, stage)
    count = (grid[0] >> stage) * (grid[1] >> stage)
    np.testing.assert_array_equal(np.sort(order), np.arange(count))
    np.testing.assert_array_equal(order[back], np.arange(count))


def test_a_mask_unit_is_one_run_of_tokens():
    order = token_order((16, 24), 0).reshape(-1, 64)
    for unit in order:
        rows, columns = np.divmod(unit, 24)
        assert len(set(rows // 8)) == len(set(columns // 8)) == 1


def test_pooling_in_order_is_pooling_on_the_raster():
    grid = (16, 24)
    raster = np.random.default_rng(1).random(grid)
    for stage in range(3):
        h, w = grid[0] >> stage, grid[1] >> stage
        fine = raster if stage == 0 else raster.reshape(h, 1 << stage, w, 1 << stage).max((1, 3))
        units = (h * w) // 4 ** (3 - stage)
        pooled = fine.reshape(-1)[token_order(grid, stage)].reshape(units, 4, -1).max(1).reshape(-1)
        coarse = fine.reshape(h // 2, 2, w // 2, 2).max((1, 3))
        np.testing.assert_array_equal(pooled, coarse.reshape(-1)[token_order(grid, stage + 1)])
