"""Judging exports and reads by the rules. Every rule reads the ledgers again, so that judging twice changes nothing."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate, now_datetime

from crm_transparency.crm_transparency import formatting, registry
from crm_transparency.export_audit import (
	export_alerts,
	exports,
	leaver_rules,
	private_addresses,
	volume_rules,
)
from crm_transparency.export_audit.alert_digest import SWITCH as DIGEST_SWITCH
from crm_transparency.export_audit.alert_findings import Finding, Window
from crm_transparency.export_audit.private_addresses import private_mails_by_user

__all__ = [
	"DIGEST_SWITCH",
	"Finding",
	"Window",
	"judge",
	"judge_everybody",
	"judge_person",
	"private_mails_by_user",
	"unusual_acts",
]

Rule = Callable[[Window], Iterator[Finding]]

#: rules about what people do, whoever they are
RULES_ABOUT_ACTS: tuple[Rule, ...] = (
	volume_rules.large_exports,
	volume_rules.unusual_exports,
	volume_rules.many_reads,
	private_addresses.mails_to_private_addresses,
)
RULES: tuple[Rule, ...] = (
	*RULES_ABOUT_ACTS,
	leaver_rules.exports_of_leavers,
	volume_rules.first_exports_by_api_keys,
)
JUDGED_UNTIL = "exports_judged_until"
#: a long transaction may have been committed after a later one was judged
DAYS_AGAIN = 1
MOST_DAYS = 90


def unusual_acts(window: Window) -> Iterator[Finding]:
	"""Yield what the rules about acts find in a window, without raising alerts."""
	for rule in RULES_ABOUT_ACTS:
		yield from rule(window)


def judge_person(person: str) -> None:
	"""Judge what a person did today and yesterday: the background job after an export."""
	exports.begin_judging(person)
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
	with formatting.speaking(formatting.site_language()):  # many people read the same alert
		return all([follow(rule, window) for rule in RULES])


def follow(rule: Rule, window: Window) -> bool:
	"""Raise what one rule finds. A rule that fails keeps no other from being followed."""
	frappe.db.savepoint("rule")
	try:
		for finding in list(rule(window)):
			export_alerts.raise_alert(finding)
	except Exception:
		frappe.db.rollback(save_point="rule")
		# Frappe would add the values of variables, and with them what is said about people
		frappe.log_error(_("CRM Transparency: a rule about exports failed"), frappe.get_traceback())
		return False
	return True
