"""How well a colleague knows a customer: a rule that fits into one sentence, since people have to be able to doubt it.

Every way of meeting counts a few points, at most five times, less the longer the last time is ago.
"""

from collections.abc import Callable
from datetime import datetime

import frappe
from frappe import _
from frappe.utils import format_date

from crm_transparency.relationships import encounters

POINTS = {
	encounters.MAIL: 1,
	encounters.CALL: 1,
	encounters.NOTE: 1,
	encounters.ASSIGNMENT: 2,
	encounters.ISSUE: 2,
	encounters.EVENT: 3,
	encounters.ORDER: 3,
	encounters.QUOTATION: 3,
	encounters.OPPORTUNITY: 3,
	encounters.HIGH_CARD: 3,
}
COUNTED_AT_MOST = 5
#: days since the last time, and what is left of the points then
RECENCY = ((90, 1.0), (365, 0.5))
LONG_AGO = 0.2
KNOWS_WELL, KNOWS = 6, 2


def points(kind: str, count: int, last: datetime, now: datetime) -> float:
	days = (now - last).days
	weight = next((weight for limit, weight in RECENCY if days <= limit), LONG_AGO)
	return POINTS[kind] * min(count, COUNTED_AT_MOST) * weight


def in_words(strength: float) -> str:
	if strength >= KNOWS_WELL:
		return kept(("well",), lambda: _("knows the customer well"))
	if strength >= KNOWS:
		return kept(("knows",), lambda: _("knows the customer"))
	return kept(("met",), lambda: _("has met the customer"))


def way_in_words(kind: str, count: int) -> str:
	return kept((kind, count), lambda: sentences(kind)[count != 1].format(count))


def sentences(kind: str) -> tuple[str, str]:
	"""Return what one encounter of a kind is called, and what several are, in the reader's language."""
	return {
		encounters.MAIL: (_("1 email"), _("{0} emails")),
		encounters.CALL: (_("1 call"), _("{0} calls")),
		encounters.NOTE: (_("1 note"), _("{0} notes")),
		encounters.ASSIGNMENT: (_("1 assignment"), _("{0} assignments")),
		encounters.ISSUE: (_("1 issue"), _("{0} issues")),
		encounters.EVENT: (_("1 meeting"), _("{0} meetings")),
		encounters.ORDER: (_("1 order"), _("{0} orders")),
		encounters.QUOTATION: (_("1 quotation"), _("{0} quotations")),
		encounters.OPPORTUNITY: (_("1 opportunity"), _("{0} opportunities")),
		encounters.HIGH_CARD: (_("1 high card"), _("{0} high cards")),
	}[kind]


def last_in_words(last: datetime) -> str:
	day = last.date()
	return kept((day,), lambda: _("last on {0}").format(format_date(day)))


def kept(what: tuple, words: Callable[[], str]) -> str:
	"""Return words, from the request's or job's cache if they were asked for before.

	Many customers are known in the same few ways, and were met on the same days; translating and writing dates takes long.
	"""
	cache = frappe.local.cache.setdefault("crm_transparency:strength_in_words", {})
	key = (frappe.local.lang, *what)
	if key not in cache:
		cache[key] = words()
	return cache[key]
