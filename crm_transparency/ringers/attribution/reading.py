"""Who read nearly every record of a DocType in a day, in lists and forms: too few at a time to be an export.

Read Volume counts how many different records a person read, not which. Only where it comes near the whole table does it
say that a certain record was among them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import accumulate
from typing import NamedTuple

import frappe
from frappe.query_builder.functions import Count, Date
from frappe.utils import getdate

from crm_transparency.export_audit.exports import READ_VOLUME

#: the part of a table that counts as nearly all of it
NEARLY_ALL = 0.8
#: whoever reads all of fewer records has looked at a few customers
FEWEST = 50


class Day(NamedTuple):
	user: str
	day: date
	doctype: str
	records: int


class Sizes:
	"""How many of today's records of a DocType there were at the end of each day."""

	def __init__(self, doctype: str):
		table = frappe.qb.DocType(doctype)
		made_on = Date(table.creation)
		rows = frappe.qb.from_(table).select(made_on, Count("*")).groupby(made_on).run()
		made = sorted((getdate(day), count) for day, count in rows)
		self.days = [day for day, _count in made]
		self.totals = list(accumulate(count for _day, count in made))

	def on(self, day: date) -> int:
		place = bisect_right(self.days, day)
		return self.totals[place - 1] if place else 0


def days_of_nearly_all(doctypes: Iterable[str], since: datetime, until: datetime) -> Iterator[Day]:
	"""Yield, for each person and DocType, the last day between two moments on which they read nearly all that was there."""
	for doctype in sorted(doctypes):
		there = frappe.db.count(doctype, {"creation": ("<", since.date())})
		days = days_of_many(doctype, since.date(), until.date(), max(NEARLY_ALL * there, FEWEST))
		# what a table held day by day takes a while to count, and hardly anybody reads all of it
		sizes = Sizes(doctype) if days else None
		last = {day.user: day for day in days if 0 < NEARLY_ALL * sizes.on(day.day) <= day.records}
		yield from last.values()


def days_of_many(doctype: str, first: date, last: date, fewest: float) -> list[Day]:
	rows = frappe.get_all(
		READ_VOLUME,
		filters=[
			["reference_doctype", "=", doctype],
			["day", "between", [first, last]],
			["distinct_records", ">=", fewest],
		],
		fields=["user", "day", "distinct_records"],
		order_by="day, name",
		limit_page_length=0,
	)
	return [Day(row.user, getdate(row.day), doctype, row.distinct_records) for row in rows]
