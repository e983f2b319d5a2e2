"""What endpoints of Frappe answer that ask the database without asking for permissions: search, titles, tags, counts."""

from collections import Counter
from collections.abc import Callable
from inspect import unwrap

import frappe
from frappe.desk.notifications import get_filters_for
from frappe.utils.data import make_filter_tuple

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.openness.restrictions.fields import hidden_fields, search_text_without
from crm_transparency.openness.restrictions.records import condition, hiding
from crm_transparency.openness.restrictions.register import in_force

#: as many as Frappe shows beside a list
MOST_GROUPS = 50


def found_in_global_search(search: Callable) -> Callable:
	"""Stand in `frappe.utils.global_search.search`."""

	def searched(text, start=0, limit=20, doctype=""):
		results = search(text, start, limit, doctype)
		user = frappe.session.user
		if not in_force(user):
			return results
		seen = {kind: visible(kind, names, user) for kind, names in names_by_doctype(results).items()}
		results = [row for row in results if str(row.name) in seen[row.doctype]]
		return [row for row in results if is_found_by_what_is_shown(user, row, text)]

	return searched


def names_by_doctype(results: list) -> dict[str, set]:
	names: dict[str, set] = {}
	for row in results:
		names.setdefault(row.doctype, set()).add(row.name)
	return names


def is_found_by_what_is_shown(user: str, row: frappe._dict, text: str) -> bool:
	"""Take hidden values out of a result; say whether what is left still answers the search."""
	hidden = hidden_fields(user, row.doctype)
	if not hidden:
		return True
	row.content = search_text_without(user, row.doctype, row.content or "")
	title_field = frappe.get_meta(row.doctype).title_field
	if not title_field:
		row.pop("title", None)
	shown = f"{row.name} {row.content}".casefold()
	words = [word.strip().casefold() for part in text.split("&") for word in part.split()]
	return any(word in shown for word in words)


def told_title(get_link_title: Callable) -> Callable:
	"""Stand in `frappe.desk.search.get_link_title`."""

	def title(doctype, docname):
		return docname if hiding(frappe.session.user, doctype, docname) else get_link_title(doctype, docname)

	return title


def titles_of_visible(get_titles: Callable) -> Callable:
	"""Stand in `frappe.desk.form.load.get_title_values_for_link_and_dynamic_link_fields`."""

	def titles(doc, *args, **kwargs):
		found = get_titles(doc, *args, **kwargs)
		user = frappe.session.user
		return {
			key: title
			for key, title in found.items()
			if not in_force(user) or not hiding(user, *key.split("::", 1))
		}

	return titles


def tagged(get_tagged_docs: Callable) -> Callable:
	"""Stand in `frappe.desk.doctype.tag.tag.get_tagged_docs`."""

	def found(doctype, tag):
		rows = get_tagged_docs(doctype, tag)
		seen = visible(doctype, [row[0] for row in rows])
		return [row for row in rows if str(row[0]) in seen]

	return found


def visible_events(get_events: Callable) -> Callable:
	"""Stand in `frappe.desk.doctype.event.event.get_events`."""

	def events(*args, **kwargs):
		found = get_events(*args, **kwargs)
		seen = visible("Event", [event["name"] for event in found])
		return [event for event in found if str(event["name"]) in seen]

	return events


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
		listed = set(frappe.get_list(doctype, filters=[*filters, of_these], pluck="name", limit=0))
		counts = Counter(row.allocated_to for row in assignments if row.reference_name in listed)
		return [{"name": user, "count": count} for user, count in counts.most_common(MOST_GROUPS)]

	return groups


def charted(get_chart: Callable) -> Callable:
	"""Stand in `frappe.desk.doctype.dashboard_chart.dashboard_chart.get`: what others see isn't taken from its cache."""

	def chart(*args, **kwargs):
		return (unwrap(get_chart) if in_force() else get_chart)(*args, **kwargs)

	return chart


def offered_in_web_form(get_link_options: Callable) -> Callable:
	"""Stand in `frappe.website.doctype.web_form.web_form.get_link_options`: names as lines, as JSON or as a list."""

	def offered(web_form_name, doctype, *args, **kwargs):
		options = get_link_options(web_form_name, doctype, *args, **kwargs)
		if not condition(frappe.session.user, doctype):
			return options
		is_json = isinstance(options, str) and options.startswith("[")
		rows = frappe.parse_json(options) if is_json else options
		rows = rows.split("\n") if isinstance(rows, str) else rows
		names = [row["value"] if isinstance(row, dict) else row for row in rows]
		seen = visible(doctype, names)
		rows = [row for row, name in zip(rows, names, strict=True) if str(name) in seen]
		if is_json:
			return frappe.as_json(rows)
		return "\n".join(rows) if isinstance(options, str) else rows

	return offered


def communications_of_visible(get_communications: Callable) -> Callable:
	"""Stand in `frappe.desk.form.load.get_communication_data`: a mail may belong to a hidden document, too."""

	def communications(*args, **kwargs):
		found = get_communications(*args, **kwargs)
		names = [row.name for row in found if isinstance(row, dict) and row.get("name")]
		seen = visible("Communication", names)
		return [row for row in found if not isinstance(row, dict) or row.get("name") in {None, *seen}]

	return communications


def downloadable(is_downloadable: Callable) -> Callable:
	"""Stand in `File.is_downloadable`: having uploaded a file doesn't open it to whom its document is hidden."""

	def may_download(file):
		return is_downloadable(file) and not hiding(frappe.session.user, "File", file.name)

	return may_download
