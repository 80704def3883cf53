"""Signals as in a terminal: a shell starts background jobs with Ctrl-C ignored, and what they start inherits that."""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
