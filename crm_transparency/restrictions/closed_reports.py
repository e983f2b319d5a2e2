"""Reports: what can't be filtered is closed to the people whom a restriction concerns.

Lists and the report builder ask for permissions. A query or script report reads the database as it likes, adds up
and groups, so no row taken away afterwards would make it right. Reports that heed restrictions by themselves are named
in the hook `transparency_reports_within_restrictions`.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext

import frappe
from frappe.model.document import Document

from crm_transparency.crm_transparency.effective_permissions import in_the_eyes_of
from crm_transparency.crm_transparency.patching import given
from crm_transparency.crm_transparency.permissions import pass_on
from crm_transparency.restrictions import explanations
from crm_transparency.restrictions.records import predicate
from crm_transparency.restrictions.register import HIDE_FIELDS, Restriction, in_force

HOOK = "transparency_reports_within_restrictions"
UNFILTERED = ("Query Report", "Script Report")


def closing(user: str, report_name: str | None) -> Restriction | None:
	"""Return the restriction that closes a report to `user`, None if it is open."""
	rules = in_force(user)
	report = report_behind(report_name) if rules and report_name else None
	if not report or report.report_type not in UNFILTERED or is_within_restrictions(report_name, report.name):
		return None
	return next((rule for rule in rules if concerns(rule, report.ref_doctype)), None)


def concerns(rule: Restriction, doctype: str) -> bool:
	"""Return whether a restriction hides something of a DocType's documents."""
	is_about = doctype == rule.document_type
	return is_about or (rule.restriction_kind != HIDE_FIELDS and bool(predicate(rule, doctype)))


def is_within_restrictions(*reports: str) -> bool:
	return bool(set(reports) & set(frappe.get_hooks(HOOK)))


def report_behind(name: str) -> frappe._dict | None:
	"""Return what is asked of a report, for a custom one what is asked of the report that it shows its way."""
	fields = ["name", "report_type", "ref_doctype", "reference_report"]
	report = frappe.db.get_value("Report", name, fields, as_dict=True)
	if report and report.report_type == "Custom Report" and report.reference_report:
		return report_behind(report.reference_report)
	return report


def with_checked_columns(generate_report_result: Callable) -> Callable:
	"""Replace `query_report.generate_report_result`: closed reports, and others whose columns name what is hidden.

	An Auto Email Report runs in the name of its user, while somebody else is signed in.
	"""

	def generated(*args, **kwargs):
		report, user = given(args, kwargs, 0, "report"), given(args, kwargs, 2, "user") or frappe.session.user
		name = report.name if report else None
		if rule := closing(user, name):
			explanations.refuse(rule)
		result = generate_report_result(*args, **kwargs)
		if rule := hiding_of_what_is_shown(user, name, result):
			explanations.refuse(rule)
		return result

	return generated


def hiding_of_what_is_shown(user: str, report_name: str, result: dict | None) -> Restriction | None:
	"""Return the user's restriction on a DocType that a report's columns name documents of, None for none."""
	rules = in_force(user)
	if not rules or not result or is_within_restrictions(report_name):
		return None
	shown = set(doctypes_shown(result))
	return next((rule for rule in rules if rule.document_type in shown), None)


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


def with_its_user(get_data: Callable) -> Callable:
	"""Replace v15's `Report.get_data`; from v16 on, `overrides/report.py` extends the class."""

	def data(report, /, *args, **kwargs):
		with as_read_by(given(args, kwargs, 2, "user")):
			return get_data(report, *args, **kwargs)

	return data


def as_read_by(user: str | None) -> AbstractContextManager:
	"""Let a report that is mailed in somebody's name hold no fields that are hidden from them."""
	return in_the_eyes_of(user) if user and in_force(user) else nullcontext()


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of Report, and of Prepared Report: a stored result, which somebody else may have had made."""
	user = user or frappe.session.user
	rule = closing(user, doc.get("report_name") if doc.doctype == "Prepared Report" else doc.name)
	if not rule:
		return pass_on()
	explanations.show_with_refusal(rule, user)
	return False
