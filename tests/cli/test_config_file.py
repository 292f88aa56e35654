"""Settings from ck.toml: which file counts, which flag wins, what is refused before anything is written."""

import os
import re
import sys
from pathlib import Path

import click
import pytest

from corridorkey.cli import key
from corridorkey.cli.config import PER_RUN, file_settings, options_of
from corridorkey.cli.kinds import Place
from corridorkey.media import read_exr
from tests.cli.conftest import write_hint, write_shot

USING = Path(__file__).parents[2] / "docs/using.md"


@pytest.fixture
def keying():
    with click.Context(key.command, info_name="key") as context:
        yield context


def outputs(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def bits(path):
    """32 or 16, of an EXR."""
    return int(str(read_exr(path)[1]["ck:settings"]).split('"exr_bits":')[1][:2])


def test_one_beside_the_plate_counts_and_flags_win(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    (shot / "ck.toml").write_text('outputs = ["matte"]\nexr_bits = 32\n')
    assert ck("key", shot).code == 0
    assert outputs(tmp_path / "s_keyed") == ["Matte"]
    assert bits(tmp_path / "s_keyed/Matte/shot.0001.exr") == 32
    assert ck("key", shot, "--exr-bits", "16", "-o", tmp_path / "o").code == 0
    assert bits(tmp_path / "o/Matte/shot.0001.exr") == 16
    assert ck("key", shot / "shot.####.png", "-o", tmp_path / "p").code == 0
    assert outputs(tmp_path / "p") == ["Matte"]


def test_the_nearest_wins(ck, tmp_path, user_ck_toml):
    user_ck_toml.write_text('outputs = "processed"\nexr-bits = 32\nscreen-color = "green"\n')
    project = tmp_path / "project"
    (project / "a").mkdir(parents=True)
    (project / "ck.toml").write_text('outputs = "matte"\n')
    for name in ("a", "deep/b"):
        write_shot(project / name / "Input", range(1, 2))
    (project / "a/ck.toml").write_text('outputs = "comp,matte"\n')
    result = ck("key", project)
    assert result.code == 0, result.err
    assert outputs(project / "a/Output") == ["Comp", "Matte"]
    assert outputs(project / "deep/b/Output") == ["Matte"]
    assert bits(project / "deep/b/Output/Matte/shot.0001.exr") == 32
    assert result.out.count("green screen, as asked") == 2


def test_a_shot_keyed_by_itself_is_keyed_as_with_the_others(ck, tmp_path):
    write_shot(tmp_path / "a/Input", range(1, 2))
    (tmp_path / "ck.toml").write_text('outputs = "matte"\n')
    assert ck("key", tmp_path / "a").code == 0
    assert outputs(tmp_path / "a/Output") == ["Matte"]


def test_a_switch_that_a_file_turns_on_a_flag_turns_off(ck, tmp_path):
    shot = write_shot(tmp_path / "s", range(1, 2))
    (shot / "ck.toml").write_text("source-detail = true\n")
    assert "source-detail      on" in ck("key", shot, "--show-config").out
    assert "source-detail      off" in ck("key", shot, "--show-config", "--no-source-detail").out
    switches = {o.name: o.secondary_opts for o in options_of(key.command) if o.is_flag and o.name not in PER_RUN}
    assert all(switches.values())


def test_none_takes_back_what_a_file_names(ck, tmp_path):
    project = tmp_path / "project"
    for name in "ab":
        shot = write_shot(project / name / "Input", range(1, 2)).parent
        write_hint(shot / "h.png")
        write_hint(shot / "AlphaHint/shot.0001.png")
        (shot / "ck.toml").write_text('garbage = "h.png"\ncore = "h.png"\nmovie = "h264"\n')
    nothing = [word for name in ("hint", "garbage", "core", "movie") for word in (f"--{name}", "none")]
    result = ck("key", project, *nothing, "--dry-run")
    assert result.code == 0, result.err
    assert result.out.count("made from the screen") == 2
    assert not re.search("^(garbage|core|movie)", result.out, re.MULTILINE)
    assert len(re.findall("^(garbage|core|movie)", ck("key", project, "--dry-run").out, re.MULTILINE)) == 6


def test_one_that_came_along_into_input_still_counts(ck, tmp_path):
    plate = write_shot(tmp_path / "a/Input", range(1, 2))
    (plate / "ck.toml").write_text('outputs = "matte"\n')
    (tmp_path / "a/ck.toml").write_text('outputs = "fg"\nexr-bits = 32\n')
    assert ck("key", tmp_path / "a").code == 0
    assert bits(tmp_path / "a/Output/Matte/shot.0001.exr") == 32


def test_the_environment_wins_over_files(ck, tmp_path, monkeypatch):
    shot = write_shot(tmp_path / "s", range(1, 2))
    (shot / "ck.toml").write_text('device = "nonsense"\nbackend = "torch"\n')
    assert ck("key", shot).code == 2
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cpu")
    assert ck("key", shot).code == 0


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("despil = 1", "despil: unknown; do you mean despill"),
        ("despill = 7", "despill: despill 7.*use 0 to 1"),
        ("despill = true", "despill: true: use a number"),
        ("despill = nan", "use 0 to 1"),
        ('despill = "1"', "use a number"),
        ("size = 100", "size: 100: use a multiple of 32"),
        ("size = 512.5", "use a whole number"),
        ('dtype = "int8"', "dtype: .*float16"),
        ('backend = "jax"', "backend: .*mlx"),
        ('movie = "gif"', "movie: .*h264"),
        ("exr-bits = 8", "exr-bits: .*use 16 or 32"),
        ("checkpoint = 5", "use a word in quotes"),
        ('checkpoint = ""', "is empty"),
        ('hint = ["a"]', "use a word in quotes"),
        ("outputs = true", "use a list of words"),
        ('outputs = ["depth"]', "choose from"),
        ("despeckle = false", "use a number, on or off"),
        ("despeckle = 1.5", "use a number, on or off"),
        ("resume = true", "resume: belongs to one run; give --resume"),
        ('out = "elsewhere"', "out: belongs to one run"),
        ("dry-run = true", "belongs to one run"),
        ('log_format = "json"', "belongs to one run"),
        ("help = true", "unknown"),
        ("exr-bits = 16\nexr_bits = 32", "is there twice"),
        (f"despill = 1{'0' * 400}", "beyond all numbers"),
        ('checkpoint = "a\\u0000b"', "use a word"),
        ('hint = "a\\u0000b"', "use a word"),
        ("source-detail = 1", "use true or false"),
        ("shots = 1", "unknown"),
        ("despill", "Expected '='"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(ck, tmp_path, line, why):
    write_shot(tmp_path / "p/a/Input", range(1, 2))
    write_shot(tmp_path / "p/b/Input", range(1, 2))
    (tmp_path / "p/b/ck.toml").write_text(line)
    result = ck("key", tmp_path / "p")
    assert result.code == 2, result
    assert re.search(why, result.err), result.err
    assert str(tmp_path / "p/b/ck.toml") in result.err
    assert not (tmp_path / "p/a/Output").exists()


def test_a_shots_paths_lie_in_it_and_are_seen_from_there(ck, tmp_path, tiny_checkpoint):
    shot = write_shot(tmp_path / "s/Input", range(1, 2)).parent
    write_hint(shot / "my hint/h.png")
    (shot / "w.safetensors").write_bytes(tiny_checkpoint.read_bytes())
    (shot / "ck.toml").write_text('hint = "my hint/h.png"\ncheckpoint = "w.safetensors"\noutputs = "matte"\n')
    result = ck("key", shot, "--show-config", "--checkpoint", "auto")
    assert str(shot / "my hint/h.png") in result.out
    assert ck("key", shot, "--dry-run").out.count("my hint/h.png, one for all frames") == 1
    (shot / "ck.toml").write_text(f'hint = "{(tmp_path / "h.png").as_posix()}"\n')
    result = ck("key", shot)
    assert result.code == 2
    assert "leads out of" in result.err


@pytest.mark.parametrize("name", [str(o.name) for o in options_of(key.command) if isinstance(o.type, Place)])
def test_no_path_of_a_shot_leads_out_of_it(keying, tmp_path, name):
    flag = max(next(o for o in options_of(key.command) if o.name == name).opts, key=len).lstrip("-")
    (tmp_path / "s").mkdir()
    (tmp_path / "x").write_text("x")
    if sys.platform != "win32":
        (tmp_path / "s/link").symlink_to(tmp_path / "x")
        (tmp_path / "s/ck.toml").write_text(f'{flag} = "link"')
        with pytest.raises(Exception, match="leads out of"):
            file_settings(keying, [tmp_path / "s"])
    (tmp_path / "s/ck.toml").write_text(f'{flag} = "../x"')
    with pytest.raises(Exception, match="leads out of"):
        file_settings(keying, [tmp_path / "s"])


def test_the_users_own_may_name_any_path(keying, tmp_path, user_ck_toml):
    user_ck_toml.write_text(f'checkpoint = "{(tmp_path / "w.safetensors").as_posix()}"\nhint = "h.png"\n')
    found = file_settings(keying, [])
    assert found["checkpoint"].value == str(tmp_path / "w.safetensors")
    assert found["hint"].value == str(user_ck_toml.parent / "h.png")
    user_ck_toml.write_text('checkpoint = "~/w.safetensors"')
    assert file_settings(keying, [])["checkpoint"].value == os.path.expanduser("~/w.safetensors")  # noqa: PTH111


@pytest.mark.parametrize("word", ["auto", "small", "green", "blue"])
def test_checkpoints_go_by_their_words(keying, tmp_path, word):
    (tmp_path / "ck.toml").write_text(f'checkpoint = "{word}"')
    assert file_settings(keying, [tmp_path])["checkpoint"].value == word


def test_every_option_is_either_for_a_file_or_for_one_run(keying, tmp_path):
    """An option that takes a path must be a Place, so that a shot's ck.toml cannot name what lies outside it."""
    per_run = {option.name for option in options_of(key.command)} & PER_RUN
    assert per_run == PER_RUN - {"log_format"}
    plain = {o.name for o in options_of(key.command) if type(o.type) is type(click.STRING)} - PER_RUN
    assert plain <= {
        "screen_color", "input_colorspace", "output_colorspace", "exr_compression", "fg_colorspace", "device",
    }  # fmt: skip


def test_ck_clips_goes_by_the_same_outputs(ck, tmp_path):
    write_shot(tmp_path / "a/Input", range(1, 3))
    (tmp_path / "ck.toml").write_text('outputs = "matte"\n')
    assert ck("key", tmp_path).code == 0
    assert " done" in ck("clips", tmp_path, "--no-screen").out
    assert "partly done" in ck("clips", tmp_path, "--no-screen", "--outputs", "matte,fg").out


def test_the_documented_example_is_right(keying, tmp_path):
    example = re.search(r"```toml\n(.*?)```", USING.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "ck.toml").write_text(example[1], encoding="utf-8")
    found = file_settings(keying, [tmp_path])
    assert len(found) >= 4
    assert found["outputs"].value == ("matte", "processed")
