"""Two arrays, one number; many numbers, one verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridorkey.types import Array

TOLERANCES = Path(__file__).parent / "tolerances.toml"


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure to compare.

    Attributes:
        row: name of its row in tolerances.toml.
        case: which of several cases of that row; may be empty.
        got, reference: arrays of one shape.
    """

    row: str
    case: str
    got: Array
    reference: Array


@dataclass(frozen=True, slots=True)
class Verdict:
    """A compared figure.

    Attributes:
        measure: what `value` is; see MEASURES.
        largest: the largest absolute difference, whatever is measured.
    """

    name: str
    measure: str
    value: float
    bound: float
    reason: str
    largest: float

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bound; NaN is not."""
        return self.value <= self.bound

    def __str__(self) -> str:
        sign = "ok  " if self.holds else "FAIL"
        worst = f", largest {self.largest:.2e}" if self.measure == "mean" else ""
        value = f"{self.measure:<9} {self.value:.2e}{worst}"
        return f"{sign}  {self.name:<44} {value}  (bound {self.bound:.0e}: {self.reason})"


def relative(got: Array, reference: Array) -> float:
    """‖got − reference‖ / ‖reference‖ in float64."""
    difference = got.astype(np.float64) - reference
    return float(np.linalg.norm(difference) / np.linalg.norm(reference.astype(np.float64)))


def largest(got: Array, reference: Array) -> float:
    """The largest absolute difference, in float64."""
    return float(np.abs(got.astype(np.float64) - reference).max())


def mean(got: Array, reference: Array) -> float:
    """The mean absolute difference, in float64."""
    return float(np.abs(got.astype(np.float64) - reference).mean())


MEASURES = {"relative": relative, "largest": largest, "mean": mean}


def compare(pairs: Iterable[Pair], tolerances: Path = TOLERANCES) -> Iterator[Verdict]:
    """Hold every pair against its row.

    Args:
        pairs: in the order of the frame's journey, so that the first failure is where it went wrong.
        tolerances: the file with a bound and a reason for each row.
    Raises:
        KeyError: a row has no tolerance.
        ValueError: two shapes differ.
    """
    rows = tomllib.loads(tolerances.read_text(encoding="utf-8"))
    for pair in pairs:
        row, name = rows[pair.row], f"{pair.row} {pair.case}".strip()
        if pair.got.shape != pair.reference.shape:
            raise ValueError(f"{name}: got {pair.got.shape}, the reference is {pair.reference.shape}")
        value = MEASURES[row["measure"]](pair.got, pair.reference)
        worst = largest(pair.got, pair.reference)
        yield Verdict(name, row["measure"], value, row["bound"], row["reason"], worst)
