"""Over HTTP, a ringer is a contact like any other: System Managers and reps get the same answers about both.

Two contacts of one customer, a ringer and one that a colleague entered, are asked about in every way that Frappe has.
What has to differ (names, addresses, numbers, moments, random names of rows) is made alike before answers are compared.
"""

import json
import re
import secrets

import pytest

from tests.grounds import Login
from tests.http.client import Client, checked
from tests.http.conftest import first_leaf

pytestmark = pytest.mark.http

API = "crm_transparency.ringers.page.ringer_planting.ringer_planting"
SHOWN = (
	"name",
	"full_name",
	"email_id",
	"image",
	"status",
	"unsubscribed",
	"creation",
	"modified",
	"_comments",
	"idx",
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")
ROW_NAME = re.compile(r"\b([0-9a-v]{10}|[0-9a-f]{56,64})\b")
CLOSED = ("Ringer", "Ringer Notice", "Ringer Manager Change", "Ringer Settings")
#: records that Frappe keeps about documents and people, where a trace could lie
RECORDS = (
	*(
		"Version",
		"Comment",
		"Communication",
		"Activity Log",
		"View Log",
		"Access Log",
		"Notification Log",
		"ToDo",
	),
	*(
		"Email Queue",
		"Error Log",
		"Deleted Document",
		"DocShare",
		"Document Follow",
		"Tag Link",
		"File",
		"Event",
	),
	*(
		"Scheduled Job Log",
		"Route History",
		"Custom Field",
		"Property Setter",
		"Custom DocPerm",
		"Export Log",
	),
	*("Account Owner Change", "Ledger Name Change", "Permission Log", "Data Import", "Prepared Report"),
)


@pytest.fixture(scope="module")
def system_manager(administrator, server):
	"""A System Manager with every other role that there is, but not Administrator."""
	roles = [role["name"] for role in administrator.get_list("Role", limit_page_length=0)]
	never = {"Ringer Manager", "Administrator", "Guest", "All", "Desk User"}
	return newcomer(administrator, server, "Eve", *(role for role in roles if role not in never))


@pytest.fixture(scope="module")
def other_rep(administrator, server):
	"""A rep who entered neither of the two."""
	return newcomer(administrator, server, "Ben", "Sales User")


def newcomer(administrator, server, first_name, *roles) -> Client:
	email, password = f"{first_name.lower()}.{secrets.token_hex(4)}@example.com", "Quayside-Lantern-47"
	administrator.create(
		"User",
		email=email,
		first_name=first_name,
		send_welcome_email=0,
		new_password=password,
		roles=[{"role": role} for role in roles],
	)
	return Client(server, Login(email, password))


@pytest.fixture(scope="module")
def neighbourhood(administrator, rep):
	"""A territory whose contacts a rep entered by hand: a site's others may be older, or imported past all documents."""
	root = administrator.get_list("Territory", filters={"is_group": 1}, limit_page_length=1)[0]["name"]
	name = f"Quayside {secrets.token_hex(4)}"
	territory = administrator.create("Territory", territory_name=name, parent_territory=root)["name"]
	customer = rep.create(
		"Customer",
		customer_name=f"Quayside Letters {secrets.token_hex(4)}",
		customer_type="Company",
		customer_group=first_leaf(rep, "Customer Group"),
		territory=territory,
	)["name"]
	for number in range(6):
		rep.create(
			"Contact",
			first_name="Cleo",
			last_name=f"Quillon{secrets.token_hex(4)}",
			email_ids=[{"email_id": f"cleo{number}.{secrets.token_hex(4)}@by-hand.example", "is_primary": 1}],
			phone_nos=[{"phone": f"+44 7700 90040{number}", "is_primary_mobile_no": 1}],
			links=[{"link_doctype": "Customer", "link_name": customer}],
		)
	return territory


@pytest.fixture(scope="module")
def pair(ringer_manager, rep, neighbourhood):
	"""A ringer and a contact that a rep entered, of the same customer: as documents."""
	[draft] = checked(ringer_manager.call(f"{API}.draft", count=1, territory=neighbourhood))["message"]
	ringer_manager.call(
		f"{API}.change_draft", ringer=draft["name"], values={"email": "ada.q@letters-by-hand.example"}
	)
	[planted] = checked(ringer_manager.call(f"{API}.plant", ringers=[draft["name"]]))["message"]
	ringer = ringer_manager.read("Contact", planted["contact"])
	other = rep.create(
		"Contact",
		first_name="Bea",
		last_name=f"Quillon{secrets.token_hex(2)}",
		**{field: ringer[field] for field in ("designation", "gender", "company_name") if ringer.get(field)},
		email_ids=[{"email_id": "bea.q@letters-by-hand.example", "is_primary": 1}],
		phone_nos=[
			{
				"phone": "+44 7700 900321",
				**{flag: row.get(flag) for flag in ("is_primary_phone", "is_primary_mobile_no")},
			}
			for row in ringer["phone_nos"]
		],
		links=[{key: row[key] for key in ("link_doctype", "link_name")} for row in ringer["links"]],
	)
	return ringer, rep.read("Contact", other["name"])


@pytest.fixture(params=["system_manager", "other_rep"])
def curious(request):
	return request.getfixturevalue(request.param)


def alike(text: str, contact: dict) -> str:
	"""Return an answer with what is a contact's own replaced by what it is."""
	own = {
		"name": contact["name"],
		"full_name": contact["full_name"],
		"email": contact["email_id"],
		"mobile": contact.get("mobile_no"),
		"phone": contact.get("phone"),
		"first": contact["first_name"],
		"last": contact["last_name"],
	}
	for kind, value in sorted(own.items(), key=lambda item: -len(item[1] or "")):
		if value:
			text = text.replace(json.dumps(value)[1:-1], f"<{kind}>").replace(value, f"<{kind}>")
	for user in {contact["owner"], contact["modified_by"]}:
		text = text.replace(user, "<user>")
	text = MOMENT.sub("<moment>", text)
	return ROW_NAME.sub("<row>", text)


def ways_to_ask(contact: dict) -> dict:
	"""Every question about one contact, as (method, arguments)."""
	name, email = contact["name"], contact["email_id"]
	one = json.dumps({"name": name})
	like = json.dumps([["Contact", "email_id", "like", f"%{email}%"]])
	every_field = json.dumps(["*"])
	asked = {
		"form": ("frappe.desk.form.load.getdoc", {"doctype": "Contact", "name": name}),
		"what is beside the form": (
			"frappe.desk.form.load.get_docinfo",
			{"doctype": "Contact", "name": name},
		),
		"client.get": ("frappe.client.get", {"doctype": "Contact", "name": name}),
		"client.get_value": (
			"frappe.client.get_value",
			{"doctype": "Contact", "fieldname": json.dumps(["email_id", "unsubscribed"]), "filters": one},
		),
		"client.get_list": (
			"frappe.client.get_list",
			{"doctype": "Contact", "fields": every_field, "filters": one},
		),
		"client.get_count": ("frappe.client.get_count", {"doctype": "Contact", "filters": one}),
		"count by address": ("frappe.client.get_count", {"doctype": "Contact", "filters": like}),
		"list view": (
			"frappe.desk.reportview.get",
			{
				"doctype": "Contact",
				"fields": json.dumps([f"`tabContact`.`{field}`" for field in SHOWN]),
				"filters": like,
				"start": 0,
				"page_length": 20,
			},
		),
		"list count": (
			"frappe.desk.reportview.get_count",
			{"doctype": "Contact", "fields": "[]", "filters": like, "distinct": "false"},
		),
		"link search": (
			"frappe.desk.search.search_link",
			{"doctype": "Contact", "txt": contact["full_name"]},
		),
		"search widget": (
			"frappe.desk.search.search_widget",
			{"doctype": "Contact", "txt": contact["full_name"]},
		),
		"linked documents": ("frappe.desk.form.linked_with.get", {"doctype": "Contact", "docname": name}),
		"linked doctypes": ("frappe.desk.form.linked_with.get_linked_doctypes", {"doctype": "Contact"}),
		"addresses and contacts": (
			"frappe.desk.query_report.run",
			{
				"report_name": "Addresses And Contacts",
				"filters": json.dumps(
					{
						"reference_doctype": contact["links"][0]["link_doctype"],
						"reference_name": contact["links"][0]["link_name"],
					}
				),
			},
		),
		"import template": (
			"frappe.core.doctype.data_import.data_import.download_template",
			{
				"doctype": "Contact",
				"export_fields": json.dumps(
					{"Contact": ["name", "first_name", "owner", "creation"], "email_ids": ["email_id"]}
				),
				"export_records": "by_filter",
				"export_filters": json.dumps([["Contact", "name", "=", name]]),
				"file_type": "CSV",
			},
		),
		"number card": (
			"frappe.desk.doctype.number_card.number_card.get_result",
			{
				"doc": json.dumps({"document_type": "Contact", "function": "Count"}),
				"filters": like,
			},
		),
		"dashboard chart": (
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
			{
				"chart": json.dumps(
					{
						**{"chart_type": "Group By", "document_type": "Contact", "filters_json": like},
						**{"group_by_type": "Count", "group_by_based_on": "status"},
					}
				)
			},
		),
		"vCard": ("frappe.contacts.doctype.contact.contact.download_vcard", {"contact": name}),
	}
	for doctype in ("Contact Email", "Contact Phone", "Dynamic Link"):
		asked[f"rows of {doctype}"] = (
			"frappe.client.get_list",
			{
				"doctype": doctype,
				"parent": "Contact",
				"fields": every_field,
				"filters": json.dumps({"parent": name}),
			},
		)
	return asked


def test_every_question_about_it_is_answered_alike(pair, curious):
	answers = [
		{
			question: describe(curious.call(method, "GET", **arguments), contact)
			for question, (method, arguments) in ways_to_ask(contact).items()
		}
		for contact in pair
	]
	for question, answer in answers[0].items():
		if question != "addresses and contacts":  # it names both: below
			assert answer == answers[1][question], (question, differences(answer, answers[1][question]))


def describe(response, contact) -> tuple[int, object]:
	text = alike(response.text, contact)
	try:
		return response.status_code, without_what_is_random(json.loads(text))
	except ValueError:
		return response.status_code, text


def differences(one: object, other: object, path: str = "") -> list[str]:
	"""Return where two answers differ, for whoever reads that they do."""
	if isinstance(one, dict) and isinstance(other, dict):
		keys = sorted({*one, *other})
		return [found for key in keys for found in differences(one.get(key), other.get(key), f"{path}.{key}")]
	if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
		pairs = zip(one, other, strict=True)
		return [found for index, pair in enumerate(pairs) for found in differences(*pair, f"{path}[{index}]")]
	return [] if one == other else [f"{path}: {one!r} / {other!r}"[:300]]


def without_what_is_random(found: object) -> object:
	"""Drop what two contacts that colleagues enter differ in as well."""
	if isinstance(found, dict):
		return {
			key: without_what_is_random(value)
			for key, value in found.items()
			if key not in ("user_info", "_liked_by", "tips", "title", "execution_time", "gender")
		}
	if isinstance(found, list):
		return [without_what_is_random(value) for value in found]
	return found


def test_both_are_found_where_contacts_are_found(pair, curious):
	ringer, other = pair
	customer = ringer["links"][0]["link_name"]
	for text in (customer, "letters-by-hand"):
		found = curious.call("frappe.desk.search.search_link", "GET", doctype="Contact", txt=text).text
		assert (ringer["name"] in found) == (other["name"] in found)
	report = curious.call(
		"frappe.desk.query_report.run",
		"GET",
		report_name="Addresses And Contacts",
		filters=json.dumps({"reference_doctype": "Customer", "reference_name": customer}),
	).text
	assert (ringer["email_id"] in report) == (other["email_id"] in report)
	form = curious.call("frappe.desk.form.load.getdoc", "GET", doctype="Customer", name=customer).text
	assert (ringer["email_id"] in form) == (other["email_id"] in form)


def test_global_search_finds_both(pair, curious):
	ringer, other = pair
	answers = [
		curious.call(
			"frappe.utils.global_search.search", "GET", text=contact["last_name"], doctype="Contact"
		).text
		for contact in (ringer, other)
	]
	assert (ringer["name"] in answers[0]) == (other["name"] in answers[1])


def test_no_record_beside_tells(pair, system_manager):
	"""Neither name, address nor number of the ringer, nor more rows about it than about the other."""
	looked_at = []
	for doctype in RECORDS:
		response = system_manager.session.get(
			f"{system_manager.address}/api/resource/{doctype}",
			params={"fields": '["*"]', "limit_page_length": 0, "order_by": "creation desc"},
			timeout=120,
		)
		if not response.ok:
			continue
		looked_at.append(doctype)
		rows = [json.dumps(row) for row in response.json()["data"]]
		ringers, others = (
			sum(any(contact[own] in row for own in ("name", "email_id", "full_name")) for row in rows)
			for contact in pair
		)
		assert ringers <= others, doctype
	assert {"Version", "Comment", "Email Queue", "Error Log", "Deleted Document"} <= set(looked_at)


def test_closed_doctypes_stay_closed(pair, curious):
	for doctype in CLOSED:
		for method, arguments in (
			("frappe.client.get_list", {"doctype": doctype, "fields": '["*"]'}),
			("frappe.client.get_count", {"doctype": doctype}),
			("frappe.client.get_value", {"doctype": doctype, "fieldname": "name"}),
			("frappe.desk.reportview.get", {"doctype": doctype, "fields": '["name"]', "filters": "[]"}),
			("frappe.desk.reportview.get_count", {"doctype": doctype, "fields": "[]", "filters": "[]"}),
			("frappe.desk.search.search_link", {"doctype": doctype, "txt": ""}),
			(
				"frappe.desk.reportview.export_query",
				{"doctype": doctype, "fields": '["name"]', "file_format_type": "CSV", "title": "x"},
			),
			(
				"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
				{
					"chart": json.dumps(
						{
							**{"type": "Heatmap", "chart_type": "Count", "document_type": doctype},
							**{"based_on": "modified", "filters_json": "[]"},
						}
					)
				},
			),
			(
				"frappe.utils.goal.get_monthly_goal_graph_data",
				{
					**{"title": "x", "doctype": "User", "docname": curious.user, "goal_doctype": doctype},
					**{"goal_value_field": "name", "goal_total_field": "name", "goal_history_field": "name"},
					**{"goal_doctype_link": "owner", "goal_field": "name", "date_field": "modified"},
					**{"aggregation": "max", "filters": "{}"},
				},
			),
		):
			response = curious.call(method, "GET", **arguments)
			assert response.status_code == 403 or not response.json().get("message"), (
				doctype,
				method,
				response.text,
			)
		response = curious.session.get(f"{curious.address}/api/resource/{doctype}", timeout=60)
		assert response.status_code == 403 or doctype == "Ringer Settings", (doctype, response.text[-500:])
		schema = curious.session.get(f"{curious.address}/api/resource/{doctype}/x", timeout=60)
		assert schema.status_code in (403, 404)


def test_the_pages_methods_are_closed(pair, curious):
	for method in ("overview", "draft", "draft_proposal", "plant", "labels"):
		response = curious.call(f"{API}.{method}", count=1, ringers="[]")
		assert response.status_code == 403, (method, response.text)
	assert curious.call(f"{API}.overview", "GET").status_code == 403


def test_a_list_of_roles_tells_who_may_know_and_nothing_else(pair, system_manager):
	rows = system_manager.call(
		"frappe.client.get_list",
		"GET",
		doctype="Has Role",
		parent="User",
		fields='["*"]',
		limit_page_length=0,
	)
	assert pair[0]["name"] not in rows.text


def test_editing_renaming_and_deleting_are_answered_alike(pair, system_manager, ringer_manager):
	answers, earlier = [], {notice["name"] for notice in news_for(ringer_manager)}
	for contact in pair:
		new_name = f"{contact['name']} renamed"
		saved = system_manager.session.put(
			f"{system_manager.address}/api/resource/Contact/{contact['name']}",
			json={"designation": "Printer"},
			timeout=60,
		)
		renamed = system_manager.call(
			"frappe.client.rename_doc",
			doctype="Contact",
			old_name=contact["name"],
			new_name=new_name,
		)
		deleted = system_manager.call(
			"frappe.client.delete", doctype="Contact", name=contact["name"] if not renamed.ok else new_name
		)
		answers.append([describe(response, contact) for response in (saved, renamed, deleted)])
		if renamed.ok and not deleted.ok:
			contact["name"] = new_name
	assert answers[0] == answers[1]
	news = [notice for notice in news_for(ringer_manager) if notice["name"] not in earlier]
	assert {notice["who"] for notice in news} == {system_manager.user}


def news_for(ringer_manager) -> list[dict]:
	return checked(ringer_manager.call(f"{API}.overview"))["message"]["news"]
