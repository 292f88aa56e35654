"""`ck info`: what a checkpoint is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("info")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(file: Path, as_json: bool) -> None:
    """Say what FILE, a checkpoint, is: network, screen, tensors, licence, source."""
    import json

    facts = _facts(file)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name:<14} {_words(value)}")


def _facts(path: Path) -> dict[str, Any]:
    from collections import Counter
    from math import prod

    from corridorkey.checkpoint import FORMAT, read_info
    from corridorkey_convert.content import refuse_unconverted
    from corridorkey_convert.source import opened
    from corridorkey_convert.tensor_file import is_tensor_file, read_header

    with opened(path) as source:
        entries, header = read_header(source) if is_tensor_file(source.data) else ({}, {})
        if header.get("format") != FORMAT:
            refuse_unconverted(path)
        info, size, sha256 = read_info(path), len(source.data), source.sha256()
    config = info.config
    return {
        "network": "CorridorKey 1.0" if _is_released(config) else "GreenFormer of other dimensions",
        "widths": [config.embed_dim << stage for stage in range(len(config.depths))],
        "blocks": list(config.depths),
        "inputs": list(config.inputs),
        "screen": config.screen,
        "sizing": config.sizing,
        "size": config.size,
        "overview": config.overview,
        "parameters": sum(prod(entry.shape) for entry in entries.values()),
        "tensors": len(entries),
        "dtypes": dict(sorted(Counter(entry.kind for entry in entries.values()).items())),
        "file size": size,
        "licence": info.licence,
        "source sha256": info.source_sha256,
        "note": info.note,
        "sha256": sha256,
    }


def _is_released(config: Any) -> bool:
    import dataclasses

    from corridorkey.config import GreenFormerConfig

    known = GreenFormerConfig()
    return bool(dataclasses.replace(config, screen=known.screen, pos_grid=known.pos_grid, size=known.size) == known)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value) or "–"
