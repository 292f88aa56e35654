"""What an examination yields: findings, and the report that sums them up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["ok", "note", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what it belongs to: "python", "machine", "mlx", "torch", "backend", "weights", "codecs", "disk", "frame".
        name: its own, stable name within the topic.
        state: "ok"; "note", which stops nothing; "missing", which something needs; "broken", which should work here.
        value: for people.
        remedy: what to do, or the line to type; empty if there is nothing to do.
        data: the same facts for machines: JSON types only.
    """

    topic: str
    name: str
    state: State
    value: str
    remedy: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, and whether a shot can be keyed here.

    Attributes:
        findings: in the order they are shown.
        backend: a backend that works here, the one that would be taken if that does; None if none does.
        device: the device it must be told to take (--device); None if its own choice works.
        can_key: whether a shot can be keyed here.
    """

    findings: tuple[Finding, ...]
    backend: str | None
    device: str | None
    can_key: bool

    @property
    def todo(self) -> tuple[Finding, ...]:
        """What is missing or broken and can be helped; each remedy once."""
        helped = {f.remedy: f for f in reversed(self.findings) if f.remedy and f.state in ("missing", "broken")}
        return tuple(f for f in self.findings if helped.get(f.remedy) is f)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON types; `format_version` changes when a key does."""
        return {
            "format_version": 1,
            "can_key": self.can_key,
            "backend": self.backend,
            "device": self.device,
            "findings": [asdict(finding) for finding in self.findings],
            "todo": [{"topic": f.topic, "name": f.name, "remedy": f.remedy} for f in self.todo],
        }


def guarded(topic: str, name: str, probe: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a probe finds; a probe that fails is a finding of its own.

    Args:
        topic, name: of that finding.
        probe: looks and yields findings.
    """
    found: list[Finding] = []
    try:
        found.extend(probe())
    except Exception as error:  # whatever a strange machine makes a probe stumble over, the others go on
        found.append(Finding(topic, name, "note", f"could not be examined: {described(error)}"))
    return found


def described(error: BaseException) -> str:
    """An error in one line: its kind, and its message unless that is empty."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
