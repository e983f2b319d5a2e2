"""What a kind of belongings has to say for itself: where they are, and how one moves and comes back."""

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


class Kind(NamedTuple):
	"""`move` returns what has to be known to undo it, and raises `NoLongerTheirs` if it is out of date.

	Both `move` and `give_back` get the document's name, the leaver and the successor; `give_back` also what `move`
	returned.
	"""

	key: str
	label: Callable[[], str]
	find: Callable[[Leaver], Iterator[Found]]
	move: Callable[[str, Leaver, str], Before]
	give_back: Callable[[str, Leaver, str, Before], None]
	#: several DocTypes share these functions, which get it before the name
	is_generic: bool = False
	#: it stays where it is until somebody decides: it gives a power, or lets read what only the leaver read
	is_to_be_decided: bool = False


class NoLongerTheirs(frappe.ValidationError):
	"""There is nothing to move (back) any more; the message says what became of it."""


def gone_meanwhile() -> None:
	raise NoLongerTheirs(_("Closed or changed by somebody else meanwhile."))


def is_there(doctype: str, *fields: str) -> bool:
	"""Say whether a DocType of ERPNext or HRMS is on this site, with these fields."""
	if not frappe.db.exists("DocType", doctype, cache=True):
		return False
	return set(fields) <= {*frappe.get_meta(doctype).get_valid_columns()}


def employee_of(user: str) -> str | None:
	if not is_there("Employee", "user_id"):
		return None
	return frappe.db.get_value("Employee", {"user_id": user})


def assign(doctype: str, name: str, to: str, description: str) -> Before:
	"""Give a document to somebody as a to-do, unless they have one about it."""
	same = {"reference_type": doctype, "reference_name": name, "allocated_to": to, "status": "Open"}
	if frappe.db.exists("ToDo", same):
		return {"todo": None}
	todo = frappe.get_doc(doctype="ToDo", description=description, assigned_by=frappe.session.user, **same)
	return {"todo": todo.insert(ignore_permissions=True).name}


def take_back_assignment(name: str, leaver: Leaver, to: str, before: Before) -> None:
	if before["todo"] and frappe.db.get_value("ToDo", before["todo"], "status") == "Open":
		todo = frappe.get_doc("ToDo", before["todo"])
		todo.status = "Cancelled"
		todo.save(ignore_permissions=True)


def replace_address(text: str | None, old: str, new: str) -> str:
	"""Put one mail address in the place of another in a list with commas, semicolons or lines between."""
	addresses = [
		address.strip() for address in (text or "").replace(";", "\n").replace(",", "\n").split("\n")
	]
	replaced = [new if address.lower() == old.lower() else address for address in addresses if address]
	return "\n".join(dict.fromkeys(replaced))
