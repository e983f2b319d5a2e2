"""Judging exports and reads by the rules. Every rule reads the ledgers anew, so that judging twice changes nothing."""

from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate, now_datetime

from crm_transparency.crm_transparency import languages, registry
from crm_transparency.export_audit.alerts import (
	api_keys,
	large_exports,
	leaving,
	many_reads,
	private_addresses,
	queue,
	raising,
	unusual_exports,
)
from crm_transparency.export_audit.alerts.findings import Rule, Window

RULES: tuple[Rule, ...] = (
	large_exports.findings,
	unusual_exports.findings,
	many_reads.findings,
	private_addresses.findings,
	leaving.findings,
	api_keys.findings,
)
JUDGED_UNTIL = "exports_judged_until"
#: a long transaction may have been committed after a later one was judged
DAYS_AGAIN = 1
MOST_DAYS = 90


def judge_person(person: str) -> None:
	"""Judge what a person did today and yesterday: the background job after an export."""
	queue.begin(person)
	frappe.set_user("Administrator")
	today = getdate()
	judge(Window(today - timedelta(days=DAYS_AGAIN), today, person))


def judge_everybody() -> None:
	"""Judge everything since the last time, in case a job got lost: the hourly job."""
	now = now_datetime()
	if judge(Window(first_day(now), now.date())):
		frappe.db.set_single_value(registry.SETTINGS, JUDGED_UNTIL, now, update_modified=False)


def first_day(now: datetime) -> date:
	# Frappe gives the year 1 for a moment that was never set
	until = get_datetime(frappe.db.get_single_value(registry.SETTINGS, JUDGED_UNTIL) or datetime.min)
	earliest = now - timedelta(days=MOST_DAYS)
	return max(until, earliest + timedelta(days=DAYS_AGAIN)).date() - timedelta(days=DAYS_AGAIN)


def judge(window: Window) -> bool:
	"""Raise what the rules find in a window; return whether all of them could be asked."""
	with languages.speaking(languages.of_site()):  # many people read the same alert
		return all([follow(rule, window) for rule in RULES])


def follow(rule: Rule, window: Window) -> bool:
	"""Raise what one rule finds. A rule that fails keeps no other from being followed."""
	frappe.db.savepoint("rule")
	try:
		for finding in list(rule(window)):
			raising.raise_alert(finding)
	except Exception:
		frappe.db.rollback(save_point="rule")
		# Frappe would add the values of variables, and with them what is said about people
		frappe.log_error(
			_("CRM Transparency: a rule about exports could not be followed"), frappe.get_traceback()
		)
		return False
	return True
