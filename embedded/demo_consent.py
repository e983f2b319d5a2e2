"""Asks before a demo site goes on which people changed something."""

from __future__ import annotations

import sys

from embedded.progress import say, warn
from embedded.site import Site
from embedded.site_changes import ChangesUnknownError, since_noted

DOCTYPES_NAMED = 5


def may_be_replaced(site: Site, why: str, instead: str) -> bool:
	"""Say why the demo site is to be replaced, and ask when people changed something on it.

	Where nobody can answer, the answer is no. The message says how to agree, and what can be done
	`instead`.
	"""
	say(why)
	lost = what_would_be_lost(site)
	if not lost:
		return True
	warn(f"That would throw away {lost}.")
	if sys.stdin.isatty() and _agrees():
		return True
	warn(f"Nothing was changed. Add --reset to agree. {instead}")
	return False


def what_would_be_lost(site: Site) -> str:
	"""Return in words what people changed on the site since it was made; empty when that is nothing."""
	try:
		changes = since_noted(site)
	except ChangesUnknownError:
		return "what people may have changed on the demo site: an older version of the demo made it and can't tell"
	if not changes:
		return ""
	named = [f"{number:,} {doctype}" for doctype, number in list(changes.items())[:DOCTYPES_NAMED]]
	named += ["others"] if len(changes) > DOCTYPES_NAMED else []
	return f"what people saved or deleted on the demo site: {', '.join(named)}"


def _agrees() -> bool:
	try:
		return input("Replace the demo site? [y/N] ").strip().lower() in ("y", "yes")
	except EOFError:
		return False
