"""Inviting to the exit interview: event, letter and mail, in one transaction."""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days, format_datetime, get_datetime, get_fullname, get_url, now_datetime, today

from crm_transparency.crm_transparency import personal_links
from crm_transparency.crm_transparency.languages import speaking
from crm_transparency.offboarding import mails, people, reaffirming, texts, uploads
from crm_transparency.offboarding.default_texts import INVITATION
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.interviews import INTERVIEW, appointments, letters
from crm_transparency.offboarding.interviews.calendar import CANCEL, REQUEST, Invitation, Person, person
from crm_transparency.stewardship.policies import sha256

#: how long after the last working day the letter can be confirmed
DAYS_VALID = 90
LONGEST_PLACE = 140


def invite(
	offboarding: Document, starts_on: datetime, minutes: int, place: str | None, interviewer: str
) -> Document:
	"""Send invitation and letter. The same time a second time sends nothing; another time moves the interview.

	If it can't be mailed, the interview is arranged all the same, and the letter is there to be handed over; the same
	time a second time sends what wasn't sent.
	"""
	check_address(offboarding)
	interview = open_interview(offboarding)
	place = (place or "")[:LONGEST_PLACE] or None
	planned = (starts_on, minutes, place, interviewer)
	if planned == arranged(interview) and is_mailed(interview):
		return interview
	check_is_ahead(starts_on)
	interview.update({"starts_on": starts_on, "minutes": minutes, "place": place, "interviewer": interviewer})
	interview.event = appointments.enter_in_calendar(offboarding, interview)
	interview.exit_interview = appointments.enter_in_hrms(offboarding, interview)
	secret = with_letter(offboarding, interview)
	interview.invited_on = now_datetime()
	interview.invitations = (interview.invitations or 0) + 1
	interview.save(ignore_permissions=True)
	send(offboarding, interview, secret)
	return interview


def is_mailed(interview: Document) -> bool:
	"""Say whether the newest invitation went out."""
	return mails.was_sent(interview.offboarding, f"invitation {interview.invitations}")


def was_ever_mailed(interview: Document) -> bool:
	numbers = range(1, (interview.invitations or 0) + 1)
	return any(mails.was_sent(interview.offboarding, f"invitation {number}") for number in numbers)


def open_interview(offboarding: Document) -> Document:
	if frappe.db.exists(INTERVIEW, offboarding.name):
		return frappe.get_doc(INTERVIEW, offboarding.name, for_update=True)
	interview = frappe.get_doc(
		doctype=INTERVIEW, offboarding=offboarding.name, employee_name=offboarding.employee_name
	)
	return interview.insert(ignore_permissions=True, set_name=offboarding.name)


def check_address(offboarding: Document) -> None:
	if not people.address(offboarding):
		frappe.throw(
			_("There is no mail address of {0}. Please add one to the employee's record.").format(
				offboarding.employee_name
			),
			exc=StepNotPossible,
		)


def check_is_ahead(starts_on: datetime) -> None:
	if starts_on < now_datetime():
		frappe.throw(_("This moment is past. Please choose a later one."), exc=StepNotPossible)


def arranged(interview: Document) -> tuple:
	return (
		get_datetime(interview.starts_on),
		interview.minutes,
		interview.place or None,
		interview.interviewer,
	)


def with_letter(offboarding: Document, interview: Document) -> str | None:
	"""Write the letter, once, and give the interview a link to confirm it by; return the link's secret.

	None if the letter was answered already: then there is nothing to confirm.
	"""
	if not interview.letter_text:
		interview.update(letters.written(offboarding))
		interview.reaffirmation = reaffirming.SENT
	if interview.reaffirmation != reaffirming.SENT:
		return None
	secret = personal_links.new_secret()
	interview.link_hash = personal_links.fingerprint(secret)
	last_day = max(str(offboarding.last_working_day or today()), today())
	interview.link_valid_until = get_datetime(add_days(last_day, DAYS_VALID)) + timedelta(days=1)
	return secret


def send(offboarding: Document, interview: Document, secret: str | None) -> None:
	interview.reload()
	if interview.letter_sha256 != sha256(interview.letter_text):
		interview.db_set("letter_sha256", sha256(interview.letter_text))
	subject, text = fill_in(offboarding, interview, secret)
	file_name, content = letters.as_file(interview)
	mails.try_to_send_once(
		offboarding,
		f"invitation {interview.invitations}",
		[people.address(offboarding)],
		subject,
		text,
		attachments=[
			as_ics(offboarding, interview).as_attachment(REQUEST),
			{"fname": file_name, "fcontent": content},
		],
		reply_to=frappe.db.get_value("User", interview.interviewer, "email"),
	)
	if interview.invitations == 1:
		uploads.attach(offboarding, file_name, content)


def fill_in(offboarding: Document, interview: Document, secret: str | None) -> tuple[str, str]:
	language = people.language(offboarding)
	words = texts.words_for(offboarding, language)
	with speaking(language):
		words["starts_on"] = format_datetime(interview.starts_on, "EEEE, d MMMM yyyy, HH:mm")
	words["place"] = interview.place
	words["sender_name"] = get_fullname(interview.interviewer)
	words["link"] = get_url(f"/reaffirmation#{secret}") if secret else get_url("/reaffirmation")
	return texts.fill_in(INVITATION, language, words)


def preview(offboarding: Document) -> dict:
	"""Return what the letter will say, before it is sent."""
	letter = letters.written(offboarding)
	return {"subject": letter["letter_subject"], "text": letter["letter_text"]}


def as_ics(offboarding: Document, interview: Document) -> Invitation:
	organizer = person(interview.interviewer)
	language = people.language(offboarding)
	return Invitation(
		uid=f"exit-interview-{offboarding.name}@{frappe.local.site or 'crm-transparency'}",
		sequence=max(0, (interview.invitations or 1) - 1),
		summary=_("Exit interview", lang=language),
		starts_on=interview.starts_on,
		minutes=interview.minutes,
		place=interview.place,
		organizer=organizer,
		attendees=(Person(offboarding.employee_name, people.address(offboarding)),),
	)


def withdraw(offboarding: Document) -> list[str]:
	"""Take the interview back: out of the calendars, and the link can't be used any more; return what stays."""
	interview = frappe.get_doc(INTERVIEW, offboarding.name, for_update=True)
	is_known = was_ever_mailed(interview)
	is_answered = interview.reaffirmation != reaffirming.SENT
	stays = []
	if interview.letter_text and (is_known or is_answered):
		stays.append(_("The letter that reminds of confidentiality was sent."))
	if interview.acknowledgement:
		stays.append(_("The acknowledgement of the letter stays on record."))
	if mails.was_sent(offboarding.name, "thank you"):
		stays.append(_("The mail that says thank you was sent."))
	interview.db_set({"link_hash": None, "link_valid_until": None})
	appointments.take_from_calendar(interview)
	appointments.take_from_hrms(interview)
	is_ahead = get_datetime(interview.starts_on) > now_datetime()
	if is_known and is_ahead and not call_off(offboarding, interview):
		stays.append(
			_("The interview couldn't be called off by mail. Please tell {0}.").format(
				offboarding.employee_name
			)
		)
	return stays


def call_off(offboarding: Document, interview: Document) -> bool:
	"""Tell the calendar that the interview doesn't take place; return False if that can't be mailed."""
	language = people.language(offboarding)
	interview.invitations = (interview.invitations or 0) + 1
	interview.db_set("invitations", interview.invitations)
	subject = _("Cancelled: exit interview", lang=language)
	is_queued = mails.try_to_send_once(
		offboarding,
		"invitation cancelled",
		[people.address(offboarding)],
		subject,
		f"<p>{_('The exit interview doesn’t take place. We are glad that you stay.', lang=language)}</p>",
		attachments=[as_ics(offboarding, interview).as_attachment(CANCEL)],
	)
	return is_queued is not None
