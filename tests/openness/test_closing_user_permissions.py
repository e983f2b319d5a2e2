"""User Permissions that close what is open: listed with what they hide, opened up, or turned into restrictions."""

import json

import frappe
import pytest

from crm_transparency.openness import visibility
from crm_transparency.openness.opening import changes, closing, loosening, replacing
from crm_transparency.openness.opening.exceptions import NotAClosingPermission
from tests.openness.opening import DECISION, close, dump, make_territory
from tests.people_and_accounts import acting_as, make_customer, make_lead, make_user


@pytest.fixture
def rita():
	return make_user("Rita")


@pytest.fixture
def opened():
	frappe.db.delete(changes.CHANGE)
	yield changes.open_up(["Customer", "Lead"], DECISION)
	frappe.db.rollback()
	for doctype in ("Customer", "Lead"):
		frappe.clear_cache(doctype=doctype)


def closings_of(user, doctypes=("Customer", "Lead")):
	return {each["allow"]: each for each in closing.closings(list(doctypes)) if each["user"] == user}


def customer_in(territory, **values):
	customer = make_customer(**values)
	customer.db_set("territory", territory)
	return customer


def test_they_are_listed_with_what_each_hides(rita, opened):
	north, south = make_territory("North"), make_territory("South")
	mine, other = customer_in(north), customer_in(south)
	close(rita, "Territory", north)
	close(rita, "Customer", mine.name)
	close(rita, "Customer", other.name)
	found = closings_of(rita)
	total = visibility.total("Customer")
	by_territory = next(each for each in found["Territory"]["hides"] if each["doctype"] == "Customer")
	directly = found["Customer"]["hides"][0]
	assert found["Customer"]["values"] == sorted([mine.name, other.name])
	assert directly == {"doctype": "Customer", "hidden": total - 2, "total": total}
	with acting_as(rita):
		seen = frappe.get_list("Customer", limit_page_length=0, pluck="name")
	assert seen == [mine.name] and by_territory["hidden"] < total
	assert found["Territory"]["others"] > 0, "territories are used elsewhere, too"


def test_what_closes_nothing_open_is_not_listed(rita, opened):
	close(rita, "Territory", make_territory("North"), applicable_for="Quotation")
	assert closings_of(rita) == {}
	with pytest.raises(NotAClosingPermission):
		loosening.open_up(rita, "Territory", DECISION)


def test_opening_up_opens_what_is_open_and_nothing_else(rita, opened):
	north, south = make_territory("North"), make_territory("South")
	other = customer_in(south)
	close(rita, "Territory", north, is_default=1)
	before_elsewhere = closed_elsewhere(rita)
	change = loosening.open_up(rita, "Territory", DECISION)
	assert visibility.rules_narrowing(rita, "Customer") == []
	assert visibility.rules_narrowing(rita, "Lead") == []
	assert frappe.has_permission("Customer", doc=other.name, user=rita)
	assert closed_elsewhere(rita) == before_elsewhere
	assert not frappe.has_permission("Territory", doc=south, user=rita)
	assert {row.document_type for row in change.document_types} == {"Customer", "Lead"}


def closed_elsewhere(user):
	"""Return which DocTypes that aren't open the user's User Permissions close."""
	return {
		doctype
		for doctype in frappe.get_all("DocType", filters={"istable": 0, "issingle": 0}, pluck="name")
		if doctype not in ("Customer", "Lead")
		and any(
			rule.kind == visibility.BY_USER_PERMISSION
			for rule in visibility.user_permission_rules(user, doctype)
		)
	}


def test_one_that_applies_to_an_open_doctype_only_goes(rita, opened):
	north = make_territory("North")
	close(rita, "Territory", north, applicable_for="Customer")
	kept = close(rita, "Territory", north, applicable_for="Quotation")
	loosening.open_up(rita, "Territory", DECISION)
	assert frappe.get_all("User Permission", filters={"user": rita}, pluck="name") == [kept.name]


def test_undoing_closes_exactly_as_before(rita, opened):
	north = make_territory("North", is_group=1)
	close(rita, "Territory", north, hide_descendants=1, is_default=1)
	close(rita, "Territory", make_territory("South"))
	close(rita, "Customer", make_customer().name, applicable_for="Customer")
	before, seen = dump(), visibility.readable_count(rita, "Customer")
	by_territory = loosening.open_up(rita, "Territory", DECISION)
	directly = loosening.open_up(rita, "Customer", DECISION)
	assert visibility.readable_count(rita, "Customer") == visibility.total("Customer")
	changes.undo(by_territory)
	changes.undo(directly)
	assert dump() == before
	assert visibility.readable_count(rita, "Customer") == seen


def test_what_others_added_since_stays_when_it_is_undone(rita, opened):
	close(rita, "Territory", make_territory("North"))
	change = loosening.open_up(rita, "Territory", DECISION)
	ada = make_user("Ada", "System Manager")
	with acting_as(ada):
		added = close(rita, "Territory", make_territory("South"), applicable_for="Customer")
	undone = changes.undo(change)
	assert frappe.db.exists("User Permission", added.name)
	assert "Ada" in undone.kept


def test_leaving_closes_them_again(rita, opened):
	close(rita, "Territory", make_territory("North"))
	before = frappe.db.sql("select * from `tabUser Permission` order by name", as_dict=True)
	loosening.open_up(rita, "Territory", DECISION)
	changes.undo_everything()
	assert frappe.db.sql("select * from `tabUser Permission` order by name", as_dict=True) == before


def test_opening_up_takes_a_reason(rita, opened):
	close(rita, "Territory", make_territory("North"))
	with pytest.raises(frappe.ValidationError):
		loosening.open_up(rita, "Territory", {**DECISION, "reason": " "})


def test_the_filter_of_a_restriction_hides_what_user_permissions_hide(rita, opened):
	region = make_territory("Region", is_group=1)
	town = make_territory("Town", parent=region)
	inside, outside, nowhere = (customer_in(each) for each in (town, make_territory("South"), None))
	lead = make_lead()
	lead.db_set("territory", outside.territory)
	close(rita, "Territory", region)
	for doctype in ("Customer", "Lead"):
		[hidden] = replacing.hidden_records(closing.Group(rita, "Territory"), doctype)
		names = set(frappe.get_all(doctype, filters=hidden, pluck="name"))
		with acting_as(rita):
			seen = set(frappe.get_list(doctype, limit_page_length=0, pluck="name"))
		assert names.isdisjoint(seen)
		assert names | seen == set(frappe.get_all(doctype, pluck="name"))
	assert not {inside.name, nowhere.name} & set(
		frappe.get_all(
			"Customer",
			filters=replacing.hidden_records(closing.Group(rita, "Territory"), "Customer")[0],
			pluck="name",
		)
	)
	close(rita, "Customer", inside.name)
	[directly] = replacing.hidden_records(closing.Group(rita, "Customer"), "Customer")
	assert inside.name not in frappe.get_all("Customer", filters=directly, pluck="name")


@pytest.fixture
def restrictions():
	if not replacing.can_be_replaced():
		pytest.skip("there is no register of restrictions here")


def activate(name):
	restriction = frappe.get_doc("Access Restriction", name)
	restriction.update(
		{
			"reason_category": "Contract",
			"reason": "The agency contract keeps the south to another team",
			"review_by": frappe.utils.add_days(frappe.utils.today(), 90),
		}
	)
	restriction.flags.ignore_mandatory = True
	frappe.db.set_value("Access Restriction", name, "status", "Active")
	restriction.reload()
	restriction.run_method("on_update")


def test_user_permissions_go_when_the_restrictions_that_replace_them_are_active(rita, opened, restrictions):
	close(rita, "Territory", make_territory("North"))
	before = dump()
	owner = make_user("Olga", "Sales Manager")
	change = replacing.replace(rita, "Territory", owner)
	drafts = closing.restrictions_of(change)
	assert len(drafts) == 2 and dump() == before
	for name in drafts:
		draft = frappe.get_doc("Access Restriction", name)
		assert (draft.status, draft.user, draft.business_owner) == ("Draft", rita, owner)
		assert json.loads(draft.record_filter)
	assert closings_of(rita)["Territory"]["waits_for"] == drafts
	with pytest.raises(NotAClosingPermission):
		replacing.replace(rita, "Territory", owner)
	activate(drafts[0])
	assert dump() == before, "one of two isn't enough"
	activate(drafts[1])
	assert closings_of(rita) == {}
	change.reload()
	assert change.status == changes.APPLIED
	changes.undo(change)
	assert dump() == before


def test_user_permissions_go_on_the_next_day_when_two_people_decided_in_the_same_moment(
	rita, opened, restrictions
):
	"""Neither of them sees what the other has decided, until both are done."""
	close(rita, "Territory", make_territory("North"))
	change = replacing.replace(rita, "Territory", make_user("Olga", "Sales Manager"))
	[first, second] = closing.restrictions_of(change)
	frappe.db.set_value("Access Restriction", first, "status", "Active")
	replacing.catch_up()
	assert closings_of(rita)
	frappe.db.set_value("Access Restriction", second, "status", "Active")
	replacing.catch_up()
	assert closings_of(rita) == {}


def test_user_permissions_stay_when_a_draft_is_dropped(rita, opened, restrictions):
	close(rita, "Territory", make_territory("North"))
	change = replacing.replace(rita, "Territory", make_user("Olga", "Sales Manager"))
	frappe.delete_doc("Access Restriction", closing.restrictions_of(change)[0], force=True)
	change.reload()
	assert change.status == changes.DROPPED
	assert closings_of(rita)["Territory"]["waits_for"] == []


def test_undoing_names_what_was_renamed_since_by_its_new_name(rita, opened):
	north = make_territory("North")
	close(rita, "Territory", north)
	seen = visibility.readable_count(rita, "Customer")
	change = loosening.open_up(rita, "Territory", DECISION)
	renamed = frappe.rename_doc("Territory", north, f"{north} and Islands", force=True)
	person = frappe.rename_doc("User", rita, f"new.{rita}", force=True)
	undone = changes.undo(frappe.get_doc(changes.CHANGE, change.name))
	assert not undone.kept
	rows = frappe.get_all("User Permission", filters={"user": person}, fields=["for_value", "applicable_for"])
	assert [(row.for_value, row.applicable_for) for row in rows] == [(renamed, None)]
	assert visibility.readable_count(person, "Customer") == seen
