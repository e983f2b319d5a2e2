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
THANKS = "thank you"
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
					"held_on",
					"exit_interview",
				)
			},
			"is_mailed": bool(interview) and interview_invitations.is_mailed(doc),
			"letter_status": newest_mail(doc, interview_invitations.kind_of(doc.get("invitations"))).status,
			"thanks_status": newest_mail(doc, THANKS).status,
			"preview": None if interview else interview_invitations.preview(offboarding),
			"uses_hrms": interview_invitations.has_hrms(),
		}

	def run(self, offboarding: Document, action: str = "invite", **arguments) -> Outcome:
		"""Invite, thank, or record how the leaver answered the letter: `action` is one of ACTIONS."""
		if action not in ACTIONS:
			frappe.throw(_("This step has no action {0}.").format(action))
		ACTIONS[action](offboarding, **arguments)
		return outcome(frappe.get_doc(INTERVIEW, offboarding.name))

	def record(self, offboarding: Document) -> str | None:
		if not frappe.db.exists(INTERVIEW, offboarding.name):
			return None
		return outcome(frappe.get_doc(INTERVIEW, offboarding.name)).result

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
	if mail_once.send_once(offboarding, THANKS, [leaver_details.address(offboarding)], subject, text):
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


def record_held(offboarding: Document) -> None:
	"""Record that the interview took place."""
	interview = existing(offboarding)
	if not interview.held_on:
		interview.db_set("held_on", now_datetime())


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
		words = None if is_answered else letter_on_its_way(interview)
		sentences = [_("Invited for {0}.").format(when), words or reaffirmation.in_words(interview)]
	else:
		not_mailed = _(
			"The invitation couldn't be emailed. Please tell {0} and hand over the letter, "
			"or check the email address and try again."
		).format(interview.employee_name)
		words = reaffirmation.in_words(interview) if is_answered else not_mailed
		sentences = [_("The interview is on {0}.").format(when), words]
	if interview.held_on:
		sentences.append(_("The interview took place."))
	sentences += mail_once.not_delivered(interview.offboarding, THANKS)
	return Outcome(" ".join(filter(None, sentences)), is_done=is_answered and bool(interview.held_on))


def letter_on_its_way(interview: Document) -> str | None:
	"""Return in a sentence that the letter isn't sent yet, or couldn't be; None for one that was sent."""
	mail = newest_mail(interview, interview_invitations.kind_of(interview.invitations))
	return {
		mail_once.QUEUED: _("The letter is queued and hasn't been confirmed yet."),
		mail_once.UNDELIVERED: _("The letter couldn't be sent: {0}").format(mail.error),
	}.get(mail.status)


def newest_mail(interview: Document | frappe._dict, kind: str) -> frappe._dict:
	mails = mail_once.deliveries(interview.offboarding, kind) if interview.offboarding else []
	return mails[-1] if mails else frappe._dict()


ACTIONS = {
	"invite": invite,
	"thank": thank,
	"signed_paper": record_signed_letter,
	"declined": record_declined,
	"held": record_held,
}
