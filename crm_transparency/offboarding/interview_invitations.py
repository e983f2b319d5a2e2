"""Inviting to the exit interview: calendar event, HRMS's Exit Interview, letter and mail, in one transaction."""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.share import add_docshare
from frappe.utils import (
	add_days,
	add_to_date,
	format_datetime,
	get_datetime,
	get_fullname,
	get_url,
	getdate,
	now_datetime,
	today,
)

from crm_transparency.crm_transparency import encryption
from crm_transparency.crm_transparency.formatting import speaking
from crm_transparency.offboarding import (
	leaver_details,
	letter_texts,
	mail_once,
	reaffirmation,
	uploaded_papers,
)
from crm_transparency.offboarding.calendar_invites import CANCEL, REQUEST, Invitation, Person, person
from crm_transparency.offboarding.exceptions import StepNotPossible
from crm_transparency.offboarding.letter_texts import INVITATION
from crm_transparency.offboarding.offboarding_records import INTERVIEW, own_record
from crm_transparency.stewardship.policies import sha256

#: how long after the last working day the letter can be confirmed
DAYS_VALID = 90
LONGEST_PLACE = 140
EVENT = "Event"
EXIT_INTERVIEW, HELD = "Exit Interview", "Completed"


def invite(
	offboarding: Document, starts_on: datetime, minutes: int, place: str | None, interviewer: str
) -> Document:
	"""Send invitation and letter. The same time again sends nothing; another time reschedules the interview.

	If it can't be mailed, the interview is scheduled anyway, and the letter is there to be handed over; the same time again
	sends what wasn't sent.
	"""
	check_address(offboarding)
	interview = own_record(INTERVIEW, offboarding, employee_name=offboarding.employee_name)
	place = (place or "")[:LONGEST_PLACE] or None
	planned, former = (starts_on, minutes, place, interviewer), interview.interviewer
	if planned == scheduled(interview) and is_mailed(interview):
		return interview
	if starts_on < now_datetime():
		frappe.throw(_("This time is in the past. Please choose a later one."), exc=StepNotPossible)
	interview.update({"starts_on": starts_on, "minutes": minutes, "place": place, "interviewer": interviewer})
	interview.event = add_to_calendar(offboarding, interview)
	interview.exit_interview = add_to_hrms(offboarding, interview, former)
	secret = add_letter(offboarding, interview)
	interview.invited_on = now_datetime()
	interview.invitations = (interview.invitations or 0) + 1
	interview.save(ignore_permissions=True)
	send(offboarding, interview, secret)
	return interview


def is_mailed(interview: Document) -> bool:
	"""Return whether the latest invitation was queued or sent."""
	return mail_once.was_sent(interview.offboarding, kind_of(interview.invitations))


def kind_of(invitation: int | None) -> str:
	return f"invitation {invitation or 0}"


def check_address(offboarding: Document) -> None:
	if not leaver_details.address(offboarding):
		frappe.throw(
			_("There is no email address of {0}. Please add one to the employee record.").format(
				offboarding.employee_name
			),
			exc=StepNotPossible,
		)


def scheduled(interview: Document) -> tuple:
	return (
		get_datetime(interview.starts_on),
		interview.minutes,
		interview.place or None,
		interview.interviewer,
	)


def add_letter(offboarding: Document, interview: Document) -> str | None:
	"""Write the letter, once, and give the interview a link to confirm it by; return the link's secret.

	None if the letter was answered already: then there is nothing to confirm.
	"""
	if not interview.letter_text:
		interview.update(reaffirmation.written(offboarding))
		interview.reaffirmation = reaffirmation.SENT
	if interview.reaffirmation != reaffirmation.SENT:
		return None
	secret = encryption.new_secret()
	interview.link_hash = encryption.fingerprint(secret)
	interview.link_valid_until = link_valid_until(offboarding)
	return secret


def link_valid_until(offboarding: Document) -> datetime:
	last_day = max(str(offboarding.last_working_day or today()), today())
	return get_datetime(add_days(last_day, DAYS_VALID)) + timedelta(days=1)


def send(offboarding: Document, interview: Document, secret: str | None) -> None:
	interview.reload()
	if interview.letter_sha256 != sha256(interview.letter_text):
		interview.db_set("letter_sha256", sha256(interview.letter_text))
	subject, text = fill_in(offboarding, interview, secret)
	file_name, content = reaffirmation.as_file(interview)
	mail_once.try_to_send_once(
		offboarding,
		kind_of(interview.invitations),
		[leaver_details.address(offboarding)],
		subject,
		text,
		attachments=[
			as_ics(offboarding, interview).as_attachment(REQUEST),
			{"fname": file_name, "fcontent": content},
		],
		reply_to=frappe.db.get_value("User", interview.interviewer, "email"),
	)
	if interview.invitations == 1:
		uploaded_papers.attach(offboarding, file_name, content)


def fill_in(offboarding: Document, interview: Document, secret: str | None) -> tuple[str, str]:
	language = leaver_details.language(offboarding)
	words = letter_texts.values_for(offboarding, language)
	words["signed_on"] = reaffirmation.signed_on(offboarding, language)
	with speaking(language):
		words["starts_on"] = format_datetime(interview.starts_on, "EEEE, d MMMM yyyy, HH:mm")
	words["place"] = interview.place
	words["sender_name"] = get_fullname(interview.interviewer)
	words["link"] = get_url(f"/reaffirmation#{secret}") if secret else get_url("/reaffirmation")
	return letter_texts.write(INVITATION, language, words)


def preview(offboarding: Document) -> dict:
	"""Return what the letter will say, before it is sent."""
	letter = reaffirmation.written(offboarding)
	return {"subject": letter["letter_subject"], "text": letter["letter_text"]}


def as_ics(offboarding: Document, interview: Document, is_cancelled: bool = False) -> Invitation:
	organizer = person(interview.interviewer)
	language = leaver_details.language(offboarding)
	return Invitation(
		uid=f"exit-interview-{offboarding.name}@{frappe.local.site or 'crm-transparency'}",
		sequence=max(0, (interview.invitations or 1) - 1) + is_cancelled,
		summary=_("Exit interview", lang=language),
		starts_on=interview.starts_on,
		minutes=interview.minutes,
		place=interview.place,
		organizer=organizer,
		attendees=(Person(offboarding.employee_name, leaver_details.address(offboarding)),),
	)


def withdraw(offboarding: Document) -> list[str]:
	"""Cancel the interview in calendars and invalidate the link; return what can't be undone, in sentences."""
	interview = frappe.get_doc(INTERVIEW, offboarding.name, for_update=True)
	numbers = range(1, (interview.invitations or 0) + 1)
	is_known = any(mail_once.was_sent(offboarding.name, kind_of(number)) for number in numbers)
	is_answered = interview.reaffirmation != reaffirmation.SENT
	stays = []
	if interview.letter_text and (is_known or is_answered):
		stays.append(_("The confidentiality letter was sent."))
	if interview.acknowledgement:
		stays.append(_("The acknowledgement of the letter stays on record."))
	if mail_once.was_sent(offboarding.name, "thank you"):
		stays.append(_("The thank-you email was sent."))
	interview.db_set({"link_hash": None, "link_valid_until": None})
	remove_from_calendar(interview)
	remove_from_hrms(interview)
	is_ahead = get_datetime(interview.starts_on) > now_datetime()
	if is_known and is_ahead and not mail_cancellation(offboarding, interview):
		stays.append(
			_("The interview couldn't be cancelled by email. Please tell {0}.").format(
				offboarding.employee_name
			)
		)
	return stays


def mail_cancellation(offboarding: Document, interview: Document) -> bool:
	"""Mail the cancellation of the interview; return False if that can't be mailed."""
	language = leaver_details.language(offboarding)
	subject = _("Cancelled: exit interview", lang=language)
	is_queued = mail_once.try_to_send_once(
		offboarding,
		"invitation cancelled",
		[leaver_details.address(offboarding)],
		subject,
		f"<p>{_('The exit interview was cancelled. We are glad that you are staying.', lang=language)}</p>",
		attachments=[as_ics(offboarding, interview, is_cancelled=True).as_attachment(CANCEL)],
	)
	return is_queued is not None


def has_hrms() -> bool:
	return bool(frappe.db.exists("DocType", EXIT_INTERVIEW))


def add_to_calendar(offboarding: Document, interview: Document) -> str:
	"""Create or reschedule the private Event that the interviewer and the leaver see; return its name."""
	values = {
		"subject": _("Exit interview: {0}").format(offboarding.employee_name),
		"starts_on": interview.starts_on,
		"ends_on": add_to_date(interview.starts_on, minutes=interview.minutes, as_datetime=True),
		"description": interview.place,
		"event_type": "Private",
		"event_category": "Meeting",
		"status": "Open",
		"send_reminder": 1,
	}
	exists = interview.event and frappe.db.exists(EVENT, interview.event)
	event = frappe.get_doc(EVENT, interview.event) if exists else frappe.new_doc(EVENT)
	event.update(values)
	event.save(ignore_permissions=True)
	if event.owner != interview.interviewer:
		event.db_set("owner", interview.interviewer, update_modified=False)
	for user in {offboarding.user, frappe.session.user} - {interview.interviewer, None}:
		if frappe.db.get_value("User", user, "enabled"):
			add_docshare(EVENT, event.name, user, flags={"ignore_share_permission": True})
	return event.name


def remove_from_calendar(interview: Document) -> None:
	if interview.event and frappe.db.exists(EVENT, interview.event):
		event = frappe.get_doc(EVENT, interview.event)
		event.status = "Cancelled"
		event.save(ignore_permissions=True)


def add_to_hrms(offboarding: Document, interview: Document, former: str | None) -> str | None:
	"""Create or update the Exit Interview of HRMS; return its name, None without HRMS or if HRMS refuses.

	HRMS requires a relieving date in the employee record, and has other rules of its own. Its message is shown; our own
	invitation is sent anyway.
	"""
	if not (has_hrms() and offboarding.employee):
		return None
	frappe.db.savepoint("exit_interview")
	try:
		exit_interview = write_exit_interview(offboarding, interview, former)
		share_exit_interview(
			exit_interview, {interview.interviewer, frappe.session.user} - {offboarding.user}
		)
		return exit_interview.name
	except (frappe.ValidationError, frappe.DuplicateEntryError):
		frappe.db.rollback(save_point="exit_interview")
		frappe.msgprint(_("HRMS refused the Exit Interview, so there is none."), alert=True)
		return None


def write_exit_interview(offboarding: Document, interview: Document, former: str | None) -> Document:
	"""HRMS keeps one Exit Interview of an employee; one that was held is over, and stays as it is.

	The interviewer takes the place of the `former` one.
	"""
	there = {"employee": offboarding.employee, "docstatus": ("!=", 2)}
	name = frappe.db.get_value(EXIT_INTERVIEW, there)
	doc = frappe.get_doc(EXIT_INTERVIEW, name) if name else frappe.new_doc(EXIT_INTERVIEW)
	if doc.docstatus == 1 or doc.status == HELD:
		return doc
	doc.update(
		{
			"employee": offboarding.employee,
			"company": frappe.db.get_value("Employee", offboarding.employee, "company"),
			"date": getdate(interview.starts_on),
			"status": "Scheduled",
		}
	)
	others = [row.user for row in doc.interviewers if row.user not in (former, interview.interviewer)]
	doc.set("interviewers", [{"user": user} for user in (*others, interview.interviewer)])
	doc.save(ignore_permissions=True)
	return doc


def share_exit_interview(doc: Document, users: set[str]) -> None:
	"""Let those who need it open the Exit Interview: HRMS itself lets only System Managers."""
	for user in users:
		if not frappe.has_permission(EXIT_INTERVIEW, "write", doc=doc, user=user):
			flags = {"ignore_share_permission": True}
			add_docshare(EXIT_INTERVIEW, doc.name, user, write=1, submit=1, flags=flags)


def remove_from_hrms(interview: Document) -> None:
	"""Cancel the Exit Interview of HRMS, unless it was held."""
	name = interview.exit_interview
	filters = {"name": name, "docstatus": 0, "status": ("!=", HELD)}
	if name and has_hrms() and frappe.db.exists(EXIT_INTERVIEW, filters):
		frappe.db.set_value(EXIT_INTERVIEW, name, "status", "Cancelled")
