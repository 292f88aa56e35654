"""Importing what is already on this machine."""

import hashlib
from pathlib import Path

import pytest

from corridorkey.checkpoint import read_info
from corridorkey.errors import SettingsError, WeightsUnavailableError
from corridorkey.weights import import_weights, local_weights, small_checkpoint
from corridorkey.weights.known import KNOWN, screen_of
from tests.weights.stand_ins import convert, released_bytes

CLONE = "CorridorKeyModule/checkpoints"


def put(folder, *names, content=None):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(content or released_bytes())
    return folder


def run(path, screen=None):
    return {result.path.name: result for result in import_weights(path, screen, convert)}


@pytest.mark.parametrize("above", [CLONE, "CorridorKeyModule", ".", "..", "../.."])
def test_an_ancestors_checkpoints_are_found_from_above(tmp_path, above):
    clone = tmp_path / "home" / "src" / "CorridorKey"
    put(clone / CLONE, "CorridorKey_v1.0.safetensors", "CorridorKeyBlue_1.0.pth")
    results = run((clone / above).resolve())
    assert {name: result.weights.screen for name, result in results.items()} == {
        "CorridorKey_v1.0.safetensors": "green",
        "CorridorKeyBlue_1.0.pth": "blue",
    }
    assert all("published name" in result.note for result in results.values())
    assert [weights.screen for weights in local_weights()] == ["green", "blue"]


def test_imported_weights_are_recorded_and_their_source_stays(tmp_path):
    file = put(tmp_path, "CorridorKey.pth") / "CorridorKey.pth"
    content, changed = file.read_bytes(), file.stat().st_mtime_ns
    result = run(file)["CorridorKey.pth"]
    (weights,) = local_weights()
    assert weights == result.weights
    assert (weights.origin, weights.source) == ("imported", str(file))
    assert weights.source_sha256 == hashlib.sha256(content).hexdigest()
    assert read_info(weights.path).config.screen == "green"
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (content, changed)


def test_safetensors_come_before_pth_and_torch_before_mlx(tmp_path):
    put(tmp_path, "CorridorKey.pth", "CorridorKey.mlx.safetensors", "CorridorKey_v1.0.safetensors")
    results = run(tmp_path)
    assert [name for name, result in results.items() if result.weights] == ["CorridorKey_v1.0.safetensors"]
    assert "not needed, CorridorKey_v1.0.safetensors" in results["CorridorKey.pth"].note


def test_where_the_preferred_file_is_broken_the_next_is_taken(tmp_path):
    put(tmp_path, "CorridorKey_v1.0.pth")
    put(tmp_path, "CorridorKey_v1.0.safetensors", content=b"half a file")
    results = run(tmp_path)
    assert not results["CorridorKey_v1.0.safetensors"].weights
    assert "CorridorKey_v1.0.safetensors" in results["CorridorKey_v1.0.safetensors"].note
    assert results["CorridorKey_v1.0.pth"].weights


def test_another_name_needs_the_screen(tmp_path):
    file = put(tmp_path, "green.safetensors") / "green.safetensors"
    assert "--screen" in run(file)["green.safetensors"].note
    assert not local_weights()
    result = run(file, "blue")["green.safetensors"]
    assert result.weights.screen == "blue"
    assert "--screen says so" in result.note
    with pytest.raises(SettingsError, match="red"):
        run(file, "red")


def test_in_a_folder_the_screen_leaves_the_others_names_out(tmp_path):
    put(tmp_path, "CorridorKey_v1.0.safetensors", "CorridorKeyBlue_1.0.safetensors")
    results = run(tmp_path, "blue")
    assert "green" in results["CorridorKey_v1.0.safetensors"].note
    assert [weights.screen for weights in local_weights()] == ["blue"]


def test_a_single_file_is_what_its_user_says_it_is(tmp_path):
    file = put(tmp_path, "CorridorKey.pth") / "CorridorKey.pth"
    assert run(file, "blue")["CorridorKey.pth"].weights.screen == "blue"


def test_suffixes_in_upper_case_are_found(tmp_path):
    put(tmp_path, "MINE.PTH", "MINE.SAFETENSORS")
    (tmp_path / "folder.pth").mkdir()
    (tmp_path / "dangling.pth").symlink_to(tmp_path / "none")
    results = run(tmp_path, "green")
    assert list(results) == ["MINE.SAFETENSORS", "MINE.PTH"]
    assert results["MINE.SAFETENSORS"].weights


def test_a_path_that_cannot_be_looked_at_is_said():
    with pytest.raises(WeightsUnavailableError, match="cannot be read"):
        run(Path("x" * 300))


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_nothing_there_is_an_error(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsUnavailableError, match=name):
        run(tmp_path / name)


def test_a_failed_import_leaves_what_was_there(tmp_path):
    run(put(tmp_path / "a", "CorridorKey.pth"))
    before = local_weights()
    run(put(tmp_path / "b", "CorridorKey.pth", content=b"junk"))
    assert local_weights() == before


def test_our_own_small_checkpoint_is_no_released_one():
    (result,) = run(small_checkpoint(), "green").values()
    assert not result.weights
    assert "its screen is any" in result.note


def test_every_published_name_is_of_one_screen():
    names = [name for released in KNOWN.values() for name in released.names]
    assert len(names) == len(set(names)) == 8
    assert [screen_of(name) for name in ("CorridorKey.pth", "CorridorKeyBlue_1.0.mlx.safetensors", "x.pth")] == [
        "green",
        "blue",
        None,
    ]
    assert screen_of("corridorkey.pth") is None
