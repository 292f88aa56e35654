"""Which checkpoint `ck key` takes, and what it says about it."""

import pytest

from corridorkey.weights import LICENCE, import_weights
from tests.cli.conftest import write_shot
from tests.weights.stand_ins import convert, released_bytes


@pytest.fixture
def released(tmp_path):
    """Puts stand-ins for the released weights of these screens into the cache."""

    def put(*screens):
        for screen in screens:
            file = tmp_path / f"{screen}.safetensors"
            file.write_bytes(released_bytes())
            list(import_weights(file, screen, convert))

    return put


@pytest.mark.parametrize(("channel", "screen"), [(1, "green"), (2, "blue")])
def test_auto_takes_small_and_says_how_to_fetch_the_released_ones(ck, tmp_path, channel, screen):
    shot = write_shot(tmp_path / "s", range(1, 2), screen=channel)
    result = ck("key", shot, "--checkpoint", "auto", "--size", "64", "--outputs", "matte")
    assert result.code == 0, result.err
    line = (
        f"checkpoint small.safetensors, licence Apache-2.0 (released weights for {screen}: ck weights fetch {screen})"
    )
    assert line in result.out.splitlines()


def test_small_by_name_says_no_more(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    result = ck("key", shot, "--checkpoint", "small", "--size", "64", "--outputs", "matte")
    assert "checkpoint small.safetensors, licence Apache-2.0" in result.out.splitlines()


@pytest.mark.parametrize(("channel", "screen"), [(1, "green"), (2, "blue")])
def test_auto_takes_the_released_ones_for_the_screen_it_sees(ck, tmp_path, released, channel, screen):
    released("green", "blue")
    shot = write_shot(tmp_path / "s", range(1, 2), screen=channel)
    result = ck("key", shot, "--checkpoint", "auto", "--outputs", "matte")
    assert result.code == 0, result.err
    assert f"checkpoint {screen}.safetensors, licence {LICENCE}" in result.out.splitlines()
    assert "trained on" not in result.err


def test_auto_goes_by_the_screen_that_was_named(ck, tmp_path, released):
    released("green")
    shot = write_shot(tmp_path / "s", range(1, 2))
    words = ("--checkpoint", "auto", "--outputs", "matte", "--size", "64")
    assert "checkpoint green.safetensors" in ck("key", shot, *words).out
    assert "checkpoint small" in ck("key", shot, *words, "--screen-color", "blue", "-o", tmp_path / "o").out


def test_the_other_screens_weights_by_name_are_warned_about(ck, tmp_path, released):
    released("blue")
    result = ck("key", write_shot(tmp_path / "s", range(1, 2)), "--checkpoint", "blue", "--outputs", "matte")
    assert result.code == 0
    assert "trained on blue screens, the plate is green" in result.err


@pytest.mark.parametrize("name", ["green", "none.safetensors"])
def test_a_checkpoint_that_is_not_here_is_told_before_plates_are_read(ck, tmp_path, released, name):
    released("blue")
    (tmp_path / "x.0001.png").write_text("not a picture")
    result = ck("key", tmp_path / "x.0001.png", "--checkpoint", name)
    assert result.code == 4
    assert ("ck weights fetch green" if name == "green" else name) in result.err


def test_the_demo_takes_green(ck, tmp_path, released):
    released("green")
    result = ck("demo", "-o", tmp_path / "d", "--frames", "1", "--checkpoint", "green")
    assert result.code == 0, result.err
    assert ck("demo", "-o", tmp_path / "e", "--frames", "1", "--checkpoint", "blue").code == 4
