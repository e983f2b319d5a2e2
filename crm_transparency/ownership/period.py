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

	def weeks_or_months(self, most_weeks: int) -> list[datetime]:
		"""Return where its weeks start, or, if there are more than `most_weeks`, its months; the first may be shorter."""
		weeks = [self.start - timedelta(days=self.start.weekday())]
		while weeks[-1] + timedelta(days=7) < self.end:
			weeks.append(weeks[-1] + timedelta(days=7))
		if len(weeks) <= most_weeks:
			return weeks
		months = [self.start.replace(day=1)]
		while (following := (months[-1] + timedelta(days=31)).replace(day=1)) < self.end:
			months.append(following)
		return months
