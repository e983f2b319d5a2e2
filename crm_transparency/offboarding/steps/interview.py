"""Step 2: the exit interview, and the letter that reminds of the confidentiality that always applied."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, format_datetime, get_datetime, get_fullname, now_datetime

from crm_transparency.offboarding import mails, people, reaffirming, texts, uploads
from crm_transparency.offboarding.default_texts import THANK_YOU
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.interviews import INTERVIEW, appointments, invitations
from crm_transparency.offboarding.steps.step import Outcome, Step
from crm_transparency.stewardship import policies

MINUTES = 45
ANSWERED = (reaffirming.CONFIRMED, reaffirming.ON_PAPER, reaffirming.DECLINED)


class ExitInterview(Step):
	key = "interview"
	label = "Exit interview and reaffirmation"

	def known(self, offboarding: Document) -> dict:
		interview = frappe.db.exists(INTERVIEW, offboarding.name)
		doc = frappe.get_doc(INTERVIEW, interview) if interview else frappe._dict()
		return {
			"address": people.address(offboarding),
			"language": people.language(offboarding),
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
			"is_mailed": bool(interview) and invitations.is_mailed(doc),
			"preview": None if interview else invitations.preview(offboarding),
			"uses_hrms": appointments.has_hrms(),
		}

	def do(self, offboarding: Document, action: str = "invite", **arguments) -> Outcome:
		"""Invite, thank, or note how the leaver answered the letter: `action` is one of ACTIONS."""
		if action not in ACTIONS:
			frappe.throw(_("There is no action {0} in this step.").format(action))
		ACTIONS[action](offboarding, **arguments)
		return outcome(frappe.get_doc(INTERVIEW, offboarding.name))

	def undo(self, offboarding: Document) -> list[str]:
		if not frappe.db.exists(INTERVIEW, offboarding.name):
			return []
		return invitations.withdraw(offboarding)


def invite(
	offboarding: Document,
	starts_on: str | None = None,
	minutes: int | str = MINUTES,
	place: str | None = None,
	interviewer: str | None = None,
) -> None:
	"""Invite to the interview and send the letter with it; for another time, send the new one."""
	if not starts_on:
		frappe.throw(_("Please choose when the interview is."), exc=StepNotPossible)
	invitations.invite(
		offboarding,
		get_datetime(starts_on),
		cint(minutes) or MINUTES,
		(place or "").strip() or None,
		interviewer or frappe.session.user,
	)


def thank(offboarding: Document) -> None:
	"""Send the second mail, which thanks the person; once."""
	interview = existing(offboarding)
	language = people.language(offboarding)
	subject, text = texts.fill_in(THANK_YOU, language, texts.words_for(offboarding, language))
	if mails.send_once(offboarding, "thank you", [people.address(offboarding)], subject, text):
		interview.db_set("thanked_on", now_datetime())


def note_signed_paper(offboarding: Document, file: str, signed_on: str | None = None) -> None:
	interview = existing(offboarding)
	if interview.reaffirmation in ANSWERED:
		return
	upload = uploads.of(offboarding, file)
	reaffirming.acknowledge(
		offboarding,
		interview,
		reaffirming.ON_PAPER,
		policies.ON_PAPER,
		offboarding.employee_name,
		text_sha256=upload.sha256,
		evidence=upload.url,
		on=get_datetime(signed_on) if signed_on else None,
	)
	interview.db_set("signed_paper", upload.url)


def note_declined(offboarding: Document, note: str | None = None) -> None:
	"""Note that the person doesn't sign, which is allowed: the reminder is the point."""
	interview = existing(offboarding)
	if interview.reaffirmation not in ANSWERED:
		interview.db_set(
			{"reaffirmation": reaffirming.DECLINED, "declined_note": (note or "").strip() or None}
		)


def existing(offboarding: Document) -> Document:
	if not frappe.db.exists(INTERVIEW, offboarding.name):
		frappe.throw(_("Please send the invitation and the letter first."), exc=StepNotPossible)
	return frappe.get_doc(INTERVIEW, offboarding.name, for_update=True)


def outcome(interview: Document) -> Outcome:
	when = format_datetime(interview.starts_on, "medium")
	is_answered = interview.reaffirmation in ANSWERED
	if invitations.is_mailed(interview):
		sentences = [_("Invited for {0}.").format(when), reaffirming.in_words(interview)]
	else:
		sentences = [
			_("The interview is on {0}.").format(when),
			reaffirming.in_words(interview) if is_answered else cannot_be_mailed(interview.employee_name),
		]
	return Outcome(" ".join(filter(None, sentences)), is_done=is_answered)


def cannot_be_mailed(name: str) -> str:
	return _(
		"The invitation couldn't be mailed. Please tell {0}, and hand the letter over, or look at the mail address and try again."
	).format(name)


ACTIONS = {
	"invite": invite,
	"thank": thank,
	"signed_paper": note_signed_paper,
	"declined": note_declined,
}
