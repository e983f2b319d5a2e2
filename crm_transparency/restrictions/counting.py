"""Counts and sums: of what the user may see, and by nothing that is hidden.

Where Frappe asks the database without asking for permissions, what it counts is narrowed to what a list would show.
"""

from collections import Counter
from collections.abc import Callable
from inspect import unwrap

import frappe
from frappe.desk.notifications import get_filters_for
from frappe.model.utils import is_virtual_doctype
from frappe.utils.data import make_filter_tuple

from crm_transparency.crm_transparency.counts import listed_count
from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.fields import hiding_fields, names_one_of
from crm_transparency.restrictions.records import condition
from crm_transparency.restrictions.register import in_force

#: as many as Frappe shows beside a list
MOST_GROUPS = 50


def counted_by_what_is_shown(get_count: Callable) -> Callable:
	"""Stand in `frappe.client.get_count`, which asks for no permissions on v15."""

	def count(doctype, filters=None, debug=False, cache=False):
		if not in_force() or is_virtual_doctype(doctype):
			return get_count(doctype, filters, debug, cache)
		return listed_count(doctype, filters)

	return count


def counted(get_doc_count: Callable) -> Callable:
	"""Stand in `frappe.desk.notifications.get_doc_count`, which counts up to 100 documents linked to a form's."""

	def count(doctype, filters):
		if not condition(frappe.session.user, doctype):
			return get_doc_count(doctype, filters)
		try:
			return len(frappe.get_list(doctype, filters=filters, pluck="name", limit=100, distinct=True))
		except frappe.PermissionError:
			return 0

	return count


def links_counted(get_external_links: Callable) -> Callable:
	"""Stand in `frappe.desk.notifications.get_external_links` of versions in which it counts by itself."""

	def counted_links(doctype, name, links):
		if not condition(frappe.session.user, doctype):
			return get_external_links(doctype, name, links)
		count = counted(None)
		filters = {links.get("non_standard_fieldnames", {}).get(doctype, links.get("fieldname")): name}
		only_open = get_filters_for(doctype)
		return {
			"doctype": doctype,
			"count": count(doctype, filters),
			"open_count": count(doctype, {**filters, **only_open}) if only_open else 0,
		}

	return counted_links


def grouped(get_group_by_count: Callable) -> Callable:
	"""Stand in `frappe.desk.listview.get_group_by_count`, which counts assignments to any document on v15."""

	def groups(doctype, current_filters, field):
		if field != "assigned_to" or not in_force():
			return get_group_by_count(doctype, current_filters, field)
		assignments = frappe.get_all(
			"ToDo",
			filters={"reference_type": doctype, "status": ("!=", "Cancelled"), "allocated_to": ("is", "set")},
			fields=["name", "allocated_to", "reference_name"],
		)
		seen = visible("ToDo", [row.name for row in assignments])
		assignments = [row for row in assignments if str(row.name) in seen]
		filters = frappe.parse_json(current_filters) or []
		if isinstance(filters, dict):
			filters = [make_filter_tuple(doctype, *condition) for condition in filters.items()]
		of_these = [doctype, "name", "in", sorted({row.reference_name for row in assignments}) or [""]]
		shown = set(listed(doctype, [*filters, of_these]))
		counts = Counter(row.allocated_to for row in assignments if row.reference_name in shown)
		return [{"name": user, "count": count} for user, count in counts.most_common(MOST_GROUPS)]

	return groups


def charted(get_chart: Callable) -> Callable:
	"""Stand in `frappe.desk.doctype.dashboard_chart.dashboard_chart.get`: what others see isn't taken from its cache."""

	def chart(*args, **kwargs):
		return (unwrap(get_chart) if in_force() else get_chart)(*args, **kwargs)

	return chart


def on_heatmap(get_heatmap: Callable) -> Callable:
	"""Stand in `frappe.desk.doctype.dashboard_chart.dashboard_chart.get_heatmap_chart_config`."""

	def heatmap(chart, filters, heatmap_year):
		filters = [*(filters or ())]
		refuse_going_by_hidden(chart.document_type, chart.based_on, chart.value_based_on)
		if is_narrowed(chart.document_type):
			filters.append([chart.document_type, "name", "in", listed(chart.document_type, filters)])
		return get_heatmap(chart, filters, heatmap_year)

	return heatmap


def by_month(get_monthly_results: Callable) -> Callable:
	"""Stand in `frappe.utils.goal.get_monthly_results`, the sums by month at a form."""

	def results(goal_doctype, goal_field, date_col, filters, *args, **kwargs):
		refuse_going_by_hidden(goal_doctype, goal_field, date_col)
		if is_narrowed(goal_doctype):
			filters = {"name": ("in", listed(goal_doctype, filters))}
		return get_monthly_results(goal_doctype, goal_field, date_col, filters, *args, **kwargs)

	return results


def by_workflow_state(get_workflow_state_count: Callable) -> Callable:
	"""Stand in `frappe.workflow.doctype.workflow.workflow.get_workflow_state_count`."""

	def states_counted(doctype, workflow_state_field, states):
		refuse_going_by_hidden(doctype, workflow_state_field)
		if not is_narrowed(doctype):
			return get_workflow_state_count(doctype, workflow_state_field, states)
		others = [[doctype, workflow_state_field, "not in", frappe.parse_json(states)]]
		found = frappe.get_list(doctype, filters=others, pluck=workflow_state_field, limit=0)
		return [
			{workflow_state_field: state, "count": count} for state, count in Counter(found).items() if state
		]

	return states_counted


def in_calendar(get_events: Callable) -> Callable:
	"""Stand in `frappe.desk.calendar.get_events`, which from v16 on asks for a period of any field."""

	def events(doctype, start, end, field_map, *args, **kwargs):
		fields = frappe.parse_json(field_map)
		refuse_going_by_hidden(doctype, fields.get("start"), fields.get("end"))
		return get_events(doctype, start, end, field_map, *args, **kwargs)

	return events


def refuse_going_by_hidden(doctype: str, *fields: str | None) -> None:
	"""Refuse to count or add up by a hidden one of `fields`. Raises frappe.PermissionError."""
	for rule in hiding_fields(frappe.session.user, doctype):
		if any(names_one_of(rule.fields, field) for field in fields if field):
			explanation.refuse(rule)


def is_narrowed(doctype: str) -> bool:
	"""Say whether the user sees only some documents or fields of a DocType."""
	user = frappe.session.user
	return bool(hiding_fields(user, doctype) or condition(user, doctype))


def listed(doctype: str, filters: list | dict | None) -> list[str]:
	"""Return the names of what a list shows; an impossible one for none, which no database takes."""
	return frappe.get_list(doctype, filters=filters, pluck="name", limit=0) or [""]
