"""Spellings of version 0.1, which work until 1.0."""

from __future__ import annotations

from bnnsat.errors import InputError

OPTIONS = {
    "--digit": "--positive",
    "--digits": "--positives",
    "--samples": "--examples",
    "--label": "--target",
    "--threshold": "--thresholds",
    "--class-weight": "--costs",
}
NEWER = ("verify", "count", "explain", "import", "solve", "shapes", "conquer", "distill")
"""Commands that version 0.1 did not have: their options are their own."""


def renamed(arguments: list[str]) -> list[str]:
    """A command line as it is spelled today; InputError for one that never was.

    >>> renamed(["train", "--digit", "3", "--samples=40"])
    ['train', '--positive', '3', '--examples=40']
    >>> renamed(["export", "--submission", "runs/x", "--count", "4"])
    ['submission', '--out', 'runs/x', '--count', '4']
    """
    if arguments[:1] and arguments[0] in NEWER:
        return arguments
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    names, words = dict(OPTIONS), [word.partition("=")[0] for word in options]
    for old, new in OPTIONS.items():
        if old in words and (new in words or words.count(old) > 1):
            raise InputError(f"{old} is the former spelling of {new}, and it is given twice; give {new} once")
    if arguments[:1] == ["export"] and "--submission" in words:
        if "--out" in words:
            raise InputError("--out says nothing to --submission; leave it out")
        arguments = ["submission", *arguments[1:]]
        names["--submission"] = "--out"
    found: list[str] = []
    for place, word in enumerate(arguments):
        if word == "--":
            return found + arguments[place:]
        name, equals, value = word.partition("=")
        found.append(names.get(name, name) + equals + value)
    return found
