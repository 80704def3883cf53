"""The description of a package: LaTeX in the style of IEEE proceedings, as the competitions ask for."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from bnnsat import files
from bnnsat.campaigns.submission.reference import NAMES
from bnnsat.version import __version__

ASKED = {
    "cnf": "is there a network with at most $k$ errors",
    "wcnf": "which network makes the fewest errors",
    "opb": "which network makes the fewest errors",
}
COMPETITION = {"cnf": "SAT Competition", "wcnf": "MaxSAT Evaluation", "opb": "Pseudo-Boolean Competition"}
COUNTS = {
    "cnf": "Counts of up to 32 literals are totalizers cut off at the threshold, wider ones trees of 7:3 compressors.",
    "wcnf": "Counts of up to 32 literals are totalizers cut off at the threshold, wider ones trees of 7:3 compressors.",
    "opb": "A popcount neuron is two linear constraints for each example, one for each value of its output; all other "
    "clauses are written as sums.",
}
LOST = (
    " An error of examples that occur several times counts as often. Errors that are certain, because equal examples "
    "have different labels, are left out{shift}; the file beside an instance gives this constant."
)
ERRORS = {
    "cnf": "counted by a totalizer, whose output bounds them.",
    "wcnf": "soft clauses." + LOST.format(shift=""),
    "opb": "the objective." + LOST.format(shift=", and negated literals shift the objective"),
}
SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
SPECIAL |= {character: f"\\{character}" for character in "&%$#_{}"}

PAGE = Template(r"""\documentclass[conference]{IEEEtran}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\begin{document}
\title{Training Small Binary Neural Networks to Optimality}
\author{\IEEEauthorblockN{$author}}
\maketitle

\begin{abstract}
We submit $count instances to the $competition. Each asks about the training of a binary neural network on
a few dozen to a few hundred examples: $asked? The instances come from a generator that writes the same bytes
on any machine.
\end{abstract}

\section{The Problem}
A binary neural network~\cite{hubara,rastegari} has inputs, weights and neurons of one bit each. A neuron with weights
$$w$$ computes $$z = x \oplus \overline{w}$$ bit by bit from its inputs $$x$$. In a \emph{popcount} network its output
is 1 if at least half of the bits of $$z$$ are 1; in a \emph{half-comparison} network if the first half of $$z$$, read
as a binary number, is larger than the second half. The shape 64-4-1 has 64 inputs, one layer of four neurons and one
output neuron that reads these four. Given a shape and labelled examples, we look for weights with which the output
differs from the label for as few examples as possible. The question is a combinatorial one, gradients do not answer
it, and it is interesting for solvers because every example brings the same small circuit over the same unknown
weights, while their inputs, and therefore the sharing between these circuits, differ in an irregular way.

The digits are those of MNIST~\cite{mnist}, brought down to $$8\times8$$ pixels in two ways, and turned into bits. One
digit is told from all others; half of the examples, which a seed draws, show that digit. The \textsc{monk}
problems~\cite{monks} are complete truth tables of three rules over six attributes, which 17 bits stand for.

\section{The Encoding}
There is a variable for each weight. The inputs are constants, so that a product with an input is a literal of the
weight. A half-comparison is a chain of multiplexers from the least to the most significant pair; equal pieces of
the chains of different examples are written once. $counts The errors are $errors There is
no symmetry breaking and no redundant constraint. The comments at the head of each file give all parameters and
the seed; a file beside it in JSON gives the expected answer and names the variables of the weights, so that
a solution can be read as a network and replayed on the examples.

\section{The Instances}
Candidates were measured with $reference within $reference_limit~s, and with our own solver, $own, within
$limit~s. We call an instance interesting if the first did not end within its limit and the second did. Of the
$count instances in Table~\ref{instances}, $interesting are interesting; $answers. Wherever
both answered, they agree$replayed.
In the columns of times a dash stands for no answer within the limit.

\begin{table*}[t]
\caption{The instances. $k_caption Times are in seconds.}
\label{instances}
\centering
\footnotesize
\begin{tabular}{llrrlrrrrr}
\hline
network & data & digit & examples & answer & $k_heading & variables & constraints & $reference & own \\
\hline
$rows
\hline
\end{tabular}
\end{table*}

\begin{thebibliography}{9}
\bibitem{hubara} I. Hubara, M. Courbariaux, D. Soudry, R. El-Yaniv, and Y. Bengio, ``Binarized neural networks,'' in
\emph{NIPS}, 2016.
\bibitem{rastegari} M. Rastegari, V. Ordonez, J. Redmon, and A. Farhadi, ``XNOR-Net: ImageNet classification using
binary convolutional neural networks,'' in \emph{ECCV}, 2016.
\bibitem{mnist} Y. LeCun, L. Bottou, Y. Bengio, and P. Haffner, ``Gradient-based learning applied to document
recognition,'' \emph{Proceedings of the IEEE}, vol. 86, no. 11, 1998.
\bibitem{monks} S. B. Thrun \emph{et al.}, ``The MONK's problems: a performance comparison of different learning
algorithms,'' Carnegie Mellon University, Tech. Rep. CMU-CS-91-197, 1991.
\end{thebibliography}
\end{document}
""")


def write(
    rows: Sequence[dict[str, Any]], track: str, author: str, program: str | None, folder: Path
) -> tuple[Path, str | None]:
    """Write description.tex, and where there is a LaTeX its PDF: the better of the two, and why there is no PDF."""
    page = folder / "description.tex"
    files.write(page, latex(rows, track, author, program).encode())
    pdf = page.with_suffix(".pdf")
    pdf.unlink(missing_ok=True)
    if shutil.which("pdflatex") is None:
        return page, "pdflatex is not installed"
    with tempfile.TemporaryDirectory(prefix="bnnsat-") as place:
        options = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"-output-directory={place}"]
        # Twice: the second run knows the numbers that are referred to.
        for _ in range(2):
            done = subprocess.run(["pdflatex", *options, page.name], cwd=folder, capture_output=True, check=False)
        if done.returncode:
            lines = done.stdout.decode(errors="replace").splitlines()
            return page, next((line for line in lines if line.startswith("!")), "pdflatex failed")
        files.write(pdf, Path(place, pdf.name).read_bytes())
    return pdf, None


def latex(rows: Sequence[dict[str, Any]], track: str, author: str, program: str | None) -> str:
    """The description of instances that `package.write` wrote."""
    answers = [row["result"] for row in rows]
    counted = {answer: answers.count(answer) for answer in dict.fromkeys(answers)}
    names = {"sat": "satisfiable", "unsat": "unsatisfiable", "optimum": "solved to optimality"}
    decides = track == "cnf"
    trained = (
        f"bnnsat {__version__} (gradient descent, local search, and incremental SAT on formulas of its own; it "
        "is given the shape and the examples, not the file)"
    )
    return PAGE.substitute(
        author=escaped(author),
        count=len(rows),
        competition=COMPETITION[track],
        asked=ASKED[track],
        counts=COUNTS[track],
        errors=ERRORS[track],
        reference=NAMES[track],
        reference_limit=f"{rows[0]['reference_limit']:g}",
        limit=f"{rows[0]['own_limit']:g}",
        own=trained if program is None else escaped(Path(program).name),
        interesting=sum(row["interesting"] for row in rows),
        answers=" and ".join(f"{number} are {names[answer]}" for answer, number in counted.items()),
        replayed=", and every solution was replayed" if decides else "",
        k_caption="The question is whether there is a network with at most $k$ errors." if decides else "",
        k_heading="$k$" if decides else "optimum",
        rows="\n".join(_row(row) for row in rows),
    )


def escaped(text: str) -> str:
    """Text as LaTeX prints it."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _row(row: dict[str, Any]) -> str:
    value = row["optimum"] if row["bound"] is None else row["bound"]
    cells = [
        f"{row['activation']} {row['topology']}",
        escaped(row["data"]),
        "--" if row["positive"] is None else row["positive"],
        row["examples"],
        row["result"],
        value,
        row["variables"],
        row["constraints"],
        _seconds(row["reference_seconds"]),
        _seconds(row["own_seconds"]),
    ]
    return " & ".join(map(str, cells)) + r" \\"


def _seconds(seconds: float | None) -> str:
    return "--" if seconds is None else f"{seconds:.1f}"
