"""What goes out as JSON, without what is hidden: `after_request`, for people whom a restriction concerns.

Frappe applies levels of fields to a document that is opened, and to none that it sends after saving it, after running one
of its methods, or in place of a link. Some of its methods list names, titles and changes without asking for permissions.
"""

import json
from collections import Counter
from collections.abc import Callable

import frappe
from frappe import _
from werkzeug.wrappers import Response

from crm_transparency.crm_transparency import requested
from crm_transparency.crm_transparency.database import by_doctype
from crm_transparency.crm_transparency.hidden import visible
from crm_transparency.restrictions import explanations
from crm_transparency.restrictions.closed_reports import hiding_of_what_is_shown
from crm_transparency.restrictions.hidden_fields import (
	OUT_OF_REACH,
	changes_without,
	hidden_fields,
	hidden_tables,
)
from crm_transparency.restrictions.records import condition, hiding, hiding_doctype
from crm_transparency.restrictions.register import HIDE_FIELDS, in_force, of_kind

JSON = "application/json"
#: rows that come without saying what they are, in an answer and beside forms
ROWS = {
	"contact_list": "Contact",
	"addr_list": "Address",
	"communications": "Communication",
	"automated_messages": "Communication",
}
#: titles of links, by DocType and name
LINK_TITLES = ("_link_titles", "link_titles")
#: what orders and mails ask of a contact, and the field that it comes from
CONTACT_DETAILS = {
	"contact_display": "full_name",
	"contact_email": "email_id",
	"contact_mobile": "mobile_no",
	"contact_phone": "phone",
	"contact_designation": "designation",
	"contact_department": "department",
}
#: as many as Frappe shows beside a list
MOST_GROUPS = 50


def filter_response(response: Response | None = None, **_request: object) -> None:
	"""`after_request`: take out of a JSON answer what is hidden from its reader.

	Frappe only logs what goes wrong here, and sends the answer as it is: so an answer that can't be filtered is replaced.
	"""
	user = getattr(getattr(frappe.local, "session", None), "user", None)
	if not user or not getattr(frappe.local, "db", None) or not in_force(user):
		return
	if not response or response.mimetype != JSON or response.direct_passthrough:
		return
	try:
		response.set_data(json.dumps(filtered(user, json.loads(response.get_data(as_text=True)))))
	except Exception as error:
		if not isinstance(error, frappe.PermissionError):
			frappe.log_error(_("CRM Transparency: an answer couldn't be filtered, so it wasn't sent"))
		response.status_code = 403
		response.set_data(json.dumps(refusal()))


def refusal() -> dict:
	return {
		"exc_type": "PermissionError",
		"_server_messages": json.dumps([json.dumps(message) for message in frappe.local.message_log]),
	}


def filtered(user: str, answer: dict) -> dict:
	"""Return an answer without what is hidden from `user`. Raises frappe.PermissionError for a report's result."""
	if filter_message := BY_COMMAND.get(requested.command() or ""):
		if answer.get("message"):
			answer["message"] = filter_message(user, answer["message"])
	return shown(user, answer)


def shown(user: str, value: object, doctype: str | None = None) -> object:
	"""Return a part of an answer without what is hidden; `doctype`: what its rows are, if known. None for a hidden row."""
	if isinstance(value, dict):
		return row_shown(user, value, value.get("doctype") or doctype)
	if isinstance(value, list):
		parts = [(part, shown(user, part, doctype)) for part in value]
		# forms read every row that they get, so a hidden one isn't among them
		return [shown_part for part, shown_part in parts if part is None or shown_part is not None]
	return value


def row_shown(user: str, row: dict, doctype: object) -> dict | None:
	doctype = doctype if isinstance(doctype, str) else ""
	if doctype and row.get("name") and hiding_doctype(user, doctype):
		return None
	if doctype == "DocType":
		put_fields_out_of_reach(user, row)
	hidden = hidden_fields(user, doctype) | (set() if doctype else hidden_contact_details(user))
	row = {key: value for key, value in row.items() if key not in hidden}
	for key in ROWS.keys() & row.keys():
		row[key] = rows_visible(user, ROWS[key], row[key])
	for key in LINK_TITLES:
		if isinstance(titles := row.get(key), dict):
			row[key] = {link: title for link, title in titles.items() if not is_link_hidden(user, link)}
	if doctype and hidden:
		remove_changes(row, hidden)
	return {key: shown(user, value, ROWS.get(key)) for key, value in row.items()}


def put_fields_out_of_reach(user: str, meta: dict) -> None:
	"""Let the Desk's forms and lists, which get the meta data of a DocType, know hidden fields as out of reach."""
	is_hidden_table = any(meta.get("name") in hidden_tables(rule) for rule in of_kind(HIDE_FIELDS, user))
	hidden = hidden_fields(user, str(meta.get("name")))
	for field in meta.get("fields") or ():
		if isinstance(field, dict) and (is_hidden_table or field.get("fieldname") in hidden):
			field.update(permlevel=OUT_OF_REACH, in_list_view=0, in_standard_filter=0)


def hidden_contact_details(user: str) -> set[str]:
	hidden = hidden_fields(user, "Contact")
	return {key for key, field in CONTACT_DETAILS.items() if field in hidden} if hidden else set()


def remove_changes(row: dict, hidden: set[str]) -> None:
	"""Take changes of hidden fields out of a form's timeline."""
	for version in row.get("versions") or ():
		if isinstance(version, dict) and isinstance(version.get("data"), str):
			version["data"] = json.dumps(changes_without(json.loads(version["data"] or "{}"), hidden))
	if isinstance(milestones := row.get("milestones"), list):
		row["milestones"] = [each for each in milestones if each.get("track_field") not in hidden]


def rows_visible(user: str, doctype: str, rows: object) -> object:
	if not isinstance(rows, list) or not condition(user, doctype):
		return rows
	seen = visible(doctype, [row["name"] for row in rows if isinstance(row, dict) and row.get("name")], user)
	return [row for row in rows if not isinstance(row, dict) or row.get("name") in {None, *seen}]


def is_link_hidden(user: str, link: str) -> bool:
	doctype, _colons, name = link.partition("::")
	return bool(hiding(user, doctype, name))


def search_results(user: str, rows: list) -> list:
	"""`frappe.utils.global_search.search`: documents that are visible, found by what is shown of them."""
	names = by_doctype((row["doctype"], row["name"]) for row in rows)
	seen = {doctype: visible(doctype, some, user) for doctype, some in names.items()}
	rows = [row for row in rows if str(row["name"]) in seen[row["doctype"]]]
	return [row for row in rows if is_found_by_what_is_shown(user, row)]


def is_found_by_what_is_shown(user: str, row: dict) -> bool:
	"""Take hidden values out of a search result; return whether what is left still answers the search."""
	hidden = hidden_fields(user, row["doctype"])
	if not hidden:
		return True
	meta = frappe.get_meta(row["doctype"])
	labels = {meta.get_label(field) for field in hidden} | {_(meta.get_label(field)) for field in hidden}
	parts = [
		part
		for part in (row.get("content") or "").split("|||")
		if part.split(" : ", 1)[0].strip() not in labels
	]
	row["content"] = "|||".join(parts)
	if not meta.title_field:
		row.pop("title", None)
	text = frappe.local.form_dict.get("text") or ""
	searched = f"{row['name']} {row['content']}".casefold()
	return any(word.casefold() in searched for part in text.split("&") for word in part.split())


def names(
	doctype_argument: str | None = "doctype", key: str | int | None = None, doctype: str = ""
) -> Callable:
	"""Return a filter of rows that hold a document's name under `key`, or are one; of the DocType that was asked for."""

	def visible_rows(user: str, rows: list) -> list:
		about = doctype or str(frappe.local.form_dict.get(doctype_argument))
		found = [row if key is None else row[key] for row in rows]
		seen = visible(about, found, user)
		return [row for row, name in zip(rows, found, strict=True) if str(name) in seen]

	return visible_rows


def all_nodes(user: str, levels: list) -> list:
	"""`frappe.desk.treeview.get_all_nodes`."""
	for level in levels:
		level["data"] = names(key="value")(user, level["data"])
	return levels


def counts_of_links(user: str, message: dict) -> dict:
	"""`get_open_count`: beside a form, no count is shown of what is partly hidden."""
	for links in (message.get("count") or {}).values() if isinstance(message.get("count"), dict) else ():
		links[:] = [link for link in links if not condition(user, link.get("doctype", ""))]
	return message


def counts_by_assignee(user: str, groups: list) -> list:
	"""`get_group_by_count`, which counts assignments to any document on v15, and of any task on v16."""
	form = frappe.local.form_dict
	doctype = form.get("doctype")
	if form.get("field") != "assigned_to" or not (condition(user, doctype) or condition(user, "ToDo")):
		return groups
	filters = {"reference_type": doctype, "status": ("!=", "Cancelled"), "allocated_to": ("is", "set")}
	tasks = frappe.get_all("ToDo", filters=filters, fields=["name", "allocated_to", "reference_name"])
	seen = visible("ToDo", [task.name for task in tasks], user)
	listed = frappe.get_list(
		doctype, filters=frappe.parse_json(form.get("current_filters")) or [], pluck="name", limit=0
	)
	shown_names = set(map(str, listed))
	counts = Counter(
		task.allocated_to
		for task in tasks
		if str(task.name) in seen and str(task.reference_name) in shown_names
	)
	return [{"name": person, "count": count} for person, count in counts.most_common(MOST_GROUPS)]


def report_result(user: str, result: dict) -> dict:
	"""`query_report.run`, whose stored results don't pass where others are checked."""
	if rule := hiding_of_what_is_shown(user, str(frappe.local.form_dict.get("report_name")), result):
		explanations.refuse(rule)
	return result


#: what answers with names or counts without asking for permissions: called with the user and the message
BY_COMMAND: dict[str, Callable[[str, object], object]] = {
	"frappe.desk.doctype.event.event.get_events": names(key="name", doctype="Event"),
	"frappe.desk.doctype.tag.tag.get_tagged_docs": names(key=0),
	"frappe.desk.form.load.get_communications": names(key="name", doctype="Communication"),
	"frappe.desk.listview.get_group_by_count": counts_by_assignee,
	"frappe.desk.notifications.get_open_count": counts_of_links,
	"frappe.desk.query_report.run": report_result,
	"frappe.desk.treeview.get_all_nodes": all_nodes,
	"frappe.desk.treeview.get_children": names(key="value"),
	"frappe.utils.global_search.search": search_results,
}
