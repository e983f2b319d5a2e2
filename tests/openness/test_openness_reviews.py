"""Openness Reviews: answered and signed by the business, final, and followed by versions."""

import frappe
import pytest
from frappe.utils import add_months, now_datetime

from crm_transparency.openness.doctype.openness_review import openness_review
from crm_transparency.openness.exceptions import IncompleteReview, NotTheirReview, SignedReview
from tests.people_and_accounts import acting_as, make_customer, make_user
from tests.restrictions.registering import ANSWERS, hide_customers

pytestmark = pytest.mark.usefixtures("no_other_rules")


def draft(business_owner, role="Sales User", **values):
	review = {
		"doctype": "Openness Review",
		"role": role,
		"business_owner": business_owner,
		"conclusion": "Everything stays open.",
	}
	return frappe.get_doc({**review, **ANSWERS, **values}).insert()


def signed(business_owner, **values):
	review = draft(business_owner, **values)
	with acting_as(business_owner):
		openness_review.sign(review.name)
	review.reload()  # which returns nothing on v15
	return review


def test_the_business_owner_signs_and_from_then_on_it_is_final(olga, mara):
	with acting_as(mara):
		review = draft(olga)
		with pytest.raises(NotTheirReview):
			openness_review.sign(review.name)
	with acting_as(olga):
		openness_review.sign(review.name)
	review.reload()
	assert (review.status, review.signed_by, review.version) == ("Signed", olga, 1)
	for user in (olga, mara, "Administrator"):
		with acting_as(user), pytest.raises(SignedReview):
			changed = frappe.get_doc("Openness Review", review.name)
			changed.conclusion = "Something else."
			changed.save()
	with pytest.raises(SignedReview):
		review.reload()
		review.delete()


def test_a_new_version_refers_to_the_one_before_and_takes_its_place_when_signed(olga):
	first = signed(olga)
	second = draft(olga, conclusion="Tax numbers are hidden.")
	assert (second.version, second.previous_version) == (2, first.name)
	first.reload()
	assert first.status == "Signed"
	with acting_as(olga):
		openness_review.sign(second.name)
	first.reload()
	second.reload()
	assert (first.status, second.status) == ("Replaced", "Signed")
	assert first.conclusion == "Everything stays open."


def test_a_role_has_one_draft_at_a_time(olga):
	draft(olga)
	with pytest.raises(IncompleteReview):
		draft(olga)


def test_a_system_manager_alone_cant_own_a_review_and_no_question_stays_open(olga):
	sysop = make_user("Ivan", "System Manager")
	with pytest.raises(IncompleteReview):
		draft(sysop)
	with pytest.raises((IncompleteReview, frappe.MandatoryError)):
		draft(olga, needed_for_the_job=" ")


def test_a_signature_cant_be_written_by_hand(olga, mara):
	with acting_as(mara):
		review = draft(olga, status="Signed", signed_by=olga, signed_on=now_datetime())
		assert review.status == "Draft" and not review.signed_by
		review.status = "Signed"
		with pytest.raises(SignedReview):
			review.save()


def test_nobody_takes_a_draft_over_by_naming_themselves_its_owner(olga, ana):
	review = draft(olga)
	with acting_as(ana):
		taken = frappe.get_doc("Openness Review", review.name)
		taken.business_owner = ana
		with pytest.raises(frappe.PermissionError):
			taken.save()


def test_administrator_writes_down_how_the_owner_approved(olga):
	review = draft(olga)
	with pytest.raises(IncompleteReview):
		openness_review.sign(review.name)
	openness_review.sign(review.name, "By a mail of today")
	review.reload()
	assert review.approval_note == "By a mail of today"


def test_everybody_reads_what_is_signed_and_drafts_are_for_those_who_work_on_them(olga, ana):
	review = draft(olga)
	with acting_as(ana):
		assert not frappe.get_list("Openness Review", filters={"name": review.name})
		assert not frappe.has_permission("Openness Review", doc=review.name)
	with acting_as(olga):
		assert frappe.get_list("Openness Review", filters={"name": review.name})
		openness_review.sign(review.name)
	with acting_as(ana):
		assert frappe.get_list("Openness Review", filters={"name": review.name})
		assert not frappe.has_permission("Openness Review", "write", doc=review.name)


def roles_lacking():
	return {each["role"]: each for each in openness_review.roles_to_review()}


def test_roles_without_a_current_review_are_listed_restricted_ones_first(olga, ana):
	hide_customers([make_customer().name], olga, role="Sales Manager")
	found = openness_review.roles_to_review()
	assert found[0]["role"] == "Sales Manager" and found[0]["is_restricted"]
	assert roles_lacking()["Sales User"]["signed_on"] is None
	assert not {"System Manager", "CRM Colleague"} & set(roles_lacking())
	signed(olga, role="Sales User")
	assert "Sales User" not in roles_lacking()


def test_a_review_is_current_for_the_months_of_the_settings(olga):
	review = signed(olga)
	review.db_set("signed_on", add_months(now_datetime(), -13))
	assert roles_lacking()["Sales User"]["signed_on"]
	frappe.db.set_single_value("CRM Transparency Settings", "openness_review_months", 24)
	assert "Sales User" not in roles_lacking()


def test_a_printed_review_holds_questions_answers_signature_and_restrictions(olga):
	from frappe.www.printview import get_html_and_style

	restriction = hide_customers([make_customer().name], olga, role="Sales User")
	review = signed(olga, conclusion="Everything <b>stays</b> open.")
	html = get_html_and_style("Openness Review", review.name, print_format="Openness Review")["html"]
	for text in (ANSWERS["needed_for_the_job"], restriction.name, "Signed by", "Version 1"):
		assert text in html
	assert "legal or compliance reason" in html
	assert "<b>stays</b>" not in html and "&lt;b&gt;stays" in html


def test_a_new_version_is_signed_after_the_owner_of_the_one_before_left(olga):
	left = make_user("Leo", "Sales Manager")
	first = signed(left)
	frappe.db.set_value("User", left, "enabled", 0)
	second = signed(olga)
	first.reload()
	assert (first.status, second.status) == ("Replaced", "Signed")
