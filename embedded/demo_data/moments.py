from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import frappe
import time_machine
from frappe.realtime import clear_realtime_log
from frappe.utils import get_system_timezone


@contextmanager
def at(moment: datetime, user: str) -> Iterator[None]:
	"""Let what is inside happen at `moment`, in the site's time zone, and be done by `user`.

	The clock goes on ticking from there, so that two things done one after the other keep their order.
	"""
	previous_user = frappe.session.user
	in_utc = moment.replace(tzinfo=ZoneInfo(get_system_timezone())).astimezone(timezone.utc)
	with time_machine.travel(in_utc, tick=True):
		become(user)
		try:
			yield
		finally:
			become(previous_user)
	# Nobody is watching; and every message waiting for the commit is compared with all the others.
	clear_realtime_log()


def become(user: str) -> None:
	"""Go on as `user`, and keep what was read from the cache: its keys name the user where it matters.

	`frappe.set_user` throws all of it away; reading every DocType again takes longer than saving a customer.
	"""
	read_from_cache = frappe.local.cache
	frappe.set_user(user)
	frappe.local.cache = read_from_cache
