"""When things happened in the demo company, and how documents were saved then.

Dates are counted back in working days, so that the order of events is the same whatever the weekday of today.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
import time_machine
from frappe.realtime import clear_realtime_log
from frappe.utils import get_system_timezone
from werkzeug.test import EnvironBuilder

FIRST_WORKDAY = 390
"""The demo company's CRM went live this many working days ago: 18 months."""

SAVE_A_FORM = "frappe.desk.form.save.savedocs"


def workday(today: date, back: int) -> date:
	"""Return the working day `back` working days before `today`; 0 is today, or on a weekend the Friday before."""
	friday_at_most = today - timedelta(days=max(0, today.weekday() - 4))
	weeks, days = divmod(back, 5)
	day = friday_at_most - timedelta(weeks=weeks)
	over_a_weekend = 2 if day.weekday() < days else 0
	return day - timedelta(days=days + over_a_weekend)


def moment(today: date, back: int, minute: int) -> datetime:
	"""Return `minute` minutes after 8 o'clock on the working day `back` working days before `today`."""
	return datetime.combine(workday(today, back), time(8)) + timedelta(minutes=minute)


@contextmanager
def at(when: datetime, user: str) -> Iterator[None]:
	"""Let what is inside happen at `when`, in the site's time zone, done by `user`. The clock goes on from there."""
	previous_user = frappe.session.user
	in_utc = when.replace(tzinfo=ZoneInfo(get_system_timezone())).astimezone(timezone.utc)
	with time_machine.travel(in_utc, tick=True):
		_become(user)
		try:
			yield
		finally:
			_become(previous_user)
	# Nobody is watching; and every message waiting for the commit is compared with all the others.
	clear_realtime_log()


def _become(user: str) -> None:
	"""Go on as `user`, and keep what was read from the cache: its keys name the user where it matters."""
	read_from_cache = frappe.local.cache
	# The demo's records are written by the people who wrote them; no request runs here.
	frappe.set_user(user)  # nosemgrep: frappe-setuser
	frappe.local.cache = read_from_cache


@contextmanager
def in_a_form() -> Iterator[None]:
	"""Save documents as by someone who clicks Save."""
	frappe.local.request = EnvironBuilder(f"/api/method/{SAVE_A_FORM}", method="POST").get_request()
	frappe.local.form_dict = frappe._dict(cmd=SAVE_A_FORM)
	try:
		yield
	finally:
		frappe.local.request = None
		frappe.local.form_dict = frappe._dict()


@contextmanager
def by_import() -> Iterator[None]:
	"""Save documents as by a Data Import."""
	frappe.flags.in_import = True
	try:
		yield
	finally:
		frappe.flags.in_import = False
