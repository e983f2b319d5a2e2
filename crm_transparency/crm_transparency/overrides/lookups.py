"""Endpoints that Frappe answers, in v15 or in both, without asking whether the user may read what they count or name.

Of the app's own DocTypes, and of what Frappe links to documents, only what the user may read counts here: a count with
filters would tell how much a colleague read, and whom a coaching note is about.
"""

from inspect import unwrap
from typing import Any

import frappe
import frappe.client
from frappe import _
from frappe.desk import notifications
from frappe.desk.doctype.dashboard_chart import dashboard_chart
from frappe.desk.form import linked_with
from frappe.model.db_query import DatabaseQuery
from frappe.utils import goal

from crm_transparency.crm_transparency import hidden, requested
from crm_transparency.crm_transparency.own_doctypes import is_own
from crm_transparency.crm_transparency.permissions import LINKED_RECORDS, listed_count

HEATMAP = "Heatmap"
#: with what Frappe's methods fail on junk
FAILURES = (AttributeError, LookupError, TypeError, ValueError)


@frappe.whitelist(methods=["GET", "POST"])
@requested.refusing_junk(*FAILURES)
def get_count(
	doctype: str,
	filters: dict | list | str | None = None,
	debug: bool | int = False,
	cache: bool | int = False,
) -> int:
	"""Replace `frappe.client.get_count`: where not everybody may read all, count what the user may."""
	frappe.get_meta(doctype)  # raises DoesNotExistError
	if not is_checked(doctype):
		return frappe.client.get_count(doctype, filters, debug, cache)
	return listed_count(doctype, filters)


@frappe.whitelist(methods=["GET", "POST"])
@requested.refusing_junk(*FAILURES)
def validate_link(doctype: str, docname: str, fields: list[str] | str | None = None) -> dict:
	"""Replace v15's `frappe.client.validate_link`: of what few people read, the others don't learn that it's there.

	v16 has another method in its place, which asks whether the user may read the document.
	"""
	if not hasattr(frappe.client, "validate_link"):
		return frappe.client.validate_link_and_fetch(doctype, docname, fields)
	if is_checked(doctype) and not readable_names(doctype, [docname]):
		docname = ""
	return frappe.client.validate_link(doctype, docname, fields)


@frappe.whitelist(methods=["GET", "POST"])
@requested.refusing_junk(*FAILURES)
def get_chart(chart_name: str | None = None, chart: dict | str | None = None, **asked: Any) -> dict | None:
	"""Replace `dashboard_chart.get`, which counts all documents for a heat map, and keeps what others saw."""
	shown = (
		frappe.get_doc("Dashboard Chart", chart_name) if chart_name else frappe._dict(requested.values(chart))
	)
	draw = dashboard_chart.get
	if is_checked(shown.document_type):
		refuse_unless(shown.type != HEATMAP or reads_all(shown.document_type))
		# asked with `no_cache`, the decorator that keeps results fails on saved charts, and forgets the filters (v15, v16)
		draw = unwrap(draw)
	return frappe.call(draw, chart_name=chart_name, chart=chart, **asked)


@frappe.whitelist(methods=["GET", "POST"])
@requested.refusing_junk(*FAILURES)
def get_goal(goal_doctype: str, **asked: Any) -> dict:
	"""Replace `frappe.utils.goal.get_monthly_goal_graph_data`, which adds up any field of all documents."""
	refuse_unless(not is_checked(goal_doctype) or reads_all(goal_doctype))
	return frappe.call(goal.get_monthly_goal_graph_data, goal_doctype=goal_doctype, **asked)


@frappe.whitelist(methods=["GET", "POST"])
@requested.refusing_junk(*FAILURES)
def get_linked_documents(doctype: str, docname: str) -> dict:
	"""Replace `frappe.desk.form.linked_with.get`: of what links to a user, list only what the reader may read."""
	found = linked_with.get(doctype, docname)
	for checked in filter(is_checked, found):
		readable = readable_names(checked, [row.get("name") for row in found[checked]])
		found[checked] = [row for row in found[checked] if row.get("name") in readable]
	return {linked: rows for linked, rows in found.items() if rows}


@frappe.whitelist(methods=["GET", "POST"])
@requested.refusing_junk(*FAILURES)
def get_open_count(doctype: str, name: str, items: list | str | None = None) -> dict:
	"""Replace `frappe.desk.notifications.get_open_count`, which counts whatever DocTypes it is asked for (v15, v16).

	Whoever may read their own Employee record would learn that there is an offboarding.
	"""
	frappe.get_meta(doctype)  # raises DoesNotExistError
	if items is not None:
		items = [asked for asked in requested.names(items) if not is_own(asked) or reads_all(asked)]
	return notifications.get_open_count(doctype, name, items)


def readable_names(doctype: str, names: list[str]) -> set[str]:
	if not frappe.has_permission(doctype):
		return set()
	return set(frappe.get_list(doctype, filters={"name": ("in", names)}, pluck="name", limit_page_length=0))


def is_checked(doctype: str | None) -> bool:
	"""Return whether not everybody who may read documents of a DocType may read all of them."""
	return is_own(doctype) or doctype in LINKED_RECORDS or bool(doctype and hidden.conditions(doctype))


def reads_all(doctype: str) -> bool:
	"""Return whether nothing limits what the user reads of a DocType."""
	return frappe.has_permission(doctype) and not DatabaseQuery(doctype).build_match_conditions()


def refuse_unless(may: bool) -> None:
	if not may:
		frappe.throw(
			_("This can't be counted, because not everybody may read all of it."), exc=frappe.PermissionError
		)
