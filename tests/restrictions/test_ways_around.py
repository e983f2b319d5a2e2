"""Attacks: small ways by which Frappe tells something without asking for permissions or for levels of fields."""

import json
from functools import partial

import frappe
import frappe.client
import frappe.desk.form.load
import frappe.realtime
import pytest
from frappe.utils import response

from crm_transparency.crm_transparency.permission_results import IS_V15
from tests.people_and_accounts import acting_as, make_customer, make_lead
from tests.restrictions.registering import restrict
from tests.restrictions.test_hidden_records import contact_of, file_at

SECRET = "DE-4711-SECRET"


@pytest.fixture
def customer(ana, olga):
	"""A customer whose tax number Ana doesn't get to see."""
	restrict("Customer", olga, user=ana, restriction_kind="Hide Fields", fields="tax_id")
	return make_customer(tax_id=SECRET)


@pytest.fixture
def contact(ana, olga):
	"""A contact whose numbers and addresses Ana doesn't get to see."""
	contact = contact_of(make_customer())
	contact.append("phone_nos", {"phone": "+49 40 4711", "is_primary_phone": 1})
	contact.append("phone_nos", {"phone": "+49 40 4712"})
	contact.append("email_ids", {"email_id": "mila4711@mill.example", "is_primary": 1})
	contact.save()
	hidden = "phone_nos\nphone\nmobile_no\nemail_ids\nemail_id"
	restrict("Contact", olga, user=ana, restriction_kind="Hide Fields", fields=hidden)
	return contact


def answered(**values) -> str:
	"""Return what goes out as JSON when a method answers this."""
	frappe.local.response = frappe._dict({"docs": [], **values})
	return response.as_json().get_data(as_text=True)


def test_no_answer_holds_a_document_with_its_hidden_values(customer, ana, ben):
	"""As `savedocs`, `set_value`, `run_doc_method` and REST send a document that they saved or worked with."""
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			saved = frappe.client.set_value("Customer", customer.name, "website", "https://mill.example")
			told = [
				answered(message=saved),
				answered(data=frappe.get_doc("Customer", customer.name)),
				answered(message={"of": [frappe.get_doc("Customer", customer.name)]}),
			]
		assert [SECRET in text for text in told] == [is_told] * 3
		assert all(customer.name in text for text in told)


def test_no_answer_holds_a_document_of_a_hidden_doctype_in_place_of_a_link(ana, olga):
	lead = make_lead()
	customer = make_customer(lead_name=lead.name)
	restrict("Lead", olga, user=ana, restriction_kind="Hide DocType")
	with acting_as(ana):
		told = answered(data={**customer.as_dict(), "lead_name": lead})
	assert customer.name in told
	assert lead.company_name not in told


def test_the_contacts_beside_a_form_are_left_out_as_a_whole(ana, olga):
	"""An empty row in place of a hidden one would break the form."""
	contact = contact_of(make_customer())
	restrict("Contact", olga, user=ana, restriction_kind="Hide DocType")
	with acting_as(ana):
		beside = json.loads(answered(message={"contact_list": [contact.as_dict()]}))
	assert beside["message"]["contact_list"] == []


def test_the_contacts_beside_a_form_hold_no_hidden_numbers(contact, ana, ben):
	from frappe.contacts.address_and_contact import load_address_and_contact

	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			doc = frappe.get_doc("Customer", contact.links[0].link_name)
			load_address_and_contact(doc)
			told = [answered(docs=[doc]), answered(docs=[doc.as_dict()])]
		assert ["4712" in text for text in told] == [is_told, is_told]
		assert all("contact_list" in text for text in told)


def test_no_way_of_its_own_tells_how_to_reach_a_contact(contact, ana, ben):
	from frappe.contacts.doctype.contact.contact import get_contact_details
	from frappe.core.doctype.sms_settings.sms_settings import get_contact_number
	from frappe.email import get_contact_list

	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			told = [
				get_contact_details(contact.name),
				get_contact_number(contact.name, "Customer", contact.links[0].link_name),
				get_contact_list("mila4711"),
			]
		assert ["4711" in frappe.as_json(each) for each in told] == [is_told] * 3


def test_a_card_of_a_contact_holds_no_hidden_numbers(contact, ana, ben):
	if not hasattr(contact, "get_vcard"):
		pytest.skip("This version of Frappe makes no cards of contacts")
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			card = frappe.get_doc("Contact", contact.name).get_vcard().serialize()
		assert ("4711" in card) == is_told
		assert "Mila" in card


def test_opening_by_conditions_is_no_oracle(customer, secret, ana):
	assert_alike(
		ana,
		{"doctype": "Customer", "filters": {"name": customer.name, "tax_id": SECRET}},
		{"doctype": "Customer", "filters": {"name": customer.name, "tax_id": "DE-0815"}},
	)
	assert_alike(
		ana,
		{"doctype": "Customer", "filters": {"customer_name": secret.customer_name}},
		{"doctype": "Customer", "filters": {"customer_name": "Nobody's Mill"}},
	)
	with acting_as(ana):
		found = frappe.client.get("Customer", filters={"customer_name": customer.customer_name})
	assert found["name"] == customer.name


def assert_alike(user, *arguments):
	told = []
	for each in arguments:
		with acting_as(user), pytest.raises(frappe.PermissionError) as refused:
			frappe.client.get(**each)
		told.append(str(refused.value))
	assert len(set(told)) == 1


def test_milestones_tell_no_hidden_change(customer, ana, ben):
	milestone = frappe.get_doc(
		doctype="Milestone",
		reference_type="Customer",
		reference_name=customer.name,
		track_field="tax_id",
		value=SECRET,
	)
	milestone.name = frappe.generate_hash(length=10)
	milestone.db_insert()
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			milestones = frappe.desk.form.load.get_milestones("Customer", customer.name)
		assert (SECRET in frappe.as_json(milestones)) == is_told


def test_followers_are_mailed_nothing_of_what_is_hidden(customer, secret, ana, ben):
	from frappe.desk.form.document_follow import get_document_followed_by_user

	seen = make_lead()
	for user in (ana, ben):
		for doc in (customer, secret, seen):
			follow = frappe.get_doc(doctype="Document Follow", ref_doctype=doc.doctype, ref_docname=doc.name)
			follow.update({"user": user, "name": frappe.generate_hash(length=10)})
			follow.db_insert()
	followed = {user: {row.ref_docname for row in get_document_followed_by_user(user)} for user in (ana, ben)}
	assert followed == {ana: {seen.name}, ben: {customer.name, secret.name, seen.name}}


def test_a_report_mailed_in_somebodys_name_holds_no_values_hidden_from_them(customer, ana, ben):
	report = frappe.get_doc(
		doctype="Report",
		report_name=f"Tax numbers {customer.name}",
		ref_doctype="Customer",
		report_type="Report Builder",
		is_standard="No",
		json=json.dumps(
			{"fields": [["name", "Customer"], ["tax_id", "Customer"]], "filters": [], "order_by": ""}
		),
	).insert()
	for user, is_told in ((ana, False), (ben, True)):
		told = report.get_data(user=user, filters={"name": customer.name}, limit=5, as_dict=True)
		assert (SECRET in frappe.as_json(told)) == is_told
	assert frappe.session.user == "Administrator"


def test_what_a_mail_prints_when_it_is_sent_is_printed_for_its_sender(customer, ana):
	from crm_transparency.restrictions import mails

	sending = frappe._dict(queue_doc=frappe._dict(owner=ana))
	printed_for = mails.printed_for_its_sender(lambda sending, message: frappe.session.user)
	assert printed_for(sending, "") == ana
	sending.queue_doc.owner = "Administrator"
	assert printed_for(sending, "") == frappe.session.user == "Administrator"


def test_states_are_counted_by_what_is_shown(customer, secret, ana, ben):
	from frappe.workflow.doctype.workflow.workflow import get_workflow_state_count

	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			assert (
				secret.name in str(get_workflow_state_count("Customer", "customer_name", "[]"))
			) == is_told
	with acting_as(ben):
		assert SECRET in str(get_workflow_state_count("Customer", "tax_id", "[]"))
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		get_workflow_state_count("Customer", "tax_id", "[]")


def test_sums_by_month_are_those_of_what_is_shown(customer, secret, ana, ben):
	from frappe.utils.goal import get_monthly_results

	if frappe.db.db_type == "sqlite":
		pytest.skip("Frappe sums up by month on MariaDB and Postgres only")
	both = {"name": ("in", [customer.name, secret.name])}
	for user, expected in ((ana, 1), (ben, 2)):
		with acting_as(user):
			assert (
				sum(get_monthly_results("Customer", "name", "creation", both, "count").values()) == expected
			)
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		get_monthly_results("Customer", "tax_id", "creation", both, "max")


def test_a_heatmap_is_drawn_of_what_is_shown(customer, secret, ana, ben):
	from crm_transparency.restrictions import counting

	def drawn(chart, filters, heatmap_year):
		return frappe.db.count(chart.document_type, filters)

	heatmap = counting.on_heatmap(drawn)
	chart = frappe._dict(document_type="Customer", based_on="creation", value_based_on=None)
	both = [["Customer", "name", "in", [customer.name, secret.name]]]
	for user, expected in ((ana, 1), (ben, 2)):
		with acting_as(user):
			assert heatmap(chart, both, None) == expected
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		heatmap(frappe._dict(chart, value_based_on="tax_id"), both, None)


def test_a_heatmap_that_is_asked_for_is_drawn_of_what_is_shown(customer, secret, ana, ben):
	from crm_transparency.crm_transparency.overrides.lookups import get_chart

	if not IS_V15:
		pytest.skip("Frappe v16's own query for heat maps fails")
	both = json.dumps([["Customer", "name", "in", [customer.name, secret.name]]])
	chart = {"type": "Heatmap", "chart_type": "Count", "document_type": "Customer", "based_on": "creation"}
	chart["filters_json"] = both
	for user, expected in ((ana, 1), (ben, 2)):
		with acting_as(user):
			drawn = get_chart(chart=json.dumps(chart), no_cache=1)
			assert sum(drawn["dataPoints"].values()) == expected
	chart.update(chart_type="Sum", value_based_on="tax_id")
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		get_chart(chart=json.dumps(chart), no_cache=1)


def test_a_forms_goal_adds_up_what_is_shown(customer, secret, ana, ben):
	from crm_transparency.crm_transparency.overrides.lookups import get_goal

	if frappe.db.db_type == "sqlite":
		pytest.skip("Frappe sums up by month on MariaDB and Postgres only")
	month = frappe.utils.add_months(frappe.utils.nowdate(), -1)
	for name in (customer.name, secret.name):
		frappe.db.set_value("Customer", name, "creation", month)
	goal = {"goal_value_field": "name", "goal_total_field": "docstatus", "goal_history_field": "bio"}
	counted = {"goal_doctype": "Customer", "goal_doctype_link": "owner", "goal_field": "name"}
	filters = {"name": ["in", [customer.name, secret.name]]}
	for user, expected in ((ana, 1), (ben, 2)):
		frappe.db.set_value("Customer", filters["name"][1], "owner", user)
		with acting_as(user):
			graph = get_goal(
				**{"title": "Customers", "doctype": "User", "docname": user, **goal, **counted},
				**{"date_field": "creation", "aggregation": "count", "filters": json.dumps(filters)},
			)
			assert graph["data"]["datasets"][0]["values"][-2] == expected


@pytest.mark.parametrize(
	"filters",
	[
		None,
		{},
		{"disabled": 0},
		'{"customer_name": ["like", "%"]}',
		[["disabled", "=", 0]],
		[["Customer", "creation", ">", "2000-01-01"]],
		[["Sales Team", "sales_person", "is", "set"]],
	],
)
def test_a_count_is_the_length_of_the_list(customer, secret, ana, filters):
	from crm_transparency.crm_transparency.counts import listed_count

	with acting_as(ana):
		shown = frappe.get_list("Customer", filters=frappe.parse_json(filters), limit=0)
		assert listed_count("Customer", filters) == len(shown)


def test_number_cards_previews_and_calendars_tell_no_hidden_value(customer, ana):
	from frappe.desk.calendar import get_events
	from frappe.desk.doctype.number_card.number_card import get_result
	from frappe.desk.link_preview import get_preview_data

	card = {"document_type": "Customer", "function": "Maximum", "aggregate_function_based_on": "tax_id"}
	fields = json.dumps({"id": "name", "start": "creation", "end": "modified", "title": "tax_id"})
	with acting_as(ana):
		with pytest.raises(frappe.PermissionError):
			get_result(card, [])
		events = get_events("Customer", "2000-01-01", "2100-01-01", fields)
		assert customer.name in str(events) and SECRET not in str(events)
		assert SECRET not in str(get_preview_data("Customer", customer.name))
		with pytest.raises(frappe.PermissionError):
			get_events("Customer", "A", "E", json.dumps({"id": "name", "start": "tax_id", "end": "tax_id"}))


def test_through_a_link_no_hidden_field_is_read_or_asked_for(ana, olga):
	from frappe.model.db_query import DatabaseQuery

	lead = make_lead()
	customer = make_customer(lead_name=lead.name)
	restrict("Lead", olga, user=ana, restriction_kind="Hide Fields", fields="company_name")
	of_it = {"filters": {"name": customer.name}}
	with acting_as(ana):
		for ask in (frappe.get_list, lambda doctype, **question: DatabaseQuery(doctype).execute(**question)):
			assert "Lighthouse" not in str(
				ask("Customer", fields=["name", "lead_name.company_name"], **of_it)
			)
			for question in (
				{"filters": {"lead_name.company_name": "Lighthouse Print"}},
				{"order_by": "lead_name.company_name asc", **of_it},
				{"group_by": "lead_name.company_name", **of_it},
			):
				frappe.db.savepoint("question")
				with pytest.raises(Exception):
					ask("Customer", fields=["name"], **question)
				frappe.db.rollback(save_point="question")


def test_a_tree_leaves_hidden_nodes_and_fields_out(ana, ben, olga):
	from frappe.desk.treeview import get_all_nodes, get_children

	from tests.openness.permissions_setup import make_territory, root

	hidden, seen = make_territory("Hidden Bay"), make_territory("Open Bay")
	restrict("Territory", olga, user=ana, record_filter=[["Territory", "name", "=", hidden]])
	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			nodes = [row["value"] for row in get_children("Territory", root("Territory"))]
			everything = str(
				get_all_nodes("Territory", "Root", root("Territory"), "frappe.desk.treeview.get_children")
			)
		assert seen in nodes and seen in everything
		assert [hidden in nodes, hidden in everything] == [sees, sees]


def test_the_portals_list_leaves_hidden_records_and_fields_out(customer, secret, ana, ben):
	from frappe.www.list import get_list_data

	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			listed = frappe.as_json(get_list_data("Customer", limit=500))
		assert customer.name in listed
		assert [secret.name in listed, SECRET in listed] == [sees, sees]


def test_a_web_form_does_not_open_a_hidden_record_to_its_author(secret, ana):
	secret.db_set("owner", ana)
	form = frappe.new_doc("Web Form", apply_document_permissions=0)
	with acting_as(ana):
		assert not form.has_web_form_permission("Customer", secret.name)
	secret.db_set("owner", (other := make_customer()).owner)
	other.db_set("owner", ana)
	with acting_as(ana):
		assert form.has_web_form_permission("Customer", other.name)


def test_a_hidden_file_can_not_be_attached_to_something_else(secret, ana, ben):
	"""Neither by its address nor by its name, as mails get their attachments."""
	from frappe.core.doctype.communication.email import make

	hidden, own = file_at(secret), make_customer()
	here = {"attached_to_doctype": "Customer", "attached_to_name": own.name}
	mail = {"content": "Hello", "subject": "Figures", "recipients": "a@example.com", "send_email": 0}
	for take in (
		lambda: frappe.get_doc(doctype="File", file_url=hidden.file_url, is_private=1, **here).insert(),
		lambda: make("Customer", own.name, attachments=[hidden.name], **mail),
	):
		with acting_as(ana), pytest.raises(frappe.PermissionError):
			take()
	with acting_as(ben):
		make("Customer", own.name, attachments=[hidden.name], **mail)
	with acting_as(ana):
		# whoever brings the contents along, has them
		brought = frappe.get_doc(doctype="File", file_name="own.txt", content="figures", is_private=1, **here)
		assert brought.insert().is_downloadable()


def test_a_file_of_ones_own_is_not_turned_into_a_hidden_one(secret, ana, ben):
	hidden = file_at(secret)
	with acting_as(ana):
		own = frappe.get_doc(doctype="File", file_name="own.txt", content="mine", is_private=1).insert()
	for address in (hidden.file_url, hidden.file_url.replace("/files/", "/files/./")):
		for values in ({"file_url": address}, {"file_url": address, "content": "mine"}):
			with acting_as(ana), pytest.raises(frappe.PermissionError):
				frappe.client.set_value("File", own.name, values)
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		elsewhere = frappe.utils.get_url(hidden.file_url)
		frappe.get_doc(doctype="File", file_url=elsewhere, content="mine", is_private=1).insert()
	with acting_as(ana):
		assert frappe.client.set_value("File", own.name, "is_private", 0)["file_url"].startswith("/files/")
	with acting_as(ben):
		assert frappe.get_doc(doctype="File", file_url=hidden.file_url, is_private=1).insert()


def test_boards_keep_names_of_hidden_cards_to_themselves(secret, ana, ben):
	from frappe.desk.doctype.kanban_board.kanban_board import update_order

	board = frappe.get_doc(
		doctype="Kanban Board",
		kanban_board_name=f"Kinds {frappe.generate_hash(length=6)}",
		reference_doctype="Customer",
		field_name="customer_type",
		columns=[{"column_name": "Company", "order": json.dumps([secret.name])}],
	).insert()
	board.columns[0].db_set("order", json.dumps([secret.name]))
	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			told = frappe.client.get("Kanban Board", board.name)
		assert (secret.name in frappe.as_json(told["columns"])) is sees
		with acting_as(user):
			told = answered(message=update_order(board.name, "{}"))
		assert board.name in told and (secret.name in told) is sees
	board.reload()
	assert json.loads(board.columns[0].order) == [secret.name]


def test_changes_of_others_are_not_announced_to_whoever_sees_only_some(secret, ana, ben):
	subscribe = getattr(frappe.realtime, "can_subscribe_doctype", None) or partial(
		frappe.realtime.has_permission, name=""
	)
	with acting_as(ben):
		assert subscribe("Customer")
	with acting_as(ana):
		assert subscribe("Territory")
		with pytest.raises(frappe.PermissionError):
			subscribe("Customer")


def test_a_search_that_ignores_user_permissions_finds_nothing_hidden(customer, secret, ana, ben):
	"""Fields may ask for that; v15 then ignores all permissions."""
	from frappe.desk.search import search_link, search_widget

	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			for search in (search_link, search_widget):
				found = frappe.as_json(search("Customer", "Secret Mill", ignore_user_permissions=1) or [])
				assert (secret.name in found or secret.name in frappe.as_json(frappe.response)) is sees
				frappe.local.response = frappe._dict(docs=[])
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		search_link("Customer", "", filters={"tax_id": SECRET}, ignore_user_permissions=1)


def test_v15_is_not_asked_to_ignore_permissions(secret, ana, ben, monkeypatch):
	from crm_transparency.restrictions import searching

	monkeypatch.setattr(searching, "IS_V15", True)
	search = searching.suggested_with_permissions(lambda doctype, txt, **asked: asked)
	for user, ignored in ((ana, False), (ben, True)):
		with acting_as(user):
			assert search("Customer", "Mill", ignore_user_permissions=True) == {
				"ignore_user_permissions": ignored
			}
			assert search("Role", "Mill", ignore_user_permissions=True) == {"ignore_user_permissions": True}


@pytest.fixture
def titled_by_tax_number():
	"""Customers are called by their tax number in links."""
	shown = {"title_field": "tax_id", "show_title_field_in_link": 1}
	frappe.db.set_value("DocType", "Customer", shown)
	frappe.clear_cache(doctype="Customer")
	yield
	frappe.db.rollback()
	frappe.clear_cache(doctype="Customer")


def test_titles_of_links_tell_no_hidden_field(customer, titled_by_tax_number, ana, ben):
	from frappe.desk.search import get_link_title, search_link

	opportunity = frappe._dict(doctype="Opportunity", party_name=customer.name, opportunity_from="Customer")
	form = frappe.get_doc(opportunity)
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			told = [
				get_link_title("Customer", customer.name),
				frappe.desk.form.load.get_title_values_for_link_and_dynamic_link_fields(form),
			]
			suggested = search_link("Customer", customer.name)
		assert [SECRET in frappe.as_json(each) for each in told] == [is_told] * 2
		assert (SECRET in frappe.as_json(suggested)) is is_told


def test_a_mention_of_a_hidden_record_is_in_nobodys_notifications(secret, ana, ben):
	for user in (ana, ben):
		notification = frappe.get_doc(
			doctype="Notification Log",
			subject=f"Olga mentioned you in {secret.name}",
			for_user=user,
			type="Mention",
			document_type="Customer",
			document_name=secret.name,
			from_user="Administrator",
		)
		notification.name = frappe.generate_hash(length=10)
		notification.db_insert()
	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			told = frappe.as_json(frappe.get_list("Notification Log", fields=["subject"], limit=0))
		assert (secret.name in told) is sees
