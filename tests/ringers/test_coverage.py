"""Few ringers that tell many parts of the data apart."""

import frappe
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_transparency.ringers import drafts, identities, planting, ringer_coverage
from crm_transparency.ringers.drafts import Wish
from crm_transparency.ringers.surroundings import Place
from tests.people_and_accounts import make_user

PARTS = tuple("ABCDEF")
spots = st.lists(st.frozensets(st.sampled_from(PARTS), min_size=1), max_size=8)


def signatures(parts, spots):
	return {part: frozenset(number for number, spot in enumerate(spots) if part in spot) for part in parts}


def how_many_differ(parts, spots):
	return len({*signatures(parts, spots).values(), frozenset()})


@given(spots, st.lists(st.frozensets(st.sampled_from(PARTS)), max_size=3))
@settings(max_examples=200)
def test_the_chosen_spots_tell_apart_whatever_all_spots_could(spots, already):
	chosen = ringer_coverage.separating_spots(PARTS, spots, already)
	assert set(chosen) <= set(spots)
	assert how_many_differ(PARTS, [*already, *chosen]) == how_many_differ(PARTS, [*already, *spots])


@given(spots)
@settings(max_examples=60)
def test_among_few_spots_none_is_superfluous(spots):
	chosen = ringer_coverage.separating_spots(PARTS, spots)
	wanted = how_many_differ(PARTS, spots)
	from itertools import combinations

	for fewer in combinations(set(spots), max(0, len(chosen) - 1)):
		assert how_many_differ(PARTS, fewer) < wanted or not chosen


def test_three_ringers_tell_seven_lists_apart():
	every = [
		frozenset(part for number, part in enumerate("ABCDEFG", start=1) if number >> bit & 1)
		for bit in range(3)
	]
	singles = [frozenset(part) for part in "ABCDEFG"]
	assert len(ringer_coverage.separating_spots("ABCDEFG", [*every, *singles])) == 3


def test_parts_with_the_same_customers_stay_together():
	together = ringer_coverage.together("ABC", [frozenset("AB")])
	assert together == {"A": ["B"], "B": ["A"], "C": [ringer_coverage.NOTHING]}


def test_hundreds_of_parts_take_fewer_ringers_than_there_are_parts():
	import random

	chance = random.Random(6)
	spots = [
		frozenset((("T", chance.randrange(100)), ("G", chance.randrange(30)), ("O", chance.randrange(60))))
		for _number in range(3000)
	]
	parts = sorted({part for spot in spots for part in spot})
	chosen = ringer_coverage.separating_spots(parts, spots)
	assert how_many_differ(parts, chosen) == len(parts) + 1
	assert len(chosen) < len(parts)


@pytest.fixture
def owners(company):
	"""Two account owners with customers in both territories."""
	owners = [make_user("Ottilie"), make_user("Benedikta")]
	for number, customer in enumerate(company):
		customer.db_set("account_manager", owners[number // 2 % 2])
	return owners


def told_apart(overview):
	return {(part["kind"], part["name"]): not part["together_with"] for part in overview["parts"]}


def test_the_proposal_tells_apart_what_can_be_told_apart(patterns, company, owners):
	group = frappe.get_doc(doctype="Email Group", title="Quayside News").insert()
	before = ringer_coverage.overview()
	mine = {("Territory", company[0].territory), ("Account Owner", "Ottilie"), ("List", group.name)}
	assert not any(told_apart(before)[part] for part in mine)
	assert "more ringers" in before["words"]
	for corner in ringer_coverage.propose(ringer_coverage.Coverage()):
		planting.plant(drafts.draft(Wish(1, place=Place.of(corner), host=ringer_coverage.host_in(corner))))
	after = ringer_coverage.overview()
	assert all(told_apart(after)[part] for part in mine)
	assert after["proposal"] == []
	identities_of_list = [
		ringer
		for ringer in identities.active()
		if group.name in identities.contact_of(ringer).placement["lists"]
	]
	assert identities_of_list


def test_a_ringer_counts_where_its_customer_is_today(patterns, company, owners):
	planting.plant(drafts.draft(Wish(1, host=company[0].name)))
	assert count_of(("Account Owner", "Ottilie")) == 1
	company[0].db_set("account_manager", owners[1])
	assert count_of(("Account Owner", "Ottilie")) == 0
	assert count_of(("Account Owner", "Benedikta")) == 1


def count_of(part):
	return {
		(found["kind"], found["name"]): found["ringers"] for found in ringer_coverage.overview()["parts"]
	}[part]
