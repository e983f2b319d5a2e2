"""User Permissions that hide what is open: listed with what they hide, lifted, or replaced by restrictions."""

import json

import frappe
import pytest

from crm_transparency.openness import limiting_rules, limiting_user_permissions, openness_changes
from crm_transparency.openness.exceptions import NothingToLift
from crm_transparency.openness.limiting_user_permissions import Group, restrictions_of
from crm_transparency.openness.open_doctypes import APPLIED, CHANGE
from tests.openness.permissions_setup import (
	DECISION,
	dump,
	limit,
	make_territory,
	readable_count,
	total_count,
)
from tests.people_and_accounts import acting_as, make_customer, make_lead, make_user


@pytest.fixture
def rita():
	return make_user("Rita")


@pytest.fixture
def opened():
	frappe.db.delete(CHANGE)
	yield openness_changes.open_up(["Customer", "Lead"], DECISION)
	frappe.db.rollback()
	for doctype in ("Customer", "Lead"):
		frappe.clear_cache(doctype=doctype)


def limits_of(user, doctypes=("Customer", "Lead")):
	return {
		each["allow"]: each
		for each in limiting_user_permissions.limits(list(doctypes))
		if each["user"] == user
	}


def customer_in(territory, **values):
	customer = make_customer(**values)
	customer.db_set("territory", territory)
	return customer


def test_they_are_listed_with_what_each_hides(rita, opened):
	north, south = make_territory("North"), make_territory("South")
	mine, other = customer_in(north), customer_in(south)
	limit(rita, "Territory", north)
	limit(rita, "Customer", mine.name)
	limit(rita, "Customer", other.name)
	found = limits_of(rita)
	total = total_count("Customer")
	by_territory = next(each for each in found["Territory"]["hides"] if each["doctype"] == "Customer")
	directly = found["Customer"]["hides"][0]
	assert found["Customer"]["values"] == sorted([mine.name, other.name])
	assert directly == {"doctype": "Customer", "hidden": total - 2, "total": total}
	with acting_as(rita):
		seen = frappe.get_list("Customer", limit_page_length=0, pluck="name")
	assert seen == [mine.name] and by_territory["hidden"] < total
	assert found["Territory"]["others"] > 0, "territories are used elsewhere, too"


def test_what_hides_nothing_open_is_not_listed(rita, opened):
	limit(rita, "Territory", make_territory("North"), applicable_for="Quotation")
	assert limits_of(rita) == {}
	with pytest.raises(NothingToLift):
		limiting_user_permissions.lift(rita, "Territory", DECISION)


def test_lifting_applies_to_what_is_open_and_nothing_else(rita, opened):
	north, south = make_territory("North"), make_territory("South")
	other = customer_in(south)
	limit(rita, "Territory", north, is_default=1)
	before_elsewhere = closed_elsewhere(rita)
	change = limiting_user_permissions.lift(rita, "Territory", DECISION)
	assert limiting_rules.limiting(rita, "Customer") == []
	assert limiting_rules.limiting(rita, "Lead") == []
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
			rule.kind == limiting_rules.BY_USER_PERMISSION
			for rule in limiting_rules.user_permission_rules(user, doctype)
		)
	}


def test_one_that_applies_to_an_open_doctype_only_goes(rita, opened):
	north = make_territory("North")
	limit(rita, "Territory", north, applicable_for="Customer")
	kept = limit(rita, "Territory", north, applicable_for="Quotation")
	limiting_user_permissions.lift(rita, "Territory", DECISION)
	assert frappe.get_all("User Permission", filters={"user": rita}, pluck="name") == [kept.name]


def test_undoing_closes_exactly_as_before(rita, opened):
	north = make_territory("North", is_group=1)
	limit(rita, "Territory", north, hide_descendants=1, is_default=1)
	limit(rita, "Territory", make_territory("South"))
	limit(rita, "Customer", make_customer().name, applicable_for="Customer")
	before, seen = dump(), readable_count(rita, "Customer")
	by_territory = limiting_user_permissions.lift(rita, "Territory", DECISION)
	directly = limiting_user_permissions.lift(rita, "Customer", DECISION)
	assert readable_count(rita, "Customer") == total_count("Customer")
	openness_changes.undo(by_territory)
	openness_changes.undo(directly)
	assert dump() == before
	assert readable_count(rita, "Customer") == seen


def test_what_others_added_since_stays_when_it_is_undone(rita, opened):
	limit(rita, "Territory", make_territory("North"))
	change = limiting_user_permissions.lift(rita, "Territory", DECISION)
	ada = make_user("Ada", "System Manager")
	with acting_as(ada):
		added = limit(rita, "Territory", make_territory("South"), applicable_for="Customer")
	undone = openness_changes.undo(change)
	assert frappe.db.exists("User Permission", added.name)
	assert "Ada" in undone.kept


def test_uninstalling_restores_them(rita, opened):
	limit(rita, "Territory", make_territory("North"))
	before = frappe.db.sql("select * from `tabUser Permission` order by name", as_dict=True)
	limiting_user_permissions.lift(rita, "Territory", DECISION)
	openness_changes.undo_all()
	assert frappe.db.sql("select * from `tabUser Permission` order by name", as_dict=True) == before


def test_lifting_takes_a_reason(rita, opened):
	limit(rita, "Territory", make_territory("North"))
	with pytest.raises(frappe.ValidationError):
		limiting_user_permissions.lift(rita, "Territory", {**DECISION, "reason": " "})


def hiding(user, allow, doctype):
	values = limiting_user_permissions.allowed_values(Group(user, allow), doctype)
	return limiting_user_permissions.hiding_filters(doctype, allow, values)


def test_the_filter_of_a_restriction_hides_what_user_permissions_hide(rita, opened):
	region = make_territory("Region", is_group=1)
	town = make_territory("Town", parent=region)
	inside, outside, nowhere = (customer_in(each) for each in (town, make_territory("South"), None))
	lead = make_lead()
	lead.db_set("territory", outside.territory)
	limit(rita, "Territory", region)
	for doctype in ("Customer", "Lead"):
		[hidden] = hiding(rita, "Territory", doctype)
		names = set(frappe.get_all(doctype, filters=hidden, pluck="name"))
		with acting_as(rita):
			seen = set(frappe.get_list(doctype, limit_page_length=0, pluck="name"))
		assert names.isdisjoint(seen)
		assert names | seen == set(frappe.get_all(doctype, pluck="name"))
	assert not {inside.name, nowhere.name} & set(
		frappe.get_all(
			"Customer",
			filters=hiding(rita, "Territory", "Customer")[0],
			pluck="name",
		)
	)
	limit(rita, "Customer", inside.name)
	[directly] = hiding(rita, "Customer", "Customer")
	assert inside.name not in frappe.get_all("Customer", filters=directly, pluck="name")


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


def test_user_permissions_are_lifted_when_the_restrictions_that_replace_them_are_active(rita, opened):
	limit(rita, "Territory", make_territory("North"))
	before = dump()
	owner = make_user("Olga", "Sales Manager")
	change = limiting_user_permissions.replace(rita, "Territory", owner)
	drafts = restrictions_of(change)
	assert len(drafts) == 2 and dump() == before
	for name in drafts:
		draft = frappe.get_doc("Access Restriction", name)
		assert (draft.status, draft.user, draft.business_owner) == ("Draft", rita, owner)
		assert json.loads(draft.record_filter)
	assert limits_of(rita)["Territory"]["waits_for"] == drafts
	with pytest.raises(NothingToLift):
		limiting_user_permissions.replace(rita, "Territory", owner)
	activate(drafts[0])
	assert dump() == before, "one of two isn't enough"
	activate(drafts[1])
	assert limits_of(rita) == {}
	change.reload()
	assert change.status == APPLIED
	openness_changes.undo(change)
	assert dump() == before


def test_user_permissions_are_lifted_on_the_next_day_when_two_people_decided_in_the_same_moment(rita, opened):
	"""Neither of them sees what the other has decided, until both are done."""
	limit(rita, "Territory", make_territory("North"))
	change = limiting_user_permissions.replace(rita, "Territory", make_user("Olga", "Sales Manager"))
	[first, second] = restrictions_of(change)
	frappe.db.set_value("Access Restriction", first, "status", "Active")
	limiting_user_permissions.lift_replaced()
	assert limits_of(rita)
	frappe.db.set_value("Access Restriction", second, "status", "Active")
	limiting_user_permissions.lift_replaced()
	assert limits_of(rita) == {}


def test_user_permissions_stay_when_a_draft_is_deleted(rita, opened):
	limit(rita, "Territory", make_territory("North"))
	change = limiting_user_permissions.replace(rita, "Territory", make_user("Olga", "Sales Manager"))
	frappe.delete_doc("Access Restriction", restrictions_of(change)[0], force=True)
	change.reload()
	assert change.status == openness_changes.CANCELED
	assert limits_of(rita)["Territory"]["waits_for"] == []


def test_undoing_names_what_was_renamed_since_by_its_new_name(rita, opened):
	north = make_territory("North")
	limit(rita, "Territory", north)
	seen = readable_count(rita, "Customer")
	change = limiting_user_permissions.lift(rita, "Territory", DECISION)
	renamed = frappe.rename_doc("Territory", north, f"{north} and Islands", force=True)
	person = frappe.rename_doc("User", rita, f"new.{rita}", force=True)
	undone = openness_changes.undo(frappe.get_doc(CHANGE, change.name))
	assert not undone.kept
	rows = frappe.get_all("User Permission", filters={"user": person}, fields=["for_value", "applicable_for"])
	assert [(row.for_value, row.applicable_for) for row in rows] == [(renamed, None)]
	assert readable_count(person, "Customer") == seen
