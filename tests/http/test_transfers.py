"""Account transfers over real HTTP, with a real background worker."""

import secrets
import time

import pytest
import requests

from tests.http.client import Client, checked
from tests.http.conftest import first_leaf

pytestmark = pytest.mark.http

ACTIONS = "crm_transparency.transfers.transfer_actions"
SECONDS = 90


@pytest.fixture
def reps_customers(rep) -> list[str]:
	return [
		rep.create(
			"Customer",
			customer_name=f"Canal Bakery {secrets.token_hex(4)}",
			customer_type="Company",
			customer_group=first_leaf(rep, "Customer Group"),
			territory=first_leaf(rep, "Territory"),
			account_manager=rep.user,
		)["name"]
		for _ in range(3)
	]


def act(client: Client, action: str, name: str) -> requests.Response:
	return client.call(f"{ACTIONS}.{action}", name=name)


def progress(client: Client, name: str) -> dict:
	return checked(client.call(f"{ACTIONS}.progress", "GET", name=name))["message"]


def wait_for(client: Client, name: str, status: str) -> dict:
	deadline = time.monotonic() + SECONDS
	while (state := progress(client, name))["status"] != status and time.monotonic() < deadline:
		time.sleep(0.3)
	assert state["status"] == status, state
	return state


def drafted(client: Client, customers: list[str], successor: str, **values) -> str:
	values = {"listed_accounts": "\n".join(["ID", *customers]), "list_document_type": "Customer", **values}
	return client.create("Account Transfer", source="List", successors=[{"user": successor}], **values)[
		"name"
	]


@pytest.mark.parametrize("mode", ["Fast", "Full Save"])
def test_hr_moves_a_reps_accounts_and_gives_them_back(mode, hr, rep, manager, reps_customers):
	name = drafted(hr, reps_customers, manager.user, mode=mode)
	preview = checked(act(hr, "preview", name))["message"]
	assert (preview["total"], preview["actions"]) == (3, ["start", "preview"])
	checked(act(hr, "start", name))
	assert wait_for(hr, name, "Completed")["counts"]["transferred"] == 3
	for customer in reps_customers:
		_assigned, entry = hr.history("Customer", customer)
		assert (entry["source"], entry["account_transfer"]) == ("Account Transfer", name)
		assert (entry["previous_owner"], entry["new_owner"], entry["changed_by"]) == (
			rep.user,
			manager.user,
			hr.user,
		)
	checked(act(hr, "undo", name))
	assert wait_for(hr, name, "Undone")["counts"]["given_back"] == 3
	assert rep.read("Customer", reps_customers[0])["account_manager"] == rep.user


def test_a_rep_hands_over_a_selection_of_own_accounts(rep, manager, reps_customers):
	arguments = {"doctype": "Customer", "names": reps_customers[:2], "successor": manager.user}
	name = checked(rep.call(f"{ACTIONS}.preview_selection", **arguments))["message"]
	checked(act(rep, "start", name))
	wait_for(rep, name, "Completed")
	owners = [rep.read("Customer", customer)["account_manager"] for customer in reps_customers]
	assert owners == [manager.user, manager.user, rep.user]
	assert rep.history("Customer", reps_customers[0])[-1]["kind"] == "Handed Over"


def test_others_accounts_are_refused_with_a_sentence(rep, manager, managers_customer):
	refusals = [
		rep.call(
			f"{ACTIONS}.preview_selection", doctype="Customer", names=[managers_customer], successor=rep.user
		),
		rep.session.post(
			f"{rep.address}/api/resource/Account Transfer",
			json={"from_user": manager.user, "successors": [{"user": rep.user}]},
			timeout=60,
		),
	]
	for refusal in refusals:
		assert refusal.status_code == 403, refusal.text
		assert "You can hand over your own accounts." in refusal.text
		assert "Offboarding Manager" in refusal.text
	assert rep.read("Customer", managers_customer)["account_manager"] == manager.user


def test_somebody_elses_transfer_is_out_of_reach(rep, hr, manager, reps_customers):
	name = drafted(hr, reps_customers, manager.user)
	for action in ("preview", "start", "pause", "resume", "undo"):
		assert act(rep, action, name).status_code == 403
	assert rep.call(f"{ACTIONS}.progress", "GET", name=name).status_code == 403


def test_an_uploaded_csv_file(hr, rep, manager, reps_customers):
	lines = ["Document type;ID;Successor", *(f"Customer;{name};{manager.user}" for name in reps_customers)]
	lines.append(f"Customer;?;{manager.user}")
	file = checked(
		hr.session.post(
			f"{hr.address}/api/method/upload_file",
			files={"file": ("accounts.csv", "\r\n".join(lines).encode(), "text/csv")},
			data={"is_private": 1},
			timeout=60,
		)
	)["message"]
	name = hr.create("Account Transfer", source="List", strategy="As Listed", csv_file=file["file_url"])[
		"name"
	]
	assert checked(act(hr, "preview", name))["message"]["counts"]["skipped"] == 1
	notes = hr.get_list("Account Transfer Item", ["note"], {"account_transfer": name, "status": "Skipped"})
	assert notes == [{"note": "Line 5: there is no Customer ?."}]
	checked(act(hr, "start", name))
	assert wait_for(hr, name, "Completed")["counts"]["transferred"] == 3


@pytest.mark.parametrize("action", ["preview", "start", "pause", "resume", "undo"])
def test_what_changes_something_takes_no_get(action, hr, reps_customers, manager):
	name = drafted(hr, reps_customers, manager.user)
	assert hr.call(f"{ACTIONS}.{action}", "GET", name=name).status_code == 403


def test_strangers_learn_nothing(server, hr, reps_customers, manager):
	name = drafted(hr, reps_customers, manager.user)
	response = requests.get(f"{server}/api/method/{ACTIONS}.progress", params={"name": name}, timeout=60)
	assert response.status_code == 403


def test_the_state_cannot_be_set_over_rest(hr, reps_customers, manager):
	name = drafted(hr, reps_customers, manager.user)
	hr.update("Account Transfer", name, status="Completed", total=99, run_by=manager.user)
	transfer = hr.read("Account Transfer", name)
	assert (transfer["status"], transfer["total"], transfer.get("run_by")) == ("Draft", 0, None)
