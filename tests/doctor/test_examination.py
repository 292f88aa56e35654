import pytest

from corridorkey.doctor import examination as module
from corridorkey.doctor import finding as findings
from corridorkey.doctor.backends import Backends
from corridorkey.doctor.examination import attempts, try_all
from corridorkey.doctor.finding import Finding, Report, guarded
from corridorkey.doctor.trial import Attempt

BROKEN_GPU = {"torch": {"computes": {"cpu": "", "cuda": "no kernel image"}}}
GPU = {"torch": {"computes": {"cpu": "", "cuda": ""}}}


def test_a_probe_that_fails_keeps_what_it_had_found():
    def probe():
        yield Finding("t", "a", "ok", "")
        raise OSError(5, "Input/output\nerror")

    first, second = guarded("t", "b", probe)
    assert first.name == "a"
    assert (second.name, second.state) == ("b", "note")
    assert second.value == "could not be examined: OSError: [Errno 5] Input/output error"
    assert findings.described(ValueError()) == "ValueError"


def test_each_remedy_is_to_be_done_once_and_notes_are_none():
    both = [Finding("mlx", "a", "missing", "", "line"), Finding("torch", "b", "broken", "", "line")]
    report = Report((*both, Finding("x", "c", "note", "", "other"), Finding("x", "d", "broken", "")), None, None, False)
    assert [f.name for f in report.todo] == ["a"]
    assert report.to_json()["todo"] == [{"topic": "mlx", "name": "a", "remedy": "line"}]


@pytest.mark.parametrize(
    ("chosen", "works", "facts", "plan"),
    [
        ("torch", ("torch", "mlx"), {}, ["torch", "mlx"]),
        ("mlx", ("torch", "mlx"), {}, ["mlx", "torch"]),
        (None, ("torch",), {}, ["torch"]),
        (None, (), {}, []),
        ("torch", ("torch",), GPU, ["torch", "torch on cpu"]),
        ("torch", ("torch", "mlx"), BROKEN_GPU, ["mlx", "torch on cpu"]),
        ("torch", ("torch",), BROKEN_GPU, ["torch on cpu"]),
    ],
)
def test_what_is_tried_in_turn(chosen, works, facts, plan):
    assert [attempt.name for attempt in attempts(chosen, Backends((), works, facts))] == plan


def test_the_first_that_keys_is_taken(monkeypatch):
    tried = []

    def key(attempt, without):
        tried.append((attempt.name, without))
        return Finding("frame", attempt.name, "ok" if attempt.backend == "mlx" else "broken", "")

    monkeypatch.setattr(module, "try_frame", key)
    plan = [Attempt("torch"), Attempt("mlx"), Attempt("torch", "cpu")]
    taken, found = try_all(plan, is_device_unusable=False)
    assert taken == Attempt("mlx")
    assert [f.state for f in found] == ["broken", "ok"]
    assert tried == [("torch", ()), ("mlx", ("CORRIDORKEY_DEVICE",))]
    assert try_all(plan[:1], is_device_unusable=True)[0] is None
    assert tried[-1] == ("torch", ("CORRIDORKEY_DEVICE",))
    assert try_all([], is_device_unusable=False)[1][0].state == "note"


@pytest.fixture
def backends(monkeypatch):
    """Pretend that these backends work."""

    def only(*works):
        monkeypatch.setattr(module, "examine_backends", lambda *_: Backends((), works))
        chosen = works[0] if works else None
        monkeypatch.setattr(module, "choice_finding", lambda *_: (chosen, Finding("backend", "choice", "ok", "")))

    return only


def test_without_a_backend_no_shot_can_be_keyed(backends):
    backends()
    report = module.examine(frame=False)
    assert (report.can_key, report.backend) == (False, None)


def test_without_exr_no_shot_can_be_keyed(backends, monkeypatch):
    backends("torch")
    assert module.examine(frame=False).can_key
    monkeypatch.setattr(module, "codec_findings", lambda at: [Finding("codecs", "EXR 16 bit", "broken", "", "r")])
    assert not module.examine(frame=False).can_key


def test_a_driver_that_cannot_be_asked_is_a_finding(backends, monkeypatch):
    def fails():
        raise ValueError("odd")

    backends("torch")
    monkeypatch.setattr(module, "read_nvidia", fails)
    found = [f for f in module.examine(frame=False).findings if f.name == "NVIDIA driver"]
    assert [f.value for f in found] == ["could not be examined: ValueError: odd"]
