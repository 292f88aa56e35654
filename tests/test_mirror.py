"""The two packages mirror each other: the same files, names, signatures and tensors, read from their sources."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from corridorkey.shapes import COUNTER, tensor_shapes
from tests.backends import needs_mlx
from tests.conftest import TINY

ROOT = Path(__file__).parent.parent
# What one package has and the other does not, and why.
ONLY = {
    "torch": {"train"},  # the network is trained in Torch
    "mlx": {
        "attention",  # Metal's fused kernels want padded heads; Torch's do not
        "engine",  # the drop-in for corridorkey-mlx, whose users have MLX
        "released",  # as engine
        "memory",  # MLX's own cache and wired limits
        "keyer.DEVICES",  # Torch names its devices itself
        "load.pad_heads",  # as attention
        "load.Tensors",
    },
}
OWN_SUMMARY = {"choose_device"}  # each names the devices that it has
SAME = {"mx.array": "Tensor", "mx.Device": "torch.device", "mx.Dtype": "torch.dtype", "__call__": "forward"}


def modules(backend):
    """Module name -> its syntax tree, without what is in a folder of its own."""
    folder = ROOT / f"corridorkey_{backend}"
    return {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))}


def public(tree):
    """Public name -> what a module defines under it."""
    defined = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return {name: node for name, node in defined.items() if not name.startswith("_")}


def methods(node):
    """What a class defines itself and others may call, MLX's __call__ under Torch's name."""
    found = {child.name: child for child in node.body if isinstance(child, ast.FunctionDef)}
    named = {SAME.get(name, name): child for name, child in found.items()}
    return {name: child for name, child in named.items() if name == "__init__" or not name.startswith("_")}


def in_torchs_words(text):
    for mlx, torch in SAME.items():
        text = text.replace(mlx, torch)
    return text


def face(node):
    """A function as its caller sees it: parameters, defaults, annotations, what comes back, property or not."""
    decorators = sorted(
        ast.unparse(each) for each in node.decorator_list if ast.unparse(each) in ("property", "staticmethod")
    )
    return in_torchs_words(f"{decorators} ({ast.unparse(node.args)}) -> {node.returns and ast.unparse(node.returns)}")


def summary(node):
    """First line of a docstring without the shapes in brackets, which say NCHW here and NHWC there."""
    first = (ast.get_docstring(node) or "").partition("\n")[0]
    return re.sub(r"\([^)]*\)", "(…)", first)


SHARED = sorted(set(modules("torch")) & set(modules("mlx")))


def test_both_packages_have_the_same_files():
    have = {
        backend: {p.stem for p in (ROOT / f"corridorkey_{backend}").iterdir() if p.suffix in (".py", "")}
        for backend in ONLY
    }
    have = {backend: {name for name in names if name != "__pycache__"} for backend, names in have.items()}
    assert have["torch"] - ONLY["torch"] == have["mlx"] - ONLY["mlx"]
    assert {"hiera", "decoder", "refiner", "norms", "greenformer", "load", "keyer"} <= set(SHARED)


@pytest.mark.parametrize("module", SHARED)
def test_a_file_defines_the_same_public_names_in_the_same_order(module):
    names = {
        backend: [name for name in public(modules(backend)[module]) if f"{module}.{name}" not in ONLY[backend]]
        for backend in ONLY
    }
    assert names["torch"] == names["mlx"]


@pytest.mark.parametrize("module", SHARED)
def test_functions_classes_and_methods_are_called_alike(module):
    torch, mlx = public(modules("torch")[module]), public(modules("mlx")[module])
    for name in set(torch) & set(mlx):
        assert type(torch[name]) is type(mlx[name]), name
        if isinstance(torch[name], ast.FunctionDef):
            assert face(mlx[name]) == face(torch[name]), name
        elif isinstance(torch[name], ast.ClassDef):
            ours, theirs = methods(mlx[name]), methods(torch[name])
            assert list(ours) == list(theirs), name
            for method in ours:
                assert face(ours[method]) == face(theirs[method]), f"{name}.{method}"


@pytest.mark.parametrize("module", SHARED)
def test_docstrings_say_the_same_of_the_same_thing(module):
    torch, mlx = public(modules("torch")[module]), public(modules("mlx")[module])
    for name in set(torch) & set(mlx) - OWN_SUMMARY:
        pairs = [(name, mlx[name], torch[name])]
        if isinstance(torch[name], ast.ClassDef):
            ours, theirs = methods(mlx[name]), methods(torch[name])
            pairs += [(f"{name}.{m}", ours[m], theirs[m]) for m in ours if m != "__init__"]
        for where, one, other in pairs:
            if isinstance(one, ast.ClassDef | ast.FunctionDef):
                assert summary(one) == summary(other) != "", where


@pytest.mark.parametrize("module", SHARED)
def test_public_constants_that_both_compute_with_are_equal(module):
    torch, mlx = public(modules("torch")[module]), public(modules("mlx")[module])
    for name in set(torch) & set(mlx) - {"NO_MEMORY"}:  # each framework's own words
        if isinstance(torch[name], ast.Assign):
            assert ast.unparse(mlx[name]) == ast.unparse(torch[name])


@needs_mlx
@pytest.mark.parametrize("name", ["load_greenformer", "load_keyer"])
def test_the_doors_of_both_packages_open_alike(name):
    """As Python sees them, after every decorator."""
    faces = []
    for backend in ONLY:
        package = importlib.import_module(f"corridorkey_{backend}")
        assert name in package.__all__
        faces.append(inspect.signature(getattr(package, name)))
    assert faces[0] == faces[1]


@needs_mlx
def test_both_networks_have_the_same_tensors_under_the_same_names():
    from mlx.utils import tree_flatten

    import corridorkey_mlx
    import corridorkey_torch
    from corridorkey_mlx.attention import fused_dim

    torch = {name: tuple(x.shape) for name, x in corridorkey_torch.GreenFormer(TINY).state_dict().items()}
    mlx = {name: x.shape for name, x in tree_flatten(corridorkey_mlx.GreenFormer(TINY).parameters())}
    assert torch == tensor_shapes(TINY)
    assert set(mlx) == {name for name in torch if not name.endswith(COUNTER)}
    for name, shape in mlx.items():
        in_torchs_layout = (shape[0], shape[3], *shape[1:3]) if len(shape) == 4 else shape
        if re.search(r"attn\.(qkv|proj\.weight)", name):  # widened heads
            assert any(n % fused_dim(8) == 0 for n in shape), name
        else:
            assert in_torchs_layout == torch[name], name
