"""A run over a suite, and what is said and written of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from corridorkey.errors import SettingsError
from corridorkey.evaluation.contract import Result
from corridorkey.evaluation.pictures import CROP, look_at, places, small
from corridorkey.evaluation.report import Report, read_report, write_report
from corridorkey.evaluation.run import WORST, run_suite
from corridorkey.evaluation.suites import Suite
from tests.evaluation.frames import disc_frame


@dataclass(frozen=True)
class Off:
    """Alpha is off by so much, more from frame to frame."""

    name: str
    by: float = 0.0

    def key(self, frame):
        off = np.float32(self.by * int(frame.name.rsplit("/", 1)[-1]))
        return Result(np.clip(frame.alpha + off, 0, 1), frame.fg)


FRAMES = [disc_frame(f"a/{k}", "a", 40.0 + k, ("moving", "green")) for k in range(3)]
FRAMES.append(disc_frame("b/9", "b", tags=("still", "blue"), screen="blue"))
SUITE = Suite("discs", lambda: iter(FRAMES), True)


def test_the_truth_is_better_on_all_frames_that_are_wrong_otherwise():
    seen = []
    report, rows = run_suite(SUITE, [Off("truth"), Off("off", 0.01)], seen.append)
    assert seen == [f.name for f in FRAMES]
    truth, off = report.methods
    assert truth.means()["mse"] == truth.means()["dtssd"] == 0
    assert off.means()["dtssd"] > 0
    assert truth.wins(off) == 0.75  # the first frame is off by nothing
    assert set(rows) == {"truth", "off"}


def test_flicker_is_within_shots():
    (scores,) = run_suite(SUITE, [Off("off", 0.01)])[0].methods
    assert ["dtssd" in f.figures for f in scores.frames] == [False, True, True, False]


def test_the_sheet_has_the_worst_frame_of_each_of_the_worst_shots():
    frames = [disc_frame(f"s{k}/{n}", f"s{k}") for k in range(WORST + 3) for n in (k, k + 1)]
    rows = run_suite(Suite("many", lambda: iter(frames), True), [Off("off", 0.01)])[1]["off"]
    names = [next(iter(row)).split(":")[0] for row in rows]
    assert names == [f"s{k}/{k + 1}" for k in range(WORST + 2, 2, -1)]


def test_tables_hold_every_method_and_tag():
    report, _ = run_suite(SUITE, [Off("one", 0.01), Off("two", 0.02)])
    means, mse, _, wins = report.tables()
    assert means[0] == ("FIGURE", "one", "two")
    assert [row[0] for row in mse[1:]] == ["moving", "still", "green", "blue"]
    assert {row[0]: row[1] for row in wins}["mse"] == "75 %"
    assert all(len(row) == len(table[0]) for table in report.tables() for row in table)


def test_a_report_goes_to_disk_and_back(tmp_path):
    report, rows = run_suite(SUITE, [Off("one, true hint", 0.01)])
    paths = write_report(tmp_path, report, rows)
    assert [p.name for p in paths] == ["scores.json", "one-true-hint.png"]
    assert read_report(paths[0]) == report
    assert paths[1].stat().st_size > 1000


@pytest.mark.parametrize("text", ["", "[]", "3 =", '{"suite": "x", "methods": [3]}', '{"methods": []}'])
def test_what_is_no_report_is_named(tmp_path, text):
    path = tmp_path / "scores.json"
    path.write_text(text or " ")
    with pytest.raises(SettingsError, match=r"scores\.json"):
        read_report(path)
    with pytest.raises(SettingsError):
        Report.from_json(json.loads('{"suite": 1}'))


def test_no_method_none_twice_and_no_empty_suite():
    for methods in ([], [Off("a"), Off("a")]):
        with pytest.raises(SettingsError, match="once"):
            run_suite(SUITE, methods)
    with pytest.raises(SettingsError, match="no frames"):
        run_suite(Suite("empty", lambda: iter(()), True), [Off("a")])


def test_places_are_the_heaviest_and_do_not_overlap():
    weight = np.zeros((600, 1000), np.float32)
    weight[100:110, 100:110], weight[500:505, 900:905] = 1, 1
    first, second = places(weight, 3)
    assert weight[first].sum() == 100
    assert weight[second].sum() == 25
    assert weight[first].shape == (CROP, CROP)
    assert len(places(np.zeros((50, 60), np.float32), 3)) == 1


def test_an_overview_is_no_larger_than_a_crop():
    assert small(np.ones((720, 1280, 3), np.float32)).shape == (158, CROP, 3)
    assert small(np.ones((1280, 720, 3), np.float32)).shape == (CROP, CROP, 3)
    assert small(np.ones((40, 60, 3), np.float32)).shape == (40, 60, 3)


def test_a_frame_without_truth_is_shown_around_its_soft_places():
    frame = replace(FRAMES[0], alpha=None, fg=None)
    (row,) = look_at(frame, Result(FRAMES[0].alpha, FRAMES[0].fg))
    assert not any("true" in label or "wrong" in label for label in row)
    assert row["comp"].shape == (64, 96, 3)
