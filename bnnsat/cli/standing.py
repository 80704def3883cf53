"""Certificates of results that are printed whether or not there is time for a proof."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bnnsat.certificates.prover import LateError
from bnnsat.errors import ResourceError


@contextmanager
def standing() -> Iterator[None]:
    """Where there is no time for a proof, say that the result stands.

    Raises:
        ResourceError: there was no time.
    """
    try:
        yield
    except LateError:
        raise ResourceError(
            "the result stands, without a certificate: there was no time for its proof; give more by --time-limit"
        ) from None
