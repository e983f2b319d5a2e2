"""Hide Records: a customer, and what hangs on it, isn't there for whom a restriction concerns."""

import frappe
import frappe.client
import frappe.desk.form.load
import frappe.desk.reportview
import frappe.desk.search
import pytest

from crm_transparency.restrictions import condition, hiding, in_force
from tests.people_and_accounts import acting_as, make_customer, make_lead
from tests.restrictions.registering import hide_customers, restrict
from tests.restrictions.requesting import asked


@pytest.fixture
def open_one():
	return make_customer(title="Open Mill")


def names(doctype, **filters):
	return frappe.get_list(doctype, filters=filters, pluck="name", limit=0)


def opportunity_of(customer):
	return frappe.get_doc(
		doctype="Opportunity", opportunity_from="Customer", party_name=customer.name, company=company()
	).insert()


def company():
	if name := frappe.db.get_value("Company", {}):
		return name
	values = {"company_name": "Mill Press", "abbr": "MP", "default_currency": "EUR", "country": "Germany"}
	return frappe.get_doc(doctype="Company", **values).insert().name


def contact_of(customer, **values):
	contact = frappe.get_doc(doctype="Contact", first_name="Mila", **values)
	contact.append("links", {"link_doctype": customer.doctype, "link_name": customer.name})
	return contact.insert()


def address_of(customer):
	address = frappe.get_doc(
		doctype="Address", address_title="Mill", address_type="Billing", address_line1="1 Quay", city="Hull"
	)
	address.country = frappe.get_all("Country", pluck="name", limit=1)[0]
	address.append("links", {"link_doctype": customer.doctype, "link_name": customer.name})
	return address.insert()


def mail_about(document):
	return frappe.get_doc(
		doctype="Communication",
		subject="Your order",
		content="Hello",
		communication_type="Communication",
		reference_doctype=document.doctype,
		reference_name=document.name,
	).insert()


def file_at(document):
	return frappe.get_doc(
		doctype="File",
		file_name=f"{frappe.generate_hash(length=6)}.txt",
		content="figures",
		is_private=1,
		attached_to_doctype=document.doctype,
		attached_to_name=document.name,
	).insert()


def test_the_customer_is_in_nobodys_list_whom_it_is_hidden_from(secret, open_one, ana, ben):
	with acting_as(ana):
		assert secret.name not in names("Customer")
		assert open_one.name in names("Customer")
	with acting_as(ben):
		assert secret.name in names("Customer")


def test_the_document_is_refused_with_reason_and_whom_to_ask(secret, ana):
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		frappe.client.get("Customer", secret.name)
	told = frappe.as_json(frappe.local.message_log)
	assert "The contract with this customer" in told
	assert "Olga" in told


def test_what_hangs_on_the_customer_is_hidden_with_it(secret, open_one, ana):
	for make in (contact_of, address_of, opportunity_of, file_at):
		hidden, seen = make(secret), make(open_one)
		with acting_as(ana):
			listed = names(hidden.doctype)
			assert hidden.name not in listed, hidden.doctype
			assert seen.name in listed, hidden.doctype
			assert not frappe.has_permission(hidden.doctype, "read", hidden.name)
			assert frappe.has_permission(hidden.doctype, "read", seen.name)


def test_its_mails_are_hidden_and_those_of_others_are_not(secret, open_one, ana):
	hidden, seen = mail_about(secret), mail_about(open_one)
	assert hiding(ana, "Communication", hidden.name)
	assert not hiding(ana, "Communication", seen.name)


def test_what_hangs_on_an_opportunity_of_the_customer_is_hidden_with_it(secret, ana):
	opportunity = opportunity_of(secret)
	mail = mail_about(opportunity)
	file = file_at(mail)
	for hidden in (mail, file):
		with acting_as(ana):
			assert hidden.name not in names(hidden.doctype)
		assert hiding(ana, hidden.doctype, hidden.name)


def test_the_ledger_says_nothing_of_a_hidden_customer(secret, ana, ben):
	secret.account_manager = ben
	secret.save()
	entries = {"reference_doctype": "Customer", "reference_name": secret.name}
	with acting_as(ben):
		assert names("Account Owner Change", **entries)
	with acting_as(ana):
		assert not names("Account Owner Change", **entries)


def test_a_customer_made_of_a_hidden_lead_is_hidden_with_its_orders_and_contacts(ana, olga):
	lead = make_lead()
	customer = make_customer(lead_name=lead.name)
	contact = contact_of(customer)
	restrict("Lead", olga, user=ana, record_filter=[["Lead", "name", "=", lead.name]])
	with acting_as(ana):
		assert customer.name not in names("Customer")
		assert contact.name not in names("Contact")


def test_link_search_and_counts_leave_it_out(secret, open_one, ana):
	with acting_as(ana):
		found = frappe.desk.search.search_link("Customer", "Mill")
		assert open_one.name in {row["value"] for row in found}
		assert secret.name not in {row["value"] for row in found}
		from crm_transparency.crm_transparency.overrides.lookups import get_count

		assert get_count("Customer", {"name": ["in", [secret.name, open_one.name]]}) == 1


def test_a_link_search_by_another_apps_query_leaves_it_out(secret, open_one, ana):
	"""As ERPNext's customer_query does: its own SQL, with the conditions that Frappe gives it."""
	from frappe.desk.reportview import get_match_cond

	with acting_as(ana):
		rows = frappe.db.sql(
			"select name from `tabCustomer` where name like %(text)s " + get_match_cond("Customer"),
			{"text": "%Mill%"},
			pluck=True,
		)
	assert open_one.name in rows
	assert secret.name not in rows


def test_its_title_is_told_to_nobody_whom_it_is_hidden_from(secret, ana):
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		asked("frappe.desk.search.get_link_title", doctype="Customer", docname=secret.name)


def test_sharing_does_not_open_it(secret, ana):
	frappe.share.add("Customer", secret.name, ana, read=1, write=1)
	with acting_as(ana):
		assert secret.name not in names("Customer")
		assert not frappe.has_permission("Customer", "read", secret.name)
		assert not frappe.get_doc("Customer", secret.name).has_permission("write")


def test_sharing_opens_nothing_hidden_to_whom_roles_give_no_access(olga):
	from tests.people_and_accounts import make_user

	tom = make_user("Tom", "Maintenance User" if frappe.db.exists("Role", "Maintenance User") else "Blogger")
	secret, shared = make_customer(), make_customer()
	hide_customers([secret.name], olga, user=tom)
	for customer in (secret, shared):
		frappe.share.add("Customer", customer.name, tom, read=1)
	with acting_as(tom):
		assert set(names("Customer")) >= {shared.name} and secret.name not in names("Customer")


def test_its_own_author_does_not_see_it_either(ana, olga):
	with acting_as(ana):
		customer = make_customer()
	hide_customers([customer.name], olga, user=ana)
	with acting_as(ana):
		assert customer.name not in names("Customer")
		assert not frappe.has_permission("Customer", "read", customer.name)


def test_the_author_of_an_attached_file_can_not_download_it(secret, open_one, ana):
	for customer, may_download in ((secret, False), (open_one, True)):
		file = file_at(customer)
		file.db_set("owner", ana)
		with acting_as(ana):
			assert frappe.get_doc("File", file.name).is_downloadable() is may_download


def test_nothing_can_be_made_that_names_it(secret, ana):
	company()
	with acting_as(ana), pytest.raises(frappe.LinkValidationError):
		opportunity_of(secret)


def test_an_assignment_tells_nothing(secret, ana, open_one):
	from frappe.desk.form import assign_to

	for customer in (secret, open_one):
		assign_to.add({"doctype": "Customer", "name": customer.name, "assign_to": [ana]})
	with acting_as(ana):
		about = frappe.get_list("ToDo", pluck="reference_name", limit=0)
	assert open_one.name in about
	assert secret.name not in about


def test_assignments_beside_a_list_are_counted_without_it(secret, open_one, ana, ben):
	from frappe.desk.form import assign_to

	for customer in (secret, open_one):
		assign_to.add({"assign_to": [ben], "doctype": "Customer", "name": customer.name})
	both = frappe.as_json([["Customer", "name", "in", [secret.name, open_one.name]]])
	for user, expected in ((ben, 2), (ana, 1)):
		with acting_as(user):
			found = asked(
				"frappe.desk.listview.get_group_by_count",
				doctype="Customer",
				current_filters=both,
				field="assigned_to",
			)["message"]
		assert [(row["name"], row["count"]) for row in found] == [(ben, expected)]


def test_a_chart_that_others_looked_at_before_leaves_it_out(secret, open_one, ana, ben):
	from crm_transparency.crm_transparency.overrides.lookups import get_chart

	chart = frappe.get_doc(
		doctype="Dashboard Chart",
		chart_name=f"Customers {secret.name}",
		chart_type="Group By",
		document_type="Customer",
		group_by_type="Count",
		group_by_based_on="customer_name",
		filters_json=frappe.as_json([["Customer", "name", "in", [secret.name, open_one.name]]]),
		is_public=1,
	).insert()
	for user, sees in ((ben, True), (ana, False), (ben, True)):
		with acting_as(user):
			shown = get_chart(chart_name=chart.name)["labels"]
		assert open_one.customer_name in shown
		assert (secret.customer_name in shown) is sees


def test_beside_a_form_no_count_is_shown_of_what_is_partly_hidden(ana, ben, olga):
	customer = make_customer(title="Open Mill")
	opportunities = [opportunity_of(customer) for _ in range(2)]
	restrict(
		"Opportunity", olga, user=ana, record_filter=[["Opportunity", "name", "=", opportunities[0].name]]
	)
	for user, expected in ((ben, {2}), (ana, set())):
		with acting_as(user):
			answer = asked("frappe.desk.notifications.get_open_count", doctype="Customer", name=customer.name)
		links = answer["message"]["count"]["external_links_found"]
		assert {each["count"] for each in links if each["doctype"] == "Opportunity"} == expected


def test_the_report_view_and_its_groups_leave_it_out(secret, open_one, ana):
	wanted = [["Customer", "name", "in", [secret.name, open_one.name]]]
	with acting_as(ana):
		frappe.local.form_dict = frappe._dict(
			doctype="Customer",
			fields=["name", "customer_name"],
			filters=frappe.as_json(wanted),
			view="Report",
		)
		shown = frappe.desk.reportview.get()
	assert [row[0] for row in shown["values"]] == [open_one.name]


def test_people_without_restrictions_ask_the_database_the_same(secret, ben, monkeypatch):
	def queries():
		asked = []
		sql = frappe.db.sql
		monkeypatch.setattr(
			frappe.db,
			"sql",
			lambda query, *args, **kw: (asked.append((str(query), args)), sql(query, *args, **kw))[1],
		)
		names("Customer", customer_group="Commercial")
		frappe.get_doc("Customer", secret.name).check_permission("read")
		monkeypatch.undo()
		return asked

	with acting_as(ben):
		in_force(ben)
		queries()
		with_rules = queries()
		monkeypatch.setattr("frappe.get_hooks", without_our_hooks(frappe.get_hooks))
		without_rules = queries()
	assert with_rules == without_rules
	assert condition(ben, "Customer") is None


def without_our_hooks(get_hooks):
	def hooks(hook=None, *args, **kwargs):
		found = get_hooks(hook, *args, **kwargs)
		if hook in ("permission_query_conditions", "has_permission"):
			return {key: value for key, value in found.items() if key != "*"}
		return found

	return hooks


def test_administrator_is_never_restricted(olga):
	customer = make_customer()
	hide_customers([customer.name], olga, role="System Manager")
	assert in_force("Administrator") == []
	assert customer.name in names("Customer")


def test_a_system_manager_is_restricted_where_a_rule_names_the_role(olga):
	from tests.people_and_accounts import make_user

	sam = make_user("Sam", "System Manager", "Sales User")
	customer = make_customer()
	hide_customers([customer.name], olga, role="System Manager")
	with acting_as(sam):
		assert customer.name not in names("Customer")


def test_a_restriction_for_a_role_holds_for_all_who_have_it(ana, ben, olga):
	customer = make_customer()
	hide_customers([customer.name], olga, role="Sales Manager")
	for user in (ana, ben):
		assert hiding(user, "Customer", customer.name)


def test_a_draft_and_a_withdrawn_restriction_hide_nothing(ana, olga):
	from crm_transparency.restrictions import decisions
	from tests.restrictions.registering import draft

	customer = make_customer()
	rule = [["Customer", "name", "=", customer.name]]
	restriction = draft("Customer", olga, user=ana, record_filter=rule).insert()
	assert not hiding(ana, "Customer", customer.name)
	with acting_as(olga):
		decisions.activate(restriction.name)
		assert hiding(ana, "Customer", customer.name)
		decisions.withdraw(restriction.name)
	assert not hiding(ana, "Customer", customer.name)
