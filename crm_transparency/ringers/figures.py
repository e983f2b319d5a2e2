"""Ringers stay out of figures: they are no customers, and nobody neglects them."""

import frappe

from crm_transparency.crm_transparency import sealed_texts
from crm_transparency.ringers import identities


def left_out(doctype: str) -> list[str]:
	"""`transparency_left_out_of_figures`: the records of a DocType that are ringers."""
	field = identities.RECORD_FIELDS.get(doctype)
	if not field:
		return []
	rows = frappe.get_all(
		identities.RINGER,
		filters={identities.RECORD_COLUMNS[doctype]: ("is", "set")},
		fields=[field, "party_type"],
		order_by=None,
	)
	return [
		sealed_texts.unseal(row[field])
		for row in rows
		if field != "party" or sealed_texts.unseal(row.party_type) == doctype
	]
