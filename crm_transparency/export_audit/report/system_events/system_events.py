"""What one person did in a period that somebody who looks after the company's data would ask about.

Exports, mails with attachments to the outside, backups, logins from new addresses, changes of permissions, and alerts: facts
in the order they happened, without a verdict. Managers see everybody's, everybody else their own.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import frappe
from frappe import _

from crm_transparency.crm_transparency import activity, formatting, report_parts
from crm_transparency.crm_transparency.activity import (
	NEW_ADDRESS,
	PERMISSION_CHANGE,
	ROLE_PERMISSION,
	Activity,
	Selection,
)
from crm_transparency.crm_transparency.mail import FREE_DOMAINS, addresses_in, domain_of
from crm_transparency.crm_transparency.period import Period
from crm_transparency.crm_transparency.report_parts import Series, column
from crm_transparency.export_audit import export_alerts, export_queries, export_visibility
from crm_transparency.export_audit.export_activity import ALERT, EXPORT
from crm_transparency.export_audit.exports import BACKUP_DOWNLOAD, EMAIL_ATTACHMENT, SCHEDULED_REPORT
from crm_transparency.ledger import names

DEFAULT_DAYS = 90
MOST_ROWS = 1000
MOST_PARTS = 53
MAIL = "Mail to the outside"
BACKUP = "Backup"
COLORS = {
	EXPORT: "#4299E1",
	MAIL: "#F8814F",
	BACKUP: "#E24C4C",
	NEW_ADDRESS: "#9F7AEA",
	PERMISSION_CHANGE: "#ECAD4B",
	ALERT: "#A0AEC0",
}
KINDS_READ = (EXPORT, NEW_ADDRESS, PERMISSION_CHANGE, ALERT)


class Event(NamedTuple):
	"""Something that happened. `rows` is how much left, where something did; the reference is where to read more."""

	kind: str
	happened_on: datetime
	sentence: str
	reference_doctype: str | None = None
	reference_name: str | None = None
	rows: int | None = None
	utc_offset: str | None = None


def execute(filters: dict | None = None) -> tuple:
	"""Return columns, rows, the note that there are more, the chart, and the sums.

	Raises PermissionError unless the reader is a manager or the person.
	"""
	filters = frappe._dict(filters or {})
	period = Period.of_filters(filters, DEFAULT_DAYS)
	found = events_of(filters.user or frappe.session.user, period)
	shown = [event for event in found if filters.kind in (None, "", event.kind)]
	rows = [{**event._asdict(), "kind_name": _(event.kind)} for event in shown[:MOST_ROWS]]
	return columns(), rows, note_of(len(shown)), chart(found, period), summary(found)


def events_of(user: str, period: Period) -> list[Event]:
	"""Return the events of a user, newest first; alerts are those that the reader may see.

	Raises PermissionError unless the reader is a manager or the user.
	"""
	export_visibility.check_is_about(user)
	done = activity.read(KINDS_READ, Selection((user,), period))
	done = [
		act
		for act in done
		if act.what != ALERT
		or export_alerts.sees(frappe.session.user, frappe._dict(act.details, day=act.on.date()))
	]
	own, called = company_addresses(), names.full_names(people_in(done))
	return [event_of(act, own, called)._replace(utc_offset=act.utc_offset) for act in done]


def people_in(done: Iterable[Activity]) -> set[str | None]:
	found = {person for act in done for person in (act.user, act.impersonated_by)}
	return found | {act.name for act in done if act.doctype == "User"}


def event_of(act: Activity, own: frozenset[str], called: dict[str, str]) -> Event:
	if act.what == EXPORT:
		return export_event(act, own, called)
	sentence = {NEW_ADDRESS: login_sentence, PERMISSION_CHANGE: permission_sentence, ALERT: alert_sentence}
	is_readable = act.source not in ("Activity Log", ROLE_PERMISSION)
	reference = (act.source, act.key) if is_readable else (None, None)
	return Event(act.what, act.on, sentence[act.what](act, called), *reference)


def export_event(act: Activity, own: frozenset[str], called: dict[str, str]) -> Event:
	export = act.details
	is_mailed = export.channel in (EMAIL_ATTACHMENT, SCHEDULED_REPORT)
	outside = outside_addresses(export.recipients, own) if is_mailed else []
	kind = BACKUP if export.channel == BACKUP_DOWNLOAD else MAIL if outside else EXPORT
	sentence = export_sentence(export, outside)
	if act.impersonated_by:
		who = export_queries.person_name(act.user, act.impersonated_by, called)
		sentence = _("{0}: {1}").format(who, sentence)
	return Event(kind, act.on, sentence, act.source, act.key, export.row_count)


def export_sentence(export: frappe._dict, outside: list[str]) -> str:
	what = export_queries.what(export)
	if export.channel == BACKUP_DOWNLOAD:
		return _("Downloaded a backup")
	if outside:
		return _("Emailed a file ({0}) to {1}").format(what, ", ".join(outside))
	sentence = _("{0}: {1}, {2} rows") if export.row_count != 1 else _("{0}: {1}, {2} row")
	sentence = sentence.format(_(export.channel), what, formatting.number(export.row_count))
	return _("{0}, for: {1}").format(sentence, export.purpose) if export.purpose else sentence


def login_sentence(act: Activity, called: dict[str, str]) -> str:
	return _("Logged in from {0} for the first time").format(act.details.ip_address)


def alert_sentence(act: Activity, called: dict[str, str]) -> str:
	return act.details.explanation


def permission_sentence(act: Activity, called: dict[str, str]) -> str:
	if act.source == ROLE_PERMISSION:
		return _("Changed the permissions of the role {0} on {1}").format(_(act.details.role), _(act.name))
	given, taken = (", ".join(_(role) for role in sorted(act.details[some])) for some in ("given", "taken"))
	by, whose = (
		called[act.user],
		called[act.name] if act.doctype == "User" else f"{_(act.doctype)} {_(act.name)}",
	)
	if given and taken:
		return _("{0} changed the roles of {1}: added {2}, removed {3}").format(by, whose, given, taken)
	if given:
		return _("{0} assigned the roles {2} to {1}").format(by, whose, given)
	if taken:
		return _("{0} removed the roles {2} from {1}").format(by, whose, taken)
	return _("{0} changed permissions: {1}").format(by, whose)


def company_addresses() -> frozenset[str]:
	"""Return the company's own addresses: those of its users, and the domains that it sends and gets mail with."""
	users = frappe.get_all("User", filters={"enabled": 1, "user_type": "System User"}, pluck="email")
	accounts = frappe.get_all("Email Account", filters={"email_id": ("is", "set")}, pluck="email_id")
	addresses = {address.lower() for address in (*users, *accounts) if address}
	return frozenset(addresses | (set(map(domain_of, accounts)) - FREE_DOMAINS))


def outside_addresses(recipients: str | None, own: frozenset[str]) -> list[str]:
	"""Return those of the recipients, one a line, who aren't the company's own."""
	return [
		address
		for address in addresses_in(recipients or "")
		if address not in own and domain_of(address) not in own
	]


def columns() -> list[dict]:
	return [
		column("happened_on", _("When"), 185, "Datetime"),
		column("utc_offset", _("UTC offset"), 100),
		column("kind_name", _("Kind"), 190),
		column("sentence", _("What happened"), 620),
		column("rows", _("Rows"), 90, "Int"),
	]


def note_of(events_found: int) -> str | None:
	if events_found <= MOST_ROWS:
		return None
	return _("The newest {0} of {1} events are shown. Narrow the filters to see the others.").format(
		formatting.number(MOST_ROWS), formatting.number(events_found)
	)


def chart(found: list[Event], period: Period) -> dict | None:
	"""Return a bar for each week, month or year, with the events by kind."""
	unit, starts = period.calendar_parts(MOST_PARTS)
	counts = counts_of(found, starts)
	series = [Series(_(kind), counts[kind], color) for kind, color in COLORS.items()]
	return report_parts.bars(report_parts.bar_labels(unit, starts), series, stacked=True)


def counts_of(found: list[Event], starts: list[datetime]) -> dict[str, list[int]]:
	"""Return, by kind, how many events there were from each start to the next."""
	counts = {kind: [0] * len(starts) for kind in COLORS}
	for event in found:
		part = sum(start <= event.happened_on for start in starts) - 1
		counts[event.kind][max(part, 0)] += 1
	return counts


def summary(found: list[Event]) -> list[dict]:
	counted = Counter(event.kind for event in found)
	labels = {
		EXPORT: _("Exports"),
		MAIL: _("Emails to external addresses"),
		BACKUP: _("Backups"),
		NEW_ADDRESS: _("New addresses"),
		PERMISSION_CHANGE: _("Permission changes"),
		ALERT: _("Alerts"),
	}
	return [{"label": label, "value": counted[kind], "datatype": "Int"} for kind, label in labels.items()]
