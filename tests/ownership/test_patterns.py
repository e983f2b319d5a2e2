"""Takeover patterns: what counts, what doesn't, and in which words."""

from datetime import timedelta

import frappe
import pytest
from frappe.utils import add_days, now_datetime, nowdate

from crm_transparency.crm_transparency import registry
from crm_transparency.ownership import patterns
from crm_transparency.ownership.report.takeover_patterns import takeover_patterns as report
from tests.ownership.changing_hands import hand, recorded, take_over
from tests.people_and_accounts import acting_as, make_customer, make_user


def took_over(person, colleague, days_ago=0, **values):
	"""Add the entry of a takeover as if it was written days ago."""
	who = {"previous_owner": colleague, "new_owner": person, "changed_by": person}
	return recorded(now_datetime() - timedelta(days=days_ago), **who, **values)


def pattern_of(person, days=90):
	found = patterns.takeover_patterns(add_days(nowdate(), 1 - days), nowdate(), user=person)
	return found[0] if found else None


def test_takeovers_are_counted_by_person_and_colleague(ana, ben, cleo):
	for colleague in (ben, ben, cleo):
		take_over(make_customer(account_manager=colleague), by=ana)
	pattern = pattern_of(ana)
	assert (pattern.takeovers, pattern.given_back) == (3, 0)
	assert [(taken.colleague, taken.takeovers) for taken in pattern.colleagues] == [(ben, 2), (cleo, 1)]


def test_an_account_that_went_back_counts_as_given_back(ana, ben):
	given_back, kept = make_customer(account_manager=ben), make_customer(account_manager=ben)
	for customer in (given_back, kept):
		take_over(customer, by=ana)
	hand(given_back, to=ben, by=ana)
	pattern = pattern_of(ana)
	assert (pattern.takeovers, pattern.given_back) == (2, 1)
	assert pattern.colleagues[0].given_back == 1


def test_it_does_not_matter_who_gave_the_account_back(ana, ben, mona):
	customer = make_customer(account_manager=ben)
	take_over(customer, by=ana)
	hand(customer, to=ben, by=mona)
	assert pattern_of(ana).given_back == 1


def test_an_account_that_went_on_to_somebody_else_was_not_given_back(ana, ben, cleo):
	customer = make_customer(account_manager=ben)
	take_over(customer, by=ana)
	hand(customer, to=cleo, by=ana)
	assert pattern_of(ana).given_back == 0


def test_an_account_renamed_in_between_still_counts_as_given_back(ana, ben):
	customer = make_customer(account_manager=ben)
	take_over(customer, by=ana)
	frappe.rename_doc("Customer", customer.name, f"{customer.name} and Sons", force=True)
	hand(frappe.get_doc("Customer", f"{customer.name} and Sons"), to=ben, by=ana)
	assert pattern_of(ana).given_back == 1


def test_a_renamed_user_keeps_the_takeovers(ana, ben):
	take_over(make_customer(account_manager=ben), by=ana)
	new_name = f"new.{ana}"
	frappe.rename_doc("User", ana, new_name, force=True)
	take_over(make_customer(account_manager=ben), by=new_name)
	assert pattern_of(new_name).takeovers == 2


@pytest.mark.parametrize(
	("kind", "source"),
	[
		("Taken Over", "Account Transfer"),
		("Taken Over", "Untracked"),
		("Handed Over", "Form"),
		("Reassigned", "Form"),
		("Baseline", "Background Job"),
	],
)
def test_transfers_handovers_and_what_nobody_saw_never_count(ana, ben, kind, source):
	took_over(ana, ben, kind=kind, source=source)
	assert pattern_of(ana) is None


def test_what_an_administrator_did_in_somebodys_name_is_not_their_takeover(ana, ben):
	took_over(ana, ben, impersonated_by="Administrator")
	assert pattern_of(ana) is None


def test_taking_on_an_account_that_nobody_had_is_no_takeover(ana):
	take_over(make_customer(), by=ana)
	assert pattern_of(ana) is None


def test_the_threshold_is_so_many_takeovers_within_so_many_days(ana, ben, cleo):
	settings = frappe.get_single(registry.SETTINGS)
	settings.update({"pattern_takeovers": 3, "pattern_days": 10})
	settings.save()
	for days_ago in (40, 21, 12):
		took_over(ana, cleo, days_ago)
	for days_ago in (40, 38, 31):
		took_over(ben, cleo, days_ago)
	assert not pattern_of(ana).is_pattern
	assert pattern_of(ben).is_pattern


def test_exactly_the_days_of_the_threshold_are_too_long():
	first = now_datetime()
	limit = patterns.Threshold(takeovers=2, days=10)
	assert patterns.reaches([first, first + timedelta(days=9, hours=23)], limit)
	assert not patterns.reaches([first, first + timedelta(days=10)], limit)


def test_fewer_than_the_threshold_are_listed_but_are_no_pattern(ana, ben):
	took_over(ana, ben)
	assert pattern_of(ana).is_pattern is False


def test_the_share_is_of_all_changes_that_the_person_made_by_hand(ana, ben):
	took_over(ana, ben)
	recorded(kind="Assigned", new_owner=ben, changed_by=ana)
	recorded(kind="Handed Over", previous_owner=ana, new_owner=ben, changed_by=ana)
	recorded(kind="Reassigned", previous_owner=ben, new_owner="x@example.com", changed_by=ana)
	recorded(kind="Reassigned", changed_by=ana, source="Account Transfer")
	pattern = pattern_of(ana)
	assert (pattern.all_changes, pattern.share) == (4, 25)


def test_the_trend_compares_with_as_many_days_before(ana, ben):
	for days_ago in (0, 1, 29, 31, 59, 61):
		took_over(ana, ben, days_ago)
	pattern = pattern_of(ana, days=30)
	assert (pattern.takeovers, pattern.takeovers_before) == (3, 2)
	assert sum(pattern.course) == 3 and len(pattern.course) == patterns.PARTS
	assert pattern.course[0] == 1 and pattern.course[-1] == 2


def test_both_days_of_the_period_are_included(ana, ben):
	took_over(ana, ben, days_ago=10)
	day = add_days(nowdate(), -10)
	assert patterns.takeover_patterns(day, day, user=ana)[0].takeovers == 1


def test_a_period_that_ends_before_it_begins_is_refused():
	with pytest.raises(frappe.ValidationError, match="ends before it begins"):
		patterns.takeover_patterns("2026-02-01", "2026-01-01")


def test_patterns_come_first_and_only_so_many_people_if_asked(ana, ben, cleo):
	for days_ago in (1, 2, 3):
		took_over(ana, cleo, days_ago)
	for days_ago in (1, 31, 61, 70):
		took_over(ben, cleo, days_ago)
	settings = frappe.get_single(registry.SETTINGS)
	settings.update({"pattern_takeovers": 3, "pattern_days": 5})
	settings.save()
	today = nowdate()
	found = [pattern.person for pattern in patterns.takeover_patterns(add_days(today, -89), today)]
	assert found.index(ana) < found.index(ben)
	assert len(patterns.takeover_patterns(add_days(today, -89), today, at_most=1)) == 1


@pytest.mark.parametrize(
	("takeovers", "colleagues", "given_back", "words"),
	[
		(5, 3, 1, "Took over 5 accounts of 3 colleagues. 1 was given back."),
		(1, 1, 0, "Took over 1 account of a colleague. None was given back."),
		(4, 1, 2, "Took over 4 accounts of one colleague. 2 were given back."),
	],
)
def test_the_words_are_facts(takeovers, colleagues, given_back, words):
	pattern = patterns.TakeoverPattern(
		person="ana@example.com",
		takeovers=takeovers,
		given_back=given_back,
		colleagues=(patterns.FromColleague("ben@example.com", 1, 0),) * colleagues,
		all_changes=10,
		takeovers_before=0,
		course=(0,) * patterns.PARTS,
		is_pattern=True,
	)
	assert pattern.in_words() == words


def test_a_manager_sees_everybodys_takeovers(ana, ben, mona):
	took_over(ana, ben)
	with acting_as(mona):
		_columns, rows, *_rest = report.execute({"everyone": 1})
	assert ana in {row["person"] for row in rows}


@pytest.mark.parametrize("role", ["HR Manager", "Offboarding Manager", "System Manager"])
def test_the_other_managers_do_too(ana, ben, role):
	took_over(ana, ben)
	with acting_as(make_user("Mo", role)):
		_columns, rows, *_rest = report.execute({"person": ana})
	assert {row["person"] for row in rows} == {ana}


def test_everybody_else_sees_their_own(ana, ben):
	took_over(ana, ben)
	took_over(ben, ana)
	with acting_as(ana):
		_columns, rows, *_rest = report.execute({"everyone": 1})
	assert {row["person"] for row in rows} == {ana}
	assert not any(row.get("facts") for row in rows)


def test_asking_for_somebody_elses_is_refused(ana, ben):
	took_over(ben, ana)
	with acting_as(ana), pytest.raises(frappe.PermissionError, match="your own takeovers"):
		report.execute({"person": ben})


def test_nobody_coaches_themselves(mona, ben, ana):
	took_over(mona, ben)
	took_over(ana, ben)
	with acting_as(mona):
		_columns, rows, *_rest = report.execute({"everyone": 1})
	facts = {row["person"]: row["facts"] for row in rows if row["indent"] == 0}
	assert facts[mona] is None
	assert "Took over 1 account of a colleague." in facts[ana]


def test_the_rows_of_colleagues_add_up(ana, ben, cleo, mona):
	for colleague in (ben, ben, cleo):
		took_over(ana, colleague)
	with acting_as(mona):
		columns, rows, _note, chart = report.execute({"person": ana})
	person, *colleagues = rows
	assert person["takeovers"] == sum(row["takeovers"] for row in colleagues) == 3
	assert [row["indent"] for row in rows] == [0, 1, 1]
	assert sum(chart["data"]["datasets"][0]["values"]) == 3
	assert {column["fieldname"] for column in columns} >= {"takeovers", "given_back", "share", "trend"}


def test_only_patterns_can_be_asked_for(ana, ben, mona):
	took_over(ana, ben)
	with acting_as(mona):
		_columns, rows, *_rest = report.execute({"person": ana, "only_patterns": 1})
	assert rows == []


def coaching_cells(reader, person):
	"""Return what the report says about coaching to a reader, None where it has no such column."""
	with acting_as(reader):
		columns, rows, *_rest = report.execute({"person": person})
	if "coaching" not in {column["fieldname"] for column in columns}:
		return None
	return rows[0]["coaching"], rows[0]["coaching_note"]


def test_only_the_two_see_that_there_is_a_coaching_note(ana, ben, mona):
	took_over(ana, ben)
	assert coaching_cells(ana, ana) is None
	with acting_as(mona):
		note = frappe.get_doc(
			doctype="Coaching Note", employee_user=ana, coach=mona, observation="Three in a week."
		).insert()
	for one_of_the_two in (ana, mona):
		assert coaching_cells(one_of_the_two, ana) == ("Coaching note: Open", note.name)
	for somebody_else in (make_user("Hedi", "HR Manager"), "Administrator"):
		assert coaching_cells(somebody_else, ana) == (None, None)
