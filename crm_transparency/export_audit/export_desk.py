"""What the Desk asks about exports: manifests page by page, and what people are told before they export."""

from typing import TypedDict

import frappe
from frappe import _
from frappe.utils import comma_or, get_fullname
from frappe.utils.user import get_users_with_role

from crm_transparency.crm_transparency import requested
from crm_transparency.export_audit import export_visibility, manifests
from crm_transparency.export_audit.audited import audited_doctypes
from crm_transparency.export_audit.export_rights import CHANGER

MOST_RECORDS_OF_A_PAGE = 500
MOST_PEOPLE_NAMED = 3
#: the methods by which people in the Desk get files; there it asks them what for
ASK_BEFORE = (
	"frappe.desk.reportview.export_query",
	"frappe.desk.query_report.export_query",
	"frappe.core.doctype.data_export.exporter.export_data",
	"frappe.core.doctype.data_import.data_import.download_template",
	"frappe.contacts.doctype.contact.contact.download_vcard",
	"frappe.contacts.doctype.contact.contact.download_vcards",
)


class ManifestPage(TypedDict):
	total: int
	records: list[tuple[str, str]]


def add_to_bootinfo(bootinfo: frappe._dict) -> None:
	"""`extend_bootinfo`: on which forms to offer who exported a document, and before what to ask what for."""
	bootinfo.setdefault("crm_transparency", {}).update(
		audited_doctypes=sorted(audited_doctypes()), ask_before=ASK_BEFORE
	)


@frappe.whitelist(methods=["GET"])
def read_manifest(export_log: str) -> list[tuple[str, str]]:
	"""Return the records of an export, for managers and the person who made it; see `manifests.read`."""
	return manifests.read(export_log)


@frappe.whitelist(methods=["GET"])
def read_manifest_page(
	export_log: str, start: int = 0, length: int = 50, search: str | None = None
) -> ManifestPage:
	"""Return some of the records of an export, and how many there are; see `manifests.read_page`."""
	length = min(requested.whole_number(length), MOST_RECORDS_OF_A_PAGE)
	page = manifests.read_page(export_log, requested.whole_number(start), length, search)
	return ManifestPage(total=page.total, records=page.records)


@frappe.whitelist(methods=["GET"])
def read_export_notice(doctype: str | None = None) -> list[str]:
	"""Return what people are told before an export: what will be recorded, and who can see it.

	Where they may not export documents of `doctype`: that, and who can change it.
	"""
	if doctype and not frappe.permissions.can_export(doctype):
		return who_gives_the_right(doctype)
	return [
		_("This export will be recorded: who, when, what, how many rows, and which records."),
		who_sees_it(),
	]


def who_gives_the_right(doctype: str) -> list[str]:
	names = sorted(map(get_fullname, get_users_with_role(CHANGER)))[:MOST_PEOPLE_NAMED]
	sentences = [_("To export {0} you need the right to export, which you don't have.").format(_(doctype))]
	if names:
		return [*sentences, _("It can be given to you by {0}.").format(comma_or(names, add_quotes=False))]
	return [*sentences, _("A System Manager can give it to you.")]


def who_sees_it() -> str:
	if export_visibility.is_open_to_everyone():
		return _(
			"Colleagues can see that you exported customer data, when, and how many rows. Only you and managers can see "
			"the records, the filters, your IP address, and exports of anything else."
		)
	return _("You and managers can see it, with your IP address and the filters.")
