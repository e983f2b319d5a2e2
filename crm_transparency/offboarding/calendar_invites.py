"""Invitations that calendars accept: one event as iCalendar (RFC 5545), sent as a request (iTIP, RFC 5546).

Times are in UTC, which needs no time zone definition and which every calendar shows in its reader's own. The same UID and
a higher SEQUENCE move an event that was sent before; METHOD CANCEL removes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_datetime
from frappe.utils.data import get_system_timezone
from icalendar import Calendar, Event, vCalAddress, vText

REQUEST, CANCEL = "REQUEST", "CANCEL"
PRODUCT = "-//CRM Transparency//Offboarding//EN"


@dataclass(frozen=True)
class Person:
	name: str
	email: str


@dataclass(frozen=True)
class Invitation:
	uid: str
	#: how often it was sent before
	sequence: int
	summary: str
	#: in the site's time zone
	starts_on: datetime | str
	minutes: int
	place: str | None
	organizer: Person
	attendees: tuple[Person, ...]

	def as_attachment(self, method: str = REQUEST) -> dict:
		"""Return what `frappe.sendmail` attaches. The content type names the method, too: Outlook needs that."""
		return {
			"fname": "invite.ics",
			"fcontent": self.as_calendar(method).to_ical(),
			"content_type": f"text/calendar; method={method}",
		}

	def as_calendar(self, method: str = REQUEST) -> Calendar:
		in_site = get_datetime(self.starts_on).replace(tzinfo=ZoneInfo(get_system_timezone()))
		start = in_site.astimezone(timezone.utc)
		calendar = Calendar()
		calendar.add("prodid", PRODUCT)
		calendar.add("version", "2.0")
		calendar.add("calscale", "GREGORIAN")
		calendar.add("method", method)
		event = Event()
		event.add("uid", self.uid)
		event.add("sequence", self.sequence)
		event.add("dtstamp", datetime.now(timezone.utc))
		event.add("dtstart", start)
		event.add("dtend", start + timedelta(minutes=self.minutes))
		event.add("summary", self.summary)
		if self.place:
			event.add("location", self.place)
		event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
		event.add("class", "PRIVATE")
		event["organizer"] = address(self.organizer)
		for attendee in self.attendees:
			event.add("attendee", invited(attendee), encode=0)
		calendar.add_component(event)
		return calendar


def in_one_line(text: str) -> str:
	"""Return a text without line breaks and quotes, which could break an invitation or a mail header."""
	return " ".join(text.replace('"', "'").split())


def address(person: Person) -> vCalAddress:
	found = vCalAddress(f"mailto:{in_one_line(person.email)}")
	found.params["cn"] = vText(in_one_line(person.name))
	return found


def invited(person: Person) -> vCalAddress:
	found = address(person)
	found.params["role"] = vText("REQ-PARTICIPANT")
	found.params["partstat"] = vText("NEEDS-ACTION")
	found.params["rsvp"] = vText("TRUE")
	return found


def person(user: str) -> Person:
	name, email = frappe.db.get_value("User", user, ["full_name", "email"])
	return Person(in_one_line(name or user), email)
