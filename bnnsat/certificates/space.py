"""What a certificate says of all shapes of a space: that none of them is better."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

from bnnsat.errors import RefusedError
from bnnsat.integers.shape import IntegerShape
from bnnsat.shape import Shape
from bnnsat.spelling import LEARNED, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bnnsat.certificates.claim import Claim
    from bnnsat.questions.question import Files

ERRORS_FIRST, WEIGHTS_FIRST = "errors,weights", "weights"
"""The fewest errors, of these the fewest weights; or the fewest weights with few enough errors."""
MOST_SHAPES = 10_000


def noted(layers: range, widths: range, prefer: str, errors: int) -> dict[str, Any]:
    """A space and what is best in it, as JSON for a claim.

    Args:
        layers: numbers of hidden layers.
        widths: numbers of neurons of each hidden layer.
        prefer: what is better: `ERRORS_FIRST` or `WEIGHTS_FIRST`.
        errors: that are few enough, of `WEIGHTS_FIRST`.
    """
    ends = {"layers": [layers[0], layers[-1]], "widths": [widths[0], widths[-1]]}
    return {**ends, "prefer": prefer, "errors": errors}


def whole(claim: Claim, files: Files) -> str:
    """In words that no shape of the claim's space is better than what is attained, or that none is good enough.

    Each shape of the space is made anew here, and looked for among the statements.

    Args:
        claim: its statements are verified already.
        files: of the certificate.

    Raises:
        RefusedError: a shape that could be better is missing.
    """
    from bnnsat.certificates.claim import Statement

    layers, widths, prefer, few = _read(claim.space)
    question: Any = claim.about(Statement({}), files)
    if question.KIND not in ("training", "integers") or question.noted().get("margin"):
        raise RefusedError("a space is one of networks that are trained, without a margin")
    shapes = _shapes(question.shape, layers, widths)
    if question.shape not in shapes:
        raise RefusedError(f"{question.shape.topology} is no shape of the space")
    beaten: dict[object, int] = {}
    for statement in claim.impossible:
        if statement.changes.keys() <= {"shape"} and statement.sums.keys() == {question.UNIT}:
            other: Any = claim.about(statement, files)
            beaten[other.shape] = max(beaten.get(other.shape, -1), statement.sums[question.UNIT])
    attained = [s.sums[question.UNIT] for s in claim.attained if not s.changes and question.UNIT in s.sums]
    weights = weights_of(question.shape)
    if prefer == ERRORS_FIRST and not attained:
        raise RefusedError("nothing is best in a space without a network")
    if prefer == WEIGHTS_FIRST and attained and attained[0] > few:
        raise RefusedError(f"the network makes {attained[0]} errors, more than the {few} that are few enough")
    for shape in shapes:
        fewer = not attained or weights_of(shape) < weights
        # So many errors would be better, of as many weights or more none are if there are few enough.
        most = (few if fewer else -1) if prefer == WEIGHTS_FIRST else attained[0] - (not fewer)
        if most > beaten.get(shape, -1):
            raise RefusedError(f"{shape.topology} is a shape of the space, and nothing says that it is not better")
    ends = f"{layers[0]} to {layers[-1]} hidden layers of {widths[0]} to {widths[-1]} neurons each"
    told = f"these are all of the {len(shapes)} shapes with {ends} that could be better"
    return told + (" by fewer weights" if prefer == WEIGHTS_FIRST else " by fewer errors, or as few with fewer weights")


def weights_of(shape: Shape | IntegerShape) -> int:
    """How many weights a network of a shape has; what neurons of whole numbers add counts, too.

    Args:
        shape: of any kind.
    """
    if isinstance(shape, IntegerShape):
        return shape.weights
    return sum(n * m for n, m in pairwise(shape.sizes))


def _read(space: Mapping[str, Any]) -> tuple[range, range, str, int]:
    """The space as it was noted."""
    (first, last), (least, most), prefer, errors = (space[name] for name in ("layers", "widths", "prefer", "errors"))
    if not all(type(n) is int and 0 <= n <= MOST_SHAPES for n in (first, last, least, most)) or type(errors) is not int:
        raise RefusedError("the space is not one of whole numbers")
    layers, widths = range(first, last + 1), range(least, most + 1)
    if not layers or not widths or least < 1 or errors < 0 or prefer not in (ERRORS_FIRST, WEIGHTS_FIRST):
        raise RefusedError("the space has no shapes, or says nothing of what is best")
    if len(layers) > 14 or sum(len(widths) ** count for count in layers) > MOST_SHAPES:
        raise RefusedError(f"the space has more than {MOST_SHAPES} shapes")
    return layers, widths, prefer, errors


def _shapes(like: Shape | IntegerShape, layers: range, widths: range) -> list[Shape | IntegerShape]:
    """All shapes of the same kind with such hidden layers; half-comparisons only have layers of even numbers."""
    half = isinstance(like, Shape) and like.activation == "half"
    usable = [width for width in widths if not (half and width % 2)]
    return [_kin(like, hidden) for count in layers for hidden in product(usable, repeat=count)]


def _kin(like: Shape | IntegerShape, hidden: tuple[int, ...]) -> Shape | IntegerShape:
    """The shape with other hidden layers, and default thresholds if they are given."""
    sizes = (like.sizes[0], *hidden, like.sizes[-1])
    if isinstance(like, IntegerShape):
        return replace(like, sizes=sizes)
    topology = "-".join(map(str, sizes))
    learned = LEARNED if any(like.constants) else ()
    return Shape.parse(topology, like.activation, like.head, learned, WEIGHTS[like.repeat - 1])
