"""The released weights: where they are published, under which names, on which terms."""

from __future__ import annotations

from dataclasses import dataclass

from corridorkey.types import Screen

LICENCE = "CC BY-NC-SA 4.0 with additional terms, see https://github.com/nikopueringer/CorridorKey"
TERMS = """\
The released CorridorKey weights belong to their authors and come under the CorridorKey licence: CC BY-NC-SA 4.0 with
additional terms. In short, and without replacing the text:
  - footage may be keyed with them, commercial work included;
  - they may not be sold, nor offered as a paid service that runs them;
  - building them into commercial software needs an agreement with the authors;
  - whoever passes them or a changed version on keeps the name CorridorKey and the same licence.
The full text is what counts: https://github.com/nikopueringer/CorridorKey"""


@dataclass(frozen=True, slots=True)
class Released:
    """Weights that their authors have published.

    Attributes:
        screen: colour they were trained on.
        repo: hub repository.
        files: its weights files, the preferred one first.
        elsewhere: names under which the same weights were published in other places, Torch layout first.
        size: of the download in bytes, roughly; for people.
    """

    screen: Screen
    repo: str
    files: tuple[str, ...]
    elsewhere: tuple[str, ...]
    size: int = 400_000_000

    @property
    def names(self) -> tuple[str, ...]:
        """Every published file name, in the order in which they are preferred."""
        names = (*self.files, *self.elsewhere)
        return tuple(sorted(names, key=lambda name: name.endswith(".pth")))


KNOWN: dict[Screen, Released] = {
    "green": Released(
        "green",
        "nikopueringer/CorridorKey_v1.0",
        ("CorridorKey_v1.0.safetensors", "CorridorKey_v1.0.pth"),
        ("corridorkey_mlx.safetensors", "CorridorKey.mlx.safetensors", "CorridorKey.pth"),
    ),
    "blue": Released(
        "blue",
        "nikopueringer/CorridorKeyBlue_1.0",
        ("CorridorKeyBlue_1.0.safetensors", "CorridorKeyBlue_1.0.pth"),
        ("CorridorKeyBlue_1.0.mlx.safetensors",),
    ),
}


def screen_of(name: str) -> Screen | None:
    """The screen of the weights published under exactly this file name; None for any other name."""
    return next((screen for screen, released in KNOWN.items() if name in released.names), None)
