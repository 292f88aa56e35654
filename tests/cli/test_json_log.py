"""`--log-format json`: every line is an event, and what happens is among them."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from corridorkey.cli.json_voice import JsonVoice, voice_for
from corridorkey.cli.voice import TextVoice
from corridorkey.errors import FrameReadError
from corridorkey.run import KeyedFile
from tests.cli.conftest import write_hint, write_shot

FARM = Path(__file__).parents[2] / "docs/farm.md"


def events(text):
    """The lines, parsed; each has a time and an event."""
    assert text.endswith("\n")
    found = [json.loads(line) for line in text.splitlines()]
    for event in found:
        assert datetime.fromisoformat(event["time"]).utcoffset().total_seconds() == 0
        assert event["event"] in documented()
    return found


def documented():
    return set(re.findall(r"^\| `(\w+)` \|", FARM.read_text(encoding="utf-8"), re.MULTILINE))


def of(found, kind):
    return [event for event in found if event["event"] == kind]


@pytest.fixture
def told(ck):
    """`ck key WORDS --log-format json`: exit code, events, stderr."""

    def run(*words):
        result = ck("key", *words, "--log-format", "json")
        found = events(result.out)
        assert found[-1]["event"] == "done"
        assert found[-1]["exit_code"] == result.code
        return result.code, found, result.err

    return run


def test_a_run_with_a_failed_frame_and_a_warning(told, tmp_path):
    shot = write_shot(tmp_path / "s")
    (shot / "shot.1002.png").write_bytes(b"broken")
    code, found, err = told(shot, "--hint", write_hint(tmp_path / "h.png", (50, 50)), "--outputs", "matte")
    assert code == 3
    assert err == ""
    assert [event["event"] for event in found if event["event"] not in ("note", "warning")] == [
        "shot", "frame", "failed", "frame", "frame", "keyed", "shot_end", "done",
    ]  # fmt: skip
    assert {event["shot"] for event in found[:-1]} == {"s"}
    (failed,) = of(found, "failed")
    assert failed["frame"] == 1002
    assert "shot.1002.png" in failed["error"]
    assert [event["done"] for event in of(found, "frame")] == [1, 3, 4]
    assert of(found, "frame")[0]["paths"] == [str(tmp_path / "s_keyed/Matte/shot.1001.exr")]
    assert of(found, "frame")[0]["total"] == 4
    assert of(found, "frame")[0]["fps"] > 0
    assert any("stretched" in event["text"] for event in of(found, "warning"))
    assert any("green screen" in event["text"] for event in of(found, "note"))
    (keyed,) = of(found, "keyed")
    assert (keyed["done"], keyed["total"], keyed["failed"]) == (3, 4, [1002])


def test_a_resume(told, tmp_path):
    shot = write_shot(tmp_path / "s")
    assert told(shot, "--frames", "1001")[0] == 0
    _, found, _ = told(shot, "--resume")
    assert any(event["text"].startswith("resuming: 1 of 4") for event in of(found, "note"))
    assert [event["frame"] for event in of(found, "frame")] == [1002, 1003, 1004]
    (rates,) = of(found, "rates")
    assert set(rates["fps"]) >= {"read", "predict", "write"}
    _, found, _ = told(shot, "--resume")
    assert of(found, "keyed")[0]["total"] == 0


def test_several_shots_one_of_which_fails(told, tmp_path):
    for name in "ab":
        write_shot(tmp_path / name / "Input", range(1, 3))
    (tmp_path / "a/Input/shot.0001.png").write_bytes(b"")
    (tmp_path / "a/Input/shot.0002.png").write_bytes(b"")
    code, found, err = told(tmp_path, "--outputs", "matte")
    assert code == 3
    assert err == ""
    assert [(event["shot"], event["at"], event["of"]) for event in of(found, "shot")] == [("a", 1, 2), ("b", 2, 2)]
    (error,) = of(found, "error")
    assert (error["shot"], error["exit_code"]) == ("a", 5)
    assert [event["exit_code"] for event in of(found, "shot_end")] == [5, 0]
    (summary,) = of(found, "summary")
    assert (summary["done"], summary["total"]) == (1, 2)
    assert [row["shot"] for row in summary["shots"]] == ["a", "b"]
    assert "shot" not in summary


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["nowhere"], 5, "nowhere"),
        (["s", "--nonsense"], 2, "--nonsense"),
        (["s", "--despill", "7"], 2, "use 0 to 1"),
        (["s", "--checkpoint", "none.safetensors"], 4, "none.safetensors"),
        ([], 2, "SHOTS"),
    ],
)
def test_what_ends_a_command_is_an_event_and_a_line(told, tmp_path, monkeypatch, words, code, why):
    write_shot(tmp_path / "s", range(1, 2))
    monkeypatch.chdir(tmp_path)
    result, found, err = told(*words)
    assert result == code
    error = of(found, "error")[-1]
    assert error["exit_code"] == code
    assert why in error["error"]
    assert why in err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to another process")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal(tmp_path, tiny_checkpoint, number, code):
    shot = write_shot(tmp_path / "s", range(1, 400))
    words = ["key", str(shot), "--checkpoint", str(tiny_checkpoint), "--device", "cpu", "--log-format=json"]
    line = [sys.executable, "-m", "corridorkey.cli.main", *words]
    with subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        first = []
        while not first or json.loads(first[-1])["event"] != "frame":
            first.append(process.stdout.readline())
        process.send_signal(number)
        rest, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    found = events("".join(first) + rest)
    assert [event["event"] for event in found[-4:]] == ["keyed", "shot_end", "stopped", "done"]
    assert found[-1]["exit_code"] == found[-2]["exit_code"] == code
    assert found[-3]["exit_code"] is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such names")
def test_names_that_are_no_text(told, tmp_path):
    shot = write_shot(tmp_path / os.fsdecode(b"s\xff\n\x1b[2J"), range(1, 2))
    code, found, _ = told(shot, "--outputs", "matte")
    assert code == 0
    assert found[0]["shot"] == "s\\udcff\n\x1b[2J"
    json.dumps(found, ensure_ascii=False).encode()


def test_text_is_the_default_and_the_option_must_be_one_of_key():
    assert isinstance(voice_for(["key", "s", "--log-format", "json"]), JsonVoice)
    assert isinstance(voice_for(["key", "--log-format=json", "s"]), JsonVoice)
    for words in (["key", "s"], ["key", "--", "--log-format", "json"], ["clips", "--log-format", "json"], []):
        assert isinstance(voice_for(words), TextVoice)


def test_an_unknown_format_is_refused(ck, tmp_path):
    assert ck("key", write_shot(tmp_path / "s"), "--log-format", "xml").code == 2


def test_an_error_of_ours_is_told_and_let_through(capsys):
    with pytest.raises(ZeroDivisionError), JsonVoice().heard():
        raise ZeroDivisionError
    found = events(capsys.readouterr().out)
    assert [event["event"] for event in found] == ["error", "done"]
    assert "ZeroDivisionError" in found[0]["error"]


def test_numbers_stay_numbers(capsys):
    voice = JsonVoice()
    with voice.frames(2) as advance:
        advance(KeyedFile(7, (Path("a.exr"),)))
        advance(KeyedFile(8, (), FrameReadError("b: broken")))
    first, second = events(capsys.readouterr().out)
    assert (first["frame"], first["paths"], second["error"]) == (7, ["a.exr"], "b: broken")
