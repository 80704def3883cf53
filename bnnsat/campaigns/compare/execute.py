"""One run of a comparison, from wherever an executor put it."""

from __future__ import annotations

from typing import Any

from bnnsat.campaigns.compare.job import Job
from bnnsat.campaigns.jobs.process import outcome


def execute(fields: dict[str, Any]) -> dict[str, Any]:
    """The result of the job with those fields (see `outcome`); `status` is solved, timeout, memory or failed.

    A budget search that time cuts off leaves the run solved.
    """
    return outcome("bnnsat.campaigns.compare.job", fields, Job(**fields).seconds_limit)
