"""Benchmarks of the main job; each compares two ways in one run, since machines differ and drift.

half       half-comparison 64-1 on 250 examples of mnist8x8-pad32, all ten digits, against the
           plain encoder with PySAT's totalizer; the optima must be equal
hidden     half-comparison 64-2-1 on the same, digits 0, 3, 6, 9
encode     popcount 64-32-32-10 on 100 examples: clauses a second, and what sharing saves
cardenc    the counts of that network by PySAT's CardEnc, called once per neuron and example and
           direction, against the same encodings as templates over arrays
inference  64-32-1 on 10,000 images: packed words against the plain numpy reading
export     writing the formula of 64-32-32-10 as DIMACS, against PySAT's CNF.to_file and, where it is
           installed, sat-toolkit; the clauses written must be the same
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import baseline
import numpy as np
from pysat.card import CardEnc, EncType
from pysat.formula import CNF

from bnnsat import files
from bnnsat.circuit.cnf import Cnf
from bnnsat.circuit.counters import Objective
from bnnsat.circuit.templates import Circuit
from bnnsat.data.embedded import embedded
from bnnsat.data.task import Task
from bnnsat.encodings.catalogue import catalogue, load
from bnnsat.encodings.defaults import encoding_for
from bnnsat.exports import formats
from bnnsat.exports.instance import Instance
from bnnsat.network import Network
from bnnsat.options import Options
from bnnsat.problem import Problem
from bnnsat.questions.formula import encode
from bnnsat.questions.training import TrainingQuestion
from bnnsat.readings import packed
from bnnsat.shape import Shape
from bnnsat.trainer import train

DATA = "mnist8x8-pad32"


def half() -> bool:
    shape = Shape.parse("64-1", "half")
    print("digit  optimum  plain's  seconds to proof  plain's seconds  ratio")
    proofs, agree = [], True
    for digit in range(10):
        task = Task.of(embedded(DATA), positive=digit, examples=250)
        training = train(task.inputs, task.labels, shape, Options(time_limit=60))
        began = time.perf_counter()
        reference, _ = baseline.optimum(task.inputs.astype(int).tolist(), task.labels.tolist(), shape)
        slow = time.perf_counter() - began
        agree &= training.status == "OPTIMAL" and training.errors == reference
        proofs.append(training.seconds_to_proof or float("inf"))
        print(
            f"{digit:5}  {training.errors:7}  {reference:7}  {proofs[-1]:16.3f}  {slow:15.2f}"
            f"  {slow / proofs[-1]:5.1f}",
            flush=True,
        )
    print(f"median seconds to proof {statistics.median(proofs):.3f}, all optima equal: {'yes' if agree else 'NO'}")
    return agree


def hidden() -> bool:
    shape = Shape.parse("64-2-1", "half")
    print("digit  status    errors  bound  seconds  encoding  variables  clauses")
    proved = True
    for digit in (0, 3, 6, 9):
        task = Task.of(embedded(DATA), positive=digit, examples=250)
        t = train(task.inputs, task.labels, shape, Options(time_limit=60))
        proved &= t.status == "OPTIMAL"
        print(
            f"{digit:5}  {t.status:8}  {t.errors:6}  {t.lower_bound:5}  {t.seconds:7.2f}  {t.seconds_encode:8.2f}  "
            f"{t.variables:9}  {t.clauses:7}",
            flush=True,
        )
    return proved


def encode_speed() -> bool:
    task = Task.of(embedded(DATA), examples=100)
    problem = Problem.of(task.inputs, task.labels)
    shape = Shape.parse("64-32-32-10")
    print("encoding     shared: seconds   clauses  M/s   plain: seconds   clauses  M/s   plain/shared clauses")
    for entry in catalogue("popcount"):
        if entry.most is not None or entry.status != "ready":
            continue
        rows = []
        for share in (True, False):
            seconds, clauses = [], 0
            for _ in range(3):
                began = time.perf_counter()
                formula = encode(TrainingQuestion(problem, shape), Circuit(Cnf(), share=share), [entry])
                seconds.append(time.perf_counter() - began)
                clauses = formula.cnf.clauses
            rows.append((min(seconds), clauses))
        (a, shared), (b, whole) = rows
        print(
            f"{entry.name:12} {a:15.2f}  {shared:8}  {shared / a / 1e6:3.1f}   "
            f"{b:14.2f}  {whole:8}  {whole / b / 1e6:3.1f}   {whole / shared:.2f}",
            flush=True,
        )
    return True


def cardenc() -> bool:
    task = Task.of(embedded(DATA), examples=100)
    problem = Problem.of(task.inputs, task.labels)
    print(
        "encoding       calls  CardEnc: seconds   clauses   arrays: seconds   clauses   ratio"
        "   unshared: seconds  ratio"
    )
    names = {"cardtotalizer": "totalizer"}
    for name in ("seqcounter", "sortnetwrk", "cardnetwrk", "cardtotalizer", "mtotalizer", "kmtotalizer"):
        entry, kind = load(name), getattr(EncType, names.get(name, name))
        batches = _counts_of_the_network(problem)
        calls, clauses, slow = 0, 0, 0.0
        for rows, k, top in batches:
            began = time.perf_counter()
            for row in rows.tolist():
                more = CardEnc.atleast(row, bound=k, top_id=top, encoding=kind)
                fewer = CardEnc.atmost(row, bound=k - 1, top_id=max(top, more.nv), encoding=kind)
                top = max(top, more.nv, fewer.nv)
                calls += 2
                clauses += len(more.clauses) + len(fewer.clauses)
            slow += time.perf_counter() - began
        times, made = [], 0
        for share in (True, False):
            circuit = Circuit(Cnf(), share=share)
            circuit.cnf.fresh(max(top for _, _, top in batches))
            began = time.perf_counter()
            for rows, k, _ in batches:
                entry.at_least(circuit, rows, np.full(len(rows), k))
            times.append(time.perf_counter() - began)
            made = made or circuit.cnf.clauses
        print(
            f"{name:13} {calls:6}  {slow:16.2f}  {clauses:8}  {times[0]:16.2f}  {made:8}  {slow / times[0]:6.1f}"
            f"   {times[1]:17.2f}  {slow / times[1]:5.1f}",
            flush=True,
        )
    return True


def _counts_of_the_network(problem: Problem) -> list[tuple[np.ndarray, int, int]]:
    """Per layer of 64-32-32-10: the literals to be counted (batch, fan-in), the threshold, and the top variable.

    The first layer counts signed weights; deeper layers count products, which are new variables.
    """
    batches, top = [], 0
    for layer, (n, m) in enumerate(pairwise((64, 32, 32, 10))):
        variables = np.arange(top + 1, top + 1 + n * m * (1 if layer == 0 else len(problem.labels)), dtype=np.int32)
        top = int(variables[-1])
        if layer == 0:
            signs = np.where(problem.inputs, 1, -1).astype(np.int32)
            rows = (signs[:, np.newaxis, :] * variables.reshape(1, m, n)).reshape(-1, n)
        else:
            rows = variables.reshape(-1, n)
        batches.append((rows, (n + 1) // 2, top))
    return batches


def inference_speed() -> bool:
    rng = np.random.default_rng(0)
    dataset = embedded(DATA)
    assert dataset.test is not None
    inputs = dataset.test.grey >= 128
    same = True
    print("activation  packed ms  plain ms  ratio   (64-32-1, 10,000 images)")
    for activation in ("popcount", "half"):
        shape = Shape.parse("64-32-1", activation)
        network = Network.of(shape, [rng.integers(2, size=(32, 64)), rng.integers(2, size=(1, 32))])
        packed_outputs = partial(packed.outputs, shape, network.matrices(), inputs)
        fast, slow = (
            _best(packed_outputs),
            _best(partial(network.outputs, inputs)),
        )
        same &= np.array_equal(packed_outputs(), network.outputs(inputs))
        print(f"{activation:10}  {1e3 * fast:9.2f}  {1e3 * slow:8.1f}  {slow / fast:5.0f}")
    return same


def export() -> bool:
    task = Task.of(embedded(DATA), examples=100)
    shape = Shape.parse("64-32-32-10")
    cnf = Cnf()
    encode(TrainingQuestion.on(task.inputs, task.labels, shape), Circuit(cnf), [load(encoding_for(shape.activation))])
    made = Instance(cnf, Objective.of(np.empty(0, np.int32), np.empty(0, np.int64)))
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.cnf"), Path(folder, "theirs.cnf")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = [_best(lambda: files.write_pieces(ours, formats.cnf(made, ())), rounds=3)]
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{cnf.variables} variables, {cnf.clauses} clauses, {cnf.literals * 4 / 1e6:.0f} MB of literals")
        print(f"bnnsat       {cnf.clauses / seconds[0] / 1e6:6.2f} M clauses/s, peak {more:.0f} MB above the formula")
        clauses = CNF(from_clauses=list(cnf.rows()), by_ref=True)
        seconds.append(_best(lambda: clauses.to_file(str(theirs)), rounds=1))
        print(f"PySAT        {cnf.clauses / seconds[1] / 1e6:6.2f} M clauses/s, ratio {seconds[1] / seconds[0]:.1f}")
        good = sorted(ours.read_bytes().splitlines()[1:]) == sorted(theirs.read_bytes().splitlines()[1:])
        try:
            from sat_toolkit import formula as sat_toolkit
        except ImportError:
            print("sat-toolkit is not installed")
            return good
        ended = [np.pad(block, ((0, 0), (0, 1))).reshape(-1) for block in cnf.blocks]
        flat = sat_toolkit.CNF(np.concatenate(ended))
        seconds.append(_best(lambda: theirs.write_text(flat.to_dimacs()), rounds=1))
        print(f"sat-toolkit  {cnf.clauses / seconds[2] / 1e6:6.2f} M clauses/s, ratio {seconds[2] / seconds[0]:.1f}")
        return good and sorted(ours.read_bytes().splitlines()[1:]) == sorted(theirs.read_bytes().splitlines()[1:])


def _best(work: Callable[[], object], rounds: int = 7) -> float:
    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(rounds))


BENCHMARKS = {
    "half": half,
    "hidden": hidden,
    "encode": encode_speed,
    "cardenc": cardenc,
    "inference": inference_speed,
    "export": export,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"bench: unknown benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    good = True
    for name in names or BENCHMARKS:
        print(f"\n== {name}")
        good &= BENCHMARKS[name]()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
