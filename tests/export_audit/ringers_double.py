"""A stand-in for the room of the ringers: it makes up a contact for each export."""

import itertools

import frappe

HOOK = "transparency_export_ringers"
PROVIDER = "tests.export_audit.ringers_double.provide"
FAILING = "tests.export_audit.ringers_double.fail"

asked: list[tuple[str, list[str]]] = []
made: list[str] = []
_numbers = itertools.count(1)


def provide(doctype: str, columns: list[str]) -> tuple[dict, str]:
	asked.append((doctype, list(columns)))
	number = next(_numbers)
	made.append(f"ringer {number}")
	return {
		"first_name": "Marina",
		"last_name": f"Tidewell {number}",
		"email_id": f"marina.tidewell{number}@example.org",
		"mobile_no": f"+44 7700 900{number:03}",
		"status": "Passive",
	}, made[-1]


def provide_nothing(doctype: str, columns: list[str]) -> None:
	return None


def fail(doctype: str, columns: list[str]) -> tuple[dict, str]:
	frappe.get_doc(doctype="ToDo", description="half a ringer").insert(ignore_permissions=True)
	raise RuntimeError("marina.secret@example.org broke")
