import dataclasses

import pytest

from corridorkey.doctor import backends
from corridorkey.doctor.about_torch import Gpus
from corridorkey.doctor.backends import choice_finding, device_finding, examine_backends
from corridorkey.doctor.child import Answer
from tests.doctor.stand_ins import CLONE, HERE, LINUX, MAC, by_name, mlx, torch


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in ("CORRIDORKEY_BACKEND", "CORRIDORKEY_DEVICE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def installed(monkeypatch):
    """Pretend that only these modules can be found."""

    def only(*names):
        monkeypatch.setattr(backends, "is_installed", lambda name: name in names or name.startswith("corridorkey_"))

    return only


def examined(answers, machine=LINUX):
    return examine_backends(machine, CLONE, Gpus(), answers.__getitem__)


def test_both_work_in_the_order_of_auto(installed):
    installed("mlx", "torch")
    answers = {"mlx": mlx(), "torch": torch()}
    assert examined(answers).works == ("torch", "mlx")
    assert examined(answers, MAC).works == ("mlx", "torch")


def test_neither_is_installed(installed):
    installed()
    found = examined({})
    assert found.works == ()
    assert [f.state for f in found.findings if f.name == "installed"] == ["note", "missing"]
    assert "pip install 'torch>=2.6'" in by_name([f for f in found.findings if f.topic == "torch"], "installed").remedy


def test_a_framework_that_does_not_load_does_not_work(installed):
    installed("mlx", "torch")
    found = examined({"mlx": mlx(), "torch": Answer(failure="died of SIGSEGV")})
    assert found.works == ("mlx",)
    found = examined({"mlx": Answer(failure="did not answer within 120 s"), "torch": torch()})
    assert found.works == ("torch",)
    assert examined({"mlx": mlx(computes="wrong"), "torch": torch(computes={"cpu": "wrong"})}).works == ()


def test_mlx_does_not_work_with_a_peers_network(installed, monkeypatch):
    installed("mlx")
    monkeypatch.setattr(
        backends, "whose_package", lambda root, here: backends.Finding("mlx", "corridorkey_mlx", "broken", "")
    )
    assert examined({"mlx": mlx()}).works == ()


def test_facts_of_an_unknown_kind_are_no_traceback(installed):
    installed("mlx", "torch")
    found = examined({"mlx": Answer({"odd": 1}), "torch": Answer({"odd": 1})})
    assert found.works == ()
    assert sum(f.value.startswith("could not be examined: KeyError") for f in found.findings) == 2


def test_the_choice_says_why(monkeypatch):
    monkeypatch.setattr(backends, "choose_backend", lambda: "torch")
    chosen, finding = choice_finding(["torch"], HERE)
    assert (chosen, finding.state) == ("torch", "ok")
    assert "auto" in finding.value
    monkeypatch.setenv("CORRIDORKEY_BACKEND", "torch")
    assert "CORRIDORKEY_BACKEND says so" in choice_finding(["torch"], HERE)[1].value


def test_an_unusable_variable_is_to_be_unset(monkeypatch):
    monkeypatch.setenv("CORRIDORKEY_BACKEND", "jax")
    chosen, finding = choice_finding(["torch"], HERE)
    assert (chosen, finding.state, finding.remedy) == (None, "broken", "unset CORRIDORKEY_BACKEND")
    assert "jax" in finding.value
    windows = dataclasses.replace(HERE, system="win32")
    assert choice_finding(["torch"], windows)[1].remedy == "set CORRIDORKEY_BACKEND="


def test_a_choice_that_does_not_work_names_the_other(monkeypatch):
    monkeypatch.setattr(backends, "choose_backend", lambda: "mlx")
    chosen, finding = choice_finding(["torch"], HERE)
    assert (chosen, finding.state) == (None, "broken")
    assert "--backend torch" in finding.remedy
    assert choice_finding([], HERE)[1].remedy == ""


def test_a_device_that_is_not_here_is_to_be_unset(monkeypatch):
    assert device_finding("torch", HERE) is None
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "cuda:7")
    refused = device_finding("torch", HERE, lambda name: Answer({"device": None, "failure": "not available here"}))
    assert refused is not None
    assert (refused.state, refused.remedy) == ("broken", "unset CORRIDORKEY_DEVICE")
    assert "'cuda:7': not available here" in refused.value
    taken = device_finding("torch", HERE, lambda name: Answer({"device": "cuda:7", "failure": ""}))
    assert taken is not None
    assert taken.state == "ok"


def test_the_backend_itself_is_asked_about_the_device(monkeypatch):
    monkeypatch.setenv("CORRIDORKEY_DEVICE", "teapot")
    finding = device_finding("torch", HERE)
    assert finding is not None
    assert finding.state == "broken"
    assert "device 'teapot': use auto" in finding.value
