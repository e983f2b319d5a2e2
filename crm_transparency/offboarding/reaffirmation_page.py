"""Endpoints of the leaver's personal page: reading the letter, and confirming it.

The link works without a login. Its secret is in the fragment of the URL, which browsers don't send, so it shows up in no
log; the page reads it and sends it in a request body. Nothing is authorized by a cookie, so no other site can make a
browser confirm anything. Invalid, expired and withdrawn links get the same response.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.rate_limiter import rate_limit
from frappe.utils import get_datetime, now_datetime

from crm_transparency.crm_transparency import encryption, formatting
from crm_transparency.offboarding import reaffirmation, step_progress
from crm_transparency.offboarding.interview_step import ExitInterview, outcome
from crm_transparency.offboarding.offboarding_records import INTERVIEW, OFFBOARDING, UNDER_WAY
from crm_transparency.stewardship import policies

LONGEST_NAME = 140
TIMES_AN_HOUR = 30
CONFIRMED_NOTICE = "{0} confirmed the confidentiality letter."


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=TIMES_AN_HOUR, seconds=60 * 60)
def read(secret: str) -> dict | None:
	"""Return the letter that a personal link belongs to; None for any link that doesn't work."""
	interview = find(secret)
	return as_shown(interview) if interview else None


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=TIMES_AN_HOUR, seconds=60 * 60)
def confirm(secret: str, signed_name: str, letter_sha256: str) -> dict | None:
	"""Confirm the letter under a name; confirming again changes nothing. None for any link that doesn't work.

	Raises ValidationError without a name, or if the letter isn't the one that was shown.
	"""
	interview = find(secret)
	if interview is None:
		return None
	row = step_progress.lock(interview.offboarding, ExitInterview.key)
	interview = frappe.get_doc(INTERVIEW, interview.name, for_update=True)
	if interview.reaffirmation != reaffirmation.SENT:
		return as_shown(interview)
	signed_name = " ".join((signed_name or "").split())[:LONGEST_NAME]
	if not signed_name:
		frappe.throw(_("Please enter your name."))
	if letter_sha256 != interview.letter_sha256:
		frappe.throw(_("The letter has changed. Please reload this page."))
	offboarding = frappe.get_doc(OFFBOARDING, interview.offboarding)
	reaffirmation.acknowledge(offboarding, interview, reaffirmation.CONFIRMED, policies.BY_LINK, signed_name)
	step_progress.log(offboarding.name, row, outcome(interview), by=offboarding.user)
	step_progress.notify_hr(offboarding, CONFIRMED_NOTICE)
	return as_shown(interview)


def find(secret: str) -> Document | None:
	name = frappe.db.get_value(INTERVIEW, {"link_hash": encryption.fingerprint(secret)})
	if not name:
		return None
	interview = frappe.get_doc(INTERVIEW, name)
	is_open = frappe.db.get_value(OFFBOARDING, interview.offboarding, "status") in UNDER_WAY
	is_valid = interview.link_valid_until and get_datetime(interview.link_valid_until) > now_datetime()
	return interview if is_open and is_valid else None


def as_shown(interview: Document) -> dict:
	return {
		"name": interview.employee_name,
		"subject": interview.letter_subject,
		"text": interview.letter_text,
		"sha256": interview.letter_sha256,
		"language": interview.letter_language,
		"answer": interview.reaffirmation,
		"signed_name": interview.signed_name,
		"confirmed_on": formatting.moment(interview.confirmed_on) or None,
	}
