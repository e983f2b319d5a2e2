"""Who sees exports: the fact of one everybody, or managers and the person concerned, by setting; details only these.

Exports of what isn't tracked data (salary slips, say) are nobody's business but theirs, whatever the setting. How much
a person read is only theirs, too: everybody opens customers all day, and nobody should have to answer for it.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import managers, registry
from crm_transparency.crm_transparency.permission_results import pass_on, quoted
from crm_transparency.export_audit.audited import audited_doctypes, is_audited

LEDGER = "Export Log"
MANIFEST = "Export Manifest"
READ_VOLUME = "Read Volume"
CONCERNED = ("user", "impersonated_by")


def is_open_to_everyone() -> bool:
	visible_to = frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "exports_visible_to")
	return visible_to != "Managers and people concerned"


def is_concerned(user: str, export: Document | frappe._dict) -> bool:
	return user in {export.get(field) for field in CONCERNED}


def sees_details(export: Document | frappe._dict, user: str | None = None) -> bool:
	"""Say whether `user` may know filters, manifest and IP address of an export."""
	user = user or frappe.session.user
	return managers.is_manager(user) or is_concerned(user, export)


def check_details(export: Document | frappe._dict) -> None:
	if not sees_details(export):
		frappe.throw(
			_("What exactly an export held is seen by managers and by the person who made it."),
			exc=frappe.PermissionError,
		)


def criterion(table: Table, user: str | None = None) -> Criterion | None:
	"""Return the condition under which `user` sees a row of the ledger in a report, None for every row."""
	user = user or frappe.session.user
	own = details_criterion(table, user)
	if own is None or not is_open_to_everyone():
		return own
	return own | table.reference_doctype.isin(sorted(audited_doctypes()))


def details_criterion(table: Table, user: str | None = None) -> Criterion | None:
	"""Return the condition under which `user` sees the details of a row of the ledger, None for every row."""
	user = user or frappe.session.user
	if managers.is_manager(user):
		return None
	return Criterion.any(table[field] == user for field in CONCERNED)


def check_is_about(user: str) -> None:
	"""Refuse to tell about a user to anybody but managers and the user."""
	if not managers.is_manager() and user != frappe.session.user:
		roles = managers.roles_in_words()
		frappe.throw(
			_(
				"You can see this about yourself. About others it is open to people with one of the roles {0}."
			).format(roles),
			exc=frappe.PermissionError,
			title=_("Somebody else's exports"),
		)


def query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of the ledger."""
	user = user or frappe.session.user
	if managers.is_manager(user):
		return ""
	conditions = [f"`tab{LEDGER}`.`{field}` = {quoted(user)}" for field in CONCERNED]
	if is_open_to_everyone():
		tracked = ", ".join(quoted(doctype) for doctype in sorted(audited_doctypes()))
		conditions.append(f"`tab{LEDGER}`.reference_doctype in ({tracked})")
	return f"({' or '.join(conditions)})"


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""`has_permission` of the ledger."""
	user = user or frappe.session.user
	is_visible = is_open_to_everyone() and is_audited(doc.reference_doctype)
	return pass_on() if is_visible or sees_details(doc, user) else False


def has_permission_to_manifest(
	doc: Document, ptype: str | None = None, user: str | None = None
) -> bool | None:
	"""`has_permission` of the manifests: they belong to the entry of the same name."""
	export = frappe.db.get_value(LEDGER, doc.name, CONCERNED, as_dict=True)
	return pass_on() if export and sees_details(export, user) else False


def manifest_query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of the manifests."""
	user = user or frappe.session.user
	if managers.is_manager(user):
		return ""
	own = " or ".join(f"`{field}` = {quoted(user)}" for field in CONCERNED)
	return f"`tab{MANIFEST}`.name in (select name from `tab{LEDGER}` where {own})"


def read_volume_query_condition(user: str | None = None) -> str:
	"""`permission_query_conditions` of Read Volume."""
	user = user or frappe.session.user
	return "" if managers.is_manager(user) else f"`tab{READ_VOLUME}`.user = {quoted(user)}"


def has_permission_to_read_volume(
	doc: Document, ptype: str | None = None, user: str | None = None
) -> bool | None:
	"""`has_permission` of Read Volume."""
	user = user or frappe.session.user
	return pass_on() if managers.is_manager(user) or doc.user == user else False
