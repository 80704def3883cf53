"""Print the golden table: the sizes of every encoding at every width, with the versions that made them."""

from __future__ import annotations

from importlib.metadata import version

from bnnsat.campaigns.sizes import sizes
from bnnsat.encodings.catalogue import catalogue


def main() -> None:
    print(f"# python-sat {version('python-sat')}, pindakaas {version('pindakaas')}")
    print(
        "# encoding, inputs, variables without the inputs, clauses, literals: at least half of them; or the comparison"
    )
    for entry in catalogue():
        for n, size in sizes(entry).items():
            print(f"{entry.name} {n} {size.variables} {size.clauses} {size.literals}")


if __name__ == "__main__":
    main()
