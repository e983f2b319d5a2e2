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
	"""Remember nothing, forget everything: the DocTypes' names are known only as long as they exist."""
	forget_records_about_our_documents()
	remove_user_settings()


def after_uninstall() -> None:
	"""Roles go last, when no DocType's permissions name them any more."""
	remove_roles()
	frappe.cache.delete_value(registry.CACHE_KEY)
	frappe.db.commit()  # nosemgrep: Frappe commits before this hook, and not after it
	frappe.clear_cache()


def our_doctypes() -> list[str]:
	modules = frappe.get_all("Module Def", filters={"app_name": "crm_transparency"}, pluck="name")
	return frappe.get_all("DocType", filters={"module": ("in", modules)}, pluck="name")


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
		frappe.delete_doc("Role", role, ignore_missing=True, force=True, ignore_permissions=True)
