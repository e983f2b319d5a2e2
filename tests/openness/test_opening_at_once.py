"""Two administrators at once: the second waits, and finds done what the first did."""

import frappe
import pytest

from crm_transparency.openness import open_doctypes, openness_changes
from crm_transparency.openness.exceptions import AlreadyUndone, LaterChangesFirst
from crm_transparency.openness.open_doctypes import CHANGE
from tests.openness.permissions_setup import DECISION, dump
from tests.ownership.processes import Process


@pytest.fixture
def committed(ground):
	if frappe.db.db_type == "sqlite":
		pytest.skip("SQLite locks the whole database, so nobody gets in each other's way there")
	frappe.db.commit()
	before = dump()
	yield before
	frappe.db.rollback()
	openness_changes.undo_all()
	frappe.db.delete(CHANGE)
	frappe.db.delete("Permission Change")
	frappe.db.commit()
	assert dump() == before


def open_up() -> None:
	openness_changes.open_up(["Customer", "Lead", "Contact"], DECISION)
	frappe.db.commit()


def rules_of(doctype: str) -> int:
	"""Return how many permission rules apply: the site's own, or else those that came with the document type."""
	return frappe.db.count("Custom DocPerm", {"parent": doctype}) or frappe.db.count(
		"DocPerm", {"parent": doctype}
	)


def test_two_who_apply_at_once_make_one_change(committed):
	before = {doctype: rules_of(doctype) for doctype in ("Customer", "Lead", "Contact")}
	workers = [Process(open_up) for _worker in range(3)]
	for worker in workers:
		worker.wait()
	frappe.db.rollback()
	assert frappe.db.count(CHANGE, {"status": "Applied"}) == 1
	for doctype in ("Customer", "Lead", "Contact"):
		of_colleagues = {"parent": doctype, "role": "CRM Colleague"}
		assert frappe.db.count("Custom DocPerm", of_colleagues) == 1
		assert frappe.db.count("Custom DocPerm", {"parent": doctype}) == before[doctype] + 1


def applied(*doctypes: str):
	change = openness_changes.open_up(doctypes, DECISION)
	frappe.db.commit()
	return change


def undo(change) -> None:
	openness_changes.undo(change)
	frappe.db.commit()


def undo_unless_undone(change) -> None:
	try:
		undo(change)
	except AlreadyUndone:
		frappe.db.rollback()


def test_two_who_undo_at_once_put_back_what_was_there_once(committed):
	change = applied("Customer", "Lead")
	workers = [Process(lambda: undo_unless_undone(change)) for _worker in range(3)]
	for worker in workers:
		worker.wait()
	frappe.db.rollback()
	assert dump() == committed
	change.reload()
	assert change.status == "Undone"


def opened_to_colleagues() -> set[str]:
	return set(frappe.get_all("Custom DocPerm", filters={"role": "CRM Colleague"}, pluck="parent"))


def test_one_applies_while_another_undoes(committed):
	before = opened_to_colleagues()
	change = applied("Customer", "Lead")
	workers = [Process(lambda: undo(change)), Process(lambda: applied("Contact", "Address"))]
	for worker in workers:
		worker.wait()
	frappe.db.rollback()
	assert open_doctypes.current() == {"Contact", "Address"}
	assert opened_to_colleagues() - before == {"Contact", "Address"}


def test_undoing_finds_what_was_applied_since_it_began(committed):
	change = applied("Customer")
	frappe.db.count(CHANGE)  # from now on this transaction sees what there was until now
	Process(lambda: applied("Contact")).wait()
	undo(change)
	assert open_doctypes.current() == {"Contact"}


def test_undoing_waits_for_a_later_change_of_the_same_rules_that_was_applied_since_it_began(committed):
	change = applied("Customer")
	frappe.db.count(CHANGE)
	Process(lambda: close_and_open_again("Customer")).wait()
	with pytest.raises(LaterChangesFirst):
		undo(change)


def close_and_open_again(doctype: str) -> None:
	frappe.db.delete("Custom DocPerm", {"parent": doctype, "role": "CRM Colleague"})
	applied(doctype)
