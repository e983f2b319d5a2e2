"""Users are found in the links of the app's forms by everybody who has to choose one, also by people who may read no user."""

import frappe
import frappe.client
import pytest
from frappe.desk.search import search_link

from crm_transparency.crm_transparency.user_search import search
from tests.people_and_accounts import acting_as, make_user

QUERY = "crm_transparency.crm_transparency.user_search.search"


def found(searcher: str, text: str, **filters) -> list[str]:
	"""Return the users that a link field offers, asked as the Desk asks."""
	with acting_as(searcher):
		frappe.local.response = frappe._dict(docs=[])
		rows = search_link("User", text, query=QUERY, filters=frappe.as_json(filters))
		# v15 answers by the response
		return [row["value"] for row in (rows or frappe.local.response.get("results") or ())]


@pytest.fixture
def searched():
	return make_user("Searched")


@pytest.fixture
def left(searched):
	user = make_user("Searched")
	frappe.db.set_value("User", user, "enabled", 0)
	return user


@pytest.mark.parametrize(
	"role", ["Sales User", "Sales Manager", "HR Manager", "Transparency Manager", "System Manager"]
)
def test_everybody_in_the_desk_finds_colleagues(role, searched, left):
	make_user("Searched", user_type="Website User")
	searcher = make_user("Petra", role)
	assert found(searcher, "searched") == [searched]
	assert found(searcher, "searched", but=searched) == []
	assert found(searcher, "guest") == []


def test_a_colleague_is_found_by_full_name_and_address(searched):
	frappe.db.set_value("User", searched, "full_name", "Sea Arched")
	searcher = make_user("Petra")
	assert searched in found(searcher, "a arch")
	assert found(searcher, searched) == [searched]


def test_who_may_be_disabled_by_now_is_found_too_where_that_matters(searched, left):
	hr = make_user("Hanna", "HR Manager")
	assert set(found(hr, "searched", case="leaver")) == {searched, left}
	with acting_as(hr):
		rows = search("User", left, "name", 0, 10, {"case": "evidence"})
	assert [list(row) for row in rows] == [[left, "Searched", "Disabled"]]


@pytest.mark.parametrize("case", ["leaver", "evidence"])
def test_others_find_nobody_in_cases_that_arent_theirs(case, searched):
	with acting_as(make_user("Rick")), pytest.raises(frappe.PermissionError):
		search("User", "", "name", 0, 10, {"case": case})


def test_a_chosen_user_is_valid(searched):
	"""v16 validates by the field's own query."""
	if not hasattr(frappe.client, "validate_link_and_fetch"):
		pytest.skip("v15 validates without the query")
	with acting_as(make_user("Petra", "Transparency Manager")):
		frappe.local.request = frappe._dict(method="POST")
		asked = {"query": QUERY, "filters": "{}"}
		assert frappe.client.validate_link_and_fetch("User", searched, **asked)["name"] == searched
