"""Members of a shape that agree with answers, or the proof that there is none."""

from __future__ import annotations

from bnnsat import limits
from bnnsat.distilling.cards import several
from bnnsat.distilling.families import Member
from bnnsat.distilling.growing import grown
from bnnsat.distilling.manner import Fit, Manner, trained
from bnnsat.errors import SoundnessError
from bnnsat.types import Bits, Integers


def fitted(member: Member, inputs: Bits, labels: Integers, manner: Manner, *, fewest: bool = False) -> Fit:
    """A member that agrees with all examples, if there is one; else the bound says that there is none.

    Args:
        member: the shape.
        inputs: (examples, bits), of which it reads those in its order.
        labels: (examples,) of 0 and 1.
        manner: how members are searched for.
        fewest: look for the fewest errors, too, where some are needed.

    Raises:
        TimeoutError: there was no time for anything.
        KeyboardInterrupt: it was interrupted.
    """
    rows = inputs[:, list(member.order)]
    if member.shape is None:
        most = None if fewest else 0
        tree, errors = grown(rows, labels, member.depth, lambda: limits.check(manner.deadline), most)
        # Where only trees without errors were of interest, more is not known of the others.
        network = tree.network(rows.shape[1])
        if (replayed := int((~network.right(rows, labels)).sum())) != errors:
            raise SoundnessError(f"a tree was to make {errors} errors, but the same as a network makes {replayed}")
        return Fit(network, tree, errors, errors if fewest else min(errors, 1))
    if fewest or member.shape.activation == "half":
        return trained("auto", member.shape, rows, labels, manner, fewest=fewest)
    if member.shape.layers == 1:
        # Its relaxation soon says whether a single popcount can make no error.
        return trained("branch", member.shape, rows, labels, manner)
    return several(member.shape, rows, labels, manner)
