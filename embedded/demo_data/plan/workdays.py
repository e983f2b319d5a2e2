from datetime import date, datetime, time, timedelta

FIRST_WORKDAY = 390
"""The demo company's CRM went live this many working days ago: 18 months."""


def workday(today: date, back: int) -> date:
	"""The working day `back` working days before `today`; 0 is today, or on a weekend the Friday before.

	Dates are counted in working days so that the order of events is the same whatever the weekday of today.
	"""
	friday_at_most = today - timedelta(days=max(0, today.weekday() - 4))
	weeks, days = divmod(back, 5)
	day = friday_at_most - timedelta(weeks=weeks)
	over_a_weekend = 2 if day.weekday() < days else 0
	return day - timedelta(days=days + over_a_weekend)


def moment(today: date, back: int, minute: int) -> datetime:
	"""`minute` minutes after 8 o'clock on the working day `back` working days before `today`."""
	return datetime.combine(workday(today, back), time(8)) + timedelta(minutes=minute)
