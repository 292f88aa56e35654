import pytest
import torch

from corridorkey.config import GreenFormerConfig
from corridorkey.shapes import tensor_shapes
from corridorkey_torch import GreenFormer
from tests.conftest import TINY


@pytest.mark.parametrize("config", [GreenFormerConfig(), TINY])
def test_they_are_those_of_the_network(config):
    with torch.device("meta"):
        network = {name: tuple(tensor.shape) for name, tensor in GreenFormer(config).state_dict().items()}
    assert tensor_shapes(config) == network


def test_the_released_network_has_as_many_numbers_as_published():
    from math import prod

    count = sum(prod(shape) for shape in tensor_shapes(GreenFormerConfig()).values())
    assert round(count / 1e6, 1) == 99.7
