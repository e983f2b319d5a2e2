"""What uninstalling takes away beyond the app's modules and DocTypes, which Frappe removes by itself."""

import re

import frappe

from crm_transparency.crm_transparency import mail, registry
from crm_transparency.export_audit import alert_rules
from crm_transparency.ledger import chain_head
from crm_transparency.openness import openness_changes
from crm_transparency.ownership import changes, ownership_indexes
from crm_transparency.ringers import evidence_files, retiring

ROLES = ("CRM Colleague", "Transparency Manager", "Ringer Manager", "Offboarding Manager")
#: what hangs on a module or is one, besides roles
OF_MODULES = ("Report", "Page", "Workspace", "Print Format", "Notification", "Dashboard Chart", "Number Card")
NAMED = ("DocType", "Module Def", "Role", *OF_MODULES)
OUR_CODE = "crm_transparency.%"
#: a form, list or page in a link of v15 or v16
ROUTE = re.compile(r"^(?:https?://[^/]+)?/(?:app|desk)/([^/?#]+)")
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
	frappe.flags.uninstalled_names = our_names()
	retiring.take_out_all()
	openness_changes.put_permissions_back()
	forget_records_about_our_documents()
	remove_user_settings()
	remove_sidebar()
	remove_files_and_series()
	frappe.flags.evidence_of_sightings = evidence_files.all_files()
	# Frappe loads each to delete it, which fails on a site that lost the key some are encrypted with
	frappe.db.delete("Singles", {"doctype": ("in", frappe.flags.uninstalled_doctypes)})


def after_uninstall() -> None:
	"""Take away what was still needed, or only came about, while Frappe removed the DocTypes.

	Frappe calls both hooks for `--dry-run` too, after which the app is still there: what was deleted before is then
	rolled back with the connection.
	"""
	if "crm_transparency" in frappe.get_installed_apps():
		return
	ownership_indexes.remove()
	remove_mail_switches()
	remove_roles()
	empty_the_bin()
	forget_permission_changes()
	remove_mentions()
	remove_evidence_of_sightings()
	chain_head.forget_kept()
	frappe.db.delete("Singles", {"doctype": ("in", frappe.flags.uninstalled_doctypes)})
	# Frappe commits before this hook, and not after it
	frappe.db.commit()  # nosemgrep: frappe-manual-commit
	for key in (*registry.CACHE_KEYS, registry.VERSION_KEY):
		frappe.cache.delete_value(key)
	frappe.clear_cache()


def our_modules() -> list[str]:
	return frappe.get_all("Module Def", filters={"app_name": "crm_transparency"}, pluck="name")


def our_doctypes() -> list[str]:
	return frappe.get_all("DocType", filters={"module": ("in", our_modules())}, pluck="name")


def our_names() -> list[str]:
	"""Return the names of everything that hangs on our modules, the modules and roles included."""
	names = {*our_modules(), *our_doctypes(), *ROLES}
	for doctype in OF_MODULES:
		names.update(frappe.get_all(doctype, filters={"module": ("in", our_modules())}, pluck="name"))
	return sorted(names)


def forget_records_about_our_documents() -> None:
	doctypes = our_doctypes()
	for record, fieldname in RECORDS_ABOUT_DOCUMENTS.items():
		if frappe.db.table_exists(record) and frappe.get_meta(record).has_field(fieldname):
			frappe.db.delete(record, {fieldname: ("in", doctypes)})
	mails = frappe.get_all("Email Queue", filters={"reference_doctype": ("in", doctypes)}, pluck="name")
	frappe.db.delete("Email Queue Recipient", {"parent": ("in", mails)})
	frappe.db.delete("Email Queue", {"name": ("in", mails)})


def remove_sidebar() -> None:
	"""Frappe v16 makes a sidebar and a desktop icon for every public workspace, and leaves them behind."""
	workspaces = frappe.get_all("Workspace", filters={"module": ("in", our_modules())}, pluck="name")
	for doctype, fieldname in (("Desktop Icon", "label"), ("Workspace Sidebar", "title")):
		if not frappe.db.exists("DocType", doctype):
			continue
		for name in frappe.get_all(doctype, filters={fieldname: ("in", workspaces)}, pluck="name"):
			frappe.delete_doc(doctype, name, force=True, ignore_missing=True, delete_permanently=True)


def remove_files_and_series() -> None:
	"""Uploaded lists of accounts, the numbering of transfers, and notices that lead to our documents."""
	for file in frappe.get_all("File", filters={"attached_to_doctype": ("in", our_doctypes())}, pluck="name"):
		frappe.delete_doc("File", file, force=True, delete_permanently=True)
	frappe.db.delete("Series", {"name": ("like", "AT-____-")})
	frappe.db.delete("Series", {"name": "RESTRICTION-"})
	routes = {name.lower().replace(" ", "-") for name in our_names()}
	for notice in frappe.get_all(
		"Notification Log", filters={"link": ("is", "set")}, fields=["name", "link"]
	):
		if (route := ROUTE.match(notice.link)) and route[1] in routes:
			frappe.db.delete("Notification Log", {"name": notice.name})


def remove_mentions() -> None:
	"""What others keep about the app: scheduled jobs, which would fail from now on, patches, errors, who had which role."""
	jobs = frappe.get_all("Scheduled Job Type", filters={"method": ("like", OUR_CODE)}, pluck="name")
	frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": ("in", jobs)})
	frappe.db.delete("Scheduled Job Type", {"name": ("in", jobs)})
	frappe.db.delete("Patch Log", {"patch": ("like", OUR_CODE)})
	frappe.db.delete("Error Log", {"error": ("like", "%crm_transparency%")})
	frappe.db.delete("Error Log", {"method": ("like", "%CRM Transparency%")})
	names = {"reference_doctype": ("in", NAMED), "reference_name": ("in", frappe.flags.uninstalled_names)}
	frappe.db.delete("Comment", names)
	by_frappe = {"reference_doctype": "User", "comment_type": ("!=", "Comment")}
	for role in ROLES:
		frappe.db.delete("Comment", {**by_frappe, "content": ("like", f"%{role}%")})
		notices = {"document_type": "User", "type": "Alert", "subject": ("like", f"%{role}%")}
		frappe.db.delete("Notification Log", notices)


def remove_evidence_of_sightings() -> None:
	"""What ringers got, encrypted files that no File knows: only now, since a dry run can't bring them back."""
	for evidence in frappe.flags.evidence_of_sightings:
		evidence_files.remove(evidence)


def remove_user_settings() -> None:
	"""List settings that people's browsers saved for our DocTypes, in a table without a DocType."""
	settings = frappe.qb.Table("__UserSettings")
	frappe.qb.from_(settings).delete().where(settings.doctype.isin(our_doctypes())).run()


def remove_mail_switches() -> None:
	for switch in (changes.SWITCH, alert_rules.DIGEST_SWITCH):
		mail.remove_switch(switch)


def remove_roles() -> None:
	for role in ROLES:
		for rows in ("Has Role", "DocPerm", "Custom DocPerm"):
			frappe.db.delete(rows, {"role": role})
		frappe.delete_doc("Role", role, force=True, ignore_permissions=True, delete_permanently=True)


def empty_the_bin() -> None:
	"""Frappe keeps a copy of every document it deletes, those of a removed app's modules and DocTypes included."""
	doctypes, names = frappe.flags.uninstalled_doctypes, frappe.flags.uninstalled_names
	for entry in frappe.get_all(
		"Deleted Document",
		filters={"creation": (">", frappe.utils.add_to_date(None, hours=-1))},
		fields=["name", "deleted_doctype", "deleted_name"],
	):
		is_ours = entry.deleted_doctype in NAMED and entry.deleted_name in names
		if is_ours or entry.deleted_doctype in doctypes:
			frappe.delete_doc("Deleted Document", entry.name, force=True, delete_permanently=True)


def forget_permission_changes() -> None:
	"""Frappe v16 writes down that the roles of our reports and DocTypes went with them."""
	if frappe.db.exists("DocType", "Permission Log"):
		names = {"for_doctype": ("in", NAMED), "for_document": ("in", frappe.flags.uninstalled_names)}
		frappe.db.delete("Permission Log", names)
