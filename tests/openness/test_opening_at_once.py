"""Two administrators at once: the second waits, and finds done what the first did."""

import frappe
import pytest

from crm_transparency.openness.opening import changes
from tests.openness.opening import DECISION, dump
from tests.ownership.processes import Process


@pytest.fixture
def committed(ground):
	if frappe.db.db_type == "sqlite":
		pytest.skip("SQLite locks the whole database, so nobody gets in each other's way there")
	frappe.db.commit()
	before = dump()
	yield before
	frappe.db.rollback()
	changes.undo_everything()
	frappe.db.delete(changes.CHANGE)
	frappe.db.delete("Permission Change")
	frappe.db.commit()
	assert dump() == before


def open_up() -> None:
	changes.open_up(["Customer", "Lead", "Contact"], DECISION)
	frappe.db.commit()


def test_two_who_apply_at_once_make_one_change(committed):
	workers = [Process(open_up) for _worker in range(3)]
	for worker in workers:
		worker.wait()
	frappe.db.rollback()
	assert frappe.db.count(changes.CHANGE, {"status": "Applied"}) == 1
	for doctype in ("Customer", "Lead", "Contact"):
		of_colleagues = {"parent": doctype, "role": "CRM Colleague"}
		assert frappe.db.count("Custom DocPerm", of_colleagues) == 1
		assert (
			frappe.db.count("Custom DocPerm", {"parent": doctype})
			== frappe.db.count("DocPerm", {"parent": doctype}) + 1
		)
