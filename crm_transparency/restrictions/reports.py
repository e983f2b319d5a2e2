"""Reports: what can't be filtered is closed to the people whom a restriction concerns.

Lists and the report builder ask for permissions. A query or script report reads the database as it likes, adds up
and groups, so no row taken away afterwards would make it right. Reports that heed restrictions by themselves say so in
the hook `transparency_reports_within_restrictions`.
"""

from collections.abc import Callable, Iterable

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.asking import in_the_eyes_of
from crm_transparency.crm_transparency.permission_results import pass_on
from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.records import predicate
from crm_transparency.restrictions.register import HIDE_FIELDS, Restriction, in_force

HOOK = "transparency_reports_within_restrictions"
UNFILTERED = ("Query Report", "Script Report")


def closing(user: str, report: Document | frappe._dict | None) -> Restriction | None:
	"""Return the restriction that closes a report to `user`, None if it is open."""
	if not report or report.report_type not in UNFILTERED or report.name in frappe.get_hooks(HOOK):
		return None
	return next(
		(rule for rule in in_force(user) if concerns(rule, report.ref_doctype)),
		None,
	)


def concerns(rule: Restriction, doctype: str) -> bool:
	"""Say whether a restriction hides something of a DocType's documents."""
	if rule.restriction_kind == HIDE_FIELDS:
		return doctype == rule.document_type
	return doctype == rule.document_type or bool(predicate(rule, doctype))


def closed(get_report_doc: Callable) -> Callable:
	"""Stand in `frappe.desk.query_report.get_report_doc`, which everything asks that runs a report."""

	def report_doc(report_name):
		report = get_report_doc(report_name)
		if rule := closing(frappe.session.user, report):
			explanation.refuse(rule)
		return report

	return report_doc


def checked(run: Callable) -> Callable:
	"""Stand in `frappe.desk.query_report.run`: a report on something else may still list what is hidden.

	An Auto Email Report runs in the name of its user, while somebody else is signed in.
	"""

	def ran(report_name, filters=None, user=None, *args, **kwargs):
		rules = in_force(user)
		if not rules:
			return run(report_name, filters, user, *args, **kwargs)
		if rule := closing(user or frappe.session.user, report_behind(report_name)):
			explanation.refuse(rule)
		result = run(report_name, filters, user, *args, **kwargs)
		if report_name not in frappe.get_hooks(HOOK):
			shown = set(doctypes_shown(result or {}))
			if rule := next((rule for rule in rules if rule.document_type in shown), None):
				explanation.refuse(rule)
		return result

	return ran


def read_by_its_user(get_data: Callable) -> Callable:
	"""Stand in `Report.get_data`: what is mailed in somebody's name holds no fields that are hidden from them."""

	def data(report, filters=None, limit=None, user=None, *args, **kwargs):
		if not user or not in_force(user):
			return get_data(report, filters, limit, user, *args, **kwargs)
		with in_the_eyes_of(user):
			return get_data(report, filters, limit, user, *args, **kwargs)

	return data


def report_behind(name: str) -> frappe._dict | None:
	"""Return what is asked of a report, for a custom one what is asked of the report that it shows its way."""
	fields = ["name", "report_type", "ref_doctype", "reference_report"]
	report = frappe.db.get_value("Report", name, fields, as_dict=True)
	if report and report.report_type == "Custom Report" and report.reference_report:
		return report_behind(report.reference_report)
	return report


def doctypes_shown(result: dict) -> Iterable[str]:
	"""Yield the DocTypes whose documents a report's columns name."""
	rows = [row for row in result.get("result") or () if isinstance(row, dict)]
	for column in result.get("columns") or ():
		if isinstance(column, str):
			parts = column.split(":")
			kind = parts[1] if len(parts) > 1 else ""
			if kind.startswith("Link/"):
				yield kind.removeprefix("Link/")
		elif column.get("fieldtype") == "Link":
			yield column.get("options")
		elif column.get("fieldtype") == "Dynamic Link":
			yield from {row.get(column.get("options")) for row in rows}


def has_permission_to_prepared(
	doc: Document, ptype: str | None = None, user: str | None = None
) -> bool | None:
	"""`has_permission` of Prepared Report: a stored result, which somebody else may have had made."""
	user = user or frappe.session.user
	if not in_force(user):
		return pass_on()
	rule = closing(user, report_behind(doc.get("report_name")))
	if not rule:
		return pass_on()
	explanation.note(rule)
	return False
