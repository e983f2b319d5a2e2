"""Periods of whole days, and their parts."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate
from pypika import Criterion
from pypika.terms import Field


class Period(NamedTuple):
	"""From the moment `start` until just before the moment `end`."""

	start: datetime
	end: datetime

	@classmethod
	def of_days(cls, from_date: date | str, to_date: date | str) -> "Period":
		"""Return the period of both days and those between. Raises ValidationError if they're in the wrong order."""
		first, last = getdate(from_date), getdate(to_date)
		if first > last:
			frappe.throw(_("The period ends before it begins. Please choose a later last day."))
		return cls(get_datetime(first), get_datetime(last) + timedelta(days=1))

	@classmethod
	def of_filters(cls, filters: frappe._dict, default_days: int) -> "Period":
		"""Read a report's filters `from_date` and `to_date`; by default the last days up to today."""
		last = getdate(filters.to_date)
		return cls.of_days(filters.from_date or last - timedelta(days=default_days - 1), last)

	@property
	def days(self) -> int:
		return (self.end - self.start).days

	@property
	def first_day(self) -> date:
		return self.start.date()

	@property
	def last_day(self) -> date:
		return (self.end - timedelta(days=1)).date()

	def before(self) -> "Period":
		"""Return the period of the same length that ends where this one starts."""
		return Period(self.start - (self.end - self.start), self.start)

	def contains(self, moment: Field) -> Criterion:
		return (moment >= self.start) & (moment < self.end)

	def part(self, moment: datetime, parts: int) -> int:
		"""Return in which of so many equal parts `moment` lies, counted from 0."""
		return min(parts - 1, int(parts * ((moment - self.start) / (self.end - self.start))))

	def starts_of_parts(self, parts: int) -> list[datetime]:
		return [self.start + (self.end - self.start) * part / parts for part in range(parts)]

	def calendar_parts(self, most: int) -> tuple[str, list[datetime]]:
		"""Return "week", "month" or "year", and where its weeks, months or years start: the finest of at most `most`."""
		for unit, first, following in _CALENDAR:  # noqa: B007 - the one that fits is returned
			starts = [first(self.start)]
			while len(starts) <= most and (start := following(starts[-1])) < self.end:
				starts.append(start)
			if len(starts) <= most:
				break
		return unit, starts


_CALENDAR = (
	(
		"week",
		lambda moment: moment - timedelta(days=moment.weekday()),
		lambda start: start + timedelta(days=7),
	),
	(
		"month",
		lambda moment: moment.replace(day=1),
		lambda start: (start + timedelta(days=31)).replace(day=1),
	),
	(
		"year",
		lambda moment: moment.replace(month=1, day=1),
		lambda start: start.replace(year=start.year + 1),
	),
)
