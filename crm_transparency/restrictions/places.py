"""Where restrictions are enforced: the functions of Frappe that everything passes, each replaced once in a process.

Two hooks (`records`) carry the rule for lists and documents. These places are for what no hook reaches, and each stands
as near to the data as can be, so that few are needed, whichever app overrides an endpoint. For a person without
restrictions each of them costs a dict look-up, and calls what it replaced.
"""

import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from inspect import getsource

import frappe

from crm_transparency.restrictions import (
	contacts,
	copies,
	counting,
	doctypes,
	fields,
	files,
	mails,
	records,
	reports,
	responses,
	searching,
)

IS_OURS = "crm_transparency_restricts"
#: module, name in it (of a class and its method, where there is a dot), what stands there from now on
PLACES = (
	("frappe.permissions", "get_role_permissions", doctypes.without_rights),
	("frappe.permissions", "has_permission", doctypes.explained),
	("frappe.utils.user", "UserPermissions.build_permissions", doctypes.without_hidden_doctypes),
	("frappe.model.meta", "get_meta", fields.with_levels),
	("frappe.desk.form.meta", "get_meta", fields.with_levels),
	(
		"frappe.custom.doctype.customize_form.customize_form",
		"CustomizeForm.save_customization",
		fields.with_levels_as_stored,
	),
	("frappe.desk.form.load", "get_versions", copies.versions_without),
	("frappe.desk.form.load", "get_milestones", copies.milestones_without),
	("frappe.desk.form.document_follow", "get_document_followed_by_user", mails.followed_and_shown),
	("frappe.www.printview", "get_rendered_template", fields.printed_without),
	("frappe.model.db_query", "DatabaseQuery.prepare_args", fields.checked_query),
	("frappe.model.db_query", "DatabaseQuery.build_filter_conditions", fields.checked_filters),
	(
		"frappe.core.doctype.data_import.exporter",
		"Exporter.get_exportable_fields",
		fields.exported_without,
	),
	(
		"frappe.core.doctype.data_export.exporter",
		"DataExporter.append_field_column",
		fields.exported_columns_without,
	),
	("frappe.desk.form.load", "get_communication_data", searching.communications_of_visible),
	(
		"frappe.desk.form.load",
		"get_title_values_for_link_and_dynamic_link_fields",
		searching.titles_of_visible,
	),
	("frappe.utils.global_search", "search", searching.found_in_global_search),
	("frappe.desk.search", "search_widget", searching.suggested_with_permissions),
	("frappe.desk.search", "get_link_title", searching.told_title),
	("frappe.desk.doctype.tag.tag", "get_tagged_docs", searching.tagged),
	("frappe.desk.treeview", "_get_children", searching.visible_nodes),
	("frappe.desk.doctype.event.event", "get_events", searching.visible_events),
	("frappe.website.doctype.web_form.web_form", "get_link_options", searching.offered_in_web_form),
	(
		"frappe.website.doctype.web_form.web_form",
		"WebForm.has_web_form_permission",
		searching.opened_in_web_form,
	),
	("frappe.core.doctype.file.file", "File.is_downloadable", files.downloadable),
	("frappe.core.doctype.file.file", "File.before_insert", files.no_copy_of_hidden),
	("frappe.core.doctype.file.file", "File.validate", files.no_turn_to_hidden),
	("frappe.contacts.doctype.contact.contact", "get_contact_details", contacts.details_without),
	(
		"frappe.email.doctype.email_queue.email_queue",
		"SendMailContext.include_attachments",
		mails.printed_for_its_sender,
	),
	("frappe.email", "get_contact_list", mails.offered_unless_hidden),
	("frappe.core.doctype.sms_settings.sms_settings", "get_contact_number", contacts.number_unless_hidden),
	("frappe.client", "get", searching.found_first),
	("frappe.client", "get_count", counting.counted_by_what_is_shown),
	("frappe.desk.listview", "get_group_by_count", counting.grouped),
	("frappe.desk.doctype.dashboard_chart.dashboard_chart", "get", counting.charted),
	("frappe.desk.doctype.dashboard_chart.dashboard_chart", "get_heatmap_chart_config", counting.on_heatmap),
	("frappe.desk.calendar", "get_events", counting.in_calendar),
	("frappe.utils.goal", "get_monthly_results", counting.by_month),
	("frappe.workflow.doctype.workflow.workflow", "get_workflow_state_count", counting.by_workflow_state),
	("frappe.desk.query_report", "get_report_doc", reports.closed),
	("frappe.desk.query_report", "run", reports.checked),
	("frappe.core.doctype.report.report", "Report.get_data", reports.read_by_its_user),
	("frappe.utils.response", "as_json", responses.without_what_is_hidden),
)
#: not there in every version: the first from v16 on, the second and third from about 15.40 on; the realtime server asks
#: the fourth on v15, the fifth from v16 on
PLACES_OF_SOME_VERSIONS = (
	("frappe.database.query", "Engine._raise_permission_error", doctypes.explained_by_query),
	("frappe.desk.notifications", "get_doc_count", counting.counted),
	("frappe.contacts.doctype.contact.contact", "Contact.get_vcard", contacts.card_without),
	("frappe.realtime", "can_subscribe_doctype", searching.told_of_changes),
	("frappe.realtime", "has_permission", searching.told_of_changes_from_v16),
)
#: what came later, and where its work was done before
PLACES_BEFORE = (
	(
		("frappe.desk.notifications", "get_doc_count"),
		("frappe.desk.notifications", "get_external_links", counting.links_counted),
	),
)
#: where hooks for every DocType, "*", are read; versions up to 15.19 at least don't know them
HOOKS_ARE_READ = (
	("frappe.model.db_query", "DatabaseQuery.get_permission_query_conditions", records.with_condition),
	("frappe.permissions", "has_controller_permissions", records.with_check),
)
_is_taken = False


def take() -> None:
	"""Stand in all places, once in a process.

	Raises AttributeError or ImportError where a version of Frappe lacks a place: better a request that fails than
	a restriction that isn't enforced.
	"""
	global _is_taken
	if _is_taken:
		return
	for module, name, stand_in in PLACES:
		replace(import_module(module), name, stand_in)
	for module, name, stand_in in PLACES_OF_SOME_VERSIONS:
		if found(import_module(module), name):
			replace(import_module(module), name, stand_in)
	for (module, later_name), (_module, name, stand_in) in PLACES_BEFORE:
		if not found(import_module(module), later_name):
			replace(import_module(module), name, stand_in)
	for module, name, stand_in in HOOKS_ARE_READ:
		if not knows_hooks_for_every_doctype(found(import_module(module), name)):
			replace(import_module(module), name, stand_in)
	replace_copies()
	_is_taken = True


def found(module: object, name: str) -> Callable | None:
	for part in name.split("."):
		module = getattr(module, part, None)
	return module


def knows_hooks_for_every_doctype(function: Callable) -> bool:
	return '"*"' in getsource(function)


def replace(module: object, name: str, stand_in: Callable[[Callable], Callable]) -> None:
	*owners, name = name.split(".")
	place = getattr(module, owners[0]) if owners else module
	function = getattr(place, name)
	if getattr(function, IS_OURS, False):
		return
	ours = wraps(function)(stand_in(function))
	setattr(ours, IS_OURS, True)
	allow_requests_as(function, ours)
	setattr(place, name, ours)


def replace_copies() -> None:
	"""Replace the functions also where a module, of whichever app, had imported them by name before."""
	replaced = {}
	for module, name, _stand_in in (*PLACES, *PLACES_OF_SOME_VERSIONS):
		ours = found(import_module(module), name)
		if getattr(ours, IS_OURS, False):
			replaced[id(ours.__wrapped__)] = ours
	for holder in list(sys.modules.values()):
		for name, value in list(getattr(holder, "__dict__", {}).items()):
			if id(value) in replaced:
				setattr(holder, name, replaced[id(value)])


def allow_requests_as(function: Callable, ours: Callable) -> None:
	"""Let requests call what stands in for a whitelisted function, under the same terms."""
	if function in frappe.whitelisted:
		_add(frappe.whitelisted, ours)
		methods = frappe.allowed_http_methods_for_whitelisted_func
		methods[ours] = methods[function]
	for group in (frappe.guest_methods, frappe.xss_safe_methods):
		if function in group:
			_add(group, ours)


def _add(group: list | set, function: Callable) -> None:
	group.add(function) if isinstance(group, set) else group.append(function)
