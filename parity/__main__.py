"""`python -m parity`: the golden figures, then the project's own, printed; exit code 1 if a bound is broken.

With --long, instead, what takes minutes: the converter at the released size, and the memory of a long clip.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from corridorkey.errors import CorridorKeyError
from parity.compare import compare
from parity.figures import figures, long_figures
from parity.mirror import mirror_pairs
from parity.stages import all_pairs


def run(words: argparse.Namespace) -> list[str]:
    """Print what was asked for; the names of the figures out of bounds."""
    failed = []
    pairs = mirror_pairs(words.frames) if words.frames else () if words.long else all_pairs()
    for verdict in compare(pairs):
        print(verdict, flush=True)
        failed += [] if verdict.holds else [verdict.name]
    for figure in () if words.frames else long_figures() if words.long else figures():
        print(figure, flush=True)
        failed += [] if figure.holds or figure.timing else [figure.name]
    return failed


def main() -> int:
    """Run and print everything; name the first figure out of bounds."""
    parser = argparse.ArgumentParser(prog="python -m parity", description="Hold this program to its figures.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--long", action="store_true", help="instead: the converter's and the memory's figures (minutes)")
    only.add_argument("--frames", type=Path, help="instead: MLX against Torch, on a folder of your own plates")
    words = parser.parse_args()
    try:
        failed = run(words)
    except CorridorKeyError as error:
        print(f"parity: {error}", file=sys.stderr)
        return 1
    if failed:
        print(f"parity: first out of bounds: {failed[0]} ({len(failed)} in all)")
        return 1
    print("parity: every figure is within its bound")
    return 0


if __name__ == "__main__":
    sys.exit(main())
