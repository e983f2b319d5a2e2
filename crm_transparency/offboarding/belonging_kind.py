"""What a kind of belongings defines: how to find them, and how one is moved and given back."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import frappe
from frappe import _

Before = dict[str, Any]


class Leaver(NamedTuple):
	"""Who leaves, by the names that documents know people under."""

	user: str
	email: str
	employee: str | None

	@classmethod
	def of(cls, user: str, employee: str | None) -> "Leaver":
		email = frappe.db.get_value("User", user, "email") or user
		return cls(user, email, employee or employee_of(user))


class Found(NamedTuple):
	"""One belonging. `account` is the one it goes with: whoever gets that gets this."""

	doctype: str
	name: str
	title: str
	detail: str = ""
	value: float = 0
	account: tuple[str, str] | None = None


class NoLongerTheirs(frappe.ValidationError):
	"""There is nothing to move (back) any more; the message says why."""


def changed_meanwhile() -> None:
	raise NoLongerTheirs(_("Somebody else closed or changed it in the meantime."))


def swap(doctype: str, name: str, current: dict, new: dict) -> Before:
	"""Set fields of a document that still has the values `current`; return what `put_back` needs."""
	if frappe.db.get_value(doctype, name, list(current), as_dict=True, for_update=True) != current:
		changed_meanwhile()
	frappe.db.set_value(doctype, name, new, update_modified=False)
	return {"before": current, "after": new}


def put_back(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	"""Set fields to what they were before `swap`, unless somebody changed them since."""
	swap(doctype, name, before["after"], before["before"])


class Kind(NamedTuple):
	"""`move` gets DocType and name of a document, the leaver and the successor, who can be None where access is removed.

	It returns what `give_back` needs to know, and raises NoLongerTheirs if what was found is out of date; so does `give_back`,
	which gets the same and what `move` returned.
	"""

	key: str
	label: Callable[[], str]
	find: Callable[[Leaver], Iterator[Found]]
	move: Callable[[str, str, Leaver, str], Before]
	give_back: Callable[[str, str, Leaver, str, Before], None] = put_back
	#: it stays where it is until somebody decides: it grants a power, or lets read what only the leaver read
	is_to_be_decided: bool = False


def is_there(doctype: str, *fields: str) -> bool:
	"""Return whether this site has a DocType of ERPNext or HRMS, with these fields."""
	if not frappe.db.exists("DocType", doctype, cache=True):
		return False
	return set(fields) <= {*frappe.get_meta(doctype).get_valid_columns()}


def employee_of(user: str) -> str | None:
	return frappe.db.get_value("Employee", {"user_id": user}) if is_there("Employee", "user_id") else None


def assign(doctype: str, name: str, to: str, description: str) -> Before:
	"""Assign a document to somebody as a to-do, unless they have one about it."""
	same = {"reference_type": doctype, "reference_name": name, "allocated_to": to, "status": "Open"}
	if frappe.db.exists("ToDo", same):
		return {"todo": None}
	todo = frappe.get_doc(doctype="ToDo", description=description, assigned_by=frappe.session.user, **same)
	return {"todo": todo.insert(ignore_permissions=True).name}


def unassign(doctype: str, name: str, leaver: Leaver, to: str, before: Before) -> None:
	if before["todo"] and frappe.db.get_value("ToDo", before["todo"], "status") == "Open":
		todo = frappe.get_doc("ToDo", before["todo"])
		todo.status = "Cancelled"
		todo.save(ignore_permissions=True)


def addresses_in(text: str | None) -> list[str]:
	"""Return the mail addresses of a list separated by commas, semicolons or lines."""
	parts = (text or "").replace(";", "\n").replace(",", "\n").split("\n")
	return [part.strip() for part in parts if part.strip()]


def replace_address(text: str | None, old: str, new: str | None) -> str:
	"""Replace one mail address in such a list, or remove it. Where it isn't, the list stays as it is."""
	addresses = addresses_in(text)
	if old.lower() not in (address.lower() for address in addresses):
		return text
	replaced = dict.fromkeys(new if address.lower() == old.lower() else address for address in addresses)
	return "\n".join(filter(None, replaced))
