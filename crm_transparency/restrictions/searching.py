"""What endpoints of Frappe answer that ask the database without asking for permissions: search, titles, tags, mails."""

from collections.abc import Callable

import frappe

from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.crm_transparency.permission_results import IS_V15
from crm_transparency.restrictions import explanation
from crm_transparency.restrictions.fields import hidden_fields, search_text_without
from crm_transparency.restrictions.records import concerning, condition, hiding
from crm_transparency.restrictions.register import in_force


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


def suggested_with_permissions(search_widget: Callable) -> Callable:
	"""Stand in `frappe.desk.search.search_widget`: on v15, ignoring User Permissions ignores all others as well.

	Whom a restriction concerns is rather offered too little than what is hidden from them.
	"""

	def suggested(doctype, txt, *args, **kwargs):
		if IS_V15 and kwargs.get("ignore_user_permissions") and concerning(frappe.session.user, doctype):
			kwargs["ignore_user_permissions"] = False
		return search_widget(doctype, txt, *args, **kwargs)

	return suggested


def found_first(get: Callable) -> Callable:
	"""Stand in `frappe.client.get`: of what conditions find, the first that its user sees, and by what they see of it."""

	def got(doctype, name=None, filters=None, parent=None):
		user = frappe.session.user
		rules = concerning(user, doctype) if filters and not name else None
		if not rules or frappe.get_meta(doctype).issingle:
			return get(doctype, name, filters, parent)
		filters = frappe.parse_json(filters)
		if isinstance(filters, str):
			filters = {"name": filters}
		found = frappe.get_list(doctype, filters=filters, pluck="name", limit=1, parent_doctype=parent)
		if not found:
			explanation.refuse_name(doctype, rules)
		return get(doctype, found[0], None, parent)

	return got


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


def visible_nodes(get_children: Callable) -> Callable:
	"""Stand in `frappe.desk.treeview._get_children`, which asks for no permissions from v16 on."""

	def nodes(doctype, parent="", ignore_permissions=False, **kwargs):
		found = get_children(doctype, parent, ignore_permissions, **kwargs)
		if ignore_permissions or not condition(frappe.session.user, doctype):
			return found
		seen = visible(doctype, [node["value"] for node in found])
		return [node for node in found if str(node["value"]) in seen]

	return nodes


def visible_events(get_events: Callable) -> Callable:
	"""Stand in `frappe.desk.doctype.event.event.get_events`."""

	def events(*args, **kwargs):
		found = get_events(*args, **kwargs)
		seen = visible("Event", [event["name"] for event in found])
		return [event for event in found if str(event["name"]) in seen]

	return events


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


def opened_in_web_form(has_web_form_permission: Callable) -> Callable:
	"""Stand in `WebForm.has_web_form_permission`, which opens to its author what roles don't."""

	def permitted(form, doctype, name, *args, **kwargs):
		is_hidden = hiding(frappe.session.user, doctype, name)
		return not is_hidden and has_web_form_permission(form, doctype, name, *args, **kwargs)

	return permitted


def told_of_changes(can_subscribe_doctype: Callable) -> Callable:
	"""Stand in `frappe.realtime.can_subscribe_doctype`: lists are told the names of what others change."""

	def subscribed(doctype):
		refuse_to_announce_changes(doctype)
		return can_subscribe_doctype(doctype)

	return subscribed


def told_of_changes_from_v16(has_permission: Callable) -> Callable:
	"""Stand in `frappe.realtime.has_permission`, which v16 asks instead, for a list without a name."""

	def permitted(doctype, name):
		if not name:
			refuse_to_announce_changes(doctype)
		return has_permission(doctype, name)

	return permitted


def refuse_to_announce_changes(doctype: str) -> None:
	"""Raise frappe.PermissionError if some documents of a DocType are hidden from the user."""
	if condition(frappe.session.user, doctype):
		raise frappe.PermissionError


def communications_of_visible(get_communications: Callable) -> Callable:
	"""Stand in `frappe.desk.form.load.get_communication_data`: a mail may belong to a hidden document, too."""

	def communications(*args, **kwargs):
		found = get_communications(*args, **kwargs)
		names = [row.name for row in found if isinstance(row, dict) and row.get("name")]
		seen = visible("Communication", names)
		return [row for row in found if not isinstance(row, dict) or row.get("name") in {None, *seen}]

	return communications
