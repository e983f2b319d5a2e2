"""Names of many documents at a time, of today and of before. `ledger.names` answers for one."""

from collections.abc import Iterable

import frappe

from crm_transparency.ledger import names


def current_names(doctype: str, asked: Iterable[str]) -> dict[str, str]:
	"""Return what each document is called today, by the name asked for."""
	asked = set(asked)
	if not asked:
		return {}
	filters = {"reference_doctype": doctype, "old_name": ("in", asked)}
	renamed = set(frappe.get_all(names.LEDGER, filters=filters, pluck="old_name"))
	return {name: names.current_name(doctype, name) if name in renamed else name for name in asked}


def former_names(doctype: str, asked: Iterable[str]) -> set[str]:
	"""Return the names under which entries about these documents stand: theirs, and those they had before."""
	found, newly_found = set(), set(asked)
	while newly_found:
		found |= newly_found
		filters = {"reference_doctype": doctype, "new_name": ("in", newly_found)}
		newly_found = set(frappe.get_all(names.LEDGER, filters=filters, pluck="old_name")) - found
	return found
