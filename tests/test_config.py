import dataclasses

import pytest

from corridorkey.config import GreenFormerConfig, KeySettings
from corridorkey.errors import CheckpointFormatError, SettingsError


def test_defaults_are_the_released_network_and_the_ancestors_engine():
    network, knobs = GreenFormerConfig(), KeySettings()
    assert (network.channels, network.embed_dim, network.depths) == (4, 112, (2, 3, 16, 3))
    assert (knobs.despill, knobs.despeckle, knobs.refiner_scale) == (1.0, 400, 1.0)


def test_the_config_survives_a_checkpoints_header():
    config = GreenFormerConfig(inputs=("rgb", "hint", "key", "screen"), base="unmixed", screen="any")
    assert GreenFormerConfig.from_json(config.to_json()) == config


def test_a_header_of_an_earlier_version_is_read_or_refused():
    """False was no base; true was one that is no more."""
    text = GreenFormerConfig().to_json()
    assert GreenFormerConfig.from_json(text.replace('"none"', "false")) == GreenFormerConfig()
    with pytest.raises(CheckpointFormatError, match="no longer has"):
        GreenFormerConfig.from_json(text.replace('"none"', "true"))


def test_a_header_from_before_there_were_overviews_has_none():
    text = GreenFormerConfig(sizing="aspect").to_json().replace('"overview": 0, ', "")
    assert "overview" not in text
    assert GreenFormerConfig.from_json(text) == GreenFormerConfig(sizing="aspect")


@pytest.mark.parametrize("network", [{"overview": 640}, {"sizing": "aspect", "overview": -1}])
def test_an_overview_is_a_size_and_for_networks_that_keep_the_aspect(network):
    with pytest.raises(CheckpointFormatError, match="overview"):
        GreenFormerConfig(**network)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"embed_dim": 3}', GreenFormerConfig().to_json().replace("112", '"wide"')],
)
def test_an_unreadable_config_is_a_checkpoint_error(text):
    with pytest.raises(CheckpointFormatError):
        GreenFormerConfig.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        {"depths": (1, 2, 3)},
        {"inputs": ("hint", "rgb")},
        {"base": "unmixed"},
        {"base": "unmixed", "inputs": ("rgb", "hint", "key")},
        {"base": "key"},
        {"screen": "red"},
        {"refiner_width": 12},
        {"heads": (3, 3, 3, 3)},
        {"size": 0},
        {"size": 100},
        {"refiner_width": 0},
        {"refiner_dilations": (0,)},
        {"refiner_gain": "x"},
        {"depths": (1.5, 1, 1, 1)},
        {"inputs": ("rgb", "hint", "key", "key")},
    ],
)
def test_a_network_that_cannot_be_is_refused(change):
    with pytest.raises(CheckpointFormatError):
        dataclasses.replace(GreenFormerConfig(), **change)


@pytest.mark.parametrize(
    "change",
    [
        {"screen_color": "red"},
        {"input_colorspace": " "},
        {"output_colorspace": "srgb"},
        {"despill": 1.2},
        {"despill": float("nan")},
        {"despeckle": -1},
        {"refiner_scale": float("inf")},
        {"outputs": ("matte", "depth")},
        {"outputs": ()},
        {"exr_bits": 8},
        {"exr_compression": "dwab"},
        {"fg_colorspace": "log"},
    ],
)
def test_a_knob_out_of_its_range_is_refused(change):
    with pytest.raises(SettingsError):
        KeySettings(**change)
