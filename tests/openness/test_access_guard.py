"""The access guard finds every night what is no longer open, once, with who changed that, and nothing else."""

import frappe
import pytest

from crm_transparency.crm_transparency import requested
from crm_transparency.openness import (
	access_guard,
	limiting_user_permissions,
	openness_changes,
	permission_changes,
)
from crm_transparency.openness.open_doctypes import CHANGE
from crm_transparency.openness.page.openness_setup import openness_setup
from tests.openness.permissions_setup import DECISION, colleague_rule, limit, make_territory, set_right
from tests.people_and_accounts import acting_as, make_user

COLLEAGUE = "CRM Colleague"
RESET = "frappe.core.page.permission_manager.permission_manager.reset"


@pytest.fixture(autouse=True)
def opened():
	frappe.db.delete(CHANGE)
	frappe.db.delete(access_guard.FINDING)
	yield openness_changes.open_up(["Customer", "Lead", "Opportunity", "Prospect"], DECISION)
	frappe.db.rollback()
	for doctype in ("Customer", "Lead", "Opportunity", "Prospect"):
		frappe.clear_cache(doctype=doctype)


@pytest.fixture
def ada():
	return make_user("Ada", "System Manager")


def found():
	access_guard.check()
	return frappe.get_all(
		access_guard.FINDING,
		filters={"status": "Open"},
		fields=["name", "kind", "document_type", "user", "explanation", "closed_by", "closed_on"],
		order_by="creation",
	)


def test_as_long_as_all_is_open_nothing_is_found():
	make_user("Rita")
	assert found() == []


def test_before_anything_is_decided_nothing_is_found(opened):
	openness_changes.undo(opened)
	assert found() == []


def test_a_rule_that_was_taken_away_is_found_with_who_did_it(ada):
	with acting_as(ada):
		frappe.delete_doc("Custom DocPerm", colleague_rule("Lead").name, force=True)
	frappe.clear_cache(doctype="Lead")
	[finding] = found()
	assert (finding.kind, finding.document_type, finding.closed_by) == (
		access_guard.RIGHTS_MISSING,
		"Lead",
		ada,
	)


def test_a_rule_without_reading_is_found_and_opening_again_resolves_it(ada):
	with acting_as(ada):
		set_right("Lead", COLLEAGUE, "read", 0)
	[finding] = found()
	assert finding.closed_by == ada
	assert openness_changes.open_up(["Lead"], DECISION)
	assert found() == []
	assert frappe.db.get_value(access_guard.FINDING, finding.name, "status") == "Resolved"


def test_what_sql_removed_is_found_and_nobody_is_blamed(ada):
	with acting_as(ada):
		frappe.permissions.update_permission_property("Lead", COLLEAGUE, 0, "share", 1)
	frappe.db.delete("Custom DocPerm", {"parent": "Lead", "role": COLLEAGUE})
	frappe.clear_cache(doctype="Lead")
	[finding] = found()
	assert finding.document_type == "Lead" and finding.closed_by is None


def test_what_v15_changes_by_sql_is_recorded_by_its_endpoint(ada, monkeypatch):
	monkeypatch.setattr(permission_changes, "IS_V15", True)
	monkeypatch.setattr(requested, "command", lambda: RESET)
	with acting_as(ada):
		permission_changes.run_and_record(doctype="Lead")
	frappe.clear_cache(doctype="Lead")
	[finding] = found()
	assert finding.closed_by == ada


def test_a_new_user_permission_is_found_with_who_made_it(ada):
	rita = make_user("Rita")
	with acting_as(ada):
		limit(rita, "Territory", make_territory("North"))
	[finding] = found()
	assert (finding.user, finding.closed_by) == (rita, ada)
	assert "North" in finding.explanation and "Rita" in finding.explanation
	limiting_user_permissions.lift(rita, "Territory", DECISION)
	assert found() == []


def test_user_permissions_that_were_there_when_it_was_decided_are_no_finding(opened):
	rita = make_user("Rita")
	openness_changes.undo(opened)
	limit(rita, "Territory", make_territory("North"))
	openness_changes.open_up(["Customer", "Lead", "Opportunity", "Prospect"], DECISION)
	assert found() == []


def test_a_person_who_lost_the_role_is_found_with_who_took_it(ada):
	rita = make_user("Rita")
	with acting_as(ada):
		user = frappe.get_doc("User", rita)
		user.set("roles", [row for row in user.roles if row.role != COLLEAGUE])
		user.save(ignore_permissions=True, ignore_version=False)
	[finding] = found()
	assert (finding.kind, finding.user, finding.closed_by) == (access_guard.ROLE_MISSING, rita, ada)


def test_new_users_and_new_roles_are_no_regression():
	frappe.get_doc(doctype="Role", role_name="Fair Staff").insert()
	make_user("Rita", "Fair Staff")
	frappe.permissions.add_permission("Customer", "Fair Staff")
	assert found() == []


def test_a_condition_of_an_app_that_came_later_is_found(monkeypatch):
	make_user("Rita")
	real_hooks, real_attr, path = frappe.get_hooks, frappe.get_attr, "other_app.rules.only_mine"

	def hooks(hook=None, *arguments, **keywords):
		found = real_hooks(hook, *arguments, **keywords)
		return {**found, "Lead": [path]} if hook == "permission_query_conditions" else found

	monkeypatch.setattr(frappe, "get_hooks", hooks)
	monkeypatch.setattr(
		frappe,
		"get_attr",
		lambda name: (lambda user, doctype=None: "1=0") if name == path else real_attr(name),
	)
	[finding] = found()
	assert finding.document_type == "Lead" and "other_app" in finding.explanation


def test_what_is_tracked_and_came_later_is_found_until_somebody_decides(opened):
	frappe.db.set_value(CHANGE, opened.name, "left_closed", "")
	kinds = {each.document_type for each in found() if each.kind == access_guard.UNDECIDED}
	assert "Contact" in kinds and "Customer" not in kinds


def test_managers_are_notified_once():
	mona = make_user("Mona", "Transparency Manager")
	frappe.permissions.update_permission_property("Lead", COLLEAGUE, 0, "read", 0)
	frappe.clear_cache(doctype="Lead")
	for _night in range(2):
		access_guard.check()
	notices = frappe.get_all(
		"Notification Log", filters={"for_user": mona, "document_type": access_guard.FINDING}, pluck="subject"
	)
	assert len(notices) == 1 and "Lead" in notices[0]


def test_an_accepted_regression_is_not_found_again(ada):
	frappe.permissions.update_permission_property("Lead", COLLEAGUE, 0, "read", 0)
	frappe.clear_cache(doctype="Lead")
	[finding] = found()
	with acting_as(ada):
		openness_setup.accept(finding.name, "Leads of the fair stay with the fair team")
	assert found() == []
	settled = frappe.get_doc(access_guard.FINDING, finding.name)
	assert (settled.status, settled.settled_by) == ("Accepted", ada)
	openness_changes.open_up(["Lead"], DECISION)
	assert found() == []
	frappe.permissions.update_permission_property("Lead", COLLEAGUE, 0, "read", 0)
	assert len(found()) == 1, "it was opened again in between"


def test_the_banner_is_for_managers_and_is_empty_without_regressions():
	mona, rita = make_user("Mona", "Transparency Manager"), make_user("Rita")
	with acting_as(mona):
		assert openness_setup.access_regressions() == []
	set_right("Lead", COLLEAGUE, "read", 0)
	access_guard.check()
	with acting_as(mona):
		[shown] = openness_setup.access_regressions()
		assert "Lead" in shown["explanation"] and shown["closed_by"]
	with acting_as(rita), pytest.raises(frappe.PermissionError):
		openness_setup.access_regressions()
	with acting_as(mona), pytest.raises(frappe.PermissionError):
		openness_setup.accept(shown["name"], "Because I say so, and that is that")


def test_an_accepted_regression_is_found_again_when_access_is_limited_further(ada):
	rita = make_user("Rita")
	with acting_as(ada):
		limit(rita, "Territory", make_territory("North"))
	[finding] = found()
	with acting_as(ada):
		openness_setup.accept(finding.name, "Rita helps out in the north for a month")
	assert found() == []
	with acting_as(ada):
		limit(rita, "Territory", make_territory("South"))
	[finding] = found()
	assert "South" in finding.explanation


def test_a_rule_that_lost_another_open_right_than_reading_is_found(ada):
	with acting_as(ada):
		set_right("Lead", COLLEAGUE, "report", 0)
	[finding] = found()
	assert (finding.document_type, finding.closed_by) == ("Lead", ada)
	assert "Report" in finding.explanation and "no longer read" not in finding.explanation
	with acting_as(ada):
		openness_setup.accept(finding.name, "Nobody needs reports on leads")
		set_right("Lead", COLLEAGUE, "read", 0)
	[finding] = found()
	assert "no longer read" in finding.explanation
