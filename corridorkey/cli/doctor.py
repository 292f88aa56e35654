"""`ck doctor`: what this machine has, what is missing, and the line that installs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from corridorkey.doctor import Finding, Report

MARKS = {"ok": "ok", "note": "note", "missing": "MISSING", "broken": "BROKEN"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For machines: one JSON object.")
@click.option("--no-frame", is_flag=True, help="Don't key a frame to see whether that works and how long it takes.")
def command(as_json: bool, no_frame: bool) -> None:
    """Say what this machine has, what is missing and the exact line that installs it.

    Nothing is installed, changed or fetched. Exits with 0 if a shot can be keyed here, with 4 if not.
    """
    import json
    import sys

    from corridorkey.doctor import examine
    from corridorkey.errors import BackendUnavailableError

    if sys.stderr.isatty():
        click.echo("looking at this machine; some seconds", err=True)
    report = examine(frame=not no_frame)
    click.echo(json.dumps(report.to_json(), indent=2) if as_json else as_text(report))
    if not report.can_key:
        raise SystemExit(BackendUnavailableError.exit_code)


def as_text(report: Report) -> str:
    """The report for people: a table by topic, then what there is to do."""
    lines: list[str] = []
    width = max((len(finding.name) for finding in report.findings), default=0)
    for topic in dict.fromkeys(finding.topic for finding in report.findings):
        lines.append(topic)
        for finding in report.findings:
            if finding.topic == topic:
                lines.append(f"  {MARKS[finding.state]:<8}{finding.name:<{width}}  {finding.value}")
                lines += _indented(finding.remedy, 12 + width) if finding.state == "note" else []
    lines += ["", *_summary(report)]
    return "\n".join(lines)


def _summary(report: Report) -> list[str]:
    device = f" and --device {report.device}" if report.device else ""
    works = f"A shot can be keyed here, with --backend {report.backend}{device}."
    lines = [works if report.can_key else "No shot can be keyed here yet."]
    for finding in report.todo:
        lines += [f"To do: {finding.topic}, {finding.name} ({_first_words(finding)}):", *_indented(finding.remedy, 4)]
    return lines


def _first_words(finding: Finding) -> str:
    words = finding.value.partition(": ")[0] if len(finding.value) > 80 else finding.value
    return words if len(words) <= 80 else f"{words[:77]}..."


def _indented(text: str, by: int) -> list[str]:
    return [" " * by + line for line in text.splitlines()]
