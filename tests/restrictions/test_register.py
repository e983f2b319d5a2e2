"""The register: what every exception to openness needs, and who decides."""

import frappe
import frappe.desk.search
import pytest
from frappe.utils import add_months, nowdate

from crm_transparency.restrictions import decisions, in_force
from crm_transparency.restrictions.exceptions import (
	InvalidRecordFilter,
	NotTheirDecision,
	UnfoundedRestriction,
)
from tests.people_and_accounts import acting_as, make_customer, make_user
from tests.restrictions.registering import ANSWERS, draft, hide_customers

BY_NAME = [["Customer", "name", "=", "Secret Mill"]]


def test_a_manager_drafts_and_the_business_owner_puts_it_into_force(ana, olga, drafter):
	with acting_as(drafter):
		restriction = draft("Customer", olga, user=ana, record_filter=BY_NAME).insert()
		assert restriction.status == "Draft"
		with pytest.raises(NotTheirDecision):
			decisions.activate(restriction.name)
	with acting_as(olga):
		decisions.activate(restriction.name)
	restriction.reload()
	assert (restriction.status, str(restriction.approved_on)) == ("Active", nowdate())
	assert restriction.approved_by == olga
	assert [rule.name for rule in in_force(ana)] == [restriction.name]


@pytest.mark.parametrize(("filters", "finds_technical_ones"), [({}, True), ({"is_business": 1}, False)])
def test_whoever_drafts_chooses_roles_that_frappe_does_not_let_them_look_up(
	drafter, filters, finds_technical_ones
):
	query = "crm_transparency.openness.role_search.search"
	with acting_as(drafter):
		assert not frappe.has_permission("Role", "select")
		found = {
			row["value"]
			for row in frappe.desk.search.search_link(
				"Role", "Manager", query=query, page_length=99, filters=filters
			)
		}
	assert {"Sales Manager", "Transparency Manager"} <= found
	assert ("System Manager" in found) is finds_technical_ones
	assert not found & {"Administrator", "Guest"}


def test_a_renamed_role_stays_restricted(olga):
	role = frappe.get_doc(doctype="Role", role_name=f"Shipping {frappe.generate_hash(length=6)}").insert()
	restriction = hide_customers(["Secret Mill"], olga, role=role.name)
	new_name = frappe.rename_doc("Role", role.name, f"{role.name} and Packing", force=True)
	person = make_user("Pam", new_name)
	assert [rule.name for rule in in_force(person)] == [restriction.name]


def test_nobody_sets_the_status_by_saving(ana, olga, drafter):
	with acting_as(drafter):
		restriction = draft("Customer", olga, user=ana, record_filter=BY_NAME, status="Active").insert()
		assert restriction.status == "Draft"
		restriction.status = "Active"
		with pytest.raises(NotTheirDecision):
			restriction.save()


def test_nobody_becomes_business_owner_of_what_is_in_force_by_saying_so(ana, ben, olga, drafter):
	restriction = hide_customers(["Secret Mill"], olga, user=ana)
	with acting_as(drafter):
		restriction.business_owner = drafter
		with pytest.raises(NotTheirDecision):
			restriction.save()


def test_nobody_becomes_business_owner_of_a_draft_by_saying_so(ana, ben, olga):
	restriction = draft("Customer", olga, user=ana, record_filter=BY_NAME).insert()
	with acting_as(ben):
		taken = frappe.get_doc("Access Restriction", restriction.name)
		taken.business_owner = ben
		with pytest.raises(frappe.PermissionError):
			taken.save()
		assert not frappe.has_permission("Access Restriction", "read", taken)
		with pytest.raises(NotTheirDecision):
			decisions.activate(restriction.name)
		with pytest.raises(frappe.PermissionError):
			draft("Customer", ben, user=ana, record_filter=BY_NAME).insert()


def test_administrator_writes_down_how_the_business_owner_approved(ana, olga):
	restriction = draft("Customer", olga, user=ana, record_filter=BY_NAME).insert()
	with pytest.raises(UnfoundedRestriction):
		decisions.activate(restriction.name)
	decisions.activate(restriction.name, approval_note="Olga's mail of today")
	restriction.reload()
	assert restriction.approval_note == "Olga's mail of today"


def test_a_business_owner_is_not_only_a_system_manager(ana):
	sam = make_user("Sam", "System Manager")
	for nobody in (sam, "Administrator"):
		with pytest.raises(UnfoundedRestriction):
			draft("Customer", nobody, user=ana, record_filter=BY_NAME).insert()
	both = make_user("Bo", "System Manager", "Sales Manager")
	assert draft("Customer", both, user=ana, record_filter=BY_NAME).insert()


@pytest.mark.parametrize("reason", ["secret", "Because it is", "x" * 50])
def test_a_reason_is_at_least_a_sentence(ana, olga, reason):
	with pytest.raises(UnfoundedRestriction):
		draft("Customer", olga, user=ana, record_filter=BY_NAME, reason=reason).insert()


@pytest.mark.parametrize("question", ANSWERS)
def test_all_four_questions_are_answered(ana, olga, question):
	with pytest.raises((UnfoundedRestriction, frappe.MandatoryError)):
		draft("Customer", olga, user=ana, record_filter=BY_NAME, **{question: "  "}).insert()


def test_the_review_is_within_twelve_months(ana, olga):
	values = {"user": ana, "record_filter": BY_NAME}
	with pytest.raises(UnfoundedRestriction):
		draft("Customer", olga, review_by=add_months(nowdate(), 13), **values).insert()
	with pytest.raises(UnfoundedRestriction):
		draft("Customer", olga, review_by="2020-01-01", **values).insert()
	assert draft("Customer", olga, review_by=add_months(nowdate(), 12), **values).insert()


@pytest.mark.parametrize(
	"record_filter",
	[
		[],
		[["Customer", "no_such_field", "=", "x"]],
		[["Lead", "name", "=", "x"]],
		[["Customer", "name", "; drop table", "x"]],
		[["Customer", "name` = '' or 1=1 -- ", "=", "x"]],
		[["Customer", "name", "in", []]],
		[["Customer", "name", "=", {"a": 1}]],
		[["Customer", "creation", "between", ["2020-01-01"]]],
		[["Customer", "creation", ">", "no date"]],
		[["Customer", "customer_name", "descendants of", "x"]],
		[["Customer", "disabled", "=", "1 or 1=1"]],
		"name",
		{"name": "x"},
	],
)
def test_a_filter_that_can_not_be_enforced_is_refused(ana, olga, record_filter):
	with pytest.raises(InvalidRecordFilter):
		draft("Customer", olga, user=ana, record_filter=record_filter).insert()


def test_values_are_quoted(ana, olga):
	name = "O'Neil \\ 100% \"`;--"
	customer = make_customer()
	customer.db_set("website", name)
	other = make_customer()
	restriction = draft(
		"Customer", olga, user=ana, record_filter=[["Customer", "website", "=", name]]
	).insert()
	with acting_as(olga):
		decisions.activate(restriction.name)
	with acting_as(ana):
		listed = frappe.get_list("Customer", pluck="name", limit=0)
		assert customer.name not in listed and other.name in listed
		assert not frappe.has_permission("Customer", "read", customer.name)


def test_a_filter_that_hides_nothing_or_everything_gives_a_warning(ana, olga):
	make_customer()
	for record_filter in (BY_NAME, [["Customer", "name", "is", "set"]]):
		frappe.clear_messages()
		draft("Customer", olga, user=ana, record_filter=record_filter).insert()
		assert "At the moment, this filter hides" in frappe.as_json(frappe.local.message_log)


@pytest.mark.parametrize("doctype", ["User", "DocType", "Account Owner Change", "CRM Transparency Settings"])
def test_the_platform_and_the_ledgers_can_not_be_restricted(ana, olga, doctype):
	with pytest.raises(UnfoundedRestriction):
		draft(doctype, olga, user=ana, restriction_kind="Hide DocType").insert()


def test_what_was_in_force_is_kept(ana, olga):
	restriction = hide_customers(["Secret Mill"], olga, user=ana)
	with pytest.raises(NotTheirDecision):
		restriction.delete()


def test_changes_of_what_is_in_force_are_kept_as_versions(ana, olga):
	restriction = hide_customers(["Secret Mill"], olga, user=ana)
	restriction.reason = "The contract with this customer was made longer by a year."
	restriction.save(ignore_version=False)
	assert frappe.db.exists("Version", {"docname": restriction.name})


def test_everybody_reads_what_is_in_force_but_not_which_records(ana, ben, olga, drafter):
	restriction = hide_customers(["Secret Mill"], olga, user=ana)
	drafted = draft("Customer", olga, user=ana, record_filter=BY_NAME).insert()
	for user in (ana, ben):
		with acting_as(user):
			rows = frappe.get_list("Access Restriction", fields=["*"], limit=0)
			assert [row.name for row in rows if row.name in (restriction.name, drafted.name)] == [
				restriction.name
			]
			assert "Secret Mill" not in frappe.as_json(rows)
			doc = frappe.get_doc("Access Restriction", restriction.name)
			doc.check_permission("read")
			doc.run_method("onload")
			doc.apply_fieldlevel_read_permissions()
			assert "Secret Mill" not in frappe.as_json(doc.as_dict())
			assert not doc.has_permission("write")
	for user in (olga, drafter):
		with acting_as(user):
			doc = frappe.get_doc("Access Restriction", restriction.name)
			doc.run_method("onload")
			doc.apply_fieldlevel_read_permissions()
			assert "Secret Mill" in frappe.as_json(doc.as_dict())


def test_versions_of_the_register_tell_nobody_which_records(ana, ben, olga):
	import frappe.desk.form.load

	restriction = draft("Customer", olga, user=ana, record_filter=BY_NAME).insert()
	restriction.record_filter = frappe.as_json([["Customer", "name", "=", "Other Mill"]])
	restriction.save(ignore_version=False)
	with acting_as(olga):
		decisions.activate(restriction.name)
	with acting_as(ben):
		versions = frappe.desk.form.load.get_versions(frappe.get_doc("Access Restriction", restriction.name))
		assert "Mill" not in frappe.as_json(versions)
