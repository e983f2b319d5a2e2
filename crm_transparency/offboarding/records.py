"""The documents that belong to an offboarding, by its name in their field `offboarding`."""

import frappe

RECORDS = ("Offboarding Mail",)


def delete_of(offboarding: str) -> None:
	for doctype in RECORDS:
		for name in frappe.get_all(doctype, filters={"offboarding": offboarding}, pluck="name"):
			frappe.delete_doc(doctype, name, force=True, ignore_permissions=True, delete_permanently=True)
