"""The ownership reports and coaching notes over HTTP: what a browser, a script and a curious administrator get."""

import json
import secrets

import pytest

from tests.http.client import Client, checked

pytestmark = pytest.mark.http

RUN = "frappe.desk.query_report.run"
EXPORT = "frappe.desk.query_report.export_query"
SECRET = f"takes accounts over at night {secrets.token_hex(4)}"


@pytest.fixture
def taken_over(rep, managers_customer):
	rep.update("Customer", managers_customer, account_manager=rep.user)
	return managers_customer


@pytest.fixture
def note(coach, rep):
	return coach.create("Coaching Note", employee_user=rep.user, coach=coach.user, observation=SECRET)["name"]


def run(client: Client, report: str, **filters) -> dict:
	return checked(client.call(RUN, "GET", report_name=report, filters=json.dumps(filters)))["message"]


def test_everybody_finds_a_change_in_the_report(rep, hr, taken_over):
	for reader in (rep, hr):
		result = run(
			reader, "Account Owner Changes", reference_doctype="Customer", reference_name=taken_over
		)["result"]
		assert [row["kind"] for row in result] == ["Taken Over", "Assigned"]


def test_a_manager_sees_who_took_over_and_the_rep_sees_their_own(rep, coach, taken_over):
	for reader in (rep, coach):
		result = run(reader, "Takeover Patterns", person=rep.user)["result"]
		assert {row["person"] for row in result} == {rep.user}
		assert result[0]["takeovers"] >= 1


def test_a_rep_does_not_see_somebody_elses(rep, coach, taken_over):
	for report, filters in (
		("Takeover Patterns", {"person": coach.user}),
		("Employee Change Log", {"user": coach.user}),
	):
		assert rep.call(RUN, "GET", report_name=report, filters=json.dumps(filters)).status_code == 403


def test_hr_reads_what_a_rep_changed(rep, hr, taken_over):
	result = run(hr, "Employee Change Log", user=rep.user)["result"]
	assert "Taken Over" in {row["action"] for row in result}
	mine = run(rep, "Employee Change Log")["result"]
	assert taken_over in {row["reference_name"] for row in mine}


def export(client: Client, report: str, **filters):
	return client.call(
		EXPORT,
		report_name=report,
		file_format_type="CSV",
		filters=filters,
		applied_filters={},
		custom_columns=[],
		visible_idx=[],
	)


def test_managers_export_everything_that_matches_and_reps_nothing(rep, coach, managers_customer):
	for turn in range(52):
		rep.update("Customer", managers_customer, account_manager=(rep.user, coach.user)[turn % 2])
		rep.update("Customer", managers_customer, account_manager=None)
	filters = {"reference_doctype": "Customer", "reference_name": managers_customer}
	page = run(rep, "Account Owner Changes", **filters)
	assert len(page["result"]) == 100 and "Choose Older" in page["message"]
	older = run(rep, "Account Owner Changes", before=page["result"][-1]["next_page"], **filters)
	assert len(older["result"]) == 5 and not older["message"]
	file = export(coach, "Account Owner Changes", everything=1, **filters)
	assert file.ok and len(file.text.strip().splitlines()) == 106
	assert export(rep, "Account Owner Changes", everything=1, **filters).status_code == 403
	assert export(rep, "Account Owner Changes", **filters).status_code == 403


def test_a_made_up_page_is_refused(rep):
	filters = json.dumps({"before": "x' or 1=1"})
	response = rep.call(RUN, "GET", report_name="Account Owner Changes", filters=filters)
	assert response.status_code == 417


def test_the_two_read_a_note_and_the_employee_is_told(rep, coach, note):
	for reader in (rep, coach):
		assert reader.read("Coaching Note", note)["observation"] == SECRET
		assert note in {row["name"] for row in reader.get_list("Coaching Note", limit_page_length=0)}
	notices = rep.get_list("Notification Log", ["subject"], {"document_name": note})
	assert len(notices) == 1 and SECRET not in notices[0]["subject"]


def test_the_employee_changes_nothing(rep, note):
	address = f"{rep.address}/api/resource/Coaching Note/{note}"
	assert rep.session.put(address, json={"observation": "Nothing"}, timeout=60).status_code == 403
	assert rep.session.delete(address, timeout=60).status_code == 403


def requests_of_an_enemy(enemy: Client, note: str, employee: str):
	"""Everything that a System Manager can ask for about a note."""
	get, post = enemy.session.get, enemy.session.post
	address, doctype = enemy.address, "Coaching Note"

	def call(method, http_method="POST", **arguments):
		return lambda: enemy.call(method, http_method, **arguments)

	def resource(path, **parameters):
		return lambda: get(f"{address}/api/{path}", params=parameters, timeout=60)

	fields = json.dumps(["*"])
	about = json.dumps({"employee_user": employee})
	yield resource(f"resource/{doctype}", fields=fields)
	yield resource(f"resource/{doctype}", fields=fields, filters=about, limit_page_length=0)
	yield resource(f"resource/{doctype}/{note}")
	yield resource(f"v2/document/{doctype}", fields=fields)
	yield resource(f"v2/document/{doctype}/{note}")
	yield lambda: enemy.session.put(
		f"{address}/api/resource/{doctype}/{note}", json={"status": "Done"}, timeout=60
	)
	yield lambda: enemy.session.delete(f"{address}/api/resource/{doctype}/{note}", timeout=60)
	yield call("frappe.client.get_list", doctype=doctype, fields=["*"])
	yield call("frappe.client.get", doctype=doctype, name=note)
	yield call("frappe.client.get_value", doctype=doctype, fieldname="observation", filters={"name": note})
	yield call("frappe.client.set_value", doctype=doctype, name=note, fieldname="status", value="Done")
	yield call("frappe.desk.form.load.getdoc", "GET", doctype=doctype, name=note)
	yield call("frappe.desk.form.load.get_docinfo", "GET", doctype=doctype, name=note)
	yield call("frappe.desk.form.linked_with.get", doctype="User", docname=employee)
	yield call("frappe.desk.reportview.get", doctype=doctype, fields=json.dumps(["name", "observation"]))
	yield call("frappe.desk.reportview.get_list", doctype=doctype, fields=json.dumps(["name", "observation"]))
	yield call(
		"frappe.desk.reportview.export_query",
		doctype=doctype,
		file_format_type="CSV",
		title=doctype,
		fields=json.dumps(["`tabCoaching Note`.`name`", "`tabCoaching Note`.`observation`"]),
	)
	yield call("frappe.desk.search.search_link", doctype=doctype, txt="")
	yield call("frappe.desk.search.search_link", doctype=doctype, txt=note[:4])
	yield call("frappe.utils.global_search.search", "GET", text=SECRET.split()[-1])
	yield lambda: get(f"{address}/printview", params={"doctype": doctype, "name": note}, timeout=60)
	yield lambda: post(
		f"{address}/api/method/frappe.core.doctype.data_export.exporter.export_data",
		data={"doctype": doctype, "with_data": 1, "all_doctypes": "false", "export_without_column_meta": 1},
		timeout=60,
	)
	for log in (
		"Version",
		"Comment",
		"Communication",
		"Deleted Document",
		"Notification Log",
		"Access Log",
		"ToDo",
	):
		yield resource(f"resource/{log}", fields=fields, order_by="creation desc", limit_page_length=50)


@pytest.mark.parametrize("number", range(29))
def test_a_system_manager_learns_nothing_about_a_note(
	administrator_who_is_not_administrator, rep, note, number
):
	enemy = administrator_who_is_not_administrator
	ask = list(requests_of_an_enemy(enemy, note, rep.user))[number]
	response = ask()
	# what was asked may be repeated in an error, but nothing that wasn't known to who asked
	assert SECRET not in response.text
	assert response.status_code < 500
	if response.ok:
		assert note not in response.text


def test_the_same_requests_answer_one_of_the_two(coach, rep, note):
	"""So that the test above doesn't pass because of a request that nobody gets an answer to."""
	asking = requests_of_an_enemy(rep, note, rep.user)
	assert sum(note in ask().text for ask in asking) >= 10


def test_a_system_manager_cannot_even_count_notes(administrator_who_is_not_administrator, rep, coach, note):
	arguments = {"doctype": "Coaching Note", "filters": {"employee_user": rep.user, "name": note}}
	enemy = administrator_who_is_not_administrator
	for method in ("frappe.client.get_count", "frappe.desk.reportview.get_count"):
		assert not enemy.call(method, **arguments).json().get("message")
	assert checked(coach.call("frappe.client.get_count", **arguments))["message"] == 1


def attachments_of(client: Client, note: str):
	"""Every way to put something beside a note, where others could read it."""
	about = {"reference_doctype": "Coaching Note", "reference_name": note}

	def call(method, **arguments):
		return lambda: client.call(method, **arguments)

	yield call(
		"frappe.desk.form.utils.add_comment",
		content=SECRET,
		comment_email=client.user,
		comment_by="x",
		**about,
	)
	yield call(
		"frappe.desk.form.assign_to.add",
		doctype="Coaching Note",
		name=note,
		assign_to=[client.user],
		description=SECRET,
	)
	yield call("frappe.share.add", doctype="Coaching Note", name=note, user=client.user, read=1)
	yield call("frappe.desk.doctype.tag.tag.add_tag", tag="late", dt="Coaching Note", dn=note)
	yield lambda: client.session.post(
		f"{client.address}/api/method/upload_file",
		files={"file": ("secret.txt", SECRET.encode(), "text/plain")},
		data={"is_private": 1, "doctype": "Coaching Note", "docname": note},
		timeout=60,
	)
	yield call(
		"frappe.core.doctype.communication.email.make",
		doctype="Coaching Note",
		name=note,
		content=SECRET,
		subject=SECRET,
		recipients="somebody@example.com",
		send_email=0,
	)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("who", ["coach", "enemy"])
def test_nothing_can_be_put_beside_a_note(coach, administrator_who_is_not_administrator, note, who, number):
	client = coach if who == "coach" else administrator_who_is_not_administrator
	response = list(attachments_of(client, note))[number]()
	assert not response.ok


@pytest.fixture(scope="session")
def administrator_who_is_not_administrator(server, administrator):
	"""A System Manager with a login of their own: Frappe can't keep Administrator out of anything."""
	email, password = f"eve.{secrets.token_hex(4)}@example.com", secrets.token_urlsafe(12)
	administrator.create(
		"User",
		email=email,
		first_name="Eve",
		send_welcome_email=0,
		new_password=password,
		roles=[
			{"role": role} for role in ("System Manager", "Script Manager", "Sales Manager", "HR Manager")
		],
	)
	from tests.grounds import Login

	return Client(server, Login(email, password))
