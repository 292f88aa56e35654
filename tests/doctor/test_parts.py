"""Weights, codecs, disk and the timed frame."""

import hashlib
import os
from types import SimpleNamespace

import pytest

from corridorkey.doctor import backends, codecs, weights
from corridorkey.doctor.child import Answer
from corridorkey.doctor.codecs import codec_findings, trip_finding, video_finding
from corridorkey.doctor.disk import disk_findings, folder_finding
from corridorkey.doctor.trial import Attempt, frame_finding
from corridorkey.doctor.weights import embedded_finding, fetched_findings, weights_findings
from corridorkey.errors import WeightsUnavailableError
from tests.doctor.stand_ins import CLONE, HERE, PIP, by_name

FRAME = {
    "backend": "torch", "size": [512, 288], "device": "cpu", "dtype": "float32", "load_seconds": 1.0,
    "first_seconds": 0.5, "second_seconds": 0.25, "finite": True, "alpha_error": 0.01,
}  # fmt: skip


def fetched(path, sha256=None):
    """As `local_weights` lists them."""
    sha256 = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    return SimpleNamespace(
        screen="green", path=path, sha256=sha256, source_sha256="ab", origin="fetched", date="2026", licence="CC"
    )


def test_the_embedded_checkpoint_is_hashed_and_its_licence_read():
    finding = embedded_finding(CLONE)
    assert finding.state == "ok"
    assert len(finding.data["sha256"]) == 64
    assert finding.data["licence"] == "Apache-2.0"


def test_a_lost_embedded_checkpoint_is_broken(monkeypatch):
    def lost():
        raise WeightsUnavailableError("small.safetensors is missing")

    monkeypatch.setattr("corridorkey.weights.small_checkpoint", lost)
    finding = embedded_finding(HERE)
    assert (finding.state, finding.value) == ("broken", "small.safetensors is missing")
    assert "--force-reinstall" in finding.remedy


def test_fetched_weights_are_read_and_hashed(tiny_checkpoint):
    (finding,) = fetched_findings([fetched(tiny_checkpoint)])
    assert (finding.name, finding.state) == ("green", "ok")
    assert finding.data["source_sha256"] == "ab"
    assert finding.data["sha256"] == hashlib.sha256(tiny_checkpoint.read_bytes()).hexdigest()


def test_fetched_weights_that_are_damaged_lost_or_changed_are_broken(tmp_path, tiny_checkpoint):
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no header")
    lost = fetched(tmp_path / "lost.safetensors", "cd")
    for item in (fetched(damaged), lost, fetched(tiny_checkpoint, "ef")):
        (finding,) = fetched_findings([item])
        assert finding.state == "broken"
        assert "ck weights fetch green" in finding.remedy


def test_no_fetched_weights_stop_nothing():
    (finding,) = fetched_findings([])
    assert finding.state == "note"


def test_without_the_hub_its_line_is_given(monkeypatch):
    monkeypatch.setattr(weights, "is_installed", lambda name: False)
    finding = by_name(weights_findings(CLONE), "huggingface-hub")
    assert finding.state == "missing"
    assert finding.remedy == f"{PIP}'huggingface-hub>=1.0'"


def test_a_record_that_cannot_be_read_hides_nothing_else(monkeypatch):
    def damaged():
        raise WeightsUnavailableError("green.json: damaged")

    monkeypatch.setattr("corridorkey.weights.local_weights", damaged)
    found = list(weights_findings(CLONE))
    assert "could not be examined: WeightsUnavailableError: green.json" in by_name(found, "fetched").value
    assert by_name(found, "small").state == "ok"


def test_every_codec_here_goes_round():
    found = [f for f in codec_findings(HERE) if f.name != "video"]
    assert [f.state for f in found] == ["ok"] * 7, found
    assert by_name(found, "EXR 32 bit").data["difference"] == 0


def test_a_codec_that_fails_or_changes_pictures_is_broken():
    def fails():
        raise RuntimeError("file has 0 parts")

    for trip in (fails, lambda: 0.5, lambda: float("nan")):
        finding = trip_finding("EXR 16 bit", codecs.EXR, trip, 1e-3, HERE)
        assert finding.state == "broken"
        assert finding.remedy == f"{PIP}--force-reinstall 'OpenEXR>=3.4.14'"


def test_movies_are_said_to_come_later():
    assert "later version" in video_finding(HERE, has_av=True).value
    lacking = video_finding(HERE, has_av=False)
    assert (lacking.state, lacking.remedy) == ("note", f"{PIP}'av>=14'")


def test_a_module_whose_parent_breaks_is_not_installed():
    assert not backends.is_installed("no_such_parent.child")


def test_folders_are_looked_at_and_left_as_they_are(tmp_path):
    cache = tmp_path / "not" / "there"
    assert [f.state for f in disk_findings(tmp_path, cache)] == ["ok", "ok"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_files_is_broken(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    assert folder_finding("cache folder", tmp_path / "file", "r").state == "broken"
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    finding = folder_finding("cache folder", tmp_path, "Free some space.")
    assert (finding.state, finding.data["writable"], finding.remedy) == ("broken", False, "Free some space.")


def test_a_full_disk_is_noted(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1 << 20))
    assert folder_finding("working folder", tmp_path, "r").state == "note"


def test_a_timed_frame_is_told_in_seconds_and_fps():
    finding = frame_finding(Attempt("torch", "cpu"), Answer(FRAME))
    assert (finding.name, finding.state) == ("torch on cpu", "ok")
    assert "first 0.50 s, then 0.25 s (4.00 fps)" in finding.value


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(failure="died of SIGBUS"), "SIGBUS"),
        (Answer({**FRAME, "finite": False, "alpha_error": None}), "NaN"),
        (Answer({**FRAME, "alpha_error": 0.4}), "0.40 off the truth"),
    ],
)
def test_a_frame_that_fails_or_is_wrong_is_broken(answer, words):
    finding = frame_finding(Attempt("torch"), answer)
    assert finding.state == "broken"
    assert words in finding.value
    assert finding.remedy
