"""The documents that belong to an offboarding, by its name in their field `offboarding`."""

import frappe

RECORDS = (
	"Access Removal",
	"Handover Introduction",
	"Handover Plan",
	"Offboarding Farewell",
	"Offboarding Finding",
	"Offboarding Interview",
	"Offboarding Mail",
	"Offboarding Review",
)
#: of which there can be very many
ROWS = ("Handover Plan Account", "Handover Belonging")
ALL = (*RECORDS, *ROWS)


def delete_of(offboarding: str) -> None:
	for doctype in ROWS:
		frappe.db.delete(doctype, {"offboarding": offboarding})
	for doctype in RECORDS:
		for name in frappe.get_all(doctype, filters={"offboarding": offboarding}, pluck="name"):
			frappe.delete_doc(doctype, name, force=True, ignore_permissions=True, delete_permanently=True)
