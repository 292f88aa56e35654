"""`ck wizard`: asks first, does what was answered, and nothing else."""

import io
import shlex
import sys

import pytest

from corridorkey.cli.wizard_answers import ASKED, Answers, key_arguments
from corridorkey.clips import find_clips
from corridorkey.media import read_exr
from tests.cli.conftest import write_shot
from tests.clips.shots import movie, shot


class Terminal(io.StringIO):
    """What a user types, until nothing more comes: then it is as if Ctrl-D were pressed."""

    def isatty(self):
        return True


@pytest.fixture
def wizard(ck, monkeypatch, tiny_checkpoint):
    """`ck wizard WORDS`, with the lines typed at its questions; None is no terminal."""

    def run(*words, typed=None):
        monkeypatch.setattr(sys, "stdin", io.StringIO("") if typed is None else Terminal("\n".join([*typed, ""])))
        return ck("wizard", *words, "--checkpoint", tiny_checkpoint)

    return run


@pytest.fixture
def dropped(tmp_path):
    write_shot(tmp_path / "plates", range(1001, 1003))
    write_shot(tmp_path / "sh010/Input", range(1, 3))
    return tmp_path


def tree(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


DEFAULTS = [""] * len(ASKED)


def test_every_answer_yes_keys_what_was_dropped(wizard, dropped):
    result = wizard(dropped, typed=["y", "yes", "y", *DEFAULTS])
    assert result.code == 0, result.err
    assert "plates/  (2 pictures)  ->  plates/Input/" in result.out
    assert "2 of 2 shots keyed" in result.out
    names = tree(dropped)
    assert {"plates/Input/shot.1001.png", "plates/AlphaHint/shot.1001.png", "plates/Output/Comp/shot.1001.png"} <= names
    assert {"sh010/AlphaHint/shot.0002.png", "sh010/Output/Matte/shot.0002.exr"} <= names


def test_enter_everywhere_moves_nothing_and_makes_no_hints(wizard, dropped):
    result = wizard(dropped, typed=["", "", "", *DEFAULTS])
    assert result.code == 0, result.err
    names = tree(dropped)
    assert "plates/shot.1001.png" in names
    assert not any("AlphaHint" in name for name in names)
    assert "sh010/Output/Comp/shot.0001.png" in names


@pytest.mark.parametrize("answered", range(4))
def test_stopping_at_any_question_leaves_things_as_they_are(wizard, dropped, answered):
    before = tree(dropped)
    result = wizard(dropped, typed=["y", "yes", "y", ""][:answered])
    assert result.code == 130
    assert tree(dropped) == before


def test_a_wrong_answer_is_asked_for_again(wizard, dropped):
    result = wizard(dropped, "--no-organise", "--no-hints", "--key", typed=["red", "blue", "", "7", "0", *DEFAULTS[3:]])
    assert result.code == 0, result.err
    assert "use auto, green or blue" in result.out + result.err
    assert "--screen-color blue --despill 0 --yes" in result.out
    assert "blue screen, as asked" in result.out


def test_each_hint_is_asked_for_by_itself(wizard, dropped):
    result = wizard(dropped, "--organise", "--no-key", typed=["each", "n", "y", "", ""])
    assert result.code == 0, result.err
    names = tree(dropped)
    assert "plates/AlphaHint/shot.1002.png" in names
    assert "sh010/AlphaHint" not in names
    assert not any("Output" in name for name in names)


def test_without_a_terminal_and_flags_nothing_is_done(wizard, dropped):
    before = tree(dropped)
    for words, flags in (
        ((), ("--organise", "--no-organise", "--yes")),
        (("--organise",), ("--hints", "--no-hints", "--hints-for")),
        (("--organise", "--hints"), ("--key", "--no-key")),
        (("--organise", "--hints", "--key"), ("--screen-color",)),
    ):
        result = wizard(dropped, *words)
        assert result.code == 2
        assert all(flag in result.err for flag in flags)
        assert tree(dropped) == before


def test_yes_takes_every_default_and_moves(wizard, dropped):
    result = wizard(dropped, "--yes")
    assert result.code == 0, result.err
    names = tree(dropped)
    assert {"plates/Output/FG/shot.1001.exr", "plates/AlphaHint", "sh010/Output/FG/shot.0001.exr"} <= names
    assert not any(name.endswith(".png") and "AlphaHint" in name for name in names)


def test_the_line_it_prints_does_the_same_without_questions(wizard, dropped, tmp_path_factory):
    typed = ["y", "each", "n", "n", "y", "", "", "0.5", "", "", "yes", "matte,processed", "32", ""]
    first = wizard(dropped, typed=typed)
    assert first.code == 0, first.err
    line = next(line for line in first.out.splitlines() if line.startswith("The same without questions: "))
    words = shlex.split(line.split(": ", 1)[1])
    assert words[:3] == ["ck", "wizard", str(dropped)]
    assert "--source-detail" in words
    again = tmp_path_factory.mktemp("again")
    write_shot(again / "plates", range(1001, 1003))
    write_shot(again / "sh010/Input", range(1, 3))
    result = wizard(again, *words[3:])
    assert result.code == 0, result.err
    assert tree(again) == tree(dropped)
    for name in ("plates/Output/Matte/shot.1001.exr", "sh010/Output/Processed/shot.0002.exr"):
        assert (again / name).read_bytes() == (dropped / name).read_bytes()


def test_outputs_that_are_there_stay_unless_their_replacement_is_asked_for(wizard, tmp_path):
    write_shot(tmp_path / "a/Input", range(1, 3))
    write_shot(tmp_path / "b/Input", range(1, 3))
    (tmp_path / "a/Output/Matte").mkdir(parents=True)
    (tmp_path / "a/Output/Matte/shot.0001.exr").write_bytes(b"mine")
    result = wizard(tmp_path, "--yes", "--outputs", "matte")
    assert result.code == 0, result.err
    assert "Left as keyed before: a" in result.out
    assert (tmp_path / "a/Output/Matte/shot.0001.exr").read_bytes() == b"mine"
    assert (tmp_path / "b/Output/Matte/shot.0001.exr").exists()
    result = wizard(tmp_path, "--no-hints", "--outputs", "matte", typed=["y", "y", *DEFAULTS[1:]])
    assert result.code == 0, result.err
    assert list(read_exr(tmp_path / "a/Output/Matte/shot.0001.exr")[0]) == ["Y"]


def test_a_shot_that_fails_is_told_about_and_the_others_are_keyed(wizard, dropped):
    shot(dropped / "black", range(1, 3))
    result = wizard(dropped, "--yes", "--hints")
    assert result.code == 3
    assert "black: no hints: " in result.err
    assert "2 of 3 shots keyed" in result.out


def test_hints_for_a_shot_that_is_not_there_is_refused(wizard, dropped):
    before = tree(dropped)
    result = wizard(dropped, "--yes", "--hints-for", "sh011")
    assert result.code == 2
    assert "sh010, plates" in result.err
    assert tree(dropped) == before


def test_a_flag_out_of_range_is_refused_before_anything_is_moved(wizard, dropped):
    before = tree(dropped)
    assert wizard(dropped, "--yes", "--despill", "7").code == 2
    assert tree(dropped) == before


@pytest.mark.parametrize(
    "words", [["--size", "wide"], ["--dtype", "int8"], ["--exr-compression", "rar"], ["--movie", "vhs"]]
)
def test_so_is_one_that_is_only_passed_on(wizard, dropped, words):
    before = tree(dropped)
    assert wizard(dropped, "--yes", *words).code == 2
    assert tree(dropped) == before


def test_what_is_not_asked_for_is_passed_on(wizard, tmp_path):
    write_shot(tmp_path / "a/Input", range(1, 3))
    flags = ["--movie", "prores4444", "--exr-compression", "piz", "--no-source-detail", "--output-colorspace", "linear"]
    result = wizard(tmp_path, "--yes", *flags)
    assert result.code == 0, result.err
    assert "--no-source-detail" in result.out
    assert (tmp_path / "a/Output/a_prores4444.mov").exists()
    assert '"piz"' in str(read_exr(tmp_path / "a/Output/FG/shot.0001.exr")[1]["ck:settings"])


def test_names_from_the_disk_steer_no_terminal(wizard, tmp_path):
    write_shot(tmp_path / "a\x07/Input", range(1, 3))
    assert wizard(tmp_path, "--yes", "--outputs", "matte").code == 0
    write_shot(tmp_path / "b\x07/Input", range(1, 3))
    result = wizard(tmp_path, "--outputs", "matte", typed=["each", "y", "n", "y", "n", *DEFAULTS[1:]])
    assert result.code == 0, result.err
    assert "\x07" not in result.out + result.err
    assert r"Hints for a\x07" in result.out
    assert r"there already for a\x07" in result.out
    assert r"Left as keyed before: a\x07" in result.out


def test_a_plain_plate_is_keyed_beside_itself(wizard, dropped):
    result = wizard(dropped / "plates", "--yes", "--outputs", "matte")
    assert result.code == 0, result.err
    assert (dropped / "plates_keyed/Matte/shot.1001.exr").exists()
    assert not (dropped / "plates/Input").exists()


def test_nothing_there_is_an_error(wizard, tmp_path):
    assert wizard(tmp_path, "--yes").code == 5
    assert wizard(tmp_path / "nowhere", "--yes").code == 5


@pytest.mark.parametrize(
    ("overwrite", "resume", "partly", "mode"),
    [
        (True, False, True, ["--overwrite"]),
        (False, True, True, ["--resume"]),
        (False, True, False, []),
        (False, False, True, []),
    ],
)
def test_key_is_told_plate_settings_and_what_to_do_about_outputs(tmp_path, overwrite, resume, partly, mode):
    (clip,) = find_clips(shot(tmp_path / "s", hints=[1]))
    answers = Answers(False, (), True, overwrite, resume, {"despill": "0.5", "refiner_scale": "2"})
    words = key_arguments(clip, answers, partly=partly)
    assert words == [str(tmp_path / "s/Input"), "--despill", "0.5", "--refiner", "2", *mode]


def test_a_dropped_movie_becomes_a_shot_with_hints(wizard, tmp_path):
    movie(tmp_path / "A001.mov", 2)
    result = wizard(tmp_path, "--organise", "--hints", "--no-key", "--screen-color", "auto", typed=[""])
    assert result.code == 0, result.err
    assert tree(tmp_path) == {
        "A001", "A001/Input.mov", "A001/AlphaHint", "A001/AlphaHint/Input.0000.png", "A001/AlphaHint/Input.0001.png",
    }  # fmt: skip


def keyed_in_part(ck, folder, checkpoint):
    """Shot a: half of it keyed; shot b: all; shot c: nothing."""
    for name in "abc":
        write_shot(folder / name / "Input", range(1, 3))
    common = ("--outputs", "matte", "--checkpoint", checkpoint)
    assert ck("key", folder / "a", "--frames", "1", *common).code == 0
    assert ck("key", folder / "b", *common).code == 0
    return folder


def dates(folder):
    return {path.relative_to(folder).as_posix(): path.stat().st_mtime_ns for path in folder.rglob("*.exr")}


def test_shots_keyed_in_part_are_gone_on_with_and_whole_ones_left(ck, wizard, tmp_path, tiny_checkpoint):
    before = dates(keyed_in_part(ck, tmp_path, tiny_checkpoint))
    result = wizard(tmp_path, "--yes", "--outputs", "matte")
    assert result.code == 0, result.err
    assert "Left as keyed before: b" in result.out
    assert "resuming: 1 of 2 frames" in result.out
    after = dates(tmp_path)
    assert before.items() <= after.items()
    assert {"a/Output/Matte/shot.0002.exr", "c/Output/Matte/shot.0001.exr"} <= after.keys()


@pytest.mark.parametrize(("typed", "resumed"), [("", True), ("n", False)])
def test_going_on_is_a_question_of_its_own(ck, wizard, tmp_path, tiny_checkpoint, typed, resumed):
    keyed_in_part(ck, tmp_path, tiny_checkpoint)
    result = wizard(tmp_path, "--no-hints", "--outputs", "matte", typed=["y", "n", typed, *DEFAULTS[1:]])
    assert result.code == 0, result.err
    assert "Keyed in part: a (1 of 2)" in result.out
    assert ("--resume" if resumed else "--no-resume") in result.out
    assert (tmp_path / "a/Output/Matte/shot.0002.exr").exists() == resumed


def test_enter_takes_what_ck_toml_says_and_a_shots_own_still_counts(wizard, tmp_path):
    for name in "ab":
        write_shot(tmp_path / name / "Input", range(1, 2))
    (tmp_path / "ck.toml").write_text('outputs = ["matte"]\nexr-bits = 32\n')
    (tmp_path / "b/ck.toml").write_text('outputs = ["comp"]\n')
    result = wizard(tmp_path, "--no-hints", "--key", typed=DEFAULTS)
    assert result.code == 0, result.err
    assert "[matte]" in result.out
    assert "[32]" in result.out
    assert (tmp_path / "a/Output/Matte/shot.0001.exr").exists()
    assert not (tmp_path / "b/Output/Matte").exists()
    assert (tmp_path / "b/Output/Comp/shot.0001.png").exists()


def test_a_wrong_ck_toml_is_told_before_anything_is_moved(wizard, dropped):
    (dropped / "sh010/ck.toml").write_text("despill = 7")
    before = tree(dropped)
    result = wizard(dropped, "--yes")
    assert result.code == 2
    assert "ck.toml: despill: despill 7" in result.err
    assert tree(dropped) == before
