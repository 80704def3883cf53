"""What all tests run under: signals, and how long Hypothesis looks for counterexamples.

HYPOTHESIS_PROFILE=thorough makes it look far longer, which takes an hour; quick is for scripts/mutate, which
runs tests once for each mutant.
"""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings
from smaller import smaller

from bnnsat.campaigns.submission.candidate import TRACKS

# On a busy machine an example takes what it takes.
settings.register_profile("usual", max_examples=30, deadline=None)
settings.register_profile("quick", max_examples=20, deadline=None, database=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))

# As in a terminal: a shell starts background jobs with Ctrl-C ignored, and what they start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def small_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submissions of smaller instances."""
    for track, families in smaller().items():
        monkeypatch.setitem(TRACKS, track, families)
