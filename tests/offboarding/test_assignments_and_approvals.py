"""After access was removed nothing is assigned to the person, asked of them or mailed to them; what has nobody is listed."""

import frappe
import pytest
from frappe.automation.doctype.assignment_rule.assignment_rule import apply
from frappe.desk.form.document_follow import send_document_follow_mails

from crm_transparency.offboarding import access_attempts, leaver_details, wizard_api
from crm_transparency.offboarding.exceptions import MailNotSent
from tests.offboarding.people import do, make_employee, row
from tests.people_and_accounts import acting_as, make_customer, make_lead

APPROVER = "leave_approver"


@pytest.fixture(autouse=True)
def nobody_outside(monkeypatch):
	"""The site can't be reached over HTTP in these tests."""
	monkeypatch.setattr(access_attempts.Site, "answers", lambda site: False)
	monkeypatch.setattr(frappe.db, "commit", lambda *args, **options: None)


@pytest.fixture(scope="module", autouse=True)
def approver_field(site):
	"""HRMS's field of the employee, where HRMS isn't installed."""
	if frappe.get_meta("Employee").has_field(APPROVER):
		yield
		return
	field = frappe.get_doc(
		doctype="Custom Field",
		dt="Employee",
		fieldname=APPROVER,
		label="Leave Approver",
		fieldtype="Link",
		options="User",
	)
	field.insert()
	frappe.db.commit()
	yield
	frappe.set_user("Administrator")
	frappe.delete_doc("Custom Field", field.name, force=True)
	frappe.db.commit()
	frappe.clear_cache(doctype="Employee")


def make_rule(*users: str, rule: str = "Round Robin", **values) -> str:
	return (
		frappe.get_doc(
			doctype="Assignment Rule",
			name=f"Leads {frappe.generate_hash(length=6)}",
			document_type="Lead",
			description="A new lead",
			assign_condition="True",
			rule=rule,
			users=[{"user": user} for user in users],
			assignment_days=[{"day": day} for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")]
			+ [{"day": day} for day in ("Saturday", "Sunday")],
			**values,
		)
		.insert()
		.name
	)


def make_notification(**recipient) -> str:
	return (
		frappe.get_doc(
			doctype="Notification",
			name=f"Customers {frappe.generate_hash(length=6)}",
			subject="Changed",
			document_type="Customer",
			event="Save",
			channel="Email",
			message="It was changed",
			recipients=[recipient],
		)
		.insert()
		.name
	)


@pytest.fixture
def involved(offboarding, ana, ben):
	"""Ana is assigned new leads, approves leave, follows a customer, and gets mails."""
	yield make_involved(ana, ben)
	# of rules and notifications Frappe keeps names that are rolled back
	frappe.clear_cache()


def make_involved(ana: str, ben: str) -> frappe._dict:
	things = frappe._dict(ana=ana)
	things.only_hers = make_rule(ana, priority=2)
	things.shared = make_rule(ana, ben, priority=1)
	frappe.db.set_value("Assignment Rule", things.shared, "last_user", ana)
	things.colleague = make_employee(None, "Cleo").name
	frappe.db.set_value("Employee", things.colleague, APPROVER, ana)
	things.customer = make_customer(ana)
	frappe.get_doc(
		doctype="Document Follow", ref_doctype="Customer", ref_docname=things.customer.name, user=ana
	).insert()
	frappe.db.set_value("User", ana, {"document_follow_notify": 1, "document_follow_frequency": "Daily"})
	things.in_copy = make_notification(cc=f"{ana}\nben@example.com")
	things.blind_copy = make_notification(bcc=ana)
	things.by_field = make_notification(receiver_by_document_field="account_manager")
	return things


def state_of(things) -> dict:
	rules = {}
	for name in (things.only_hers, things.shared):
		rule = frappe.get_doc("Assignment Rule", name)
		rules[name] = (rule.disabled, rule.last_user, [row.user for row in rule.users])
	return {
		"rules": rules,
		"approver": frappe.db.get_value("Employee", things.colleague, APPROVER),
		"follows": frappe.db.count("Document Follow", {"user": things.ana}),
		"copies": [
			frappe.get_all("Notification Recipient", {"parent": name}, ["cc", "bcc"])[0]
			for name in (things.in_copy, things.blind_copy)
		],
		"unsubscribed": frappe.db.count("Email Unsubscribe", {"email": things.ana}),
	}


def mails_to(user: str) -> int:
	return frappe.db.count("Email Queue Recipient", {"recipient": user})


def a_day_passes(things) -> None:
	"""Everything happens that would mail the person, or assign them something."""
	make_lead()
	customer = frappe.get_doc("Customer", things.customer.name)
	customer.customer_details = "Changed"
	customer.save()
	frappe.get_doc(
		doctype="Version",
		ref_doctype="Customer",
		docname=customer.name,
		data=frappe.as_json({"changed": [["customer_details", "", "Changed"]]}),
	).insert(ignore_permissions=True)
	customer.add_comment("Comment", f'<span class="mention" data-id="{things.ana}">@Ana</span>')
	send_document_follow_mails("Daily")
	frappe.sendmail(recipients=[things.ana], cc=["ben@example.com"], subject="To her", message="x")


def end(offboarding, hanna) -> dict:
	return do(offboarding, "access", hanna, action="now")["known"]


def test_while_she_works_there_she_is_assigned_and_mailed(involved):
	"""So that the next test tests something."""
	before = mails_to(involved.ana)
	a_day_passes(involved)
	assert mails_to(involved.ana) > before
	assert frappe.db.exists("ToDo", {"allocated_to": involved.ana, "reference_type": "Lead"})


def test_for_a_day_nothing_is_mailed_or_assigned_to_somebody_without_access(
	offboarding, involved, hanna, ben
):
	end(offboarding, hanna)
	mails, todos = mails_to(involved.ana), frappe.db.count("ToDo", {"allocated_to": involved.ana})
	a_day_passes(involved)
	assert mails_to(involved.ana) == mails
	assert frappe.db.count("ToDo", {"allocated_to": involved.ana}) == todos
	assert frappe.db.exists("ToDo", {"allocated_to": ben, "reference_type": "Lead"})


def test_what_is_left_with_nobody_is_listed_until_somebody_has_it(offboarding, involved, hanna, ben):
	left = {each["what"]: each for each in end(offboarding, hanna)["left"]}
	assert left["Accounts"]["number"] == 1
	assert left["Assignment rules without a user"]["names"] == involved.only_hers
	assert left["Approver to be chosen"]["names"] == involved.colleague
	assert left["Notifications without a recipient"]["names"] == involved.blind_copy
	result = row(offboarding, "access").result
	assert "Nobody takes care of: Accounts (1), Assignment rules without a user (1)" in result
	frappe.db.set_value("Employee", involved.colleague, APPROVER, ben)
	rule = frappe.get_doc("Assignment Rule", involved.only_hers)
	rule.append("users", {"user": ben})
	rule.save()
	with acting_as(hanna):
		left = {each["what"] for each in wizard_api.open(offboarding.name, "access")["known"]["left"]}
	assert left == {"Accounts", "Notifications without a recipient"}


def test_a_rule_by_a_field_and_a_sole_approver_are_listed(offboarding, involved, hanna):
	make_lead(involved.ana)
	by_field = make_rule(rule="Based on Field", field="lead_owner")
	left = {each["what"]: each["names"] for each in end(offboarding, hanna)["left"]}
	assert left["Assignment rules by a field that names the person"] == by_field


def test_all_of_it_comes_back_with_access(offboarding, involved, hanna):
	before = state_of(involved)
	end(offboarding, hanna)
	assert state_of(involved) != before
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert state_of(involved) == before
	apply(frappe.get_doc("Lead", make_lead().name))
	assert frappe.db.exists("ToDo", {"allocated_to": involved.ana, "reference_type": "Lead"})


def test_a_rule_that_is_not_valid_any_more_stops_neither(offboarding, involved, ana, hanna):
	frappe.db.set_value("Assignment Rule", involved.only_hers, "document_type", "ToDo")
	before = state_of(involved)
	end(offboarding, hanna)
	assert frappe.db.get_value("User", ana, "enabled") == 0
	assert state_of(involved)["rules"][involved.only_hers] == (1, None, [])
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert state_of(involved) == before


def test_what_somebody_changed_meanwhile_stays_as_they_want_it(offboarding, involved, hanna, ben):
	end(offboarding, hanna)
	frappe.db.set_value("Employee", involved.colleague, APPROVER, ben)
	frappe.db.set_value("Notification Recipient", {"parent": involved.blind_copy}, "bcc", "ben@example.com")
	with acting_as(hanna):
		wizard_api.cancel(offboarding.name, "She stays")
	assert frappe.db.get_value("Employee", involved.colleague, APPROVER) == ben
	assert frappe.db.get_value("Notification Recipient", {"parent": involved.blind_copy}, "bcc") == (
		"ben@example.com"
	)


def test_whoever_is_enabled_again_by_hand_gets_mails_again(offboarding, ana, hanna):
	end(offboarding, hanna)
	assert leaver_details.address(offboarding) == "ana.lima@gmail.com"
	user = frappe.get_doc("User", ana)
	user.enabled = 1
	user.save()
	assert not frappe.db.exists("Email Unsubscribe", {"email": ana})
	assert frappe.sendmail(recipients=[ana], subject="Welcome back", message="x")


def test_hr_writes_to_the_private_address_then_or_is_told_why_that_is_not_possible(
	offboarding, employee, ana, hanna
):
	do(offboarding, "interview", hanna, action="invite", starts_on="2099-01-09 10:00:00")
	end(offboarding, hanna)
	employee.db_set("personal_email", None)
	with pytest.raises(MailNotSent, match="Email Unsubscribe"):
		do(offboarding, "interview", hanna, action="thank")
	employee.db_set("personal_email", "ana.lima@gmail.com")
	do(offboarding, "interview", hanna, action="thank")
	assert mails_to("ana.lima@gmail.com") == 1
