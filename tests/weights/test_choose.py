"""Which checkpoint is taken, and what a damaged cache says."""

import shutil

import pytest

from corridorkey.errors import WeightsUnavailableError
from corridorkey.weights import (
    accept_licence,
    cache_folder,
    choose_checkpoint,
    depends_on_screen,
    import_weights,
    licence_accepted,
    local_weights,
    small_checkpoint,
)
from tests.weights.stand_ins import convert, released_bytes


@pytest.fixture
def here(tmp_path):
    """Green weights in the cache; their path."""
    file = tmp_path / "CorridorKey.pth"
    file.write_bytes(released_bytes())
    (result,) = import_weights(file, None, convert)
    return result.weights.path


def test_auto_takes_the_released_ones_for_that_screen_alone(here):
    assert choose_checkpoint("auto", "green") == choose_checkpoint("green") == here
    assert choose_checkpoint("auto", "blue") == choose_checkpoint("auto") == small_checkpoint()
    assert choose_checkpoint("small", "green") == small_checkpoint()


def test_an_empty_cache_needs_no_screen(tmp_path):
    assert choose_checkpoint("auto", "green") == small_checkpoint()
    assert not depends_on_screen("auto")


def test_only_auto_depends_on_the_screen(here):
    assert depends_on_screen("auto")
    assert not any(depends_on_screen(name) for name in ("small", "green", "blue", "x.safetensors"))


def test_a_name_that_is_not_here_says_how_to_fetch(here):
    with pytest.raises(WeightsUnavailableError, match="ck weights fetch blue"):
        choose_checkpoint("blue", "blue")
    with pytest.raises(WeightsUnavailableError, match=r"none\.safetensors"):
        choose_checkpoint("none.safetensors")


def test_a_path_too_long_to_be_one_is_said(here):
    with pytest.raises(WeightsUnavailableError, match="cannot be read"):
        choose_checkpoint("x" * 300)


def test_a_deleted_checkpoint_is_not_here(here):
    here.unlink()
    assert local_weights() == []
    assert choose_checkpoint("auto", "green") == small_checkpoint()


def test_a_cache_that_was_moved_stays_whole(here, user_cache, tmp_path, monkeypatch):
    content = here.read_bytes()
    shutil.copytree(cache_folder(), tmp_path / "moved")
    shutil.rmtree(cache_folder())
    monkeypatch.setattr("corridorkey.weights.cache.user_cache_path", lambda *_, **__: tmp_path)
    (tmp_path / "moved").rename(cache_folder())
    (weights,) = local_weights()
    assert weights.path.is_relative_to(tmp_path)
    assert weights.path.read_bytes() == content


PUBLISHED = ['{"published": "x"}', '{"published": {"f": 3}}', '{"published": {"f": {}}}']


@pytest.mark.parametrize("record", ["", "[]", "{", '{"checkpoint": {"path": "x"}}', '{"checkpoint": 3}', *PUBLISHED])
def test_a_damaged_record_is_named(here, record):
    (cache_folder() / "green.json").write_text(record)
    with pytest.raises(WeightsUnavailableError, match=r"green\.json.*Delete it"):
        local_weights()


def test_the_tests_have_a_cache_of_their_own(user_cache):
    assert cache_folder().is_relative_to(user_cache)
    assert not licence_accepted()
    accept_licence()
    assert licence_accepted()
