"""Who is a Ringer Manager: whoever is given the role, by whomever, is announced to all of them at once and recorded.

That somebody may know the ringers is no secret, so here everything is named: the record is a ledger, the announcement a
notification and a mail. What was changed in the database, past all documents, is found within five minutes.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, get_fullname, get_url_to_form, now_datetime

from crm_transparency.crm_transparency import formatting, mail, staff
from crm_transparency.crm_transparency.staff import current_actor
from crm_transparency.ledger import entries, names
from crm_transparency.ringers import secrecy

LEDGER = "Ringer Manager Change"
GIVEN, TAKEN_AWAY = "Given", "Taken Away"


def on_update_of_user(user: Document, method: str | None = None) -> None:
	"""Record and announce it if saving a user gave or took the role: by the form, the API, or a role profile."""
	before = user.get_doc_before_save()
	had_it = before is not None and has_role(before)
	if has_role(user) != had_it:
		record(user.name, GIVEN if has_role(user) else TAKEN_AWAY)


def has_role(user: Document) -> bool:
	return any(row.role == secrecy.ROLE for row in user.roles)


def after_insert_of_role(row: Document, method: str | None = None) -> None:
	"""Record and announce it if the role was given by a row of a user's roles that was written on its own."""
	record_row(row, GIVEN)


def after_delete_of_role(row: Document, method: str | None = None) -> None:
	record_row(row, TAKEN_AWAY)


def record_row(row: Document, change: str) -> None:
	if row.role == secrecy.ROLE and row.parenttype == "User" and is_change(row.parent, change):
		record(row.parent, change)


def is_change(user: str, change: str) -> bool:
	return (last_changes().get(user) == GIVEN) != (change == GIVEN)


def record(user: str, change: str, found: bool = False) -> None:
	actor = current_actor()
	entries.add(
		LEDGER,
		user=user,
		change=change,
		found=int(found),
		changed_by=None if found else actor.user,
		impersonated_by=None if found else actor.impersonated_by,
		changed_on=now_datetime(),
	)
	announce(user, change, None if found else actor.impersonated_by or actor.user)


def announce(user: str, change: str, by: str | None) -> None:
	"""Tell all Ringer Managers, and the person concerned, in each one's language."""
	for reader in sorted({*secrecy.ringer_managers(), user}):
		if not frappe.db.get_value("User", reader, "enabled"):
			continue
		language = formatting.language_of(reader)
		subject = subject_of(user, change, by, language)
		mail.notify(reader, subject, ("User", user), from_user=by or "Administrator")
		header = [_("Ringer Managers", lang=language), "orange"]
		mail.send_to_user(reader, subject, header, get_url_to_form("User", user))


def subject_of(user: str, change: str, by: str | None, language: str) -> str:
	name = f"<strong>{escape_html(get_fullname(user))}</strong>"
	if not by:
		if change == GIVEN:
			return _(
				"{0} has the role Ringer Manager. It isn't recorded who assigned it.", lang=language
			).format(name)
		return _(
			"{0} no longer has the role Ringer Manager. It isn't recorded who removed it.", lang=language
		).format(name)
	author = f"<strong>{escape_html(get_fullname(by))}</strong>"
	if change == GIVEN:
		return _("{1} assigned the role Ringer Manager to {0}", lang=language).format(name, author)
	return _("{1} removed the role Ringer Manager from {0}", lang=language).format(name, author)


def find_unrecorded() -> None:
	"""Record and announce what changed past all documents: compare who has the role with what the ledger says."""
	holders = staff.holders(secrecy.ROLE)
	recorded = {user for user, change in last_changes().items() if change == GIVEN}
	for user in sorted(holders - recorded):
		record(user, GIVEN, found=True)
	for user in sorted(recorded - holders):
		record(user, TAKEN_AWAY, found=True)


def last_changes() -> dict[str, str]:
	"""Return what was recorded last about each user, by the name that the user has today."""
	changes = frappe.get_all(LEDGER, fields=["user", "creation", "change"], order_by="name", as_list=True)
	today = names.people((user, moment) for user, moment, _change in changes)
	return {today[user, moment]: change for user, moment, change in changes}
