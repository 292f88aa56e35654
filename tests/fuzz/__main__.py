"""One case again, in this process: python -m tests.fuzz READER INDEX [FILE], which keeps the damaged file."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.fuzz.worker import attempt, case, prepare


def main(name: str, index: str, keep: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        reader, samples, path = prepare(name, Path(folder))
        sample, data, _ = case(name, samples, int(index))
        path.write_bytes(data)
        if keep:
            Path(keep).write_bytes(data)
        outcome, is_headed = attempt(reader, path)
        print(f"{name} {index}, of {sample}, header {'taken' if is_headed else 'refused'}: {outcome}")


if __name__ == "__main__":
    main(*sys.argv[1:])
