"""The kinds of words that options of `ck key` take, on the command line and in a ck.toml."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from corridorkey.config import SIZE_STEP, KeySettings

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
    Choice = click.Choice[str]
else:
    ParamType, Choice = click.ParamType, click.Choice  # not generic before click 8.5

NONE = "none"


class Given(ParamType):
    """Text that is not empty."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as it is."""
        if not str(value).strip():
            self.fail("is empty; an unset variable?", param, ctx)
        return str(value)


class Place(Given):
    """A path, as text: a file, a folder or a pattern; or one of some words."""

    name = "path"

    def __init__(self, words: Sequence[str]) -> None:
        """The `words` are no paths."""
        self.words = tuple(words)


class Mask(Place):
    """A path to a hint or matte, or NONE, which takes back what a ck.toml names."""

    def __init__(self) -> None:
        """A file that is called so goes as ./none."""
        super().__init__((NONE,))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, or None."""
        return None if value == NONE else super().convert(value, param, ctx)


class MovieKind(Choice):
    """A kind of movie, or NONE."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The kind, or None."""
        kind = super().convert(value, param, ctx)
        return None if kind == NONE else kind


class Words(ParamType):
    """Words with commas between; in a ck.toml a list will do."""

    name = "words"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """The words in lower case."""
        del param, ctx
        words = value.split(",") if isinstance(value, str) else value
        return tuple(word.strip().lower() for word in words if word.strip())


class Area(ParamType):
    """An area in pixels, or a word for one."""

    name = "area"
    words = {"on": KeySettings().despeckle, "off": 0}  # noqa: RUF012  (of the class, and never changed)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The area; "on" is the default's."""
        word = str(value).lower()
        try:
            return self.words[word] if word in self.words else int(word)
        except ValueError:
            self.fail(f"{value!r}: use on, off or an area in pixels", param, ctx)


class Side(ParamType):
    """The network's side in pixels."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The side, a multiple of SIZE_STEP."""
        side = int(click.INT.convert(value, param, ctx))
        if side < SIZE_STEP or side % SIZE_STEP:
            self.fail(f"{side}: use a multiple of {SIZE_STEP}, for example 512, 1024 or 2048", param, ctx)
        return side
