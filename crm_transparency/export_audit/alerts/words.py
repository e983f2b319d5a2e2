"""Words and figures as alerts say them."""

from datetime import date

from frappe import _
from frappe.utils import fmt_money, formatdate, get_fullname

from crm_transparency.crm_transparency.lists import shortened

MOST_NAMED = 5


def number(count: int) -> str:
	return fmt_money(count, precision=0)


def day_in_words(day: date) -> str:
	return formatdate(day)


def people(user: str, impersonated_by: str | None) -> str:
	"""Say who did something, and in whose name."""
	if impersonated_by:
		return _("{0}, in the name of {1},").format(get_fullname(impersonated_by), get_fullname(user))
	return get_fullname(user)


def what_left(doctype: str | None, report: str | None) -> str:
	if report:
		return _("the report {0}").format(_(report))
	return _(doctype) if doctype else _("unknown data")


def some(words: list[str]) -> str:
	"""Join a list that may be long."""
	return shortened(words, MOST_NAMED)
