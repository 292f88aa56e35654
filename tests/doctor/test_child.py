import sys

import pytest

from corridorkey.doctor.child import ask, read_answer, signal_name
from tests.doctor.stand_ins import write_module


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Asks a function whose body is given."""

    def run(body, *arguments, **options):
        write_module(tmp_path, "stand_in", f"import os, sys, time\ndef facts(*words):\n    {body}\n")
        monkeypatch.syspath_prepend(tmp_path)
        return ask("stand_in:facts", arguments, **options)

    return run


def test_a_child_answers_whatever_its_framework_prints(child):
    answer = child("print('hello'); os.write(1, b'{'); return {'words': words}", "a", None)
    assert (answer.failure, answer.facts) == ("", {"words": ["a", None]})


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_child_that_aborts_is_named_by_its_signal(child):
    answer = child("sys.stderr.write('libmlx: no device\\n'); sys.stderr.flush(); os.abort()")
    assert answer.failure == "died of SIGABRT: libmlx: no device"
    assert not answer.facts


def test_a_child_that_hangs_is_killed(child):
    assert child("time.sleep(600)", timeout=0.5).failure == "did not answer within 0 s"


def test_a_child_that_raises_gives_its_last_line(child):
    assert child("raise ImportError('libcudart.so.13 is missing')").failure == "ImportError: libcudart.so.13 is missing"


def test_a_file_in_the_users_folder_stands_in_for_no_module(child, tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    (work / "json.py").write_text("raise SystemExit('the wrong json')")
    monkeypatch.chdir(work)
    assert child("return {}").failure == ""


def test_a_child_that_leaves_without_an_answer_is_said(child):
    assert child("os._exit(0)").failure == "gave no answer"
    assert child("os._exit(7)").failure == "ended with status 7"
    assert child("return [1]").failure == "gave no answer"


def test_a_child_lacks_what_it_is_not_to_see(child, monkeypatch):
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cuda:9")
    body = "return {'device': os.environ.get('CORRIDORKEY_DEVICE')}"
    assert child(body).facts == {"device": "cuda:9"}
    assert child(body, without=["CORRIDORKEY_DEVICE"]).facts == {"device": None}


def test_a_crash_on_windows_is_shown_as_windows_shows_it():
    assert read_answer(3221225477, b"", b"").failure == "ended with status 0xC0000005"
    assert signal_name(6) == "SIGABRT"
    assert signal_name(999) == "signal 999"
