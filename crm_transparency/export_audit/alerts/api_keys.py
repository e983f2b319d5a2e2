"""The first export that a user's API key, or an OAuth token of theirs, ever made."""

from collections.abc import Iterator

import frappe
from frappe import _
from frappe.query_builder.functions import Min
from frappe.utils import get_fullname, getdate

from crm_transparency.export_audit.alerts import baselines, recorded
from crm_transparency.export_audit.alerts.findings import API_KEY, Finding, Window
from crm_transparency.export_audit.alerts.words import day_in_words, number, people, what_left

OAUTH_TOKEN = "OAuth Token"
WITHOUT_A_SESSION = ("API Key", OAUTH_TOKEN)


def findings(window: Window) -> Iterator[Finding]:
	for user, signed_in_with in users_of_keys(window):
		export = first_export(user, signed_in_with)
		if getdate(export.exported_on) >= window.first:
			yield finding(export)


def users_of_keys(window: Window) -> list[tuple[str, str]]:
	log = recorded.ledger()
	return (
		frappe.qb.from_(log)
		.select(log.user, log.signed_in_with)
		.where(window.contains(log) & log.signed_in_with.isin(WITHOUT_A_SESSION))
		.distinct()
		.run()
	)


def first_export(user: str, signed_in_with: str) -> frappe._dict:
	log = recorded.ledger()
	ways = (log.user == user) & (log.signed_in_with == signed_in_with)
	first = frappe.qb.from_(log).select(Min(log.name)).where(ways).run()[0][0]
	return frappe.db.get_value(recorded.LEDGER, first, recorded.FIELDS, as_dict=True)


def finding(export: frappe._dict) -> Finding:
	day = getdate(export.exported_on)
	baseline = baselines.of_exports(day, [export.user]).get(export.user, baselines.Baseline())
	return Finding(
		API_KEY,
		export.user,
		export.impersonated_by,
		day,
		figure=export.row_count,
		explanation=what_happened(export),
		reason=why(export),
		normal=baselines.exports_in_words(export.user, day, baseline),
		export_log=export.name,
		kind=(export.signed_in_with,),
		is_daily=False,
	)


def what_happened(export: frappe._dict) -> str:
	sentence = (
		_("A program with an OAuth token of {0} exported {1} on {2}; rows: {3}.")
		if export.signed_in_with == OAUTH_TOKEN
		else _("A program with the API key of {0} exported {1} on {2}; rows: {3}.")
	)
	return sentence.format(
		people(export.user, export.impersonated_by),
		what_left(export.reference_doctype, export.report_name),
		day_in_words(getdate(export.exported_on)),
		number(export.row_count),
	)


def why(export: frappe._dict) -> str:
	name = get_fullname(export.user)
	if export.signed_in_with == OAUTH_TOKEN:
		return _("It's the first export ever with an OAuth token of {0}.").format(name)
	return _("It's the first export ever with the API key of {0}.").format(name)
