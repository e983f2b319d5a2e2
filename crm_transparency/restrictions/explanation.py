"""What people are told when they meet a restriction: that there is one, its reason, and whom to ask.

Nobody should wonder whether the CRM is broken. What is said never tells which records are hidden, only that some are.
"""

import frappe
from frappe import _
from frappe.utils import escape_html, get_fullname

from crm_transparency.restrictions.register import (
	HIDE_DOCTYPE,
	HIDE_FIELDS,
	HIDE_RECORDS,
	Restriction,
)

#: which restriction the permission check that runs now met
MET = "crm_transparency_restriction_met"


def note(restriction: Restriction | None) -> None:
	"""Remember which restriction a permission check met, for whoever has to tell its reader."""
	setattr(frappe.local, MET, restriction)


def noted() -> Restriction | None:
	return getattr(frappe.local, MET, None)


def sentence(restriction: Restriction) -> str:
	"""Return what a reader is told, as HTML."""
	what = {
		HIDE_RECORDS: _("This is restricted, and not an error."),
		HIDE_DOCTYPE: _("{0} is restricted for you, and not an error."),
		HIDE_FIELDS: _("Fields of {0} are restricted for you: {1}."),
	}[restriction.restriction_kind]
	return " ".join(
		(
			what.format(_(restriction.document_type), ", ".join(field_labels(restriction))),
			reason_and_owner(restriction),
		)
	)


def reason_and_owner(restriction: Restriction) -> str:
	"""Return the registered reason and whom to ask, as HTML."""
	return _("Reason: {0} ({1}). {2} decided this, please ask them. ({3})").format(
		escape_html(restriction.reason.strip().rstrip(".")),
		_(restriction.reason_category),
		frappe.bold(escape_html(get_fullname(restriction.business_owner))),
		restriction.name,
	)


def field_labels(restriction: Restriction) -> list[str]:
	meta = frappe.get_meta(restriction.document_type)
	return [_(meta.get_label(field)) for field in restriction.fields]


def show(restriction: Restriction) -> None:
	"""Tell the reader along with whatever the request answers."""
	frappe.msgprint(sentence(restriction), title=_("Restricted"), indicator="orange")


def refuse(restriction: Restriction) -> None:
	"""Refuse what the request asks for, and say why. Raises frappe.PermissionError."""
	_refuse_with(sentence(restriction))


def refuse_name(doctype: str, restrictions: list[Restriction]) -> None:
	"""Refuse to open a document by its name, with the same words whether it is hidden or there is none.

	Raises frappe.PermissionError.
	"""
	for restriction in restrictions:
		if restriction.restriction_kind == HIDE_DOCTYPE and restriction.document_type == doctype:
			refuse(restriction)
	what = _("There is no such {0}, or it is restricted for you, and that is not an error.").format(
		_(doctype)
	)
	_refuse_with("<br>".join((what, *map(reason_and_owner, restrictions))))


def _refuse_with(text: str) -> None:
	frappe.msgprint(
		text,
		title=_("Restricted"),
		indicator="orange",
		raise_exception=frappe.PermissionError,
	)
