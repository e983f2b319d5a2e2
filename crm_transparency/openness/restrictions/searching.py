"""What endpoints of Frappe answer that ask the database without asking for permissions: search, titles, tags, counts."""

from collections.abc import Callable

import frappe

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.openness.restrictions.fields import hidden_fields, search_text_without
from crm_transparency.openness.restrictions.records import condition, hiding
from crm_transparency.openness.restrictions.register import in_force


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
