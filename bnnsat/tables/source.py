"""What a user calls a table: a file, standard input, or one that scikit-learn has."""

from __future__ import annotations

from bnnsat.tables import files
from bnnsat.tables.archive import archive_table, is_archive
from bnnsat.tables.library import is_library, library_table
from bnnsat.tables.table import Table


def is_table(source: str) -> bool:
    """Whether a name is one of a table.

    Args:
        source: a path, - for standard input, or a name of `library`.
    """
    return files.is_table(source) or is_library(source) or is_archive(source)


def read_table(source: str, header: bool | None = None) -> Table:
    """The table of that name.

    Args:
        source: a path, - for standard input, or a name of `library`.
        header: whether the first row of a text names the columns; None to tell by what it holds.

    Raises:
        InputError: it cannot be read, or is no table.
    """
    if is_library(source):
        return library_table(source)
    return archive_table(source, header) if is_archive(source) else files.read_table(source, header)
