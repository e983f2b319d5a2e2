"""Hide DocType, and reports that are closed."""

import frappe
import frappe.client
import frappe.desk.query_report
import pytest

from crm_transparency.restrictions import closed_reports, explanations
from tests.people_and_accounts import acting_as, make_customer, make_lead
from tests.restrictions.registering import REASON, hide_customers, restrict
from tests.restrictions.requesting import answered, asked, begin_request
from tests.restrictions.test_hidden_records import file_at, mail_about


@pytest.fixture
def no_leads(ana, olga):
	restrict("Lead", olga, user=ana, restriction_kind="Hide DocType")


def test_nothing_of_a_hidden_doctype_is_there(no_leads, ana, ben):
	lead = make_lead()
	with acting_as(ana):
		assert frappe.get_list("Lead") == []
		assert not frappe.has_permission("Lead", "read", lead.name)
		with pytest.raises(frappe.PermissionError):
			make_lead()
	with acting_as(ben):
		assert frappe.get_list("Lead", filters={"name": lead.name})


def test_its_user_is_told_why(no_leads, ana):
	lead = make_lead()
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		frappe.client.get("Lead", lead.name)
	told = frappe.as_json(frappe.local.message_log)
	assert REASON.rstrip(".") in told
	assert "Olga" in told


def test_the_desk_does_not_offer_a_hidden_doctype(no_leads, ana, ben):
	for user, is_offered in ((ana, False), (ben, True)):
		bootinfo = frappe._dict(
			user={"can_read": ["Customer", "Lead"], "can_create": ["Lead"], "roles": ["Lead"]}
		)
		with acting_as(user):
			explanations.add_to_bootinfo(bootinfo)
		assert ("Lead" in bootinfo.user["can_read"]) == is_offered
		assert ("Lead" in bootinfo.user["can_create"]) == is_offered
		assert bootinfo.user["roles"] == ["Lead"]


def test_sharing_a_document_of_a_hidden_doctype_does_not_open_it(no_leads, ana):
	lead = make_lead()
	frappe.share.add("Lead", lead.name, ana, read=1)
	with acting_as(ana):
		assert not frappe.has_permission("Lead", "read", lead.name)
		assert frappe.get_list("Lead") == []


def test_what_is_linked_to_a_hidden_doctype_is_hidden_too(no_leads, ana):
	"""As with Hide Records: one mechanism."""
	lead = make_lead()
	made_of_it, other = make_customer(lead_name=lead.name), make_customer()
	with acting_as(ana):
		names = frappe.get_list("Customer", pluck="name", limit=0)
	assert made_of_it.name not in names and other.name in names


def test_files_and_mails_beside_it_are_hidden_too(no_leads, ana):
	from crm_transparency.restrictions import hiding

	lead, customer = make_lead(), make_customer()
	for make in (file_at, mail_about):
		assert hiding(ana, make(lead).doctype, make(lead).name)
		assert not hiding(ana, make(customer).doctype, make(customer).name)


def script_report(ref_doctype: str, columns: str) -> str:
	report = frappe.get_doc(
		doctype="Report",
		report_name=f"Our figures {frappe.generate_hash(length=6)}",
		ref_doctype=ref_doctype,
		report_type="Query Report",
		is_standard="No",
		query=f"select name as `{columns}` from `tab{ref_doctype}`",
	)
	for role in ("Sales User", "Sales Manager"):
		report.append("roles", {"role": role})
	return report.insert(ignore_permissions=True).name


def test_a_report_that_can_not_be_filtered_is_closed_with_a_sentence(ana, ben, olga):
	report = script_report("Customer", "Customer:Link/Customer:200")
	hide_customers([make_customer().name], olga, user=ana)
	with acting_as(ben):
		assert frappe.desk.query_report.run(report)["result"]
	with acting_as(ana), pytest.raises(frappe.PermissionError, match="The contract with this customer"):
		frappe.desk.query_report.run(report)


def test_a_report_on_something_else_that_lists_hidden_documents_is_closed_too(ana, olga):
	report = script_report("Territory", "Account:Link/Customer:200")
	hide_customers([make_customer().name], olga, user=ana)
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		frappe.desk.query_report.run(report)


def test_a_report_on_something_else_stays_open(ana, olga):
	report = script_report("Territory", "Territory:Link/Territory:200")
	hide_customers([make_customer().name], olga, user=ana)
	with acting_as(ana):
		assert frappe.desk.query_report.run(report)["result"]


def test_a_report_mailed_in_the_name_of_a_restricted_user_is_closed(ana, olga):
	report = script_report("Customer", "Customer:Link/Customer:200")
	hide_customers([make_customer().name], olga, user=ana)
	with pytest.raises(frappe.PermissionError):
		frappe.desk.query_report.run(report, user=ana)


def test_a_stored_result_of_a_closed_report_is_closed_too(ana, ben, olga):
	report = script_report("Customer", "Customer:Link/Customer:200")
	hide_customers([make_customer().name], olga, user=ana)
	stored = frappe.get_doc(doctype="Prepared Report", report_name=report, filters="{}", status="Completed")
	stored.name = frappe.generate_hash(length=10)
	stored.db_insert()
	assert not frappe.has_permission("Prepared Report", "read", stored.name, user=ana)
	assert closed_reports.has_permission(stored, "read", ana) is False
	assert closed_reports.has_permission(stored, "read", ben) is not False


def test_a_request_for_a_closed_report_is_refused_whatever_it_asks_of_it(ana, ben, olga):
	report = script_report("Customer", "Customer:Link/Customer:200")
	hide_customers([make_customer().name], olga, user=ana)
	for command in ("frappe.desk.query_report.get_script", "frappe.desk.query_report.run"):
		with acting_as(ana), pytest.raises(frappe.PermissionError, match="The contract with this customer"):
			asked(command, report_name=report)
		with acting_as(ben):
			assert asked(command, report_name=report)["message"]


def test_a_stored_result_that_lists_hidden_documents_is_not_sent(ana, olga):
	report = script_report("Territory", "Account:Link/Customer:200")
	hide_customers([make_customer().name], olga, user=ana)
	result = {"columns": [{"fieldname": "account", "fieldtype": "Link", "options": "Customer"}], "result": []}
	with acting_as(ana):
		begin_request("/api/method/frappe.desk.query_report.run", {"report_name": report})
		with pytest.raises(frappe.PermissionError, match="The contract with this customer"):
			answered(message=result)


def test_our_own_reports_leave_hidden_accounts_out(ana, ben, olga):
	secret, seen = make_customer(ben), make_customer(ben)
	hide_customers([secret.name], olga, user=ana)
	for user, count in ((ana, 1), (ben, 2)):
		with acting_as(user):
			rows = frappe.desk.query_report.run("Account Owner Changes", {"person": ben})["result"]
			shown = {row["reference_name"] for row in rows if isinstance(row, dict)}
			assert len(shown & {secret.name, seen.name}) == count


def test_lists_and_forms_get_notes_that_name_no_record(ana, ben, olga):
	secret = make_customer(title="Secret Mill")
	hide_customers([secret.name], olga, user=ana)
	with acting_as(ana):
		told = frappe._dict()
		explanations.add_to_bootinfo(told)
	restricted = told.crm_transparency_restrictions
	assert restricted["by_doctype"]["Customer"] == [0]
	assert "Opportunity" in restricted["by_doctype"]
	assert REASON.rstrip(".") in restricted["texts"][0]["text"]
	assert "Secret Mill" not in frappe.as_json(restricted)
	with acting_as(ben):
		told = frappe._dict()
		explanations.add_to_bootinfo(told)
		assert told.crm_transparency_restrictions == {"texts": [], "by_doctype": {}}
