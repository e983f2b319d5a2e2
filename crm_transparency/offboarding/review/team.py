"""With whom a leaver is compared: the colleagues who report to the same person, or else those of the department."""

import frappe
from frappe.model.document import Document

from crm_transparency.offboarding import people


def of(offboarding: Document) -> list[str]:
	"""Return the enabled users of the leaver's team, without the leaver; none if the records know no team."""
	record = people.employee_record(offboarding.employee, offboarding.user)
	for field in ("reports_to", "department"):
		if record.get(field):
			users = frappe.get_all(
				people.EMPLOYEE,
				filters={field: record[field], "status": "Active", "user_id": ("is", "set")},
				pluck="user_id",
			)
			if team := sorted(set(enabled(users)) - {offboarding.user}):
				return team
	return []


def enabled(users: list[str]) -> list[str]:
	return (
		frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name") if users else []
	)
