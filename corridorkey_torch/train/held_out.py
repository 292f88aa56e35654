"""Held-out figures of a run, through the path that users take, and a sheet to look at."""

from __future__ import annotations

from pathlib import Path

from corridorkey.color import linear_to_srgb
from corridorkey.config import KeySettings
from corridorkey.evaluate import key_synthetic, mean_scores, score_frame
from corridorkey.sheet import write_sheet
from corridorkey.synth import ShotStyle, render_shot
from corridorkey_torch.keyer import load_keyer
from corridorkey_torch.train.recipe import Recipe


def held_out_figures(checkpoint: Path, recipe: Recipe, sheets: Path) -> str:
    """Key the recipe's held-out shots with a checkpoint.

    Args:
        checkpoint: as exported by the run.
        recipe: says which shots are held out.
        sheets: folder that gets the sample sheet.
    Returns:
        One line of figures.
    """
    keyer, settings = load_keyer(checkpoint), KeySettings(despeckle=0)
    wanted, scores, rows = recipe.held_out, [], []
    screen = recipe.network.screen
    style = ShotStyle(screen=None if screen == "any" else screen)
    for seed in range(wanted.seed, wanted.seed + wanted.frames):
        frame = next(render_shot(seed, wanted.size, style=style))
        guide, keyed = key_synthetic(frame, keyer, settings)
        scores.append(score_frame(frame, guide, keyed))
        assert guide.key is not None
        rows.append(
            {
                "plate": frame.plate,
                "hint": guide.hint,
                "key": guide.key,
                f"alpha {scores[-1].alpha_mse:.4f}": keyed.alpha,
                "true alpha": frame.alpha,
                f"fg {scores[-1].fg_mae:.3f}": keyed.fg,
                "true fg": linear_to_srgb(frame.fg.clip(0, 1)),
                "comp": keyed.comp,
            }
        )
    write_sheet(sheets / f"{checkpoint.stem}.png", rows, width=240)
    return str(mean_scores(scores))
