"""Several shots: one that fails is passed over, and the end says what became of each."""

import pytest

from corridorkey.cli.several import key_several
from corridorkey.clips import find_clips
from corridorkey.errors import FramePairingError, WeightsUnavailableError
from tests.clips.shots import shot


def clips_at(folder, count=3):
    for at in range(count):
        shot(folder / f"sh{at}")
    return find_clips(folder)


def keyer(outcomes, seen):
    def key_one(clip):
        seen.append(clip.name)
        if outcome := outcomes.get(clip.name):
            raise outcome

    return key_one


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ({}, 0),
        ({"sh1": FramePairingError("no hint")}, 3),
        ({"sh0": SystemExit(3)}, 3),
        ({"sh0": SystemExit(3), "sh1": FramePairingError("x"), "sh2": FramePairingError("x")}, 3),
        (dict.fromkeys(("sh0", "sh1", "sh2"), WeightsUnavailableError("none")), 4),
        ({"sh0": FramePairingError("x"), "sh1": FramePairingError("x"), "sh2": WeightsUnavailableError("x")}, 1),
    ],
)
def test_every_shot_is_come_to_and_the_code_sums_up(tmp_path, capsys, outcomes, code):
    seen = []
    summary = key_several(clips_at(tmp_path), keyer(outcomes, seen))
    assert seen == ["sh0", "sh1", "sh2"]
    assert summary.exit_code == code
    captured = capsys.readouterr()
    assert f"{3 - len(outcomes)} of 3 shots keyed" in captured.out
    for name, outcome in outcomes.items():
        if not isinstance(outcome, SystemExit):
            assert f"ck: {name}: {outcome}" in captured.err


def test_a_shot_with_a_fault_is_passed_over(tmp_path, capsys):
    clips_at(tmp_path)
    (tmp_path / "sh1/Input.mov").touch()
    seen = []
    assert key_several(find_clips(tmp_path), keyer({}, seen)).exit_code == 3
    assert seen == ["sh0", "sh2"]
    assert "move all but one away" in capsys.readouterr().err


def test_an_interrupt_stops_all_and_the_summary_still_comes(tmp_path, capsys):
    with pytest.raises(KeyboardInterrupt):
        key_several(clips_at(tmp_path), keyer({"sh1": KeyboardInterrupt()}, []))
    lines = [" ".join(line.split()[:2]) for line in capsys.readouterr().out.splitlines()[-3:]]
    assert lines == ["sh0 keyed", "sh1 stopped", "sh2 not"]


def test_one_shot_alone_fails_as_itself_and_says_no_more(tmp_path, capsys):
    clips = clips_at(tmp_path, 1)
    with pytest.raises(FramePairingError):
        key_several(clips, keyer({"sh0": FramePairingError("x")}, []))
    assert key_several(clips, keyer({"sh0": SystemExit(3)}, [])).exit_code == 3
    assert key_several(clips, keyer({}, [])).exit_code == 0
    assert capsys.readouterr().out == ""


def test_other_exits_are_not_swallowed(tmp_path):
    with pytest.raises(SystemExit) as stopped:
        key_several(clips_at(tmp_path), keyer({"sh0": SystemExit(143)}, []))
    assert stopped.value.code == 143
