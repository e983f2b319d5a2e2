"""Who may look at, apply and undo what is open, over real HTTP; and attempts to get around that."""

import pytest
import requests

pytestmark = pytest.mark.http

METHODS = "crm_transparency.openness.page.openness_setup.openness_setup"
PERMISSION_MANAGER = "frappe.core.page.permission_manager.permission_manager"
DECISION = {
	"business_owner": "Administrator",
	"reason": "Everybody who picks up the phone should be able to help",
}
LOOKING = (
	(f"{METHODS}.overview", {}),
	(f"{METHODS}.roles", {"doctypes": '["Customer"]'}),
	(f"{METHODS}.people", {"doctypes": '["Customer"]'}),
	(f"{METHODS}.limits", {"doctypes": '["Customer"]'}),
)
CHANGING = (
	(f"{METHODS}.apply", {"doctypes": ["Customer"], **DECISION}),
	(f"{METHODS}.undo", {"change": "any"}),
	(f"{METHODS}.lift_user_permissions", {"user": "any", "allow": "Territory", **DECISION}),
	(
		f"{METHODS}.replace_user_permissions",
		{"user": "any", "allow": "Territory", "business_owner": "Administrator"},
	),
	(f"{METHODS}.check_now", {}),
	(f"{METHODS}.accept", {"finding": "any", "reason": "Because it is so and stays so"}),
)


@pytest.fixture
def applied(administrator):
	response = administrator.call(f"{METHODS}.apply", doctypes=["Customer", "Communication"], **DECISION)
	[change] = [each for each in response.json()["message"]["changes"] if each["status"] == "Applied"]
	yield change
	administrator.call(f"{METHODS}.undo", change=change["name"], keep_later_changes=0)


@pytest.mark.parametrize("call", [*LOOKING, (f"{METHODS}.later_changes", {"change": "any"})])
def test_people_without_the_roles_look_at_nothing(rep, hr, call):
	method, arguments = call
	for client in (rep, hr):
		assert client.call(method, "GET", **arguments).status_code == 403


@pytest.mark.parametrize("call", CHANGING)
def test_only_system_managers_change_anything(rep, hr, coach, call):
	method, arguments = call
	for client in (rep, hr, coach):
		assert client.call(method, **arguments).status_code == 403


@pytest.mark.parametrize("call", CHANGING)
def test_nothing_is_changed_by_following_a_link(administrator, call):
	method, arguments = call
	assert administrator.call(method, "GET", **arguments).status_code == 403


@pytest.mark.parametrize("call", LOOKING)
def test_transparency_managers_look(coach, call):
	method, arguments = call
	assert coach.call(method, "GET", **arguments).ok


def test_opening_lets_hr_read_customers_and_nothing_more(hr, applied):
	[customer] = hr.get_list("Customer", limit_page_length=1)
	assert hr.read("Customer", customer["name"])["name"] == customer["name"]
	update = hr.session.put(
		f"{hr.address}/api/resource/Customer/{customer['name']}", json={"website": "https://example.com"}
	)
	assert update.status_code == 403
	export = hr.call(
		"frappe.desk.reportview.export_query",
		doctype="Customer",
		fields=["`tabCustomer`.`name`"],
		file_format_type="CSV",
		title="Customer",
	)
	assert export.status_code == 403


def test_coaches_read_changes_of_openness_and_nobody_else_does(coach, rep, applied):
	assert coach.read("Openness Change", applied["name"])["reason"] == DECISION["reason"]
	changed = coach.session.put(
		f"{coach.address}/api/resource/Openness Change/{applied['name']}", json={"reason": "None"}
	)
	assert changed.status_code == 403
	assert rep.session.get(f"{rep.address}/api/resource/Openness Change").status_code == 403


@pytest.mark.parametrize("signed_in_by", ["session", "API key"])
def test_who_uses_the_role_permissions_manager_is_recorded(administrator, applied, signed_in_by):
	arguments = {"doctype": "Customer", "role": "CRM Colleague", "permlevel": 0, "ptype": "print", "value": 0}
	before = len(permission_changes(administrator))
	address = f"{administrator.address}/api/method/{PERMISSION_MANAGER}.update"
	if signed_in_by == "session":
		response = administrator.session.post(address, data=arguments, timeout=60)
	else:
		response = requests.post(address, data=arguments, headers=api_key(administrator), timeout=60)
	assert response.ok, response.text
	latest, *_others = found = permission_changes(administrator)
	assert len(found) > before
	assert (latest["role"], latest["changed_by"]) == ("CRM Colleague", administrator.user)


def permission_changes(client):
	return client.get_list(
		"Permission Change",
		fields=["role", "changed_by"],
		filters={"document_type": "Customer"},
		order_by="changed_on desc",
		limit_page_length=0,
	)


def api_key(client):
	method = "frappe.core.doctype.user.user.generate_keys"
	secret = client.call(method, user=client.user).json()["message"]["api_secret"]
	return {"Authorization": f"token {client.read('User', client.user)['api_key']}:{secret}"}
