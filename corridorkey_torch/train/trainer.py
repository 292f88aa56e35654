"""The training loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from corridorkey.checkpoint import read_info
from corridorkey_torch.greenformer import GreenFormer
from corridorkey_torch.train.batches import Batch, batches, check_crops, check_shares
from corridorkey_torch.train.gather import gather_samples
from corridorkey_torch.train.loss import keying_loss
from corridorkey_torch.train.network import InTraining, new_network, started_network
from corridorkey_torch.train.optimiser import Optimiser, check_optimiser
from corridorkey_torch.train.recipe import Recipe, recipe_hash
from corridorkey_torch.train.sources import Sources
from corridorkey_torch.train.state import LICENCE, Average, export_checkpoint, load_state, save_state
from corridorkey_torch.train.workers import Workers

log = logging.getLogger(__name__)

EVALUATE_EVERY = 5  # saves
LOG_EVERY = 20  # steps


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear up, level, linear down to zero: a run can be lengthened while it is level."""
    down = recipe.steps * recipe.decay
    return recipe.rate * min(1.0, (step + 1) / max(recipe.warmup, 1), max(0.0, recipe.steps - step) / max(down, 1))


class Run:
    """A run in memory, and what of it is on disk.

    Args:
        recipe: what to do.
        out: the run's folder; what it holds is gone on with.
        model: to begin with where nothing is there yet.
        workers: the processes that share every batch.
        licence: of the weights it begins with.
    Raises:
        CheckpointFormatError: the folder holds a run of another recipe.
    """

    def __init__(self, recipe: Recipe, out: Path, model: GreenFormer, workers: Workers, licence: str = LICENCE) -> None:
        self.recipe, self.workers, self.model, self.step, self.licence = recipe, workers, model, 0, licence
        self.state, self.checkpoint = out / "state.pt", out / f"{recipe.name}.safetensors"
        self.module = workers.together(InTraining(model, workers.device))
        self.optimiser = Optimiser(recipe.optimiser, model, recipe.weight_decay)
        self.average = Average(model, recipe.ema)
        if self.state.exists():
            self._go_on()

    def _go_on(self) -> None:
        state = load_state(self.state, recipe_hash(self.recipe))
        self.model.load_state_dict(state["model"])
        self.optimiser.load(state["optimiser"])
        self.average.load(state["average"])
        self.step, self.licence = state["step"], state.get("licence", self.licence)
        if self.workers.first:
            log.info("going on from step %d", self.step)

    def advance(self, batch: Batch) -> dict[str, float]:
        """One step of the optimiser; returns this process's loss, term by term."""
        device = self.workers.device
        batch = batch.to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            coarse, refined, features = self.module(batch.x)
        loss, terms = keying_loss(coarse, refined, features, batch.alpha, batch.fg, batch.backdrop, self.recipe.loss)
        self.model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step(learning_rate(self.recipe, self.step))
        self.step += 1
        self.average.update(self.model, self.step)
        return terms

    def save(self) -> None:
        """The checkpoint that it has made so far, and what the run needs to go on."""
        note = f"recipe {self.recipe.name} {recipe_hash(self.recipe)}, {self.step} steps"
        export_checkpoint(self.checkpoint, self.model, self.average.weights, note, self.licence)
        state = {
            "recipe": recipe_hash(self.recipe),
            "step": self.step,
            "licence": self.licence,
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state(),
            "average": self.average.weights,
        }
        # Last: a run that says it is done has its checkpoint.
        save_state(self.state, state)


class Pace:
    """Running means of the loss, and seconds a step."""

    def __init__(self) -> None:
        self.means: dict[str, float] = {}
        self.steps, self.started = 0, time.monotonic()

    def note(self, terms: dict[str, float]) -> None:
        """Take in a step."""
        self.steps += 1
        self.means = {k: 0.98 * self.means.get(k, v) + 0.02 * v for k, v in terms.items()}

    def __str__(self) -> str:
        terms = "  ".join(f"{k} {v:.4f}" for k, v in self.means.items())
        return f"{terms}  {(time.monotonic() - self.started) / max(self.steps, 1):.2f} s/step"


def train(
    recipe: Recipe,
    out: Path,
    sources: Sources,
    evaluate: Callable[[Path], str],
    start: Path | None = None,
    workers: Workers | None = None,
) -> Path:
    """Train, or go on with, a run.

    Args:
        recipe: what to do.
        out: the run's folder: rendered samples, state.pt, log.txt, NAME.safetensors, sheets.
        sources: what samples are made of.
        evaluate: a checkpoint's held-out figures, as one line.
        start: a checkpoint to begin a new run with, instead of fresh weights.
        workers: the processes that share every batch; None is this one alone.
    Returns:
        The checkpoint.
    Raises:
        CheckpointFormatError: the folder holds a run of another recipe, or `start` is of another network.
        MediaError: a layer, or a shot of one's own, that cannot be read, or is not whole.
        SettingsError: a set of layers without any, a crop that no frame holds, a batch that cannot be shared out, an
            optimiser that this Torch has not.
    """
    workers = workers or Workers()
    check_optimiser(recipe.optimiser)
    check_shares(recipe, workers)
    sets = gather_samples(sources, recipe, out, workers)
    check_crops(sets, recipe)
    model, licence = (started_network(recipe, start), read_info(start).licence) if start else (None, LICENCE)
    run, pace = Run(recipe, out, model or new_network(recipe), workers, licence), Pace()
    if run.step >= recipe.steps:
        return run.checkpoint
    for batch in batches(sets, recipe, run.step, workers):
        pace.note(run.advance(batch))
        last = run.step == recipe.steps
        if run.step % LOG_EVERY == 0:
            pace.means = workers.mean(pace.means)
            if workers.first:
                log.info("step %d  %s", run.step, pace)
        if workers.first and (last or run.step % recipe.save_every == 0):
            run.save()
            if last or run.step % (EVALUATE_EVERY * recipe.save_every) == 0:
                log.info("held out at step %d: %s", run.step, evaluate(run.checkpoint))
        if last:
            break
    workers.wait()
    return run.checkpoint
