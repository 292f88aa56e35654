from corridorkey.demo import SEED, demo_shot
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
