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

ROOMS = [
    {"errors", "types", "plural", "version", "public"},
    {
        "arrays",
        "documents",
        "files",
        "offsets",
        "limits",
        "spelling",
        "scores",
        "criterion",
        "typed",
        "exchanges",
        "archives",
    },
    {"shape", "problem"},
    {"circuit"},
    {"encodings"},
    {"readings"},
    {"sketch"},
    {"tables"},
    {"integers", "network", "weights"},
    {"data"},
    {"fitting"},
    {"origin", "outline", "costs"},
    {"drawing"},
    {"model"},
    {"foreign"},
    {"prediction"},
    {"solvers"},
    {"questions"},
    {"search"},
    {"verification", "boxes"},
    {"options", "checkpoint", "baselines", "display"},
    {"training"},
    {"trainer", "plan"},
    {"width"},
    {"result", "certificates", "exports", "ordering"},
    {"synthesis"},
    {"distilling"},
    {"campaigns"},
    {"cli"},
    {"sklearn"},
    {"entry"},
    {"__main__"},
]
"""Rooms and modules at the root: each imports only from those above it."""

SEARCH_ROOMS = [
    {"found", "progress", "folding", "netting", "start", "least", "sums", "threads", "variants"},
    {"context"},
    {"beside", "local", "sat", "tables"},
    {"half", "halfspace", "integers"},
    {"decided"},
    {"methods"},
    {"then"},
]


def _imports(file: Path) -> set[str]:
    """The modules of the package that a file imports, but for those whose names it only annotates with."""
    names = set()
    tree = ast.parse(file.read_text())
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "bnnsat":
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names |= {name if _file(name) else node.module for name in inside}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("bnnsat.")}
    return names - {"bnnsat"}


def _file(module: str) -> Path | None:
    place = ROOT / module.replace(".", "/")
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.exists()), None)


def _check(file: Path, own: str, rooms: list[set[str]], prefix: str) -> None:
    rank = {name: place for place, names in enumerate(rooms) for name in names}
    for name in _imports(file):
        room = name.removeprefix(prefix).split(".")[0]
        if name.startswith(prefix) and room != own:
            assert rank[room] < rank[own], f"{file.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_point_one_way(file: Path) -> None:
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    if parts == ("__init__",):
        return  # names the public ones, and loads them only when they are used
    _check(file, parts[0], ROOMS, "bnnsat.")
    if parts[0] == "search" and parts[1] != "__init__":
        _check(file, parts[1], SEARCH_ROOMS, "bnnsat.search.")


def test_no_files_import_each_other_in_a_circle() -> None:
    left = {file: {_file(name) for name in _imports(file)} for file in PACKAGE.rglob("*.py")}
    while free := [file for file, needs in left.items() if not needs & left.keys()]:
        for file in free:
            del left[file]
    assert not left, sorted(str(file.relative_to(ROOT)) for file in left)


def test_every_room_says_what_belongs_there() -> None:
    for file in PACKAGE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(file.read_text())), file


@pytest.mark.parametrize("file", sorted((ROOT / "encodings").glob("*.py")), ids=lambda f: f.stem)
def test_encodings_build_only_on_what_is_below_them(file: Path) -> None:
    _check(file, "encodings", ROOMS, "bnnsat.")


def test_the_folder_encodings_cannot_hide_the_standard_one() -> None:
    assert not (ROOT / "encodings" / "__init__.py").exists()
    assert not (ROOT / "encodings.py").exists()
    ours = {path.stem for path in (ROOT / "encodings").glob("*.py")}
    standard = {module.name for module in pkgutil.iter_modules(standard_encodings.__path__)}
    assert ours.isdisjoint(standard | sys.stdlib_module_names)


def test_python_starts_with_the_root_on_its_path() -> None:
    code = "import encodings as e; print(e.__file__); import bnnsat.encodings.adder as c; print(c.KIND)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    file, kind = done.stdout.split()
    assert Path(file) == Path(standard_encodings.__file__ or "")
    assert kind == "popcount"


def test_importing_the_package_is_cheap_and_the_worker_light() -> None:
    code = (
        "import sys, bnnsat; print('numpy' in sys.modules); import bnnsat.solvers.worker; print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_every_public_name_is_there() -> None:
    import bnnsat
    from bnnsat.public import PLACES

    stub = (PACKAGE / "__init__.pyi").read_text()
    assert sorted(bnnsat.__all__) == sorted(["__version__", *PLACES])  # type: ignore[attr-defined]
    for name, home in PLACES.items():
        assert getattr(bnnsat, name) is not None
        assert f"from bnnsat.{home} import {name} as {name}\n" in stub
        # A module of that name would take its place as soon as it is imported.
        assert _file(f"bnnsat.{name}") is None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        bnnsat.nonsense  # type: ignore[attr-defined]  # noqa: B018


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
        "import bnnsat, numpy as np; from bnnsat.encodings.catalogue import catalogue;"
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
