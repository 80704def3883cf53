"""Whether the network of a certificate is that of the ONNX file which it names."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bnnsat.certificates.claim import Claim
from bnnsat.data.lines import sha256
from bnnsat.errors import RefusedError
from bnnsat.foreign.document import Written
from bnnsat.questions.box import NETWORK
from bnnsat.questions.question import Files


def compared(claim: Claim, files: Files, data: str | Path | None, note: Callable[[str], object]) -> str:
    """Where the network comes from, as far as that can be seen here.

    Args:
        claim: what the certificate says; its source names the file, and what its inputs are divided by.
        files: the certificate's, contents by name.
        data: another place of the file; None for that of the claim.
        note: is told what is being done.

    Raises:
        RefusedError: the file's network is another one.
    """
    divisor, named = claim.source.get("divisor", 1), data or claim.source.get("onnx")
    if type(divisor) is not int or divisor < 1:
        raise RefusedError("the source says of its inputs what they cannot be divided by")
    digest = Written.loads(files[NETWORK], NETWORK).sha256
    alone = f"the network as the certificate has it, not compared with an ONNX file (SHA-256 {digest})"
    if named is None:
        return alone
    path = Path(named)
    if not path.is_file():
        return f"{alone}, which is not where it says"
    if sha256(path.read_bytes()) != digest:
        if data is not None:
            raise RefusedError(f"{path} is not the ONNX file that the network was read from")
        return f"{alone}: {str(path)!r} is another one now"
    if find_spec("onnx") is None:
        return f"{alone}: the package onnx is not installed"
    note(f"reading {str(path)!r} again")
    if written(path, divisor).dumps() != files[NETWORK]:
        raise RefusedError(f"{path} has another network than the certificate")
    scaled = "" if divisor == 1 else f", inputs divided by {divisor}"
    return f"the network is that of {str(path)!r} (SHA-256 {digest}{scaled})"


def written(path: Path, divisor: int) -> Written:
    """The network of an ONNX file.

    Args:
        path: the file.
        divisor: what inputs are divided by before they come in.

    Raises:
        InputError: it cannot be read, or something in it is not supported.
    """
    from bnnsat.foreign.stack import read_stack

    content: Any = path.read_bytes()
    _, walk, stack = read_stack(path, divisor)
    return Written(stack, tuple(walk.ended), sha256(content))
