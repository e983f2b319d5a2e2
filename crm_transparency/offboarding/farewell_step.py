"""Step 9: the farewell: rehire, alumni contact, a note to the team, and the leaver's feedback."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_fullname, getdate, now_datetime, strip_html, today

from crm_transparency.crm_transparency import formatting
from crm_transparency.offboarding import leaver_details, letter_texts, mail_once
from crm_transparency.offboarding.exceptions import MailNotSent, SiteSendsNoMails, StepNotPossible
from crm_transparency.offboarding.letter_texts import FAREWELL
from crm_transparency.offboarding.offboarding_records import delete, own_record
from crm_transparency.offboarding.steps import Outcome, Step, html_table

FAREWELL_RECORD = "Offboarding Farewell"
WELCOME_BACK, NEUTRAL = "Welcome back", "Neutral"
AGREED, NOT_WANTED = "Agreed", "Not wanted"
#: main reasons for leaving, which the summary for management counts
REASONS = (
	"New opportunity",
	"Pay",
	"Career development",
	"Working conditions",
	"Leadership",
	"Team",
	"Family or relocation",
	"Retirement",
	"Other",
)
LONGEST_FEEDBACK = 2000
MOST_RECIPIENTS = 500


class Farewell(Step):
	key = "ending"

	def known(self, offboarding: Document) -> dict:
		exists = frappe.db.exists(FAREWELL_RECORD, offboarding.name)
		doc = frappe.get_doc(FAREWELL_RECORD, offboarding.name) if exists else frappe._dict()
		subject, text = farewell(offboarding)
		readers = team_of(offboarding)
		return {
			**{
				field: doc.get(field)
				for field in (
					"rehire",
					"alumni_consent",
					"alumni_contact",
					"consent_given_on",
					"note_sent_on",
					"reason",
					"good",
					"better",
				)
			},
			"private_address": leaver_details.private_address(offboarding),
			"note_subject": doc.get("note_subject") or subject,
			"note_text": doc.get("note_text") or text,
			"readers": [{"user": user, "name": get_fullname(user)} for user in readers],
			"reasons": [{"value": reason, "label": _(reason)} for reason in REASONS],
		}

	def run(self, offboarding: Document, action: str = "finish", **arguments) -> Outcome:
		"""`action`: "rehire", "alumni", "farewell", "feedback", or "finish" to complete the step."""
		if action != "finish":
			if action not in ACTIONS:
				frappe.throw(_("This step has no action {0}.").format(action))
			ACTIONS[action](offboarding, own_record(FAREWELL_RECORD, offboarding), **arguments)
		return outcome(offboarding, own_record(FAREWELL_RECORD, offboarding), is_finished=action == "finish")

	def record(self, offboarding: Document) -> str | None:
		if not frappe.db.exists(FAREWELL_RECORD, offboarding.name):
			return None
		return outcome(
			offboarding, frappe.get_doc(FAREWELL_RECORD, offboarding.name), is_finished=False
		).result

	def undo(self, offboarding: Document) -> list[str]:
		if not frappe.db.exists(FAREWELL_RECORD, offboarding.name):
			return []
		doc = frappe.get_doc(FAREWELL_RECORD, offboarding.name)
		was_sent = bool(doc.note_sent_on)
		delete(FAREWELL_RECORD, doc.name)
		return [_("The farewell note was sent to the team.")] if was_sent else []

	def printed(self, offboarding: Document) -> str:
		known = self.known(offboarding)
		rows = [
			(_("Rehire"), _(known["rehire"] or "")),
			(_("Alumni contact"), f"{_(known['alumni_consent'] or '')} {known['alumni_contact'] or ''}"),
			(_("Farewell note"), formatting.moment(known["note_sent_on"])),
			(_("Main reason"), _(known["reason"] or "")),
			(_("What went well"), known["good"]),
			(_("What could be better"), known["better"]),
		]
		return html_table(row for row in rows if (row[1] or "").strip())


def record_rehire(offboarding: Document, ending: Document, rehire: str) -> None:
	"""Record whether we would rehire the person. There are two answers: there is no blacklist."""
	if rehire not in (WELCOME_BACK, NEUTRAL):
		frappe.throw(_("Please choose {0} or {1}.").format(_(WELCOME_BACK), _(NEUTRAL)))
	ending.rehire = rehire
	ending.save(ignore_permissions=True)


def record_alumni_contact(
	offboarding: Document,
	ending: Document,
	consent: str,
	contact: str | None = None,
	consent_given_on: str | None = None,
) -> None:
	"""Record the contact by which a leaver agreed to stay in touch. Without consent no contact is kept."""
	if consent not in (AGREED, NOT_WANTED):
		frappe.throw(_("Please choose {0} or {1}.").format(_(AGREED), _(NOT_WANTED)))
	is_agreed = consent == AGREED
	if is_agreed and not (contact or "").strip():
		frappe.throw(_("Please enter the email address or phone number the person agreed to."))
	ending.update(
		{
			"alumni_consent": consent,
			"alumni_contact": contact.strip() if is_agreed else None,
			"consent_given_on": getdate(consent_given_on or today()) if is_agreed else None,
			"consent_recorded_by": frappe.session.user,
		}
	)
	ending.save(ignore_permissions=True)


def send_farewell(
	offboarding: Document, ending: Document, subject: str | None = None, text: str | None = None
) -> None:
	"""Mail the farewell note to the team, once; nobody sees who else got it."""
	default_subject, default_text = farewell(offboarding)
	subject, text = strip_html(subject or default_subject), text or default_text
	readers = team_of(offboarding)
	if not readers:
		frappe.throw(
			_("There is no team to write to: the employee record has no manager and no department."),
			exc=StepNotPossible,
		)
	for user in readers:
		address, kind = frappe.db.get_value("User", user, "email"), farewell_kind(user)
		mail_once.try_to_send_once(offboarding, kind, [address], subject, text, unless=(SiteSendsNoMails,))
	told = len(readers) - len(without_farewell(offboarding))
	if not told:
		frappe.throw(
			_("The note reached nobody. Please check the email addresses of {0}.").format(names_of(readers)),
			exc=MailNotSent,
		)
	if not ending.note_sent_on:
		ending.update({"note_subject": subject, "note_text": text, "note_sent_on": now_datetime()})
	ending.note_sent_to = told
	ending.save(ignore_permissions=True)


def farewell_kind(user: str) -> str:
	return f"farewell note to {user}"


def without_farewell(offboarding: Document) -> list[str]:
	"""Return those in the team who didn't get the note."""
	return [
		user for user in team_of(offboarding) if not mail_once.was_sent(offboarding.name, farewell_kind(user))
	]


def names_of(users: list[str]) -> str:
	return ", ".join(map(get_fullname, users))


def record_feedback(
	offboarding: Document,
	ending: Document,
	reason: str | None = None,
	good: str | None = None,
	better: str | None = None,
) -> None:
	"""Record the leaver's feedback. It is stored encrypted; the summary for management names nobody."""
	if reason and reason not in REASONS:
		frappe.throw(_("Please choose one of the reasons."))
	ending.update(
		{
			"reason": reason or None,
			"good": (good or "").strip()[:LONGEST_FEEDBACK] or None,
			"better": (better or "").strip()[:LONGEST_FEEDBACK] or None,
			"feedback_on": today(),
		}
	)
	ending.save(ignore_permissions=True)


def team_of(offboarding: Document) -> list[str]:
	"""Return the leaver's colleagues and manager."""
	team = set(leaver_details.team_of(offboarding)) | {offboarding.manager}
	return sorted(leaver_details.enabled_users([user for user in team if user and user != offboarding.user]))[
		:MOST_RECIPIENTS
	]


def farewell(offboarding: Document) -> tuple[str, str]:
	language = frappe.local.lang or "en"
	words = letter_texts.values_for(offboarding, language)
	return letter_texts.write(FAREWELL, language, words)


def outcome(offboarding: Document, ending: Document, is_finished: bool) -> Outcome:
	not_told = without_farewell(offboarding) if ending.note_sent_on else []
	waiting = mail_once.not_delivered(offboarding.name, farewell_kind("%"))
	sentences = [
		_("Rehire: {0}.").format(_(ending.rehire)) if ending.rehire else None,
		_("Alumni contact: {0}.").format(_(ending.alumni_consent)) if ending.alumni_consent else None,
		_("The farewell note was sent.") if ending.note_sent_on and not waiting else None,
		*waiting,
		_("It couldn't be emailed to {0}. Please tell them.").format(names_of(not_told))
		if not_told
		else None,
		_("Feedback was recorded.") if ending.feedback_on else None,
	]
	said = " ".join(filter(None, sentences)) or _("Nothing was recorded.")
	is_all = bool(ending.rehire and ending.alumni_consent and ending.note_sent_on and ending.feedback_on)
	return Outcome(said, is_done=is_finished or is_all)


ACTIONS = {
	"rehire": record_rehire,
	"alumni": record_alumni_contact,
	"farewell": send_farewell,
	"feedback": record_feedback,
}
