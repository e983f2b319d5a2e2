import frappe
from frappe.utils import get_datetime

from crm_transparency.crm_transparency.period import Period
from crm_transparency.export_audit.alerts import permissions
from crm_transparency.export_audit.alerts.permissions import ALERT as EXPORT_ALERT
from crm_transparency.export_audit.events.event import ALERT, Event
from crm_transparency.ledger import names


def of(user: str, period: Period) -> list[Event]:
	"""Return the alerts about a person that the reader may see. They are about a day, so they stand at its beginning."""
	called = ("in", [span.name for span in names.spans("User", user)])
	rows = frappe.get_all(
		EXPORT_ALERT,
		filters={"day": ("between", (period.first_day, period.last_day))},
		or_filters={"user": called, "impersonated_by": called},
		fields=["name", "day", "explanation", "rule", "user", "impersonated_by"],
	)
	return [
		Event(ALERT, get_datetime(row.day), row.explanation, EXPORT_ALERT, row.name)
		for row in rows
		if permissions.sees(frappe.session.user, row)
	]
