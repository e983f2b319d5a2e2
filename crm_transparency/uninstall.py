"""What uninstalling takes away beyond the app's modules and DocTypes, which Frappe removes by itself."""

import frappe

from crm_transparency.crm_transparency import registry

ROLES = ("CRM Colleague", "Transparency Manager", "Ringer Manager", "Offboarding Manager")
# where Frappe keeps records about documents, by the field that names their DocType
RECORDS_ABOUT_DOCUMENTS = {
	"Version": "ref_doctype",
	"Comment": "reference_doctype",
	"Communication": "reference_doctype",
	"View Log": "reference_doctype",
	"Access Log": "export_from",
	"Activity Log": "reference_doctype",
	"DocShare": "share_doctype",
	"ToDo": "reference_type",
	"Tag Link": "document_type",
	"Deleted Document": "deleted_doctype",
	"Custom DocPerm": "parent",
	"Custom Field": "dt",
	"Property Setter": "doc_type",
	"List Filter": "reference_doctype",
	"Notification Log": "document_type",
	"Document Follow": "ref_doctype",
}


def before_uninstall() -> None:
	frappe.flags.uninstalled_doctypes = our_doctypes()
	frappe.flags.uninstalled_modules = our_modules()
	forget_records_about_our_documents()
	remove_user_settings()


def after_uninstall() -> None:
	"""Take away what was still needed, or only came about, while Frappe removed the DocTypes."""
	remove_roles()
	empty_the_bin()
	frappe.db.delete("Singles", {"doctype": ("in", frappe.flags.uninstalled_doctypes)})
	frappe.db.commit()  # Frappe commits before this hook, and not after it
	frappe.cache.delete_value(registry.CACHE_KEY)
	frappe.clear_cache()


def our_modules() -> list[str]:
	return frappe.get_all("Module Def", filters={"app_name": "crm_transparency"}, pluck="name")


def our_doctypes() -> list[str]:
	return frappe.get_all("DocType", filters={"module": ("in", our_modules())}, pluck="name")


def forget_records_about_our_documents() -> None:
	doctypes = our_doctypes()
	for record, fieldname in RECORDS_ABOUT_DOCUMENTS.items():
		if frappe.db.table_exists(record) and frappe.get_meta(record).has_field(fieldname):
			frappe.db.delete(record, {fieldname: ("in", doctypes)})


def remove_user_settings() -> None:
	"""List settings that people's browsers saved for our DocTypes, in a table without a DocType."""
	settings = frappe.qb.Table("__UserSettings")
	frappe.qb.from_(settings).delete().where(settings.doctype.isin(our_doctypes())).run()


def remove_roles() -> None:
	for role in ROLES:
		for rows in ("Has Role", "DocPerm", "Custom DocPerm"):
			frappe.db.delete(rows, {"role": role})
		frappe.delete_doc("Role", role, force=True, ignore_permissions=True, delete_permanently=True)


def empty_the_bin() -> None:
	"""Frappe keeps a copy of every document it deletes, those of a removed app's modules and DocTypes included."""
	bin_entries = frappe.get_all(
		"Deleted Document",
		filters={"creation": (">", frappe.utils.add_to_date(None, hours=-1))},
		fields=["name", "deleted_doctype", "deleted_name", "data"],
	)
	modules = frappe.flags.uninstalled_modules
	for entry in bin_entries:
		is_ours = entry.deleted_name in modules or entry.deleted_doctype in frappe.flags.uninstalled_doctypes
		if is_ours or frappe.parse_json(entry.data).get("module") in modules:
			frappe.delete_doc("Deleted Document", entry.name, force=True, delete_permanently=True)
