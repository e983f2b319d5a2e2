"""Every ledger keeps the rules that its seals rest on."""

import frappe
from frappe.model.base_document import get_controller

from crm_transparency.crm_transparency import own_doctypes
from crm_transparency.ledger import ledgers
from crm_transparency.ledger.entries import LedgerEntry


def problems(ledger: str) -> list[str]:
	"""Return what would let a ledger's entries change, or its seals break without anybody's doing."""
	meta = frappe.get_meta(ledger)
	found = []
	if not issubclass(get_controller(ledger), LedgerEntry):
		found.append("its controller doesn't derive from LedgerEntry")
	mark = meta.get_field("ledger_seal")
	if not mark or mark.fieldtype != "Int" or not mark.hidden or not mark.search_index:
		found.append("it needs a hidden, indexed Int field ledger_seal")
	for field in meta.fields:
		if field.fieldtype in ("Link", "Dynamic Link"):
			found.append(f"Frappe rewrites the link {field.fieldname} when its target is renamed")
		if field.fieldtype in (*frappe.model.table_fields, "Password", "Attach", "Attach Image"):
			found.append(f"{field.fieldname} ({field.fieldtype}) keeps its value elsewhere")
		if field.default not in (None, "", "0"):
			found.append(
				f"{field.fieldname} has a default, which later versions would give to old entries too"
			)
	for permission in meta.permissions:
		if any(permission.get(right) for right in ("write", "create", "delete", "submit", "cancel", "amend")):
			found.append(f"{permission.role} may do more than read")
	if meta.track_changes or meta.allow_rename:
		found.append("it tracks changes or allows renaming")
	return found


def test_every_ledger_keeps_the_rules():
	assert "Account Owner Change" in ledgers.all_ledgers()
	assert {ledger: problems(ledger) for ledger in ledgers.all_ledgers()} == {
		ledger: [] for ledger in ledgers.all_ledgers()
	}


def test_every_doctype_that_derives_from_ledger_entry_is_sealed_and_names_its_people():
	derived = {
		doctype
		for doctype, controller in own_doctypes.controllers().items()
		if issubclass(controller, LedgerEntry)
	}
	assert derived == {*ledgers.all_ledgers(), "Ledger Seal"}
	for ledger in ledgers.all_ledgers():
		fields = {field.fieldname for field in frappe.get_meta(ledger).fields}
		hold_people = fields & {
			"user",
			"changed_by",
			"impersonated_by",
			"recorded_by",
			"given_by",
			"new_owner",
		}
		assert hold_people <= set(ledgers.people_in(ledger)) <= fields, ledger


def test_a_ledger_that_is_gone_does_not_stop_the_others():
	assert not ledgers.is_ledger("Uninstalled Ledger")
	assert list(ledgers.sealed_entries("Uninstalled Ledger", 1)) == []
