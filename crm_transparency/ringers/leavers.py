"""People who leave are compared first: their offboarding tells us until when, without seeing a ringer.

The offboarding wizard calls `watch` and `unwatch`; both can be called twice. What is kept here is read by Ringer
Managers only, and of a person only that they leave.
"""

import json
from datetime import date
from typing import NamedTuple

import frappe
from frappe.utils import getdate

from crm_transparency.crm_transparency.sealed_texts import unseal
from crm_transparency.ringers.documents import LEAVER


class Leaver(NamedTuple):
	offboarding: str
	user: str | None
	employee: str | None
	until: date
	new_employer: str | None


def watch(
	offboarding: str, user: str | None, employee: str | None, until: date, new_employer: str | None
) -> None:
	"""Compare sightings until the day `until` first with the person whom the Offboarding `offboarding` is about.

	Asks for no permission: the caller is HR's wizard. Called again, it replaces what it was told before.
	"""
	person = json.dumps({"user": user, "employee": employee, "new_employer": new_employer})
	name = frappe.db.get_value(LEAVER, {"offboarding": offboarding})
	leaver = frappe.get_doc(LEAVER, name) if name else frappe.new_doc(LEAVER, offboarding=offboarding)
	leaver.update({"until": getdate(until), "person": person})
	leaver.save(ignore_permissions=True)


def unwatch(offboarding: str) -> None:
	"""Stop comparing with the person first, if that was asked for."""
	frappe.db.delete(LEAVER, {"offboarding": offboarding})


def watched(on: date | str | None = None) -> list[Leaver]:
	"""Return who is watched on a day, today by default. Asks for no permission."""
	rows = frappe.get_all(
		LEAVER,
		filters={"until": (">=", getdate(on))},
		fields=["offboarding", "until", "person"],
		order_by="offboarding",
	)
	return [
		Leaver(offboarding=row.offboarding, until=getdate(row.until), **json.loads(unseal(row.person)))
		for row in rows
	]
