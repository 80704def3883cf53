"""Print the golden table: the sizes of every encoding at every width, with the versions that made them."""

from __future__ import annotations

from importlib.metadata import version

from bnnsat.campaigns.sizes import WIDTHS, size
from bnnsat.encodings.catalogue import catalogue


def main() -> None:
    print(f"# python-sat {version('python-sat')}, pindakaas {version('pindakaas')}")
    print(
        "# encoding, inputs, variables without the inputs, clauses, literals: at least half of them; or the comparison"
    )
    for entry in catalogue():
        for n in WIDTHS:
            if entry.most is None or n <= entry.most:
                s = size(entry, n)
                print(f"{entry.name} {n} {s.variables} {s.clauses} {s.literals}")


if __name__ == "__main__":
    main()
