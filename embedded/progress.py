"""One way to tell a person at a terminal what is being done and how long it took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()


def say(text: str = "") -> None:
	"""Print one line, whole, even when several threads report at once."""
	with _lock:
		print(text, flush=True)


def warn(text: str) -> None:
	"""Print one line to standard error."""
	with _lock:
		print(text, file=sys.stderr, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
	"""Announce a step, and when it is done how many seconds it took."""
	start = time.monotonic()
	say(f"… {name}")
	try:
		yield
	except BaseException:
		warn(f"✗ {name}: not finished after {time.monotonic() - start:.1f} s")
		raise
	say(f"✓ {name} ({time.monotonic() - start:.1f} s)")
