"""Questions at a terminal, each of which a flag answers beforehand."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from corridorkey.cli.options import check_knob
from corridorkey.errors import SettingsError
from corridorkey.printable import printable


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks what no flag has answered.

    Attributes:
        takes_defaults: ask nothing, and take the default of every question (--yes).
    """

    takes_defaults: bool

    def confirm(self, answer: bool | None, question: str, flag: str, *, default: bool, yes: bool | None = None) -> bool:
        """Yes or no.

        Args:
            answer: the flag's, None if it was not given.
            question: for people.
            flag: what answers it on the command line, as --hints; its no is --no-hints.
            default: what Enter means.
            yes: what --yes means, where that is not the default.
        Raises:
            SettingsError: there is no terminal to ask at.
        """
        if answer is not None:
            return answer
        if self.takes_defaults:
            return default if yes is None else yes
        self._check_terminal(f"--{flag} or --no-{flag}")
        return click.confirm(printable(question), default=default)

    def choose(self, question: str, choices: Sequence[str], flags: str) -> str:
        """One of several words; the first is the default.

        Raises:
            SettingsError: there is no terminal to ask at.
        """
        if self.takes_defaults:
            return choices[0]
        self._check_terminal(flags)
        return str(click.prompt(printable(question), type=click.Choice(choices), default=choices[0]))

    def setting(self, answer: str | None, option: click.Option, context: click.Context, default: str) -> str:
        """A setting, as text that its option takes; a wrong one is asked for again.

        Args:
            answer: the flag's, None if it was not given.
            option: of the command that the setting is for.
            context: that command's.
            default: what Enter means.
        Raises:
            SettingsError, click.UsageError: the flag's answer is out of range, or there is no terminal to ask at.
        """
        if answer is not None or self.takes_defaults:
            return _checked(answer or default, option, context)
        flag = option.opts[-1]
        self._check_terminal(flag)

        def check(text: str) -> str:
            try:
                return _checked(text, option, context)
            except SettingsError as error:
                raise click.UsageError(str(error)) from error

        what = (option.help or "").split("  [")[0].rstrip(".")
        return str(click.prompt(f"  {flag:<18}  {what}", default=default, value_proc=check))

    def _check_terminal(self, flags: str) -> None:
        if not sys.stdin.isatty():
            raise SettingsError(
                f"no terminal to ask at, so nothing was done. Answer with {flags}, or all with --yes; "
                "`ck wizard --help` has a flag for every question."
            )


def _checked(text: str, option: click.Option, context: click.Context) -> str:
    check_knob(option, option.process_value(context, text))
    return text
