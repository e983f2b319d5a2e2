"""Step 8: for some months, sightings of ringers are compared with this person first. Nobody here sees a ringer."""

from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_months, cint, format_date, getdate, today

from crm_transparency.offboarding.offboarding_records import OFFBOARDING
from crm_transparency.offboarding.steps import Outcome, Step
from crm_transparency.ringers import leavers

MONTHS = 12
LONGEST_EMPLOYER = 140


class RingerWatch(Step):
	key = "ringer_watch"

	def known(self, offboarding: Document) -> dict:
		months = months_watched(self)
		return {
			"months": months,
			"until": until(offboarding, months),
			"leaving_for": offboarding.leaving_for,
		}

	def run(self, offboarding: Document, new_employer: str | None = None) -> Outcome:
		"""Have sightings compared with the leaver first, and record the new employer if it is known."""
		employer = (new_employer or offboarding.leaving_for or "").strip()[:LONGEST_EMPLOYER] or None
		if employer != offboarding.leaving_for:
			frappe.db.set_value(OFFBOARDING, offboarding.name, "leaving_for", employer)
		last_day = until(offboarding, months_watched(self))
		leavers.watch(offboarding.name, offboarding.user, offboarding.employee, last_day, employer)
		return Outcome(in_words(last_day, employer))

	def undo(self, offboarding: Document) -> list[str]:
		leavers.unwatch(offboarding.name)
		return []


def months_watched(step: Step) -> int:
	return cint(step.settings().get("ringer_watch_months")) or MONTHS


def until(offboarding: Document, months: int) -> date:
	return getdate(add_months(offboarding.last_working_day or today(), months))


def in_words(last_day: date, employer: str | None) -> str:
	watched = _("Sightings are compared with this person first until {0}.").format(format_date(last_day))
	return f"{watched} {_('New employer: {0}.').format(employer)}" if employer else watched
