"""Step 2: the exit interview, and the letter that reminds of the confidentiality that has always applied."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_datetime, get_fullname, now_datetime

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import (
	interview_invitations,
	leaver_details,
	letter_texts,
	mail_once,
	reaffirmation,
	uploaded_papers,
)
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.letter_texts import THANK_YOU
from crm_transparency.offboarding.offboarding_records import INTERVIEW
from crm_transparency.offboarding.steps import Outcome, Step
from crm_transparency.stewardship import policies

MINUTES = 45
ANSWERED = (reaffirmation.CONFIRMED, reaffirmation.ON_PAPER, reaffirmation.DECLINED)


class ExitInterview(Step):
	key = "interview"

	def known(self, offboarding: Document) -> dict:
		interview = frappe.db.exists(INTERVIEW, offboarding.name)
		doc = frappe.get_doc(INTERVIEW, interview) if interview else frappe._dict()
		return {
			"address": leaver_details.address(offboarding),
			"language": leaver_details.language(offboarding),
			"minutes": doc.get("minutes") or MINUTES,
			"interviewer": doc.get("interviewer") or frappe.session.user,
			"interviewer_name": get_fullname(doc.get("interviewer") or frappe.session.user),
			**{
				field: doc.get(field)
				for field in (
					"starts_on",
					"place",
					"invited_on",
					"reaffirmation",
					"letter_subject",
					"letter_text",
					"confirmed_on",
					"signed_name",
					"signed_paper",
					"declined_note",
					"thanked_on",
					"exit_interview",
				)
			},
			"is_mailed": bool(interview) and interview_invitations.is_mailed(doc),
			"preview": None if interview else interview_invitations.preview(offboarding),
			"uses_hrms": interview_invitations.has_hrms(),
		}

	def run(self, offboarding: Document, action: str = "invite", **arguments) -> Outcome:
		"""Invite, thank, or record how the leaver answered the letter: `action` is one of ACTIONS."""
		if action not in ACTIONS:
			frappe.throw(_("This step has no action {0}.").format(action))
		ACTIONS[action](offboarding, **arguments)
		return outcome(frappe.get_doc(INTERVIEW, offboarding.name))

	def undo(self, offboarding: Document) -> list[str]:
		if not frappe.db.exists(INTERVIEW, offboarding.name):
			return []
		return interview_invitations.withdraw(offboarding)


def invite(
	offboarding: Document,
	starts_on: str | None = None,
	minutes: int | str = MINUTES,
	place: str | None = None,
	interviewer: str | None = None,
) -> None:
	"""Invite to the interview and send the letter with it; for another time, send the new one."""
	if not starts_on:
		frappe.throw(_("Please choose the time of the interview."), exc=StepNotPossible)
	interview_invitations.invite(
		offboarding,
		get_datetime(starts_on),
		cint(minutes) or MINUTES,
		(place or "").strip() or None,
		# an interview that a colleague has just arranged stays theirs
		interviewer or frappe.db.get_value(INTERVIEW, offboarding.name, "interviewer") or frappe.session.user,
	)


def thank(offboarding: Document) -> None:
	"""Send the thank-you mail; once."""
	interview = existing(offboarding)
	language = leaver_details.language(offboarding)
	subject, text = letter_texts.write(THANK_YOU, language, letter_texts.values_for(offboarding, language))
	if mail_once.send_once(offboarding, "thank you", [leaver_details.address(offboarding)], subject, text):
		interview.db_set("thanked_on", now_datetime())


def record_signed_letter(offboarding: Document, file: str, signed_on: str | None = None) -> None:
	interview = existing(offboarding)
	if interview.reaffirmation in ANSWERED:
		return
	upload = uploaded_papers.of(offboarding, file)
	reaffirmation.acknowledge(
		offboarding,
		interview,
		reaffirmation.ON_PAPER,
		policies.ON_PAPER,
		offboarding.employee_name,
		text_sha256=upload.sha256,
		evidence=upload.url,
		on=get_datetime(signed_on) if signed_on else None,
	)
	interview.db_set("signed_paper", upload.url)


def record_declined(offboarding: Document, note: str | None = None) -> None:
	"""Record that the person doesn't sign, which is allowed: the letter is a reminder."""
	interview = existing(offboarding)
	if interview.reaffirmation not in ANSWERED:
		interview.db_set(
			{"reaffirmation": reaffirmation.DECLINED, "declined_note": (note or "").strip() or None}
		)


def existing(offboarding: Document) -> Document:
	if not frappe.db.exists(INTERVIEW, offboarding.name):
		frappe.throw(_("Please send the invitation and the letter first."), exc=StepNotPossible)
	return frappe.get_doc(INTERVIEW, offboarding.name, for_update=True)


def outcome(interview: Document) -> Outcome:
	when = formatting.moment(interview.starts_on)
	is_answered = interview.reaffirmation in ANSWERED
	if interview_invitations.is_mailed(interview):
		sentences = [_("Invited for {0}.").format(when), reaffirmation.in_words(interview)]
	else:
		sentences = [
			_("The interview is on {0}.").format(when),
			reaffirmation.in_words(interview) if is_answered else cannot_be_mailed(interview.employee_name),
		]
	return Outcome(" ".join(filter(None, sentences)), is_done=is_answered)


def cannot_be_mailed(name: str) -> str:
	return _(
		"The invitation couldn't be emailed. Please tell {0} and hand over the letter, or check the email address and try again."
	).format(name)


ACTIONS = {
	"invite": invite,
	"thank": thank,
	"signed_paper": record_signed_letter,
	"declined": record_declined,
}
