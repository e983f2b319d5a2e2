"""What people are told when they meet a restriction: that there is one, its reason, and whom to ask.

Nobody should wonder whether the CRM is broken. What is said never tells which records are hidden, only that some are.
"""

import frappe
from frappe import _
from frappe.utils import escape_html, get_fullname

from crm_transparency.crm_transparency import registry
from crm_transparency.restrictions.linked_records import linked_doctypes
from crm_transparency.restrictions.register import (
	HIDE_DOCTYPE,
	HIDE_FIELDS,
	HIDE_RECORDS,
	Restriction,
	in_force,
)

#: Frappe's list of reasons why a permission check fails; there while it is going to show them
REASONS = "has_permission_check_logs"
#: of Frappe's lists of what a user may do, those that aren't about DocTypes
NOT_DOCTYPES = ("roles", "defaults", "allow_modules")


def sentence(restriction: Restriction) -> str:
	"""Return what a reader is told, as HTML."""
	what = {
		HIDE_RECORDS: _("This record is restricted for you."),
		HIDE_DOCTYPE: _("{0} is restricted for you."),
		HIDE_FIELDS: _("Some fields of {0} are restricted for you: {1}."),
	}[restriction.restriction_kind]
	return " ".join(
		(
			what.format(_(restriction.document_type), ", ".join(field_labels(restriction))),
			reason_and_owner(restriction),
		)
	)


def reason_and_owner(restriction: Restriction) -> str:
	"""Return the registered reason and whom to ask, as HTML."""
	return _("Reason: {0} ({1}). Decided by {2}: please ask them. ({3})").format(
		escape_html(restriction.reason.strip().rstrip(".")),
		_(restriction.reason_category),
		frappe.bold(escape_html(get_fullname(restriction.business_owner))),
		restriction.name,
	)


def field_labels(restriction: Restriction) -> list[str]:
	meta = frappe.get_meta(restriction.document_type)
	return [_(meta.get_label(field)) for field in restriction.fields]


def show_with_refusal(restriction: Restriction, user: str) -> None:
	"""Tell the reader why a permission check fails, once, if Frappe is about to tell that it does."""
	if user != frappe.session.user or frappe.flags.get(REASONS) is None:
		return
	text = sentence(restriction)
	if not any(text in str(message) for message in frappe.local.message_log):
		frappe.msgprint(text, title=_("Restricted"), indicator="orange")


def refuse(restriction: Restriction) -> None:
	"""Refuse what the request asks for, and say why. Raises frappe.PermissionError."""
	refuse_with(sentence(restriction))


def refuse_name(doctype: str, restrictions: list[Restriction]) -> None:
	"""Refuse to open a document by its name, with the same text whether it is hidden or there is none.

	Raises frappe.PermissionError.
	"""
	for restriction in restrictions:
		if restriction.restriction_kind == HIDE_DOCTYPE and restriction.document_type == doctype:
			refuse(restriction)
	what = _("This {0} doesn't exist, or it is restricted for you.").format(_(doctype))
	refuse_with("<br>".join((what, *map(reason_and_owner, restrictions))))


def refuse_with(text: str) -> None:
	"""Raise frappe.PermissionError with a text, which is HTML."""
	frappe.msgprint(
		text,
		title=_("Restricted"),
		indicator="orange",
		raise_exception=frappe.PermissionError,
	)


def add_to_bootinfo(bootinfo: frappe._dict) -> None:
	"""`extend_bootinfo`: the notes that lists and forms show, and no menu entries for hidden DocTypes."""
	texts: list[dict] = []
	by_doctype: dict[str, list[int]] = {}
	for restriction in in_force():
		for doctype in doctypes_with_note(restriction):
			by_doctype.setdefault(doctype, []).append(len(texts))
		texts.append({"kind": restriction.restriction_kind, "text": note(restriction)})
	bootinfo.crm_transparency_restrictions = {"texts": texts, "by_doctype": by_doctype}
	remove_hidden_doctypes(bootinfo)


def remove_hidden_doctypes(bootinfo: frappe._dict) -> None:
	hidden = {rule.document_type for rule in in_force() if rule.restriction_kind == HIDE_DOCTYPE}
	user = bootinfo.get("user") if hidden else None
	for key, value in (user or {}).items():
		if isinstance(value, list) and key not in NOT_DOCTYPES:
			user[key] = [item for item in value if not isinstance(item, str) or item not in hidden]


def doctypes_with_note(restriction: Restriction) -> list[str]:
	if restriction.restriction_kind == HIDE_FIELDS:
		return [restriction.document_type]
	return list(
		dict.fromkeys(
			(restriction.document_type, *registry.tracked_doctypes(), *linked_doctypes(restriction))
		)
	)


def note(restriction: Restriction) -> str:
	"""Return the line above a list or a form, as HTML."""
	if restriction.restriction_kind == HIDE_FIELDS:
		return sentence(restriction)
	what = (
		_("{0} and what is linked to it are restricted for you.")
		if restriction.restriction_kind == HIDE_DOCTYPE
		else _("Some records of {0}, and what is linked to them, are restricted for you.")
	).format(_(restriction.document_type))
	return f"{what} {reason_and_owner(restriction)}"
