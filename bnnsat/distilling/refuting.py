"""Few inputs of which no program of a shape says what a network says: short proofs come of few, and of neighbours.

Two inputs that differ in one part only, and get different labels, say at once what a program has to make of that part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bnnsat.certificates.claim import Claim, Statement
from bnnsat.distilling.families import CARD, CARDS, Member
from bnnsat.distilling.fit import fitted
from bnnsat.distilling.manner import Manner
from bnnsat.distilling.source import Source
from bnnsat.questions.member import MemberQuestion
from bnnsat.types import Bits

PAIRS, NEW = 4, 2
"""Pairs of neighbours for each input, and pairs of inputs that join in a round."""


def refuting(source: Source, member: Member, rows: Bits, manner: Manner) -> Bits:
    """Some inputs, (few, bits), of which no member says what the network says.

    Args:
        source: with a network.
        member: the shape.
        rows: (examples, bits) of which no member does, in any order.
        manner: how members are searched for.

    Raises:
        TimeoutError: the time was over.
    """
    near = neighbours(source, rows, manner.seed)
    card = member.family in (CARD, CARDS) and member.shape is not None and member.shape.layers == 1
    if card and len(few := opposed(near)):
        # `check` sees without a proof that no card says the same of such pairs.
        return few
    pool = np.concatenate([near, rows])
    labels = source.ask(pool)
    chosen = np.zeros(len(pool), dtype=np.bool_)
    wrong = np.array([0, *np.flatnonzero(labels != labels[0])[:1]])
    while True:
        # With an input of a pair its neighbour joins.
        chosen[wrong] = chosen[np.where(wrong < len(near), wrong ^ 1, wrong)] = True
        fit = fitted(member, pool[chosen], labels[chosen], manner)
        if fit.lower:
            return pool[chosen]
        if fit.errors:
            raise TimeoutError
        said = fit.network.right(pool[:, list(member.order)], labels)
        wrong = np.flatnonzero(~said)[: 2 * NEW]


def neighbours(source: Source, rows: Bits, seed: int) -> Bits:
    """Inputs (2 pairs, bits): pair by pair two that differ in one part, and get different labels.

    Args:
        source: what is asked.
        rows: (examples, bits) inputs, between which they are looked for.
        seed: of what is random.
    """
    rng, labels = np.random.default_rng(seed), source.ask(rows)
    sides = [rows[labels == label] for label in (0, 1)]
    if not all(map(len, sides)):
        return rows[:0]
    parts, count = source.inputs.parts, PAIRS * source.inputs.bits
    zero, one = (side[rng.integers(len(side), size=count)] for side in sides)
    # (pairs, parts): when each part goes over from the first input to the second.
    turn = rng.permuted(np.tile(np.arange(len(parts)), (count, 1)), axis=1)
    moment = np.zeros(zero.shape, dtype=np.int64)
    for place, part in enumerate(parts):
        moment[:, part.places] = turn[:, [place]]
    low, high = np.zeros(count, dtype=np.int64), np.full(count, len(parts))
    while (high - low > 1).any():
        middle = (low + high) // 2
        here = source.ask(np.where(moment < middle[:, np.newaxis], one, zero)) == 0
        low, high = np.where(here, middle, low), np.where(here, high, middle)
    pairs = np.stack([np.where(moment < at[:, np.newaxis], one, zero) for at in (low, high)], axis=1)
    return pairs.reshape(-1, zero.shape[1])


def opposed(near: Bits) -> Bits:
    """Two of these pairs that go over in opposite ways, (4, bits): of no sum both are true; none where there are none.

    Args:
        near: (2 pairs, bits) as `neighbours` makes them.
    """
    ways: dict[bytes, int] = {}
    for place in range(0, len(near), 2):
        way = near[place + 1].astype(np.int8) - near[place]
        if (other := ways.get((-way).tobytes())) is not None:
            return near[[other, other + 1, place, place + 1]]
        ways[way.tobytes()] = place
    return near[:0]


def family_claim(
    source: Source, members: Sequence[Member], rows: Bits, manner: Manner
) -> tuple[Claim, dict[str, bytes]]:
    """That no member of some shapes says the same as a network; and the files.

    Args:
        source: with a network.
        members: the shapes.
        rows: (examples, bits) of which none does.
        manner: how the inputs of the proofs are looked for.

    Raises:
        TimeoutError: the time was over.
    """
    assert source.model is not None
    found = [refuting(source, member, rows, manner) for member in members]
    ends = np.cumsum([0, *map(len, found)])
    inputs = np.concatenate(found)
    questions = [
        MemberQuestion(source.model, source.label, inputs, member.shape, member.depth, tuple(range(start, stop)))
        for member, start, stop in zip(members, ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]
    noted = [question.noted() for question in questions]
    impossible = [
        Statement({question.UNIT: 0}, {name: own[name] for name in question.CHANGES}, f"member.{number}")
        for number, (question, own) in enumerate(zip(questions, noted, strict=True))
    ]
    return Claim(MemberQuestion.KIND, noted[0], (), tuple(impossible)), questions[0].files()
