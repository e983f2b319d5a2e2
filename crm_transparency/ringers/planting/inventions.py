"""Uninstalling takes invented people out of the CRM: afterwards nobody could tell any more who they are."""

import click
import frappe

from crm_transparency.ringers import identities, journal
from crm_transparency.ringers.exceptions import CannotPlant
from crm_transparency.ringers.planting import retiring


def take_out() -> int:
	"""Delete all records of planted ringers without a trace; return how many ringers others work with, so they stay.

	Real people who watch are no inventions: their contacts stay.
	"""
	journal.work_through()
	used = [ringer for ringer in identities.in_the_crm() if not is_taken_out(ringer)]
	if used:
		click.secho(
			f"{len(used)} invented contacts stay in the CRM, because others' work hangs on them. Ringer Managers can "
			"see which while the app is installed.",
			fg="yellow",
		)
	return len(used)


def is_taken_out(ringer: str) -> bool:
	document = frappe.get_doc(identities.RINGER, ringer)
	if not identities.contact_of(ringer).placement.get("planted_by"):
		return True
	try:
		retiring.take_out_of_the_crm(document)
	except CannotPlant:
		frappe.clear_last_message()
		return False
	return True
