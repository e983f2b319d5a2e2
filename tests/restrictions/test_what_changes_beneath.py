"""The register when what it speaks of changes: renamed records and people, fields that went, owners who left."""

import frappe
import pytest
from frappe.utils import add_months, nowdate

from crm_transparency.crm_transparency import registry
from crm_transparency.restrictions import decisions, filters, in_force, register, review_dates
from crm_transparency.restrictions.exceptions import InvalidRecordFilter, UnfoundedRestriction
from tests.people_and_accounts import acting_as, make_customer, make_user
from tests.restrictions.registering import draft, hide_customers, restrict
from tests.restrictions.test_hidden_records import opportunity_of
from tests.restrictions.test_review_dates import days_before_review


@pytest.fixture
def leave():
	"""Let somebody leave the company."""
	return lambda user: frappe.db.set_value("User", user, "enabled", 0)


def seen_by(user, name):
	frappe.local.cache.clear()
	with acting_as(user):
		return bool(frappe.get_list("Customer", filters={"name": name}))


@pytest.mark.parametrize("written", [str, str.lower])
def test_a_renamed_record_stays_hidden(ana, olga, written):
	"""MariaDB finds it whichever way its name is written in the filter."""
	customer = make_customer(title="Secret Mill")
	hide_customers([written(customer.name)], olga, user=ana)
	new_name = frappe.rename_doc("Customer", customer.name, f"{customer.name} and Sons", force=True)
	assert not seen_by(ana, new_name)


def test_what_a_renamed_value_hides_stays_hidden(ana, olga):
	group = frappe.get_doc(
		doctype="Customer Group",
		customer_group_name=f"Mills {frappe.generate_hash(length=5)}",
		parent_customer_group=frappe.db.get_value("Customer Group", {"is_group": 1}),
	).insert()
	customer = make_customer(title="Secret Mill")
	customer.db_set("customer_group", group.name)
	restrict("Customer", olga, user=ana, record_filter=[["Customer", "customer_group", "=", group.name]])
	assert not seen_by(ana, customer.name)
	frappe.rename_doc("Customer Group", group.name, f"{group.name} of Stone", force=True)
	assert not seen_by(ana, customer.name)


def test_what_is_for_a_renamed_customer_or_lead_stays_hidden(ana, olga):
	"""A field that names documents of several types: Frappe renames what stands in it, too."""
	customer = make_customer(title="Secret Mill")
	secret, other = (opportunity_of(each).name for each in (customer, make_customer()))
	condition = ["Opportunity", "party_name", "=", customer.name]
	restriction = restrict("Opportunity", olga, user=ana, record_filter=[condition])
	new_name = frappe.rename_doc("Customer", customer.name, f"{customer.name} and Sons", force=True)
	frappe.local.cache.clear()
	with acting_as(ana):
		seen = frappe.get_list("Opportunity", {"name": ("in", [secret, other])}, pluck="name")
	assert seen == [other]
	assert frappe.db.get_value("Opportunity", secret, "party_name") == new_name
	restriction.reload()
	(condition,) = filters.parse("Opportunity", restriction.record_filter)
	assert condition == ["Opportunity", "party_name", "in", [customer.name, new_name]]


def test_merging_what_all_but_it_are_hidden_opens_nothing(ana, olga):
	open_one, customer = make_customer(title="Open Mill"), make_customer(title="Secret Mill")
	restrict("Customer", olga, user=ana, record_filter=[["Customer", "name", "!=", open_one.name]])
	assert seen_by(ana, open_one.name) and not seen_by(ana, customer.name)
	frappe.rename_doc("Customer", open_one.name, customer.name, merge=True, force=True)
	assert not seen_by(ana, customer.name)


def test_whoever_has_a_renamed_role_stays_restricted_whatever_was_read_meanwhile(ana, olga):
	"""Another process may read the register once more as it was before the renaming is committed."""
	role = frappe.get_doc(doctype="Role", role_name=f"Fair {frappe.generate_hash(length=5)}").insert().name
	frappe.get_doc("User", ana).add_roles(role)
	restriction = hide_customers(["Secret Mill"], olga, role=role)
	before = register.all_in_force()
	frappe.db.after_commit.reset()  # of what comes before
	frappe.rename_doc("Role", role, f"{role} Team", force=True)
	frappe.cache.set_value(registry.RESTRICTIONS_CACHE_KEY, before)
	frappe.local.cache.clear()
	frappe.db.after_commit.run()
	frappe.local.cache.clear()
	assert [rule.name for rule in in_force(ana)] == [restriction.name]


def test_a_renamed_person_stays_restricted(ana, olga):
	restriction = hide_customers(["Secret Mill"], olga, user=ana)
	assert in_force(ana)
	new_name = frappe.rename_doc("User", ana, f"new.{ana}", force=True)
	assert [rule.name for rule in in_force(new_name)] == [restriction.name]


@pytest.fixture
def field():
	field = frappe.get_doc(
		doctype="Custom Field",
		dt="Customer",
		fieldname=f"secrecy_{frappe.generate_hash(length=6)}",
		label="Secrecy",
		fieldtype="Data",
	).insert()
	yield field
	if frappe.db.exists("Custom Field", field.name):
		frappe.delete_doc("Custom Field", field.name, force=True)
	frappe.clear_cache(doctype="Customer")


def test_without_the_field_of_its_filter_it_hides_and_can_be_withdrawn(ana, olga, field):
	frappe.clear_cache(doctype="Customer")
	customer = make_customer(title="Secret Mill", **{field.fieldname: "high"})
	record_filter = [["Customer", field.fieldname, "=", "high"]]
	restriction = restrict("Customer", olga, user=ana, record_filter=record_filter)
	assert not seen_by(ana, customer.name)
	frappe.delete_doc("Custom Field", field.name, force=True)
	frappe.clear_cache(doctype="Customer")
	register.forget()
	assert not seen_by(ana, customer.name)
	with acting_as(olga):
		restriction.reload()
		restriction.run_method("onload")
		(condition,) = restriction.get_onload("hides")["conditions"]
		assert condition.startswith(f"{field.fieldname} is “high”")
		decisions.withdraw(restriction.name)
	register.forget()
	assert seen_by(ana, customer.name)


def test_when_its_owner_left_it_expires_and_others_are_attended_to(ana, olga, leave, today):
	left = make_user("Leo", "Sales Manager")
	first = hide_customers(["Secret Mill"], left, user=ana)
	second = hide_customers(["Quiet Mill"], olga, user=ana)
	leave(left)
	today(days_before_review(first, -1))
	review_dates.check_daily()
	for each in (first, second):
		each.reload()
		assert each.status == "Expired"


def test_what_an_owner_decided_who_left_is_withdrawn_by_administrator(ana, leave):
	left = make_user("Leo", "Sales Manager")
	restriction = hide_customers(["Secret Mill"], left, user=ana)
	leave(left)
	decisions.withdraw(restriction.name, approval_note="Leo left, his successor's mail of today")
	assert not in_force(ana)


def test_nothing_is_put_into_force_after_its_review_date(ana, olga):
	restriction = draft("Customer", olga, user=ana, record_filter=[["Customer", "name", "=", "x"]]).insert()
	frappe.db.set_value("Access Restriction", restriction.name, "review_by", "2020-01-01")
	with acting_as(olga), pytest.raises(UnfoundedRestriction):
		decisions.activate(restriction.name)
	with acting_as(olga):
		decisions.activate(restriction.name, review_by=add_months(nowdate(), 2))


@pytest.mark.parametrize("field", ["_user_tags", "_assign", "idx"])
@pytest.mark.parametrize("operator", ["like", "="])
def test_fields_that_the_widget_offers_and_no_filter_can_use_are_refused_in_words(ana, olga, field, operator):
	with pytest.raises(InvalidRecordFilter):
		draft("Customer", olga, user=ana, record_filter=[["Customer", field, operator, "1"]]).insert()


def test_after_its_owner_left_those_are_reminded_who_can_have_another_one_named(ana, drafter, leave, today):
	left = make_user("Leo", "Sales Manager")
	restriction = hide_customers(["Secret Mill"], left, user=ana)
	leave(left)
	day = days_before_review(restriction, 7)
	today(day)
	review_dates.check_daily()
	told = frappe.get_all("Notification Log", {"document_name": restriction.name}, pluck="for_user")
	assert drafter in told and left not in told


def test_what_went_wrong_with_one_keeps_no_other_from_being_attended_to(ana, olga, today, monkeypatch):
	broken = hide_customers(["Secret Mill"], olga, user=ana)
	restriction = hide_customers(["Quiet Mill"], olga, user=ana)
	day = days_before_review(restriction, 7)
	today(day)
	remind = review_dates.remind

	def fail_for_one(name, *arguments):
		if name == broken.name:
			raise RuntimeError("out of order")
		remind(name, *arguments)

	monkeypatch.setattr(review_dates, "remind", fail_for_one)
	review_dates.check_daily()
	assert frappe.db.get_value("Access Restriction", restriction.name, "reminded_on") == day
	assert frappe.db.get_value("Access Restriction", broken.name, "reminded_on") != day


def test_a_restriction_of_a_document_type_that_went_disturbs_nothing_and_ends(ana, olga):
	restriction = hide_customers(["Secret Mill"], olga, user=ana)
	frappe.db.set_value("Access Restriction", restriction.name, "document_type", "Gone With Its App")
	register.forget()
	assert in_force(ana) == []
	with acting_as(olga):
		restriction.reload()
		restriction.run_method("onload")
		decisions.withdraw(restriction.name)


def test_a_deadlock_at_one_keeps_no_other_from_being_attended_to(ana, olga, today, monkeypatch):
	broken = hide_customers(["Secret Mill"], olga, user=ana)
	restriction = hide_customers(["Quiet Mill"], olga, user=ana)
	day = days_before_review(restriction, 7)
	today(day)
	remind, rollback = review_dates.remind, frappe.db.rollback
	frappe.db.savepoint("begun")
	monkeypatch.setattr(frappe.db, "rollback", lambda save_point="begun": rollback(save_point=save_point))

	def deadlock_for_one(name, *arguments):
		if name == broken.name:
			frappe.db.rollback()  # as the database does, with all savepoints
			raise frappe.QueryDeadlockError
		remind(name, *arguments)

	monkeypatch.setattr(review_dates, "remind", deadlock_for_one)
	for name in (broken.name, restriction.name):
		review_dates.check_safely(name)
	assert frappe.db.get_value("Access Restriction", restriction.name, "reminded_on") == day
