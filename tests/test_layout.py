"""The shape of the project itself: imports in one direction, a start-up that stays safe, a complete wheel."""

from __future__ import annotations

import ast
import encodings as standard_encodings
import os
import pkgutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "bnnsat"

LAYERS = [
    {"errors", "types"},
    {"files", "cnf", "shape", "scores"},
    {"algebra", "circuit", "data"},
    {"forward", "gates", "unary", "thresholds", "symmetry"},
    {"reified", "networks", "diagram", "binary", "objective"},
    {"network", "plain", "ordering", "tries"},
    {"inference", "encodings", "baseline"},
    {"literals", "model"},
    {"formula", "lists", "worker"},
    {"solver", "choices", "run"},
    {"solverprocess"},
    {"search", "checkpoint"},
    {"training", "strength", "sizes"},
    {"result"},
    {"jobs"},
    {"compare", "certify", "export"},
    {"submission"},
    {"cli"},
    {"entry"},
    {"__main__"},
]
"""Each layer imports only from those above it; the modules of a package below it likewise."""

DATA_LAYERS = [
    {"dataset"},
    {"embedded", "reduce", "generated", "idx", "npz", "tables", "binarize", "problem", "augment", "lines"},
    {"read", "task"},
    {"chosen"},
]
SEARCH_LAYERS = [
    {"found", "neighbourhood", "voters", "halfspace", "relaxation", "differences", "statuses"},
    {"gradient", "tabu", "partners", "chain", "branching", "dynamic"},
    {"majority", "traceback"},
    {"triples"},
    {"tables"},
    {"search"},
    {"beside"},
    {"local", "incremental"},
    {"cores", "lazy", "neighbours", "neuron"},
    {"methods"},
    {"margin", "sparse"},
    {"levels"},
]
CLI_LAYERS = [
    {"options", "progress", "pictures", "signals", "words", "executors"},
    {"models", "submission"},
    {"train", "data", "compare", "certify", "export", "solution"},
    {""},
]


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} if node.module != "bnnsat" else {f"bnnsat.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("bnnsat.")}


def _rank(layers: list[set[str]], name: str) -> int:
    return next(rank for rank, layer in enumerate(layers) if name in layer)


def _check(file: Path, own: str, layers: list[set[str]], prefix: str) -> None:
    for name in _imports(file):
        if not name.startswith(prefix):
            continue
        target = name.removeprefix(prefix).split(".")[0]
        if target == own or (target.startswith("_") and target.endswith("__")):
            continue
        assert _rank(layers, target) < _rank(layers, own), f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    if parts == ("__init__",):
        return  # names the public ones, and loads them only when they are used
    _check(file, parts[0], LAYERS, "bnnsat.")
    for folder, layers in (("data", DATA_LAYERS), ("search", SEARCH_LAYERS), ("cli", CLI_LAYERS)):
        if parts[0] == folder and parts[1] != "__init__":
            _check(file, parts[1], layers, f"bnnsat.{folder}.")


@pytest.mark.parametrize("file", sorted((ROOT / "encodings").glob("*.py")), ids=lambda f: f.stem)
def test_encodings_build_only_on_what_is_below_them(file: Path) -> None:
    _check(file, "encodings", LAYERS, "bnnsat.")


def test_the_folder_encodings_cannot_hide_the_standard_one() -> None:
    assert not (ROOT / "encodings" / "__init__.py").exists()
    assert not (ROOT / "encodings.py").exists()
    ours = {path.stem for path in (ROOT / "encodings").glob("*.py")}
    standard = {module.name for module in pkgutil.iter_modules(standard_encodings.__path__)}
    assert ours.isdisjoint(standard | sys.stdlib_module_names)


def test_python_starts_with_the_root_on_its_path() -> None:
    code = "import encodings; print(encodings.__file__); import bnnsat.encodings as e; print(e.load('adder').kind)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    file, kind = done.stdout.split()
    assert Path(file) == Path(standard_encodings.__file__ or "")
    assert kind == "popcount"


def test_importing_the_package_is_cheap_and_the_worker_light() -> None:
    code = (
        "import sys; import bnnsat; print('numpy' in sys.modules); import bnnsat.worker; print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_every_public_name_is_there() -> None:
    import bnnsat

    for name in bnnsat.__all__:
        assert getattr(bnnsat, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        bnnsat.nonsense  # noqa: B018


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the sdist, as a package index would serve it; the build backend is an ordinary dependency here."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_the_wheel_holds_what_it_needs_and_no_package_encodings(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"bnnsat"}
    for path in [*(ROOT / "encodings").glob("*.py"), *(PACKAGE / "encodings").glob("*.py")]:
        assert f"bnnsat/encodings/{path.name}" in names
    for name in ("py.typed", "data/files/mnist8x8.npz", "data/files/mnist8x8-pad32.npz", "data/files/LICENSE"):
        assert f"bnnsat/{name}" in names


def test_an_installed_wheel_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        "import bnnsat, numpy as np; from bnnsat.encodings import catalogue;"
        "t = bnnsat.train(np.array([[0, 0], [1, 1]], dtype=bool), np.array([0, 1]), bnnsat.Shape.parse('2-1'));"
        "print(bnnsat.__file__, t.status, len(catalogue()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    file, status, count = done.stdout.split()
    assert Path(file).is_relative_to(tmp_path)
    assert status == "OPTIMAL"
    assert int(count) == len(list((ROOT / "encodings").glob("*.py")))
