"""Who sees exports: the fact of one everybody, or managers and the person concerned, by setting; details only these.

Exports of what isn't tracked data (salary slips, say) are nobody's business but theirs, whatever the setting. How much
a person read is only theirs, too: everybody opens customers all day, and nobody should have to answer for it.
"""

import re
from datetime import timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime
from pypika import Criterion
from pypika.queries import Table

from crm_transparency.crm_transparency import registry, staff
from crm_transparency.crm_transparency.permissions import quoted
from crm_transparency.export_audit.audited import audited_doctypes
from crm_transparency.ledger import names
from crm_transparency.ledger.names import NameSpan

LEDGER = "Export Log"
MANIFEST = "Export Manifest"
READ_VOLUME = "Read Volume"
CONCERNED = ("user", "impersonated_by")
#: fields that only managers and people concerned may know
DETAILS = ("filters", "recipients", "file_name", "ip_address", "user_agent", "signed_in_with")
A_DETAIL = re.compile(rf"\b({'|'.join((*DETAILS, 'trace'))})\b")
#: parameters of requests that name columns; Frappe leaves those out that the reader may not see
COLUMNS = ("fields", "fieldname")
#: what `is_concerned` asks of an entry
WHO_AND_WHEN = (*CONCERNED, "exported_on")


def is_open_to_everyone() -> bool:
	visible_to = frappe.get_cached_value(registry.SETTINGS, registry.SETTINGS, "exports_visible_to")
	return visible_to != "Managers and people concerned"


def is_concerned(user: str, export: Document | frappe._dict) -> bool:
	"""Return whether a user made an export, in their own name or another's, under today's name or a former one."""
	spans = names.spans("User", user)
	return any(names.is_meant(spans, export.get(field), export.exported_on) for field in CONCERNED)


def is_own(table: Table, user: str) -> Criterion:
	"""Return `is_concerned` as a condition on the ledger's rows."""
	return names.is_about([user], CONCERNED, table, table.exported_on)


def is_own_as_sql(user: str) -> str:
	return names.is_about_as_sql(user, LEDGER, CONCERNED, "exported_on")


def sees_details(export: Document | frappe._dict, user: str | None = None) -> bool:
	"""Return whether `user` may know filters, manifest and IP address of an export."""
	user = user or frappe.session.user
	return staff.is_manager(user) or is_concerned(user, export)


def check_details(export: Document | frappe._dict) -> None:
	if not sees_details(export):
		frappe.throw(
			_("Only managers and the person who exported can see which records an export contained."),
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
	if staff.is_manager(user):
		return None
	return is_own(table, user)


def check_is_about(user: str) -> None:
	"""Refuse to tell about a user to anybody but managers and the user."""
	if not staff.is_manager() and user != frappe.session.user:
		roles = staff.roles_in_words()
		frappe.throw(
			_(
				"You can see your own. Those of others are visible to people with one of the roles {0}."
			).format(roles),
			exc=frappe.PermissionError,
			title=_("Somebody else's exports"),
		)


def asks_about_details() -> bool:
	"""Return whether the running request filters or sorts by details, from which rows that match would tell them.

	Frappe v15 lets people filter by fields that they may not see; v16 refuses.
	"""
	form = frappe.form_dict if isinstance(frappe.form_dict, dict) else {}
	return any(A_DETAIL.search(str(value)) for key, value in form.items() if key not in COLUMNS)


def condition(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the ledger."""
	if staff.is_manager(user):
		return ""
	conditions = [is_own_as_sql(user)]
	if is_open_to_everyone() and not asks_about_details():
		tracked = ", ".join(quoted(doctype) for doctype in sorted(audited_doctypes()))
		conditions.append(f"`tab{LEDGER}`.reference_doctype in ({tracked})")
	return " or ".join(conditions)


def condition_of_manifests(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of the manifests: they belong to the entry of the same name."""
	if staff.is_manager(user):
		return ""
	return (
		f"`tab{MANIFEST}`.name in (select `tab{LEDGER}`.name from `tab{LEDGER}` where {is_own_as_sql(user)})"
	)


def condition_of_read_volumes(user: str, doctype: str) -> str:
	"""`ReadRule.condition` of Read Volume."""
	if staff.is_manager(user):
		return ""
	return names.condition(days_of(user), f"`tab{READ_VOLUME}`.user", f"`tab{READ_VOLUME}`.day")


def days_of(user: str) -> list[NameSpan]:
	"""Return a person's names with the days on which they meant the person: both, on the day of a renaming."""
	return [
		span._replace(since=span.since and get_datetime(span.since) - timedelta(days=1))
		for span in names.spans("User", user)
	]
