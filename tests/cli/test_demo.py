from corridorkey.demo import SEED, demo_shot
from tests.cli.conftest import write_shot
from tests.conftest import TINY


def test_the_demo_writes_what_it_says_and_scores_it(ck, tmp_path, tiny_checkpoint):
    out = tmp_path / "demo"
    result = ck("demo", "-o", out, "--frames", "2", "--checkpoint", tiny_checkpoint)
    assert result.code == 0, result.err
    assert "alpha MSE" in result.out
    assert "despilled plate" in result.out
    assert (out / "sheet.png").stat().st_size > 10_000
    for folder, suffix in (("plate", "png"), ("Matte", "exr"), ("FG", "exr"), ("Processed", "exr"), ("Comp", "png")):
        assert sorted(p.name for p in (out / folder).iterdir()) == [f"demo.{n}.{suffix}" for n in (1001, 1002)]
    assert ck("demo", "-o", out, "--frames", "1", "--checkpoint", tiny_checkpoint).code == 0  # again, and shorter
    assert len(list((out / "plate").iterdir())) == 1


def test_the_demo_shot_is_no_training_shot(request):
    from corridorkey_torch.train.recipe import read_recipe

    for path in (request.config.rootpath / "checkpoints" / "recipes").glob("*.toml"):
        recipe = read_recipe(path, TINY)
        assert not any(SEED in range(s.seed, s.seed + s.frames) for s in recipe.sets)


def test_the_demo_shot_has_hair_and_an_uneven_screen():
    frame = demo_shot(1)[0]
    transition = ((frame.alpha > 0.02) & (frame.alpha < 0.98)).mean()
    screen = frame.clean_plate[..., 1]
    assert 0.06 < transition < 0.3
    assert screen.max() / screen.min() > 1.3


def test_help_lists_every_command(ck):
    result = ck("--help")
    assert result.code == 0
    for name in ("key", "demo", "train"):
        assert name in result.out
        assert ck(name, "--help").code == 0
    assert ck("nonsense").code == 2
    assert ck("--version").out.startswith("ck, version ")


def test_train_from_the_command_line(ck, tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'name = "r"\nsteps = 2\nwarmup = 1\nsave_every = 2\n[crops]\nbatch = 1\ncrop = 64\n'
        "[network]\nembed_dim = 8\ndepths = [1, 1, 1, 1]\nheads = [1, 1, 1, 1]\ndecoder_dim = 8\nrefiner_width = 8\n"
        'inputs = ["rgb", "hint", "key", "screen"]\nbase = "unmixed"\nscreen = "any"\nsizing = "aspect"\n'
        "pos_grid = 16\n"
        "[[sets]]\nframes = 2\nsize = [64, 64]\nseed = 5\n[held_out]\nframes = 1\nsize = [64, 64]\nseed = 90\n"
    )
    assert ck("train", recipe, "--out", tmp_path / "run", "--render", "0/2").code == 0
    result = ck("train", recipe, "--out", tmp_path / "run")
    assert result.code == 0, result.err
    assert "held out at step 2" in (tmp_path / "run" / "log.txt").read_text()
    keyed = ck("key", write_shot(tmp_path / "s", range(1, 2)), "--checkpoint", tmp_path / "run" / "r.safetensors")
    assert keyed.code == 0
    scored = ck("train", recipe, "--out", tmp_path / "score", "--score", tmp_path / "run" / "r.safetensors")
    assert "interior fg error" in scored.out
    assert [p.name for p in (tmp_path / "score").rglob("*.*")] == ["r.png"]
    assert ck("train", tmp_path / "none.toml", "--out", tmp_path / "x").code == 2
    assert ck("train", recipe, "--out", tmp_path / "run", "--render", "2").code == 2


def test_a_named_checkpoint_gives_a_recipe_its_network(ck, tmp_path):
    recipe = tmp_path / "r.toml"
    recipe.write_text(
        'name = "r"\nsteps = 2\n[crops]\nbatch = 1\ncrop = 64\n[[sets]]\nframes = 1\nsize = [64, 64]\nseed = 5\n'
        "[held_out]\nframes = 1\nsize = [64, 64]\nseed = 90\n"
    )
    words = "train", recipe, "--out", tmp_path / "run", "--render", "0/1"
    result = ck(*words, "--from", "small")
    assert result.code == 0, result.err
    assert len(list((tmp_path / "run").rglob("*.npy"))) == 1
    assert ck(*words).code == 2
    assert "ck weights fetch green" in ck(*words, "--from", "green").err
