"""Who is acting: the user of the session, and the person behind an impersonated session."""

from typing import NamedTuple

import frappe


class Actor(NamedTuple):
	"""`user` acts by name; `impersonated_by` is the person who really sits there, or None."""

	user: str
	impersonated_by: str | None


def current_actor() -> Actor:
	"""Say who is acting in this request or job.

	Frappe (v15 and later) keeps the person behind an impersonated session in the session's data; a background
	job runs as the user who queued it and knows no session data.
	"""
	session = frappe.local.session
	return Actor(session.user, (session.data or {}).get("impersonated_by"))
