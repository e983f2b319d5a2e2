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
#: of one way to meet, once and several times; functions, since readers differ in language
SENTENCES = {
	encounters.MAIL: (lambda: _("1 mail"), lambda: _("{0} mails")),
	encounters.CALL: (lambda: _("1 call"), lambda: _("{0} calls")),
	encounters.NOTE: (lambda: _("1 note"), lambda: _("{0} notes")),
	encounters.ASSIGNMENT: (lambda: _("1 assignment"), lambda: _("{0} assignments")),
	encounters.ISSUE: (lambda: _("1 issue"), lambda: _("{0} issues")),
	encounters.EVENT: (lambda: _("1 meeting"), lambda: _("{0} meetings")),
	encounters.ORDER: (lambda: _("1 order"), lambda: _("{0} orders")),
	encounters.QUOTATION: (lambda: _("1 quotation"), lambda: _("{0} quotations")),
	encounters.OPPORTUNITY: (lambda: _("1 opportunity"), lambda: _("{0} opportunities")),
	encounters.HIGH_CARD: (lambda: _("1 high card"), lambda: _("{0} high cards")),
}


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
	one, several = SENTENCES[kind]
	return kept((kind, count), lambda: one() if count == 1 else several().format(count))


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
