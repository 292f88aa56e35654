"""The settings of a maker worth trying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any, TypeVar

Maker = TypeVar("Maker", bound=Any)


def grid(maker: Maker, **values: Sequence[float]) -> tuple[Maker, ...]:
    """A maker, and its copies with every combination of values.

    Args:
        maker: a frozen dataclass; the first of the grid, so that a draw is its own.
        values: field -> what to try.
    """
    copies = [replace(maker, **dict(zip(values, row, strict=True))) for row in product(*values.values())]
    return tuple(dict.fromkeys([maker, *copies]))
