"""What an evaluation found: tables for people, JSON for programs, sheets to look at."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corridorkey.errors import SettingsError
from corridorkey.evaluation.pictures import CROP, Row
from corridorkey.evaluation.real import REAL_FIGURES
from corridorkey.evaluation.scores import FIGURES, MethodScores, all_tags
from corridorkey.files import read_file, write_file
from corridorkey.sheet import write_sheet

Table = list[tuple[str, ...]]
BY_TAG = ("mse", "mad_transition")  # figures that are broken down


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of several methods on one suite.

    Attributes:
        suite: its name.
        methods: at least one; the first is the one that is held against the others.
        settings: of the classical keyers, by method, in a line each.
    """

    suite: str
    methods: tuple[MethodScores, ...]
    settings: Mapping[str, str] = field(default_factory=dict)

    def tables(self) -> list[Table]:
        """Means over the suite; of some figures by tag; and on how many frames the first method is the better one."""
        heads = tuple(m.method for m in self.methods)
        means = [m.means() for m in self.methods]
        names = [n for n in (*FIGURES, *REAL_FIGURES) if any(n in mean for mean in means)]
        found: list[Table] = [[("FIGURE", *heads), *((n, *(_text(mean.get(n)) for mean in means)) for n in names)]]
        tags = all_tags(self.methods[0])
        for figure in (f for f in BY_TAG if f in names):
            by_tag = [tuple(_text(m.tagged(tag).means().get(figure)) for m in self.methods) for tag in tags]
            rows = [(tag, *values) for tag, values in zip(tags, by_tag, strict=True)]
            found.append([(f"{figure.upper()} BY TAG", *heads), *rows])
        first, *others = self.methods
        wins = [n for n in names if n in (*FIGURES,)]
        if others and wins:
            heading = (f"{first.method} IS BETTER ON", *(f"than {m.method}" for m in others))
            found.append([heading, *((n, *(_share(first, other, n) for other in others)) for n in wins)])
        return found

    def to_json(self) -> dict[str, Any]:
        """For a JSON file; `from_json` takes it back."""
        return {
            "suite": self.suite,
            "settings": dict(self.settings),
            "methods": [m.to_json() for m in self.methods],
        }

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Report:
        """What `to_json` gave.

        Raises:
            SettingsError: it is nothing of the kind.
        """
        if not isinstance(facts, Mapping) or not isinstance(facts.get("methods"), list) or "suite" not in facts:
            raise SettingsError("not a report: it needs a suite and methods; give what `ck evaluate` wrote")
        methods = tuple(MethodScores.from_json(m) for m in facts["methods"])
        return cls(str(facts["suite"]), methods, facts.get("settings") or {})


def read_report(path: Path) -> Report:
    """Read a report's scores.json.

    Raises:
        FrameReadError: it cannot be read.
        SettingsError: it is no report.
    """
    try:
        return Report.from_json(json.loads(read_file(path)))
    except (ValueError, SettingsError) as error:
        raise SettingsError(f"{path}: {error}") from error


def write_report(out: Path, report: Report, rows: Mapping[str, Sequence[Row]]) -> list[Path]:
    """Write scores.json, and for each method a sheet of its rows.

    Args:
        out: the folder.
        rows: of a contact sheet, by method.
    Returns:
        The files.
    Raises:
        FrameWriteError: one cannot be written.
    """
    paths = [out / "scores.json"]
    write_file(paths[0], (json.dumps(report.to_json(), indent=1) + "\n").encode())
    for method, pictures in rows.items():
        if pictures:
            paths.append(out / f"{re.sub(r'[^A-Za-z0-9.-]+', '-', method).strip('-')}.png")
            write_sheet(paths[-1], pictures, CROP)
    return paths


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}" if abs(value) >= 10 else f"{value:.4f}"


def _share(first: MethodScores, other: MethodScores, figure: str) -> str:
    try:
        return f"{first.wins(other, figure):.0%}".replace("%", " %")
    except SettingsError:
        return "-"
