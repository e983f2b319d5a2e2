"""Reports: what can't be filtered is closed to the people whom a restriction concerns.

Lists and the report builder ask for permissions. A query or script report reads the database as it likes, adds up
and groups, so no row taken away afterwards would make it right. Reports that heed restrictions by themselves say so in
the hook `transparency_reports_within_restrictions`.
"""

from collections.abc import Callable, Iterable

import frappe

from crm_transparency.openness.restrictions import explanation
from crm_transparency.openness.restrictions.records import predicate
from crm_transparency.openness.restrictions.register import HIDE_FIELDS, Restriction, in_force

HOOK = "transparency_reports_within_restrictions"
UNFILTERED = ("Query Report", "Script Report")


def closing(user: str, report: object) -> Restriction | None:
	"""Return the restriction that closes a report to `user`, None if it is open."""
	if report.report_type not in UNFILTERED or report.name in frappe.get_hooks(HOOK):
		return None
	return next(
		(rule for rule in in_force(user) if concerns(rule, report.ref_doctype)),
		None,
	)


def concerns(rule: Restriction, doctype: str) -> bool:
	"""Say whether a restriction hides something of a DocType's documents."""
	if rule.restriction_kind == HIDE_FIELDS:
		return doctype == rule.document_type
	return doctype == rule.document_type or bool(predicate(rule, doctype, repr))


def closed(get_report_doc: Callable) -> Callable:
	"""Stand in `frappe.desk.query_report.get_report_doc`, which everything asks that runs a report."""

	def report_doc(report_name):
		report = get_report_doc(report_name)
		if rule := closing(frappe.session.user, report):
			explanation.refuse(rule)
		return report

	return report_doc


def checked(run: Callable) -> Callable:
	"""Stand in `frappe.desk.query_report.run`: a report on something else may still list what is hidden."""

	def ran(report_name, *args, **kwargs):
		result = run(report_name, *args, **kwargs)
		rules = in_force(frappe.session.user)
		if rules and report_name not in frappe.get_hooks(HOOK):
			shown = set(doctypes_shown(result or {}))
			for rule in rules:
				if rule.document_type in shown:
					explanation.refuse(rule)
		return result

	return ran


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


def closed_prepared(user: str, prepared_report: object) -> Restriction | None:
	"""Return the restriction that closes a stored result of a report, which somebody else may have had made."""
	name = prepared_report.get("report_name")
	report = frappe.db.get_value("Report", name, ["name", "report_type", "ref_doctype"], as_dict=True)
	return closing(user, report) if report else None
