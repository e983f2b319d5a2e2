"""What the personnel records say, where there are any: ERPNext's Employee, and our Offboarding.

Either may be missing, and so may single fields.
"""

from collections.abc import Sequence

import frappe
from frappe.utils import getdate

EMPLOYEE = "Employee"
OFFBOARDING = "Offboarding"
UNDER_WAY = ("Draft", "In Progress")
COMPLETED, LEFT = "Completed", "Left"


def employees(**filters) -> list[frappe._dict]:
	return read(
		EMPLOYEE,
		filters,
		(
			"name",
			"employee_name",
			"user_id",
			"status",
			"personal_email",
			"resignation_letter_date",
			"relieving_date",
			"new_workplace",
		),
	)


def offboardings(**filters) -> list[frappe._dict]:
	return read(
		OFFBOARDING,
		filters,
		("name", "user", "employee_name", "status", "resignation_date", "leaving_for", "creation"),
	)


def has_left(employee: frappe._dict) -> bool:
	last_day = employee.get("relieving_date")
	return employee.get("status") == LEFT or bool(last_day and getdate(last_day) < getdate())


def read(doctype: str, filters: dict, fields: Sequence[str]) -> list[frappe._dict]:
	"""Return the documents with those of the fields that there are; none if what is asked about isn't there."""
	if not frappe.db.exists("DocType", doctype, cache=True):
		return []
	columns = set(frappe.get_meta(doctype).get_valid_columns())
	if not set(filters) <= columns:
		return []
	return frappe.get_all(
		doctype, filters=filters, fields=[field for field in fields if field in columns], limit_page_length=0
	)
