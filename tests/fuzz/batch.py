"""Many cases of a reader in child processes, and what came of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
STUCK = 1800  # seconds without an end: it waits for something that never comes
CRASHES = 5  # enough to know


@dataclass
class Report:
    """What came of a reader's cases.

    Attributes:
        name: the reader's.
        cases: how many were read.
        outcomes: "read", "refused" or "fault" -> cases.
        behind: share whose damage lies behind the header alone.
        headed: share whose header the reader took.
        slowest, largest: CPU seconds and MB of one case, and which case that was.
        faults: case -> what was wrong with it.
    """

    name: str
    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    behind: float = 0
    headed: float = 0
    slowest: tuple[float, int] = (0, -1)
    largest: tuple[float, int] = (0, -1)
    faults: dict[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"{self.name:<12}{self.cases:5} cases, {self.behind:4.0%} damaged behind the header alone, "
            f"{self.headed:4.0%} past it; {self.outcomes['read']:4} read, {self.outcomes['refused']:4} refused, "
            f"{len(self.faults)} faults; at most {self.slowest[0]:.2f} s CPU (case {self.slowest[1]}) "
            f"and {self.largest[0]:.0f} MB (case {self.largest[1]})"
        )


def run_cases(name: str, count: int, folder: Path) -> Report:
    """Read `count` cases; a child that dies is followed by another, from the next case on."""
    lines, crashes, first = {}, {}, 0
    while first < count and len(crashes) < CRASHES:
        home = folder / f"{name} {first}"
        home.mkdir()
        words = [sys.executable, "-m", "tests.fuzz.worker", name, str(first), str(count), str(home)]
        child = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=STUCK)
        log = (home / "log").read_text() if (home / "log").exists() else ""
        whole, _, torn = log.rpartition("\n")
        lines |= {line[0]: line[1:] for line in map(json.loads, whole.splitlines())}
        if child.returncode == 0:
            break
        if not torn:  # it died between two cases, or before the first
            raise AssertionError(f"{name}: the child failed:\n{child.stderr[-3000:]}")
        first = int(torn.strip("[, ")) + 1
        crashes[first - 1] = f"ended the process ({child.returncode}):\n{child.stderr[-1500:]}"
    return _report(name, lines, crashes)


def _report(name: str, lines: dict[int, list], crashes: dict[int, str]) -> Report:
    faults = {index: line[0] for index, line in lines.items() if line[0] not in ("read", "refused")}
    return Report(
        name=name,
        cases=len(lines) + len(crashes),
        outcomes=Counter(line[0] for line in lines.values() if line[0] in ("read", "refused")),
        behind=sum(line[2] for line in lines.values()) / max(1, len(lines)),
        headed=sum(line[1] for line in lines.values()) / max(1, len(lines)),
        slowest=max(((line[3], index) for index, line in lines.items()), default=(0, -1)),
        largest=max(((line[4], index) for index, line in lines.items()), default=(0, -1)),
        faults=dict(sorted({**faults, **crashes}.items())),
    )
