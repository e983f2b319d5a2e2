"""How much each person exported, week by week: a row for each person, and under it one for each week.

Everybody sees what the ledger shows them.
"""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, formatdate
from pypika import Criterion

from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import column
from crm_transparency.export_audit import export_queries, export_visibility
from crm_transparency.ledger import names

DEFAULT_DAYS = 90
#: more than a year is shown by month
MOST_PARTS = 53
LABELS = {"week": "d MMM yyyy", "month": "MMM yyyy", "year": "yyyy"}
PERSONS_OF_A_PAGE = 100
PERSONS_OF_THE_CHART = 8
AMOUNTS = ("exports", "row_count", "record_count", "contact_data")


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there are more people, the chart, and the sums."""
	filters = frappe._dict(filters or {})
	unit, starts = period_of(filters).calendar_parts(MOST_PARTS)
	ends = [*starts[1:], period_of(filters).end]
	parts = [amounts_between(filters, start, end) for start, end in zip(starts, ends, strict=True)]
	totals = sum_up(parts)
	persons = sorted(totals, key=lambda person: -totals[person].row_count)
	at_most = len(persons) if cint(filters.everyone) else PERSONS_OF_A_PAGE
	called = names.full_names(user for person in persons for user in person)
	rows = [
		row
		for person in persons[:at_most]
		for row in rows_of(person, totals[person], parts, list(zip(starts, ends, strict=True)), unit, called)
	]
	return (
		columns(unit),
		rows,
		note_of(len(persons), at_most),
		chart(persons, parts, [formatdate(start, LABELS[unit]) for start in starts], called),
		summary(totals),
	)


def columns(unit: str) -> list[dict]:
	person_and_part = {
		"week": _("Person, and weeks from"),
		"month": _("Person, and months"),
		"year": _("Person, and years"),
	}
	return [
		column("person_name", person_and_part[unit], 260),
		column("exports", _("Exports"), 100, "Int"),
		column("row_count", _("Rows"), 110, "Int"),
		column("record_count", _("Records"), 110, "Int"),
		column("contact_data", _("With contact data"), 150, "Int"),
	]


def period_of(filters: frappe._dict) -> Period:
	return Period.of_filters(filters, DEFAULT_DAYS)


def amounts_between(filters: frappe._dict, start: datetime, end: datetime) -> dict[tuple, frappe._dict]:
	"""Return what each person exported from `start` until `end`, by user and the person behind, if it was another."""
	log = export_queries.export_log()
	user, behind = (names.person_today(log[who], log.exported_on) for who in ("user", "impersonated_by"))
	query = (
		frappe.qb.from_(log)
		.select(
			user.as_("user"),
			behind.as_("impersonated_by"),
			Count("*").as_("exports"),
			Sum(log.row_count).as_("row_count"),
			Sum(log.record_count).as_("record_count"),
			Sum(log.contact_data).as_("contact_data"),
		)
		.where(matches(filters) & (log.exported_on >= start) & (log.exported_on < end))
		.groupby(user, behind)
	)
	return {
		(row.user, row.impersonated_by): frappe._dict({amount: int(row[amount]) for amount in AMOUNTS})
		for row in query.run(as_dict=True)
	}


def matches(filters: frappe._dict) -> Criterion:
	log = export_queries.export_log()
	condition = period_of(filters).contains(log.exported_on)
	for field in ("channel", "reference_doctype"):
		if filters.get(field):
			condition &= log[field] == filters[field]
	if filters.person:
		condition &= export_queries.is_by(filters.person)
	visible = export_visibility.criterion(log)
	return condition if visible is None else condition & visible


def sum_up(parts: list[dict[tuple, frappe._dict]]) -> dict[tuple, frappe._dict]:
	totals: dict[tuple, frappe._dict] = {}
	for part in parts:
		for person, amounts in part.items():
			total = totals.setdefault(person, frappe._dict.fromkeys(AMOUNTS, 0))
			for amount in AMOUNTS:
				total[amount] += amounts[amount]
	return totals


def rows_of(
	person: tuple,
	total: frappe._dict,
	parts: list[dict[tuple, frappe._dict]],
	spans: list[tuple[datetime, datetime]],
	unit: str,
	called: dict[str, str],
) -> list[dict]:
	"""Return the person's row and those of the weeks in which they exported, each with what its link needs."""
	user, impersonated_by = person
	who = {"user": user, "impersonated_by": impersonated_by}
	first, last = spans[0][0], spans[-1][1]
	rows = [
		{
			**who,
			**total,
			**days(first, last),
			"indent": 0,
			"person_name": export_queries.person_name(user, impersonated_by, called),
		}
	]
	for (start, end), part in reversed(list(zip(spans, parts, strict=True))):
		if person in part:
			label = formatdate(start, LABELS[unit])
			rows.append({**who, **part[person], **days(start, end), "indent": 1, "person_name": label})
	return rows


def days(start: datetime, end: datetime) -> dict[str, str]:
	return {"from_date": str(start.date()), "to_date": str((end - timedelta(days=1)).date())}


def note_of(persons: int, at_most: int) -> str | None:
	if persons <= at_most:
		return None
	return _("The {0} people who exported most are shown. Check Everyone to see all {1}.").format(
		at_most, persons
	)


def chart(
	persons: list[tuple], parts: list[dict[tuple, frappe._dict]], labels: list[str], called: dict[str, str]
) -> dict | None:
	"""Return the rows exported in each week, in colors for those who exported most, and one for everybody else."""
	if not persons:
		return None
	most, others = persons[:PERSONS_OF_THE_CHART], persons[PERSONS_OF_THE_CHART:]
	datasets = [
		{
			"name": export_queries.person_name(*person, called),
			"values": [rows_in(part, [person]) for part in parts],
		}
		for person in most
	]
	if others:
		datasets.append({"name": _("Everybody else"), "values": [rows_in(part, others) for part in parts]})
	return {
		"title": _("Rows exported"),
		"type": "bar",
		"counts": 1,
		"barOptions": {"stacked": 1},
		"data": {"labels": labels, "datasets": datasets},
	}


def rows_in(part: dict[tuple, frappe._dict], persons: list[tuple]) -> int:
	return sum(part[person].row_count for person in persons if person in part)


def summary(totals: dict[tuple, frappe._dict]) -> list[dict]:
	labels = {"exports": _("Exports"), "row_count": _("Rows"), "contact_data": _("Exports with contact data")}
	return [
		{"label": label, "value": sum(total[amount] for total in totals.values()), "datatype": "Int"}
		for amount, label in labels.items()
	]
