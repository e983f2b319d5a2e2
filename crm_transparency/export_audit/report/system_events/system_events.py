"""What one person did in a period that somebody who looks after the company's data would ask about.

Managers see everybody's, everybody else their own.
"""

import frappe
from frappe import _
from frappe.utils import add_days, getdate

from crm_transparency.crm_transparency import charts
from crm_transparency.crm_transparency.charts import Series
from crm_transparency.crm_transparency.columns import column
from crm_transparency.export_audit import events
from crm_transparency.export_audit.events import SystemEvents
from crm_transparency.export_audit.events.event import ALERT, BACKUP, EXPORT, LOGIN, MAIL, PERMISSION_CHANGE

DEFAULT_DAYS = 90
MOST_ROWS = 1000
COLORS = {
	EXPORT: "#4299E1",
	MAIL: "#F8814F",
	BACKUP: "#E24C4C",
	LOGIN: "#9F7AEA",
	PERMISSION_CHANGE: "#ECAD4B",
	ALERT: "#A0AEC0",
}


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there are more, the chart, and the sums. Raises PermissionError for others."""
	filters = frappe._dict(filters or {})
	to_date = getdate(filters.to_date)
	from_date = filters.from_date or add_days(to_date, 1 - DEFAULT_DAYS)
	found = events.of(filters.user or frappe.session.user, from_date, to_date)
	shown = [event for event in found.events if filters.kind in (None, "", event.kind)]
	rows = [{**event._asdict(), "kind_name": _(event.kind)} for event in shown[:MOST_ROWS]]
	return columns(), rows, note_of(len(shown)), chart(found), summary(found)


def columns() -> list[dict]:
	return [
		column("happened_on", _("When"), 185, "Datetime"),
		column("kind_name", _("Kind"), 190),
		column("sentence", _("What happened"), 620),
		column("rows", _("Rows"), 90, "Int"),
	]


def note_of(events_found: int) -> str | None:
	if events_found <= MOST_ROWS:
		return None
	return _("The newest {0} of {1} events are shown. Narrow the filters to see the others.").format(
		f"{MOST_ROWS:,}", f"{events_found:,}"
	)


def chart(found: SystemEvents) -> dict | None:
	"""Return a bar for each week, month or year, with the events by kind."""
	series = [Series(_(kind), found.counts[kind], color) for kind, color in COLORS.items()]
	return charts.bars(charts.labels(found.unit, found.starts), series, stacked=True)


def summary(found: SystemEvents) -> list[dict]:
	labels = {
		EXPORT: _("Exports"),
		MAIL: _("Mails to the outside"),
		BACKUP: _("Backups"),
		LOGIN: _("New addresses"),
		PERMISSION_CHANGE: _("Permission changes"),
		ALERT: _("Alerts"),
	}
	return [{"label": labels[kind], "value": count, "datatype": "Int"} for kind, count in found.sums.items()]
