"""Accounts that belong to people who are disabled, however they were: one finding for HR, daily and at install."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import get_fullname

from crm_transparency.crm_transparency import formatting, mail, registry
from crm_transparency.offboarding import leaver_details
from crm_transparency.offboarding.offboarding_records import OFFBOARDING, UNDER_WAY


def disabled_owners() -> list[dict]:
	"""Return the disabled people who have accounts and no offboarding under way, most accounts first."""
	accounts: dict[str, int] = {}
	user = frappe.qb.DocType("User")
	for doctype, tracked in registry.tracked_doctypes().items():
		table = frappe.qb.DocType(doctype)
		query = frappe.qb.from_(table).inner_join(user).on(user.name == table[tracked["owner_field"]])
		query = query.where(user.enabled == 0).groupby(user.name).select(user.name, Count("*"))
		for name, count in query.run():
			accounts[name] = accounts.get(name, 0) + count
	leaving = frappe.get_all(OFFBOARDING, filters={"status": ("in", UNDER_WAY)}, pluck="user")
	return [
		{"user": name, "full_name": get_fullname(name), "accounts": count}
		for name, count in sorted(accounts.items(), key=lambda item: (-item[1], item[0]))
		if name not in leaving
	]


def report() -> None:
	"""Daily job: notify HR of accounts of disabled people, once as long as the numbers stay the same."""
	found = disabled_owners()
	accounts = sum(row["accounts"] for row in found)
	for reader in leaver_details.hr() if found else ():
		subject = _sentence(accounts, len(found), formatting.language_of(reader))
		if not frappe.db.exists("Notification Log", {"for_user": reader, "subject": subject}):
			mail.notify(reader, subject, link="/app/offboarding-wizard")


def _sentence(accounts: int, people: int, language: str) -> str:
	if accounts == 1:
		return _("1 account belongs to 1 person who is disabled.", lang=language)
	sentence = (
		_("{0} accounts belong to 1 person who is disabled.", lang=language)
		if people == 1
		else _("{0} accounts belong to {1} people who are disabled.", lang=language)
	)
	return sentence.format(formatting.number(accounts), formatting.number(people))
