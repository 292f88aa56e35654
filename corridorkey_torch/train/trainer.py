"""The training loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from corridorkey.errors import CheckpointFormatError
from corridorkey.synth import Textures
from corridorkey_torch.greenformer import GreenFormer
from corridorkey_torch.load import load_greenformer
from corridorkey_torch.train.batches import batches
from corridorkey_torch.train.loss import keying_loss
from corridorkey_torch.train.recipe import Recipe, recipe_hash
from corridorkey_torch.train.samples import render_sets
from corridorkey_torch.train.state import Average, export_checkpoint, load_state, save_state

log = logging.getLogger(__name__)

EVALUATE_EVERY = 5  # saves


def new_network(recipe: Recipe) -> GreenFormer:
    """A network that starts as its base: heads and refiner add nothing yet."""
    torch.manual_seed(recipe.seed)
    model = GreenFormer(recipe.network)
    nn.init.trunc_normal_(model.encoder.model.pos_embed, std=0.02)
    for output in (model.alpha_decoder.classifier, model.fg_decoder.classifier, model.refiner.final):
        nn.init.zeros_(output.weight)
        if output.bias is not None:
            nn.init.zeros_(output.bias)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def started_network(recipe: Recipe, start: Path) -> GreenFormer:
    """A network that starts with a checkpoint's weights."""
    model = load_greenformer(start).requires_grad_(True)
    if model.config != recipe.network:
        raise CheckpointFormatError(f"{start}: its network is not the recipe's. Change [network], or start afresh.")
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear up, level, linear down to zero: a run can be lengthened while it is level."""
    down = recipe.steps * recipe.decay
    return recipe.rate * min(1.0, (step + 1) / recipe.warmup, max(0.0, recipe.steps - step) / max(down, 1))


def train(
    recipe: Recipe, out: Path, textures: Textures, evaluate: Callable[[Path], str], start: Path | None = None
) -> Path:
    """Train, or go on with, a run.

    Args:
        recipe: what to do.
        out: the run's folder: rendered samples, state.pt, log.txt, small.safetensors, sheets.
        textures: what rendered subjects are made of.
        evaluate: a checkpoint's held-out figures, as one line.
        start: a checkpoint to begin a new run with, instead of fresh weights.
    Returns:
        The checkpoint.
    Raises:
        CheckpointFormatError: the folder holds a run of another recipe, or `start` is of another network.
    """
    paths = render_sets(out, recipe, textures)
    model = started_network(recipe, start) if start else new_network(recipe)
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        betas=(0.9, 0.99),
    )
    average = Average(model, recipe.ema)
    state_path, checkpoint, step = out / "state.pt", out / f"{recipe.name}.safetensors", 0
    if state_path.exists():
        state = load_state(state_path, recipe_hash(recipe))
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average.weights, step = state["average"], state["step"]
        log.info("going on from step %d", step)

    model.train()
    started, first = time.monotonic(), step
    means: dict[str, float] = {}
    for x, alpha, fg in batches(paths, recipe, step):
        if step >= recipe.steps:
            break
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(recipe, step)
        terms = train_step(model, optimiser, (x, alpha, fg), recipe)
        step += 1
        average.update(model, step)
        means = {k: 0.98 * means.get(k, v) + 0.02 * v for k, v in terms.items()}
        if step % 20 == 0:
            pace = (time.monotonic() - started) / (step - first)
            log.info("step %d  %s  %.2f s/step", step, "  ".join(f"{k} {v:.4f}" for k, v in means.items()), pace)
        if step % recipe.save_every == 0 or step == recipe.steps:
            save_state(
                state_path,
                {
                    "recipe": recipe_hash(recipe),
                    "step": step,
                    "model": model.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "average": average.weights,
                },
            )
            note = f"recipe {recipe.name} {recipe_hash(recipe)}, {step} steps"
            export_checkpoint(checkpoint, model, average.weights, note)
            if step % (EVALUATE_EVERY * recipe.save_every) == 0 or step == recipe.steps:
                log.info("held out at step %d: %s", step, evaluate(checkpoint))
    return checkpoint


def train_step(
    model: GreenFormer, optimiser: torch.optim.Optimizer, batch: tuple[Tensor, Tensor, Tensor], recipe: Recipe
) -> dict[str, float]:
    """One step of the optimiser; returns the loss's terms."""
    x, alpha, fg = batch
    with torch.autocast("cpu", dtype=torch.bfloat16):
        coarse = model.coarse(x, *model.decode(model.encode(x)))
        delta = model.refine(x, coarse)
    loss, terms = keying_loss(torch.sigmoid(coarse), torch.sigmoid(coarse + delta), alpha, fg, recipe.loss)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return terms
