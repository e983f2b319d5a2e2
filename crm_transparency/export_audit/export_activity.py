"""What the Export Log and the Export Alerts tell about people: for the hook `transparency_activity`."""

from collections.abc import Iterator

import frappe
from frappe.utils import get_datetime
from pypika import Criterion

from crm_transparency.crm_transparency.activity import Activity, Selection, newest_rows
from crm_transparency.export_audit import export_queries
from crm_transparency.export_audit.export_alerts import ALERT as ALERTS
from crm_transparency.export_audit.export_visibility import days_of
from crm_transparency.export_audit.exports import LEDGER
from crm_transparency.ledger import names

EXPORT = "Export"
ALERT = "Alert"
FIELDS = (*(field for field in export_queries.FIELDS if field != "name"), "recipients", "file_name")
ALERT_FIELDS = ("explanation", "rule", "user", "impersonated_by")


def exports(selection: Selection) -> Iterator[Activity]:
	"""Yield what people exported, in their own name or another's, under today's name or a former one."""
	log = export_queries.export_log()
	is_theirs = Criterion.any(export_queries.is_by(user) for user in selection.users)
	if selection.doctypes:
		is_theirs &= log.reference_doctype.isin(selection.doctypes)
	for row in newest_rows(log, "exported_on", EXPORT, is_theirs, FIELDS, selection):
		yield Activity(
			row.on,
			EXPORT,
			row.user,
			row.reference_doctype,
			None,
			LEDGER,
			row.name,
			row,
			row.impersonated_by or None,
		)


def alerts(selection: Selection) -> Iterator[Activity]:
	"""Yield the alerts about people. An alert is about a day, so it stands at its beginning."""
	called = ("in", sorted(names.former_names("User", selection.users)))
	rows = frappe.get_all(
		ALERTS,
		filters={"day": ("between", (selection.period.first_day, selection.period.last_day))},
		or_filters={"user": called, "impersonated_by": called},
		fields=["name", "day", *ALERT_FIELDS],
		order_by="day desc, name desc",
		limit_page_length=selection.limit or 0,
	)
	days = [span for user in selection.users for span in days_of(user)]
	for row in rows:
		moment = get_datetime(row.day)
		# somebody else may have had the name on that day
		if any(names.is_meant(days, user, moment) for user in (row.user, row.impersonated_by)):
			behind = row.impersonated_by or None
			yield Activity(moment, ALERT, row.user, None, None, ALERTS, row.name, row, behind)
