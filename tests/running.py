"""Training with options as keywords, as tests say them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bnnsat import trainer
from bnnsat.options import Options
from bnnsat.search.progress import Listener
from bnnsat.shape import Shape
from bnnsat.training import Training


def train(
    inputs: Any,
    labels: Any,
    shape: Shape,
    *,
    checkpoint: Path | str | None = None,
    on_event: Listener | None = None,
    on_start: Callable[[], object] | None = None,
    **options: Any,
) -> Training:
    """The same as `trainer.train`; Ctrl-C keeps the best network so far."""
    for name in ("costs", "then"):
        options[name] = tuple(options.get(name, ()))
    return trainer.train(
        inputs,
        labels,
        shape,
        Options(**options),
        checkpoint=checkpoint,
        on_event=on_event,
        on_start=on_start,
        keep_interrupted=True,
    )
