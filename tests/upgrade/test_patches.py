import frappe
import pytest

from crm_transparency.offboarding.mail_once import record_name
from crm_transparency.patches import (
	fill_in_new_settings,
	leave_powers_to_be_decided,
	note_what_successors_were_told,
)

SETTINGS = "CRM Transparency Settings"


def test_settings_of_a_new_version_get_their_defaults_and_others_stay():
	frappe.db.delete("Singles", {"doctype": SETTINGS, "field": "bulk_read_rows"})
	frappe.db.set_single_value(SETTINGS, "large_export_rows", 7)
	fill_in_new_settings.execute()
	assert frappe.db.get_single_value(SETTINGS, "bulk_read_rows", cache=False) == 500
	assert frappe.db.get_single_value(SETTINGS, "large_export_rows", cache=False) == 7


@pytest.mark.parametrize(
	("kind", "is_chosen", "status", "expected"),
	[
		("Approver", 0, "Planned", "Leave"),
		("Approval Role", 0, "Undone", "Leave"),
		("Approver", 1, "Planned", "Move"),
		("Approver", 0, "Done", "Move"),
		("Territory", 0, "Planned", "Move"),
	],
)
def test_powers_that_nobody_decided_about_wait_in_plans_from_before(kind, is_chosen, status, expected):
	planned = frappe.get_doc(
		doctype="Handover Belonging", kind=kind, is_chosen=is_chosen, status=status, action="Move"
	)
	planned.db_insert()
	leave_powers_to_be_decided.execute()
	assert frappe.db.get_value("Handover Belonging", planned.name, "action") == expected


@pytest.mark.parametrize(("user", "expected"), [("told@ours.example", 1), ("untold@ours.example", 0)])
def test_what_a_summary_told_before_that_was_noted_is_not_told_again(user, expected):
	plan = frappe.get_doc(doctype="Handover Plan", name="of-before", account_transfer="transfer-of-before")
	plan.db_insert()
	kind = "handover summary transfer-of-before told@ours.example"
	mail = frappe.get_doc(
		doctype="Offboarding Mail", name=record_name(plan.name, kind), offboarding=plan.name, kind=kind
	)
	mail.db_insert()
	moved = frappe.get_doc(
		doctype="Handover Belonging", kind="ToDo", offboarding=plan.name, status="Done", went_to=user
	)
	moved.db_insert()
	note_what_successors_were_told.execute()
	assert frappe.db.get_value("Handover Belonging", moved.name, "is_told") == expected
