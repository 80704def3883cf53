"""A package of measured instances: what is chosen, what is written, and that it goes on after a stop."""

from __future__ import annotations

import csv
import json
import lzma
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import LONG, installed
from processes import running, wait
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF

from bnnsat import cli
from bnnsat.campaigns.submission import choice, description, reference
from bnnsat.campaigns.submission.candidate import TRACKS, candidates
from bnnsat.campaigns.submission.measure import execute
from bnnsat.errors import ResourceError

pytest.importorskip("gbdc", reason="gbdc is not installed")
if installed("minisat") is None:
    pytest.skip("minisat is not installed", allow_module_level=True)

SHORT = "--minisat-limit 0.5 --limit 6 --jobs 2"


def run(arguments: str, capsys: pytest.CaptureFixture[str], code: int = 0) -> tuple[str, str]:
    assert cli._run(arguments.split()) == code
    out, error = capsys.readouterr()
    return out, error


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "instances.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@st.composite
def measured(draw: st.DrawFn) -> dict[str, Any]:
    status = draw(st.sampled_from(("measured", "measured", "measured", "open", "trivial", "failed")))
    if status != "measured":
        return {"status": status}
    seconds = draw(st.one_of(st.none(), st.floats(0, 60)))
    own = draw(st.one_of(st.none(), st.floats(0, 60)))
    return {
        "status": status,
        "answer": draw(st.sampled_from(("SAT", "UNSAT"))),
        "reference_seconds": seconds,
        "reference_limit": 60.0,
        "interesting": seconds is None and own is not None,
    }


@given(st.lists(measured(), max_size=40), st.integers(1, 20))
def test_half_of_what_is_chosen_is_interesting_if_it_can_be(results: list[dict[str, Any]], count: int) -> None:
    chosen = choice.choose(results, count)
    usable, hard = choice.usable(results), choice.interesting(results)
    assert len(chosen) == min(count, len(usable))
    places = [next(i for i, r in enumerate(results) if r is one) for one in chosen]
    assert places == sorted(set(places)) and all(one["status"] == "measured" for one in chosen)
    taken = sum(one["interesting"] for one in chosen)
    assert 2 * taken >= min(count, 2 * len(hard)) or taken == len(hard)
    if choice.enough(results, count):
        assert len(chosen) == count and 2 * taken >= count
        assert count < 8 or {one["answer"] for one in usable} == {"SAT", "UNSAT"}


@pytest.mark.parametrize("track", TRACKS)
def test_candidates_are_distinct_and_the_first_of_every_kind(track: str) -> None:
    made = candidates(track, 60, 3600, None, "0")
    assert len({job.key for job in made}) == len(made) >= 40
    kinds = {(job.ask, job.topology, job.activation, job.data) for job in made}
    assert len({(job.ask, job.topology, job.activation, job.data) for job in made[:15]}) == len(kinds)
    assert len({job.name(3, "SAT") for job in made if job.ask == made[0].ask}) == sum(
        job.ask == made[0].ask for job in made
    )


@pytest.mark.usefixtures("small_candidates")
def test_a_package_is_whole_valid_and_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import gbdc

    command = f"export --submission {tmp_path / 's'} --count 4 {SHORT} --author A_&_B"
    out, _ = run(command, capsys)
    assert "4 instances" in out and "instances.csv" in out
    rows = rows_of(tmp_path / "s")
    files = sorted((tmp_path / "s" / "instances").iterdir())
    assert [f.name for f in files if f.suffix == ".xz"] == sorted(row["filename"] for row in rows)
    for row in rows:
        path = tmp_path / "s" / "instances" / row["filename"]
        side = json.loads(path.with_name(path.name + ".json").read_text())
        assert side["expected"]["answer"].lower() == row["result"] == path.name.split(".")[0].split("-")[-1]
        assert row["gbdhash"] == gbdc.gbdhash(str(path)) and row["isohash"] and float(row["feature_clauses"]) > 0
        text = lzma.decompress(path.read_bytes()).decode()
        header = next(line for line in text.splitlines() if not line.startswith("c")).split()
        assert header == ["p", "cnf", row["variables"], row["constraints"]]
        assert f"c bound = {row['bound']}" in text.splitlines()
        if row["reference_seconds"]:
            plain = tmp_path / "a.cnf"
            plain.write_text(text)
            minisat = installed("minisat")
            assert minisat is not None
            done = subprocess.run([minisat, "-verb=0", plain], capture_output=True, check=False, timeout=60)
            assert done.returncode == {"sat": 10, "unsat": 20}[row["result"]]
        else:
            assert row["interesting"] == str(bool(row["own_seconds"]))
    page = (tmp_path / "s" / "description.tex").read_text()
    assert r"A\_\&\_B" in page and page.count(r" \\") == 1 + 4 and "$$" not in page
    before = {f: f.read_bytes() for f in (tmp_path / "s").rglob("*") if f.is_file() and f.suffix != ".pdf"}
    run(command, capsys)
    assert before == {f: f.read_bytes() for f in (tmp_path / "s").rglob("*") if f.is_file() and f.suffix != ".pdf"}
    # Fewer of the same leave no old files behind, but what is not ours.
    (tmp_path / "s" / "instances" / "precious.cnf").write_text("p cnf 0 0\n")
    run(command.replace("--count 4", "--count 2"), capsys)
    assert len(list((tmp_path / "s" / "instances").iterdir())) == 4 + 1
    store = tmp_path / "s" / "results.jsonl"
    store.write_text(store.read_text().replace('"sha256": "', '"sha256": "0'))
    _, error = run(command, capsys, 3)
    assert "not what was measured" in error
    for old, new, words in (
        ('"value": ', '"value": "x", "v": ', "value is 'x'"),
        ('"interesting": ', '"interesting": 5, "i": ', "interesting is 5"),
        ('"status": "measured"', '"status": "failed"', "lacks error"),
    ):
        store.write_text(store.read_text().replace(old, new))
        _, error = run(command, capsys, 2)
        assert words in error
        store.write_text(store.read_text().replace(new, old))
    store.write_text("[" * 200_000 + "\n")
    assert "not a file of results" in run(command, capsys, 2)[1]


def test_the_pdf_is_one_or_two_pages(tmp_path: Path) -> None:
    if installed("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    row = {"activation": "half", "topology": "64-4-1", "data": "mnist8x8-pad32", "positive": 3, "examples": 250}
    row |= {"result": "sat", "bound": 12, "optimum": 12, "variables": 18514, "constraints": 72316}
    row |= {"reference_seconds": None, "own_seconds": 1.5, "reference_limit": 60.0, "own_limit": 3600.0}
    rows: list[dict[str, Any]] = [{**row, "interesting": True} for _ in range(20)]
    for track in TRACKS:
        page, complaint = description.write(rows, track, "Nobody", None, tmp_path)
        if complaint is not None and "IEEEtran" in complaint:
            pytest.skip("this TeX has no IEEEtran")
        assert (page.suffix, complaint) == (".pdf", None)
        assert page.read_bytes().startswith(b"%PDF") and page.stat().st_size > 10_000
        assert sorted(f.name for f in tmp_path.iterdir()) == ["description.pdf", "description.tex"]
    # Letters that this TeX does not know.
    page, complaint = description.write(rows, "cnf", "\u674e", None, tmp_path)
    assert page.suffix == ".tex" and complaint is not None and complaint.startswith("!")
    assert [f.name for f in tmp_path.iterdir()] == ["description.tex"]


@pytest.mark.usefixtures("small_candidates")
@pytest.mark.parametrize("track", ["wcnf", "opb"])
def test_optimisation_tracks_have_their_own_references(
    track: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if track == "opb" and installed("clasp") is None:
        pytest.skip("clasp is not installed")
    out, _ = run(f"export --submission {tmp_path} --format {track} --count 3 {SHORT}", capsys)
    assert "3 instances" in out
    for row in rows_of(tmp_path):
        assert row["result"] == "optimum" and row["optimum"] and not row["bound"] and row["gbdhash"]
        packed = tmp_path / "instances" / row["filename"]
        text = lzma.decompress(packed.read_bytes()).decode()
        assert text.startswith("* #variable=" if track == "opb" else "c ")
        # What a solver of the file finds, who knows nothing of errors that are certain.
        side = json.loads(packed.with_name(packed.name + ".json").read_text())
        assert int(row["optimum"]) == int(row["fewest_errors"]) - side["constant"]
        if track == "wcnf" and row["topology"] == "64-2-1":
            with RC2(WCNF(from_string=text)) as solver:
                assert solver.compute() is not None
                assert solver.cost == int(row["optimum"])
    other = {"wcnf": "opb", "opb": "wcnf"}[track]
    if installed("clasp") is not None:
        _, error = run(f"export --submission {tmp_path} --format {other} --count 3 {SHORT}", capsys, 2)
        assert "package of another format" in error


@pytest.mark.usefixtures("small_candidates")
def test_a_solver_that_contradicts_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = tmp_path / "minisat"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    job = {**candidates("cnf", 1, 6, None, "0")[0].__dict__}
    for script, words in (
        ("exit 10", "not UNSAT"),
        ("exit 1", "ended with code 1"),
        ("exit 0", "ended with code 0"),
        ("exit 20", None),
    ):
        liar.write_text(f"#!/bin/sh\n{script}\n")
        liar.chmod(0o755)
        result = execute(job)
        assert (words is None) == (result["status"] == "measured"), result
        assert words is None or words in result["error"]
    # A solution that is none.
    attained = next(j for j in candidates("cnf", 1, 6, None, "0") if j.ask == "attained")
    liar.write_text('#!/bin/sh\nprintf "SAT\\n1 0\\n" > "$3"\nexit 10\n')
    assert "no solution of it" in execute(attained.__dict__)["error"]


@pytest.mark.usefixtures("small_candidates")
def test_contradictions_and_failures_end_a_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    command = f"export --submission {tmp_path / 's'} --count 2 {SHORT} --own {own}"
    for script, code, words in (("exit 20", 3, "one of them is wrong"), ("exit 7", 3, "measurements failed")):
        own.write_text(f"#!/bin/sh\n{script}\n")
        own.chmod(0o755)
        assert words in run(command, capsys, code)[1]
        assert not (tmp_path / "s" / "instances.csv").exists()
    # One that gives up, or goes on behind its back, has no answer; nothing of it is left.
    mark = f"7{os.getpid()}"
    own.write_text(f"#!/bin/sh\nsleep {mark} &\nexit 0\n")
    job = {**candidates("cnf", 0.1, 2, str(own), "0")[0].__dict__, "topology": "64-2-1"}
    for script in (f"sleep {mark} &\nexit 0", f"sleep {mark}\nexit 10", "echo s UNKNOWN\nexit 30"):
        own.write_text(f"#!/bin/sh\n{script}\n")
        result = execute(job)
        assert (result["status"], result["own_seconds"], result["interesting"]) == ("measured", None, False), result
        assert mark not in running()


def test_programs_end_with_who_started_them_and_at_a_limit(tmp_path: Path) -> None:
    mark, limits = f"8{os.getpid()}", tmp_path / "limits"
    command = ["sh", "-c", f"ulimit -t > {limits}; exec sleep {mark}"]
    code = f"from bnnsat.campaigns.submission import reference; reference._run({command}, 9.0)"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        wait(lambda: limits.exists() and limits.read_text(), "the program runs")
        process.kill()
    wait(lambda: mark not in running(), "it ends with who started it", LONG)
    assert int(limits.read_text()) == reference.GRACE_SECONDS + 10 * (os.cpu_count() or 1)
    liar = tmp_path / "liar"
    liar.write_text("#!/bin/sh\necho s UNSATISFIABLE\nexit 0\n")
    liar.chmod(0o755)
    with pytest.raises(ResourceError, match="code 0, not 10 or 20"):
        reference.program(str(liar), tmp_path / "x.cnf", 5)


@pytest.mark.usefixtures("small_candidates")
def test_another_own_solver_decides_what_is_interesting() -> None:
    job = {**candidates("cnf", 1, 6, shutil.which("false"), "0")[0].__dict__}
    assert "ended with code 1" in execute(job)["error"]
    if (cadical := installed("cadical")) is None:
        pytest.skip("cadical is not installed")
    result = execute({**job, "topology": "64-2-1", "program": cadical, "reference_limit": 0.01})
    assert result["interesting"] and result["own_seconds"] != result["bnnsat_seconds"]


def test_a_stop_loses_nothing(tmp_path: Path) -> None:
    program = Path(__file__).with_name("smaller.py")
    command = [sys.executable, str(program), "export", "--submission", str(tmp_path), "--count", "2", *SHORT.split()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        store = tmp_path / "results.jsonl"
        wait(lambda: store.exists() and store.read_text(), "a first measurement is in")
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 130 and "the same command goes on" in error
    kept = store.read_text().splitlines()
    assert kept and not (tmp_path / "instances.csv").exists()
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert store.read_text().splitlines()[: len(kept)] == kept and len(rows_of(tmp_path)) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--format icnf", "no competition"),
        ("--count 0", "from 1"),
        ("--limit 0", "not above 0"),
        ("--minisat-limit nan", "not above 0"),
        ("--own no-such-program", "no program"),
        ("--format wcnf --own cadical", "solver of cnf"),
        ("--jobs 0", "at least 1"),
        ("--out x.cnf", "--out says nothing to --submission"),
        ("--seed 5", "No such option: --seed"),
        ("--count 67", "there are 66"),
        ("--author A\tB", "printable"),
    ],
)
def test_what_cannot_be_submitted_is_said(
    arguments: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli._run(["export", "--submission", str(tmp_path / "s"), *arguments.split(" ")]) == 2
    error = capsys.readouterr().err
    assert words in error and not list(tmp_path.iterdir())


def test_the_reference_has_to_be_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    _, error = run(f"export --submission {tmp_path / 's'}", capsys, 2)
    assert "minisat is not installed" in error
