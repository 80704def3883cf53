"""Mutants of the trusted code: one place is changed, a fast choice of tests runs, and one of them should fail.

At each place one of the possible changes is drawn. All of it happens in a copy of the checkout. What survives is listed
with its change: a test is missing, or the change makes no difference.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).resolve().parents[1]
NETWORK, CERTIFY, MODEL = "tests/test_network.py", "tests/test_certify.py", "tests/test_model.py"
OBJECTIVES = "tests/test_objectives.py"
READ = [
    *(f"bnnsat/readings/{name}.py" for name in ("numpy", "plain", "forward", "literals")),
    NETWORK,
    f"{OBJECTIVES}::test_ternary_weights_are_a_sum_of_signs",
    f"{OBJECTIVES}::test_right_with_a_margin_is_right_however_counts_move",
    f"{CERTIFY}::test_a_refutation_has_a_model_exactly_where_a_network_is",
    f"{CERTIFY}::test_bounds_on_two_sums_have_a_model_exactly_where_a_network_is",
    f"{CERTIFY}::test_a_refutation_of_changes_has_a_model_exactly_where_an_input_is",
    "tests/test_export.py::test_the_fewest_changes_are_those_of_all_inputs",
]
SHAPES = [
    NETWORK,
    f"{OBJECTIVES}::test_shapes_that_there_are_not",
    f"{OBJECTIVES}::test_what_does_not_fit_is_refused",
    f"{OBJECTIVES}::test_models_keep_ternary_weights_and_learned_thresholds",
    *(f"{MODEL}::test_{name}_refused" for name in ("parts_that_do_not_fit_are", "values_of_the_wrong_type_are")),
    f"{MODEL}::test_documented_form_is_read_as_documented",
]
CERTIFICATES = [
    "bnnsat/problem.py",
    f"{CERTIFY}::test_a_tree_in_pairs_adds_all_numbers",
    f"{CERTIFY}::test_the_examples_are_written_and_read_as_they_are",
    f"{CERTIFY}::test_what_an_error_costs_is_said",
    f"{CERTIFY}::test_no_proof_is_needed_where_nothing_could_be_better",
    f"{CERTIFY}::test_thresholds_are_part_of_the_claim",
    f"{CERTIFY}::test_smaller_shapes_are_certified_not_to_do",
    f"{CERTIFY}::test_further_objectives_are_certified",
    f"{CERTIFY}::test_what_has_been_changed_is_refused",
    f"{CERTIFY}::test_files_of_another_certificate_and_missing_ones_are_refused",
    f"{CERTIFY}::test_a_tree_that_leaves_errors_out_is_refused",
    f"{CERTIFY}::test_another_checker_has_the_word",
    "tests/test_training.py::test_input_that_does_not_fit",
]
BOXES = ["tests/test_box_certificates.py"]
TESTS = {
    "bnnsat/readings/numpy.py": READ,
    "bnnsat/readings/plain.py": READ,
    "bnnsat/readings/forward.py": READ,
    "bnnsat/readings/literals.py": READ,
    "bnnsat/questions/training.py": [*READ, *CERTIFICATES, f"{OBJECTIVES}::test_what_does_not_fit_is_refused"],
    "bnnsat/questions/robustness.py": [*READ, "tests/test_export.py::test_a_changed_example_is_replayed"],
    "bnnsat/questions/parts.py": [*READ, *CERTIFICATES],
    "bnnsat/questions/replay.py": READ,
    "bnnsat/certificates/check.py": CERTIFICATES,
    "bnnsat/certificates/claim.py": CERTIFICATES,
    "bnnsat/certificates/refutation.py": [*READ, *CERTIFICATES],
    "bnnsat/shape.py": [*SHAPES, *READ, *CERTIFICATES],
    "bnnsat/problem.py": [*CERTIFICATES, *READ],
    "bnnsat/weights.py": [*SHAPES, *CERTIFICATES],
    **{f"bnnsat/questions/{name}.py": BOXES for name in ("box", "within", "undecided")},
    **{f"bnnsat/certificates/{name}.py": BOXES for name in ("patterns", "noted", "reread")},
    "bnnsat/foreign/document.py": BOXES,
}
"""The trusted files, and which tests are to notice a change in them, quick ones first."""
EXTRA = "tests/test_mutants.py"
SLOW = "both-then or ternary-then or wide or -False]"
"""Cases of these tests that take long, and show little that others do not."""
MUTE = ("_Is", "_IsNot", "_UAdd", "USub_Not", "USub_Invert")
"""Changes that make no difference, or only a strange one."""
ARITHMETIC = {"Add_Sub", "Sub_Add", "Mul_Add", "FloorDiv_Mul", "Mod_FloorDiv", "BitAnd_BitOr", "BitOr_BitAnd"}
MEMORY = 8 << 30
"""No test may take more address space, whatever a mutant makes it do."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE", help="files to mutate, of those that are trusted")
    parser.add_argument("--sample", type=int, metavar="N", help="take N places at random; all without")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn (0)")
    options = parser.parse_args()
    if unknown := set(options.files) - TESTS.keys():
        parser.error(f"no tests are named for {', '.join(sorted(unknown))}; there are {', '.join(TESTS)}")
    # However it is stopped, the copy goes.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "checkout")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "runs", "build", "dist"))
        os.chdir(copy)
        os.environ |= {"PYTHONPATH": str(copy), "HYPOTHESIS_PROFILE": "quick"}
        files = options.files or list(TESTS)
        drawn = places(files, random.Random(options.seed), Path(folder, "mutants"))
        return run(drawn[: options.sample])


def places(files: list[str], rng: random.Random, database: Path) -> list[MutationSpec]:
    """A mutation for each place of the files, in random order."""
    found: dict[tuple[str, tuple[int, int], str], list[MutationSpec]] = {}
    unseen = {file: ignored(Path(file).read_text()) for file in files}
    with use_db(str(database)) as db:
        init(list(map(Path, files)), db, {})
        for item in sorted(db.work_items, key=lambda item: str(item.mutations)):
            (mutation,) = item.mutations
            family, _, change = mutation.operator_name.partition("/")[2].partition("_")
            strange = change.endswith(MUTE) or (family == "ReplaceBinaryOperator" and change not in ARITHMETIC)
            file, (line, column) = str(mutation.module_path), mutation.start_pos
            if not strange and not any(start <= (line, column) < end for start, end in unseen[file]):
                found.setdefault((file, (line, column), family), []).append(mutation)
    drawn = [rng.choice(mutations) for mutations in found.values()]
    rng.shuffle(drawn)
    return drawn


def ignored(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where annotations, and imports for them, start and end: nothing evaluates them."""
    nodes: list[ast.AST | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            nodes.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            nodes.append(node.annotation)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            nodes.append(node)
    return [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in nodes
        if isinstance(node, ast.expr | ast.stmt)
    ]


def run(drawn: list[MutationSpec]) -> int:
    """Tests each mutant, and says what became of it."""
    where = [sys.executable, "-c", "import bnnsat; print(bnnsat.__file__)"]
    loaded = subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip()
    if not Path(loaded).resolve().is_relative_to(Path.cwd().resolve()):
        raise SystemExit(f"the tests would load {loaded}, which is not the copy")
    tests = list(dict.fromkeys(test for mutation in drawn for test in TESTS[str(mutation.module_path)]))
    started = time.monotonic()
    failing = without_mutants(tests)
    limit = max(30.0, 4 * (time.monotonic() - started))
    outcomes: Counter[tuple[str, str]] = Counter()
    survivors = []
    try:
        for number, mutation in enumerate(drawn, 1):
            file = str(mutation.module_path)
            result = mutate_and_test([mutation], shlex.join(command(TESTS[file], failing)), limit)
            outcome = "timeout" if result.output == "timeout" else (result.test_outcome or result.worker_outcome).value
            place = f"{file}:{mutation.start_pos[0]} {mutation.operator_name.removeprefix('core/')}"
            outcomes[file, outcome] += 1
            if outcome == "survived":
                lines = (result.diff or "").splitlines()
                changed = [line for line in lines if line[:1] in ("-", "+") and line[:3] not in ("---", "+++")]
                place = "\n    ".join([place, *changed])
                survivors.append(place)
            print(f"{number}/{len(drawn)} {outcome} {place}", flush=True)
    except KeyboardInterrupt:
        print("interrupted; so far:")
    kinds = sorted({outcome for _, outcome in outcomes})
    for file in TESTS:
        if any(name == file for name, _ in outcomes):
            print(file, *(f"{outcomes[file, kind]} {kind}" for kind in kinds), sep="  ")
    print("all", *(f"{sum(n for (_, k), n in outcomes.items() if k == kind)} {kind}" for kind in kinds), sep="  ")
    print("\nsurvivors:", *survivors, sep="\n")
    return 1 if survivors else 0


def command(tests: list[str], left_out: list[str], *options: str) -> list[str]:
    """How these tests are run."""
    plugins = ("no:cacheprovider", "no:xdist", "no:pytest_cov")
    extra = [EXTRA] if Path(EXTRA).exists() else []
    return [
        *(sys.executable, "-m", "pytest", "-q", *(options or ("-x",)), "-k", f"not ({SLOW})"),
        *(word for plugin in plugins for word in ("-p", plugin)),
        *(word for test in left_out for word in ("--deselect", test)),
        *(extra + tests),
    ]


def without_mutants(tests: list[str]) -> list[str]:
    """The tests that fail as it is, which can tell nothing of mutants."""
    done = subprocess.run(command(tests, [], "-rf"), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    start = "FAILED "
    lines = [line.removeprefix(start) for line in done.stdout.splitlines() if line.startswith(start)]
    failing = [line.partition(" - ")[0] for line in lines]
    if failing:
        print("left out, since they fail without a mutant:", *failing, sep="\n  ")
    return failing


if __name__ == "__main__":
    sys.exit(main())
