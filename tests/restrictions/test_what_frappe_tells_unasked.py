"""Attacks: small ways by which Frappe tells something without asking for permissions or for levels of fields."""

import json
from functools import partial

import frappe
import frappe.client
import frappe.desk.form.load
import frappe.realtime
import pytest

from crm_transparency.crm_transparency import patching
from crm_transparency.crm_transparency.permissions import IS_V15
from crm_transparency.restrictions import files_and_mails, named_documents, response_filter
from tests.openness.permissions_setup import make_territory
from tests.people_and_accounts import acting_as, make_customer, make_lead
from tests.restrictions.registering import restrict
from tests.restrictions.requesting import answered, asked, begin_request
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


def told(**values) -> str:
	"""Return what goes out when some method answers this."""
	begin_request("/api/method/of_some_app", {})
	return json.dumps(answered(**values))


def test_no_answer_holds_a_document_with_its_hidden_values(customer, ana, ben):
	"""As `savedocs`, `set_value`, `run_doc_method` and REST send a document that they saved or worked with."""
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			saved = frappe.client.set_value("Customer", customer.name, "website", "https://mill.example")
			texts = [
				told(message=saved),
				told(data=frappe.get_doc("Customer", customer.name)),
				told(message={"of": [frappe.get_doc("Customer", customer.name)]}),
			]
		assert [SECRET in text for text in texts] == [is_told] * 3
		assert all(customer.name in text for text in texts)


def test_no_answer_holds_a_document_of_a_hidden_doctype_in_place_of_a_link(ana, olga):
	lead = make_lead()
	customer = make_customer(lead_name=lead.name)
	restrict("Lead", olga, user=ana, restriction_kind="Hide DocType")
	with acting_as(ana):
		text = told(data={**customer.as_dict(), "lead_name": lead})
	assert customer.name in text
	assert lead.company_name not in text


def test_the_contacts_beside_a_form_are_left_out_as_a_whole(ana, olga):
	"""An empty row in place of a hidden one would break the form."""
	contact = contact_of(make_customer())
	restrict("Contact", olga, user=ana, restriction_kind="Hide DocType")
	with acting_as(ana):
		beside = json.loads(told(message={"contact_list": [contact.as_dict()]}))
	assert beside["message"]["contact_list"] == []


def test_the_contacts_beside_a_form_hold_no_hidden_numbers(contact, ana, ben):
	from frappe.contacts.address_and_contact import load_address_and_contact

	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			doc = frappe.get_doc("Customer", contact.links[0].link_name)
			load_address_and_contact(doc)
			texts = [told(docs=[doc]), told(docs=[doc.as_dict()])]
		assert ["4712" in text for text in texts] == [is_told, is_told]
		assert all("contact_list" in text for text in texts)


def test_no_method_of_its_own_tells_how_to_reach_a_contact(contact, ana, ben):
	sms = "frappe.core.doctype.sms_settings.sms_settings.get_contact_number"
	addresses = "frappe.email.get_contact_list"
	customer = {"ref_doctype": "Customer", "ref_name": contact.links[0].link_name}
	details = "frappe.contacts.doctype.contact.contact.get_contact_details"
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			assert ("4711" in frappe.as_json(asked(details, contact=contact.name))) is is_told
	with acting_as(ben):
		assert "4711" in frappe.as_json(asked(addresses, txt="mila4711"))
		assert "4711" in frappe.as_json(asked(sms, contact_name=contact.name, **customer))
	for command in (addresses, sms, "frappe.contacts.doctype.contact.contact.download_vcard"):
		with acting_as(ana), pytest.raises(frappe.PermissionError):
			asked(command, txt="", contact_name=contact.name, contact=contact.name, **customer)


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
		found = asked(
			"frappe.client.get", doctype="Customer", filters={"customer_name": customer.customer_name}
		)
	assert found["message"]["name"] == customer.name


def assert_alike(user, *arguments):
	"""That a filter names a hidden field is refused as such; otherwise hidden and missing are answered the same."""
	answers = []
	for each in arguments:
		with acting_as(user), pytest.raises(frappe.PermissionError) as refused:
			asked("frappe.client.get", **each)
		answers.append(str(refused.value))
	assert len(set(answers)) == 1


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
			begin_request("/api/method/frappe.desk.form.load.get_docinfo", {})
			frappe.desk.form.load.get_docinfo(doctype="Customer", name=customer.name)
			docinfo = answered()["docinfo"]
		assert ("tax_id" in str(docinfo["milestones"])) == is_told


def test_followers_are_mailed_nothing_of_what_is_hidden(customer, secret, ana, ben):
	seen = make_lead()
	for user in (ana, ben):
		for doc in (customer, secret, seen):
			follow = frappe.get_doc(doctype="Document Follow", ref_doctype=doc.doctype, ref_docname=doc.name)
			follow.update({"user": user, "name": frappe.generate_hash(length=10)})
			follow.db_insert()
	files_and_mails.before_job(kwargs={"job_type": "frappe.email.queue.flush"})
	assert followed_by(ana) == {customer.name, secret.name, seen.name}
	files_and_mails.before_job(kwargs={"job_type": "frappe.desk.form.document_follow.send_hourly_updates"})
	assert followed_by(ana) == {seen.name}
	assert followed_by(ben) == {customer.name, secret.name, seen.name}


def followed_by(user: str) -> set[str]:
	return set(frappe.get_all("Document Follow", filters={"user": user}, pluck="ref_docname"))


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


def test_a_print_with_hidden_fields_is_not_mailed(customer, secret, ana, ben):
	"""A job prints it when the mail is sent, and that may see everything."""
	seen = make_lead()
	for user, refused in ((ana, (customer, secret)), (ben, ())):
		for doc in (customer, secret, seen):
			attachment = {"print_format_attachment": 1, "doctype": doc.doctype, "name": doc.name}
			mail = frappe.get_doc(
				doctype="Email Queue", message="Hello", attachments=json.dumps([attachment])
			)
			with acting_as(user):
				if doc not in refused:
					mail.insert(ignore_permissions=True)
					continue
				with pytest.raises(frappe.PermissionError):
					mail.insert(ignore_permissions=True)


def test_states_are_not_counted_where_only_some_documents_are_shown(secret, ana, ben):
	count = "frappe.workflow.doctype.workflow.workflow.get_workflow_state_count"
	arguments = {"doctype": "Customer", "workflow_state_field": "customer_name", "states": "[]"}
	with acting_as(ben):
		assert secret.name in str(asked(count, **arguments))
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		asked(count, **arguments)


def test_heat_maps_and_goals_add_up_nothing_of_what_is_only_partly_shown(secret, ana, ben):
	from crm_transparency.crm_transparency.overrides.lookups import get_chart, get_goal

	chart = {"type": "Heatmap", "chart_type": "Count", "document_type": "Customer", "based_on": "creation"}
	with acting_as(ana):
		with pytest.raises(frappe.PermissionError):
			get_chart(chart=json.dumps({**chart, "filters_json": "[]"}))
		with pytest.raises(frappe.PermissionError):
			get_goal(goal_doctype="Customer")


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
	from crm_transparency.crm_transparency.permissions import listed_count

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
			by_number = {"id": "name", "start": "tax_id", "end": "tax_id"}
			asked(
				"frappe.desk.calendar.get_events", doctype="Customer", start="A", end="E", field_map=by_number
			)


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
	from tests.openness.permissions_setup import root

	hidden, seen = make_territory("Hidden Bay"), make_territory("Open Bay")
	restrict("Territory", olga, user=ana, record_filter=[["Territory", "name", "=", hidden]])
	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			children = asked(
				"frappe.desk.treeview.get_children", doctype="Territory", parent=root("Territory")
			)
			nodes = [row["value"] for row in children["message"]]
			everything = str(
				asked(
					"frappe.desk.treeview.get_all_nodes",
					doctype="Territory",
					label="Root",
					parent=root("Territory"),
					tree_method="frappe.desk.treeview.get_children",
				)
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
	# v15 looks for it among the public files, and says that it isn't there
	refusal = frappe.ValidationError if IS_V15 else frappe.PermissionError
	with acting_as(ana), pytest.raises(refusal):
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
			opened = frappe.client.get("Kanban Board", board.name)
		assert (secret.name in frappe.as_json(opened["columns"])) is sees
		with acting_as(user):
			text = told(message=update_order(board.name, "{}"))
		assert board.name in text and (secret.name in text) is sees
	board.reload()
	assert json.loads(board.columns[0].order) == [secret.name]


def test_changes_of_others_are_not_announced_to_whoever_sees_only_some(secret, ana, ben):
	subscribe = next(
		command
		for command in named_documents.SUBSCRIPTIONS
		if hasattr(frappe.realtime, command.rpartition(".")[2])
	)
	with acting_as(ben):
		assert asked(subscribe, doctype="Customer", name="")["message"]
	with acting_as(ana):
		assert asked(subscribe, doctype="Territory", name="")["message"]
		with pytest.raises(frappe.PermissionError):
			asked(subscribe, doctype="Customer", name="")


def test_a_search_that_ignores_user_permissions_finds_nothing_hidden(customer, secret, ana, ben, monkeypatch):
	"""Fields may ask for that; v15 then ignores all permissions."""
	search = "frappe.desk.search.search_link"
	question = {"doctype": "Customer", "txt": "Secret Mill", "ignore_user_permissions": "1"}
	for user, sees in ((ana, False), (ben, True)):
		with acting_as(user):
			assert (secret.name in str(asked(search, **question))) is sees
	with acting_as(ana), pytest.raises(frappe.PermissionError):
		asked(search, **question, filters={"tax_id": SECRET})
	monkeypatch.setattr(named_documents, "IS_V15", True)
	for user, doctype, asks in ((ana, "Customer", 0), (ana, "Role", "1"), (ben, "Customer", "1")):
		with acting_as(user):
			begin_request(f"/api/method/{search}", {**question, "doctype": doctype})
			named_documents.check_request()
			assert frappe.local.form_dict["ignore_user_permissions"] == asks


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
			titles = [
				get_link_title("Customer", customer.name),
				frappe.desk.form.load.get_title_values_for_link_and_dynamic_link_fields(form),
			]
			suggested = search_link("Customer", customer.name)
		assert [SECRET in frappe.as_json(each) for each in titles] == [is_told] * 2
		assert (SECRET in frappe.as_json(suggested)) is is_told


def test_titles_of_hidden_records_are_not_sent_along(secret, ana, ben):
	titles = {f"Customer::{secret.name}": secret.customer_name}
	for user, is_told in ((ana, False), (ben, True)):
		with acting_as(user):
			assert (secret.customer_name in told(_link_titles=titles)) is is_told


def test_an_answer_that_can_not_be_filtered_is_not_sent(customer, ana, monkeypatch):
	"""Frappe only logs what goes wrong after a request, and would send the answer as it is."""

	def fails(*_arguments):
		raise ValueError

	monkeypatch.setattr(response_filter, "filtered", fails)
	with acting_as(ana):
		begin_request("/api/method/of_some_app", {})
		with pytest.raises(frappe.PermissionError) as refused:
			answered(message=SECRET)
	assert SECRET not in str(refused.value)


def test_without_a_patch_only_what_depends_on_it_is_refused_and_only_to_whom_it_concerns(
	customer, secret, ana, ben, monkeypatch
):
	read = {"doctype": "Customer", "name": customer.name}
	with acting_as(ana):
		assert asked("frappe.client.get", **read)
	for needed_for in (patching.HIDDEN_RECORDS, patching.HIDDEN_FIELDS):
		lacking = partial(
			lambda needed_for, asked_for: [asked_for] if asked_for == needed_for else [], needed_for
		)
		monkeypatch.setattr(patching, "missing", lacking)
		with acting_as(ana):
			with pytest.raises(frappe.PermissionError, match="has to be updated"):
				asked("frappe.client.get", **read)
			assert asked("frappe.client.get", doctype="Territory", name=make_territory("Open Bay"))
		with acting_as(ben):
			assert asked("frappe.client.get", **read)
	monkeypatch.setattr(patching, "missing", lambda needed_for: [needed_for])
	with acting_as(ana), pytest.raises(frappe.PermissionError, match="has to be updated"):
		asked("frappe.desk.query_report.run", report_name="ToDo")


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
